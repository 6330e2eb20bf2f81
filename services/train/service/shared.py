"""What the verbs of the train domain share: the store, the services to the right, and what may be learned from and continued."""

from __future__ import annotations

from typing import Any

from libs.common.context import CallContext
from libs.common.rpc.peers import DatasetPeer, ModelPeer
from libs.common.store.database import Database
from libs.common.store.storage import ArtifactStore
from libs.common.work.lifecycle import TaskLifecycle
from services.train.domain.base import check_base
from services.train.domain.task import TrainTask, check_training_data
from services.train.engine.kinds import Method
from services.train.repository import TrainRepository


class Shared:
    db: Database
    store: TrainRepository
    lifecycle: TaskLifecycle[TrainTask]
    _models: ModelPeer
    _datasets: DatasetPeer
    _artifacts: ArtifactStore | None

    def _data(self, ctx: CallContext, field: str, id: int, method: Method) -> Any:
        """A dataset version that ``method`` may learn from."""
        version = self._datasets.call(ctx, "GetVersion", id=id).dataset_version
        check_training_data(field, version.kind, version.part, method.takes)
        return version

    def _base(self, ctx: CallContext, id: int, method: Method) -> Any:
        """The model version that ``method`` goes on from; None where it starts from nothing."""
        version = self._models.call(ctx, "GetVersion", id=id).model_version if id else None
        check_base(version, method.name, method.tunes)
        return version
