"""The verbs of the train domain: one method per use case, one transaction each."""

from __future__ import annotations

from libs.common.rpc.peers import DatasetPeer, ModelPeer
from libs.common.store.database import Database
from libs.common.store.storage import ArtifactStore
from libs.common.work.lifecycle import TaskLifecycle
from services.train.repository import TrainRepository
from services.train.service.foresight import DataPreview as DataPreview
from services.train.service.metrics import Metrics
from services.train.service.metrics import TrainState as TrainState
from services.train.service.tasks import TRAINING_ENDED as TRAINING_ENDED
from services.train.service.tasks import CreatedTask as CreatedTask
from services.train.service.tasks import Tasks, tell_model


class TrainService(Tasks, Metrics):
    """``models`` and ``datasets``: the services to the right. ``artifacts``: where the data lies, to look at it before a start; None: it
    is not looked at."""

    def __init__(
        self, db: Database, models: ModelPeer, datasets: DatasetPeer, lease_seconds: float, artifacts: ArtifactStore | None = None
    ) -> None:
        self.db, self._models, self._datasets, self._artifacts = db, models, datasets, artifacts
        self.store = TrainRepository()
        self.lifecycle = TaskLifecycle(db, self.store.tasks, lease_seconds, on_end=tell_model)
