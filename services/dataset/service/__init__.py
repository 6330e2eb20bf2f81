"""The verbs of the dataset domain: one method per use case, one transaction each."""

from __future__ import annotations

from pathlib import Path

from libs.common.store.database import Database
from libs.common.store.storage import ArtifactStore
from libs.common.work.lifecycle import TaskLifecycle
from services.dataset.engine.incoming import Incoming
from services.dataset.repository import DatasetRepository
from services.dataset.service import diffs, exports
from services.dataset.service.datasets import CreatedTask as CreatedTask
from services.dataset.service.deletion import Deletion
from services.dataset.service.diffs import Diffs
from services.dataset.service.exports import Exports
from services.dataset.service.kept import Kept
from services.dataset.service.recipes import RecipeRules, Recipes
from services.dataset.service.samples import Samples
from services.dataset.service.uploads import HOUR_MS, UploadLimits, Uploads


class DatasetService(Samples, Diffs, Exports, Recipes, Deletion, Uploads):
    """All of them on one store. imports: holds one folder per project space, named by its id."""

    def __init__(
        self,
        db: Database,
        artifacts: ArtifactStore,
        lease_seconds: float,
        imports: Path,
        limits: UploadLimits | None = None,
        rules: RecipeRules | None = None,
        undo: int = 720 * HOUR_MS,
    ) -> None:
        self.db, self._artifacts, self.imports = db, artifacts, imports
        self.store = DatasetRepository()
        self.lifecycle = TaskLifecycle(db, self.store.tasks, lease_seconds)
        self.rules, self.undo = rules or RecipeRules(), undo
        self.incoming, self.limits = Incoming(imports), limits or UploadLimits()
        self.kept, self.made = Kept("diffs", diffs.KEPT), Kept("exports", exports.KEPT)
