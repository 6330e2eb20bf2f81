"""Random walks over the lifecycle on a real store: whatever workers, people and the clock do, the promises hold after every step."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.work.lifecycle import error_facts
from libs.common.work.task import MACHINE, TaskReason, TaskStatus
from tests.support.outcome import outcome
from tests.support.ram import ram_folder
from tests.support.stores import caller
from tests.support.toy import ToyTask, create, open_toys, steps, stored

BROKEN = error_facts(PlatformError(500, Reason.INTERNAL))
HELD = (TaskStatus.RUNNING, TaskStatus.CANCELLING)


class LifecycleWalk(RuleBasedStateMachine):
    """``holds``: what workers believe they hold; many of these beliefs are out of date, which is the point."""

    tasks: Any = Bundle("tasks")
    holds: Any = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self._ram = ram_folder()
        self.clock = ManualClock()
        self.toys = open_toys(self._ram.__enter__(), self.clock)
        self.known: dict[int, ToyTask] = {}

    def teardown(self) -> None:
        self.toys.db.close()
        self._ram.__exit__(None, None, None)

    @initialize(target=tasks, attempts=st.lists(st.integers(1, 3), min_size=1, max_size=3))
    def begin(self, attempts: list[int]) -> Any:
        return multiple(*[self._create(each) for each in attempts])

    @rule(target=tasks, attempts=st.integers(1, 3))
    def create(self, attempts: int) -> int:
        return self._create(attempts)

    def _create(self, attempts: int) -> int:
        task = create(self.toys, max_attempts=attempts)
        self.known[task.id] = task
        return task.id

    @rule(target=holds)
    def claim(self) -> Any:
        waiting = [task for task in self.known.values() if task.status == TaskStatus.PENDING and task.not_before <= self.clock.now_ms()]
        claimed = self.toys.claim("w")
        assert (claimed is None) == (not waiting)
        if claimed is None:
            return multiple()
        assert claimed.id == min(task.id for task in waiting), "not the oldest"
        assert claimed.epoch > self.known[claimed.id].epoch
        assert claimed.attempt <= claimed.max_attempts
        return claimed

    @rule(task=holds)
    def heartbeat(self, task: ToyTask) -> None:
        self._as_holder(task, lambda: self.toys.heartbeat(task, 1, 2, "on"), {*HELD})

    @rule(task=holds)
    def succeed(self, task: ToyTask) -> None:
        found = self._as_holder(task, lambda: self.toys.succeed(task, {"by": task.epoch}), {TaskStatus.RUNNING})
        if found is not None:
            assert found.result == {"by": task.epoch}

    @rule(task=holds, retry=st.booleans())
    def fail(self, task: ToyTask, retry: bool) -> None:
        self._as_holder(task, lambda: self.toys.fail(task, TaskReason.ENGINE_ERROR, BROKEN, retry), {*HELD})

    @rule(task=holds)
    def paused(self, task: ToyTask) -> None:
        self._as_holder(task, lambda: self.toys.paused(task), {*HELD})

    @rule(task=holds)
    def released(self, task: ToyTask) -> None:
        self._as_holder(task, lambda: self.toys.released(task), {*HELD})

    @rule(task=holds)
    def freed(self, task: ToyTask) -> None:
        self._as_holder(task, lambda: self.toys.freed(task), {TaskStatus.CANCELLING})

    def _as_holder(self, task: ToyTask, call: Any, legal: set[TaskStatus]) -> ToyTask | None:
        """The call works exactly for the one that holds the task now, in the states it is meant for."""
        before = stored(self.toys, task)
        found = outcome(call)
        if before.epoch == task.epoch and before.status in legal:
            assert not isinstance(found, PlatformError), found
            return found
        assert isinstance(found, PlatformError)
        holder = before.epoch == task.epoch and before.status in HELD
        assert found.reason == (Reason.ILLEGAL_TRANSITION if holder else Reason.STALE_EPOCH)
        assert stored(self.toys, task) == before
        return None

    @rule(id=tasks)
    def cancel(self, id: int) -> None:
        self._ask("CANCEL", id, self.toys.cancel, "why")

    @rule(id=tasks)
    def pause(self, id: int) -> None:
        self._ask("PAUSE", id, self.toys.ask_pause)

    @rule(id=tasks)
    def resume(self, id: int) -> None:
        self._ask("RESUME", id, self.toys.resume)

    def _ask(self, event: str, id: int, verb: Any, *facts: str) -> None:
        before = self.known[id]

        def call() -> Any:
            with self.toys.db.begin(caller()) as tx:
                return verb(tx, id, *facts)

        found = outcome(call)
        assert isinstance(found, PlatformError) == (event not in MACHINE.allowed(before.status))

    @rule(seconds=st.sampled_from([0.5, 3.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def every_lease_ends(self) -> None:
        self.clock.advance(10.001)
        self.sweep()

    @rule()
    def sweep(self) -> None:
        gone = [task for task in self.known.values() if task.status in HELD and task.lease_until < self.clock.now_ms()]
        assert self.toys.sweep() == len(gone)
        assert self.toys.sweep() == 0

    @invariant()
    def promises(self) -> None:
        for id, before in self.known.items():
            now = stored(self.toys, before)
            assert now.epoch >= before.epoch
            assert now.version >= before.version
            assert 0 <= now.attempt <= now.max_attempts
            assert before.status not in MACHINE.terminal or now == before, "a terminal task moved"
            assert (now.lease_until > 0) == (now.status in HELD)
            assert (now.finish_time > 0) == (now.status in MACHINE.terminal)
            if now != before:
                self.known[id] = now
                self._history_is_one_legal_chain(now)

    def _history_is_one_legal_chain(self, task: ToyTask) -> None:
        state = TaskStatus.PENDING
        for number, (start, end, event) in enumerate(steps(self.toys, task)):
            assert start == state
            assert MACHINE.table[TaskStatus(start), event] == end if number else event == "CREATE"
            state = TaskStatus(end)
        assert state == task.status


TestLifecycleWalk = LifecycleWalk.TestCase
TestLifecycleWalk.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    phases=(Phase.reuse, Phase.generate),  # shrinking a walk takes minutes and tells little more
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
