"""The verbs of the app domain: one method per use case."""

from __future__ import annotations

from libs.common.rpc.peers import DatasetPeer
from libs.common.store.database import Database
from libs.common.store.storage import ArtifactStore
from services.app.engine.shelf import Shelf
from services.app.repository import AppRepository
from services.app.service.bases import Bases
from services.app.service.datasets import Datasets
from services.app.service.documents import Documents
from services.app.service.searching import Searching


class AppService(Bases, Documents, Datasets, Searching):
    """``datasets``: the service to the right. ``artifacts``: where its versions lie."""

    def __init__(self, db: Database, datasets: DatasetPeer, artifacts: ArtifactStore) -> None:
        self.db, self._datasets, self._artifacts = db, datasets, artifacts
        self.store, self.shelf = AppRepository(), Shelf()
