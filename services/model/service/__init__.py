"""The verbs of the model domain: one method per use case, one transaction each."""

from __future__ import annotations

from libs.common.store.database import Database
from services.model.repository import ModelRepository
from services.model.service.arrivals import Arrivals
from services.model.service.cards import Cards
from services.model.service.imports import Imports
from services.model.service.overrides import Overrides
from services.model.service.past import Past
from services.model.service.projects import Projects
from services.model.service.releases import Evaluated as Evaluated
from services.model.service.releases import ModelStatus as ModelStatus
from services.model.service.releases import Releases
from services.model.service.versions import Versions


class ModelService(Projects, Versions, Imports, Releases, Overrides, Cards, Past):
    """All of them on one store."""

    def __init__(self, db: Database, arrivals: Arrivals | None = None) -> None:
        self.db, self.store, self.arrivals = db, ModelRepository(), arrivals
