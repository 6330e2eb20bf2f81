"""Ids: positive, sorted by creation, never twice, whatever the clock does and however many processes draw them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.clock import ManualClock, SystemClock
from libs.common.errors import PlatformError, Reason
from libs.common.ids import EPOCH_MS, SEQUENCES, WORKERS, IdGenerator, WorkerNumber
from tests.support.coordination import Bindings


class JumpyClock(ManualClock):
    """Goes where it is told, back as well."""

    def set(self, now_ms: int) -> None:
        self._now_ms = now_ms


@given(st.lists(st.tuples(st.integers(-5000, 5000), st.integers(1, 5)), max_size=30), st.integers(0, WORKERS - 1))
def test_ids_rise_whatever_the_clock_does(jumps: list[tuple[int, int]], worker: int) -> None:
    clock = JumpyClock()
    ids, drawn = IdGenerator(worker, clock), []
    for jump, count in jumps:
        clock.set(clock.now_ms() + jump)
        drawn += [ids.next() for _ in range(count)]
    assert drawn == sorted(set(drawn))
    assert all(0 < id < 1 << 63 and id >> 12 & 1023 == worker for id in drawn)


def test_more_than_a_millisecond_holds() -> None:
    ids = IdGenerator(3, ManualClock())
    drawn = [ids.next() for _ in range(SEQUENCES * 2 + 5)]
    assert drawn == sorted(set(drawn))


def test_the_first_and_the_last_moment_fit_63_bits() -> None:
    assert IdGenerator(0, ManualClock(EPOCH_MS)).next() > 0
    assert IdGenerator(0, ManualClock(0)).next() > 0
    assert IdGenerator(WORKERS - 1, ManualClock(EPOCH_MS + (1 << 41) - 1)).next() < 1 << 63


@given(st.integers(0, WORKERS - 1), st.integers(0, WORKERS - 1), st.integers(-3, 3))
def test_an_id_can_follow_one_of_another_process(one: int, other: int, milliseconds: int) -> None:
    clock, ahead = ManualClock(), ManualClock()
    ahead.advance(milliseconds / 1000)
    foreign, ids = IdGenerator(other, ahead).next(), IdGenerator(one, clock)
    follower = ids.next(after=foreign)
    assert follower > foreign
    assert follower >> 12 & 1023 == one
    assert ids.next() > follower


def test_two_workers_never_draw_the_same() -> None:
    clock, drawn = SystemClock(), []

    def draw(worker: int) -> None:
        ids = IdGenerator(worker, clock)
        drawn.extend(ids.next() for _ in range(3000))

    threads = [threading.Thread(target=draw, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 12_000


def test_threads_share_a_generator() -> None:
    ids, drawn = IdGenerator(0, SystemClock()), []
    threads = [threading.Thread(target=lambda: drawn.extend(ids.next() for _ in range(3000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 12_000


@pytest.mark.parametrize("worker", [-1, WORKERS])
def test_a_worker_number_out_of_range(worker: int) -> None:
    with pytest.raises(ValueError):
        IdGenerator(worker, ManualClock())


def test_worker_numbers_are_freed_by_release_and_by_death(tmp_path: Path) -> None:
    first, second = WorkerNumber(tmp_path), WorkerNumber(tmp_path)
    assert (first.number, second.number) == (0, 1)
    first.release()
    assert WorkerNumber(tmp_path).number == 0
    code = f"from pathlib import Path; from libs.common.ids import WorkerNumber; print(WorkerNumber(Path({str(tmp_path)!r})).number)"
    for _ in range(2):  # the second process gets what the first one's end freed
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.strip() == "2"


def test_without_a_worker_number_no_id_is_drawn() -> None:
    ids = IdGenerator(None, ManualClock())

    def refused() -> bool:
        with pytest.raises(PlatformError) as caught:
            ids.next()
        return caught.value.reason == Reason.UNAVAILABLE and caught.value.retryable

    assert refused()
    ids.renumber(9, time.monotonic() + 60)
    nine = ids.next()
    assert nine >> 12 & 1023 == 9
    ids.renumber(5, time.monotonic() + 60)
    assert ids.ready
    assert ids.next() > nine, "a lower number in the same millisecond sorts behind all the same"
    ids.renumber(5, time.monotonic())
    assert refused()
    ids.renumber(5, time.monotonic() + 60)
    ids.suspend()
    assert refused()
    with pytest.raises(ValueError):
        ids.renumber(WORKERS, time.monotonic() + 60)


def test_processes_have_different_worker_numbers(bindings: Bindings) -> None:
    drawn = [bindings.open(f"process-{n}").ids().next() for n in range(5)]
    assert len({id >> 12 & 1023 for id in drawn}) == 5
