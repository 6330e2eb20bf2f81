"""What was true of a model at a moment, from the history alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from libs.common.context import CallContext
from libs.common.errors import not_found
from libs.common.store.history import History
from services.model.domain.gate import GateVerdictKind
from services.model.domain.override import GateOverride, GateOverrideStatus
from services.model.domain.project import ModelProjectStatus
from services.model.domain.version import ModelVersionStatus
from services.model.service.shared import Shared

VERSIONS, OVERRIDES = 500, 100  # newest of a model


@dataclass(frozen=True)
class PastVersion:
    id: int
    number: int
    status: ModelVersionStatus


@dataclass(frozen=True)
class ModelAsOf:
    """versions: that were there. overrides: that were live."""

    existed: bool
    status: ModelProjectStatus
    versions: list[PastVersion]
    gate_enabled: bool
    overrides: list[GateOverride]
    as_of: int


class Past(Shared):
    def get_model_as_of(self, ctx: CallContext, *, project_id: int, as_of: int) -> ModelAsOf:
        """At the end of a millisecond."""
        history = History(self.db)
        with self.db.read() as conn:
            self.store.projects.get(conn, ctx, project_id)
            versions = self.store.versions.all_by(conn, ctx, VERSIONS, project_id=project_id)
            overrides = self.store.overrides.all_by(conn, ctx, OVERRIDES, project_id=project_id)
            gate = self.store.gates.first_by(conn, ctx, project_id=project_id)
            if gate is None:
                raise not_found("model_project", project_id)
            of_project = history.last(conn, ctx, "model_project", [project_id], as_of)
            of_gate = history.last(conn, ctx, "release_gate", [gate.id], as_of)
            moved = history.last(conn, ctx, "model_version", [each.id for each in versions], as_of)
            settled = history.last(conn, ctx, "gate_override", [each.id for each in overrides], as_of)
        status = of_project[project_id].to_status if of_project else ModelProjectStatus.CREATED
        live = [each for each in overrides if each.id in settled and settled[each.id].to_status == GateOverrideStatus.LIVE]
        return ModelAsOf(
            existed=bool(of_project) and of_project[project_id].event != "DELETE",
            status=ModelProjectStatus(status),
            versions=[
                PastVersion(each.id, each.number, ModelVersionStatus(moved[each.id].to_status)) for each in versions if each.id in moved
            ],
            gate_enabled=not of_gate or of_gate[gate.id].to_status != GateVerdictKind.OFF,  # on from the first
            overrides=[replace(each, status=GateOverrideStatus.LIVE) for each in live if as_of < each.end_time],
            as_of=as_of,
        )
