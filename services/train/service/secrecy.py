"""Who may read what repeats the records of a training."""

from __future__ import annotations

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.identity.signed import CLEARANCE_MAX
from services.train.domain.task import TrainTask
from services.train.service.shared import Shared


class Secrecy(Shared):
    def get_task(self, ctx: CallContext, *, id: int) -> TrainTask:
        with self.db.read() as conn:
            return self.store.tasks.get(conn, ctx, id)

    def _refuse_secret(self, ctx: CallContext, task_id: int) -> None:
        """What repeats records is for who may see the data: to others there is no such task."""
        if ctx.clearance >= CLEARANCE_MAX:
            return
        task = self.get_task(ctx, id=task_id)
        for id in filter(None, (task.train_dataset_version_id, task.valid_dataset_version_id)):
            try:
                self._datasets.call(ctx, "GetVersion", id=id)
            except PlatformError as error:
                raise (not_found("train_task", task_id) if error.reason == Reason.NOT_FOUND else error) from None
