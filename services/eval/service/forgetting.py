"""What becomes of evaluations whose test data was purged: they repeat it, and so does what people were shown and said of them.

The dataset domain calls nobody to its left, so it is asked, of every test version a few times an hour, whether its data is still there.
"""

from __future__ import annotations

from typing import Any

from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason
from libs.common.work.task import MACHINE, Task, TaskStatus
from services.eval.service.exports import Exports

AGAIN_MS = 300_000  # before test versions are asked of again
CAUSE = "its test data was purged"


class Forgetting(Exports):
    _asks_from = 0

    def sweep_purged(self) -> int:
        """Returns how many tasks forgot their test. One that an engine still works on does so once it has ended."""
        now = self.db.clock.now_ms()
        if now < self._asks_from:
            return 0
        self._asks_from = now + AGAIN_MS
        with self.db.read() as conn:
            tested = self.store.tested(conn)
        return sum(self._forget_test(system_context(0, space), id) for space, id in tested if self._is_purged(space, id))

    def _is_purged(self, space_id: int, dataset_version_id: int) -> bool:
        try:
            self._dataset.call(system_context(0, space_id), "GetVersion", id=dataset_version_id)
        except PlatformError as error:
            if error.reason not in (Reason.PURGED, Reason.NOT_FOUND):
                raise
            return error.reason == Reason.PURGED
        return False

    def _forget_test(self, ctx: CallContext, dataset_version_id: int) -> int:
        with self.db.read() as conn:
            tasks = self.store.tests(conn, ctx, dataset_version_id)
        return sum(self._forget(ctx, id) for id in tasks)

    def _forget(self, ctx: CallContext, id: int) -> bool:
        """People stop at once: they would be shown what has to be gone."""
        with self.db.begin(ctx) as tx:
            task = self.store.tasks.get(tx.conn, ctx, id)
            if task.rated_task_id and task.status not in (*MACHINE.terminal, TaskStatus.CANCELLING):
                task = self.human.cancel(tx, id, CAUSE)
            if task.status not in MACHINE.terminal:
                return False
            self.store.forget(tx, id)
            self.store.tasks.update(tx, task, purged=True, error=_bare(task))
            return True


def _bare(task: Task) -> dict[str, Any]:
    """What a failure was, and nothing of the records it was about."""
    return {name: value for name, value in task.error.items() if name in ("code", "reason", "field")}
