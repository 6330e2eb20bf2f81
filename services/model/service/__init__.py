"""The verbs of the model domain: one method per use case, one transaction each."""

from __future__ import annotations

from libs.common.store.database import Database
from services.model.domain.gate import HOUR_MS
from services.model.repository import ModelRepository
from services.model.service.arrivals import Arrivals
from services.model.service.cards import Cards
from services.model.service.deletion import Deletion
from services.model.service.imports import Imports
from services.model.service.overrides import Overrides
from services.model.service.past import Past
from services.model.service.projects import Projects
from services.model.service.releases import Evaluated as Evaluated
from services.model.service.releases import ModelStatus as ModelStatus
from services.model.service.releases import Releases
from services.model.service.versions import Versions


class ModelService(Projects, Deletion, Versions, Imports, Releases, Overrides, Cards, Past):
    """All of them on one store. undo: milliseconds in which a delete can be taken back. arrivals: of checkpoints made elsewhere."""

    def __init__(self, db: Database, undo: int = 720 * HOUR_MS, arrivals: Arrivals | None = None) -> None:
        self.db, self.store, self.undo, self.arrivals = db, ModelRepository(), undo, arrivals
