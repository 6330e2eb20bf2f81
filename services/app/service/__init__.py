"""The verbs of the app domain: one method per use case."""

from __future__ import annotations

from libs.common.rpc.peers import DatasetPeer, DeployPeer, ModelPeer
from libs.common.store.database import Database
from libs.common.store.storage import ArtifactStore
from services.app.engine.shelf import Shelf
from services.app.repository import AppRepository
from services.app.service.answering import Answering
from services.app.service.bases import Bases
from services.app.service.datasets import Datasets
from services.app.service.documents import Documents


class AppService(Bases, Documents, Datasets, Answering):
    """``datasets``, ``models``, ``deploy``: the services to the right. ``artifacts``: where dataset versions lie."""

    def __init__(self, db: Database, datasets: DatasetPeer, models: ModelPeer, deploy: DeployPeer, artifacts: ArtifactStore) -> None:
        self.db, self._datasets, self._artifacts = db, datasets, artifacts
        self._models, self._deploy = models, deploy
        self.store, self.shelf = AppRepository(), Shelf()
