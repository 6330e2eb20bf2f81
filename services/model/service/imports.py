"""The verb that brings in a version made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from libs.common import fault
from libs.common.context import CallContext
from libs.common.errors import Reason, invalid, unavailable
from libs.common.store.mutation import mutation
from services.model.domain.version import ModelVersion, ModelVersionStatus
from services.model.service.arrivals import Arrivals
from services.model.service.shared import Shared

PATIENCE_SECONDS = 8.0  # of one call; then the caller is told how far it is


@dataclass(frozen=True)
class CheckpointFile:
    """name: in the checkpoint. path: below the space's import folder, as an upload says it."""

    name: str
    path: str


class Imports(Shared):
    """arrivals: None where nothing can come in."""

    arrivals: Arrivals | None

    @mutation
    def import_checkpoint(
        self,
        ctx: CallContext,
        *,
        project_id: int,
        folder: str = "",
        files: list[CheckpointFile] | None = None,
        source: str = "",
        desc: str = "",
    ) -> ModelVersion:
        """The next version of a model from a folder of the space's import folder, or from uploaded files. It is there whole or not at all;
        a call that comes before it is through is told so (BUSY) and asks again. Raises CHECKPOINT_REFUSED with what is wrong."""
        named = _named(folder, files or [])
        with self.db.read() as conn:
            self.store.projects.get(conn, ctx, project_id)
        if self.arrivals is None:
            raise unavailable("imports of checkpoints")
        facts = self.arrivals.fetch(ctx.space_id, folder, named, min(PATIENCE_SECONDS, ctx.deadline.left() * 0.7))
        fault.point("model.after_checkpoint_before_version")
        return self._register(ctx, project_id, facts, source or folder.rstrip("/").rpartition("/")[2] or "uploaded files", desc)

    def _register(self, ctx: CallContext, project_id: int, facts: Mapping[str, Any], source: str, desc: str) -> ModelVersion:
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, project_id)
            made = self._next(
                tx,
                project,
                status=ModelVersionStatus.TRAINED,
                desc=desc,
                artifact_uri=facts["artifact_uri"],
                artifact_digest=facts["artifact_digest"],
                family=facts["family"],
                layout=facts["layout"],
                parameters=facts["parameters"],
                context_tokens=facts["context"],
                licence=facts["licence"],
                source=source,
            )
            tx.event("model_version", made.id, ModelVersionStatus.CREATED, made.status, "IMPORT", source)
            self._link(tx, made, "artifact", made.artifact_digest, "model_version", str(made.id), "WEIGHTS_OF")
            self._link(tx, made, "model_version", str(made.id), "checkpoint", source[:100], "MADE_ELSEWHERE")
            self._refresh_project(tx, project)
            return tx.done(made)


def _named(folder: str, files: list[CheckpointFile]) -> dict[str, str]:
    """The files by name. Raises INVALID_ARGUMENT unless there is a folder or files, each name once and plain."""
    if bool(folder) == bool(files):
        raise invalid("folder", limit="given, or files: one of the two")
    for index, each in enumerate(files):
        if "/" in each.name or each.name.startswith("."):
            raise invalid(f"files[{index}].name", Reason.INVALID_PATH, limit="a file name without folders")
        if each.name in (before.name for before in files[:index]):
            raise invalid(f"files[{index}].name", limit="each name once")
    return {each.name: each.path for each in files}
