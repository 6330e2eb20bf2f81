"""Ways to bring a model version into every state, by verbs only."""

from __future__ import annotations

from libs.common.context import CallContext
from services.model.domain.gate import EvidenceKind
from services.model.domain.override import GateOverride
from services.model.domain.project import ModelProject
from services.model.domain.version import ModelVersion, ModelVersionStatus
from services.model.service import Evaluated, ModelService
from tests.support.stores import caller

S = ModelVersionStatus
TASK = 77  # of training; evaluations count up from here
WEIGHTS = "sha256:" + "a" * 64
PACKAGE = "sha256:" + "b" * 64
GOOD, BAD = {"exact_match": 0.95, "leak": 0.0}, {"exact_match": 0.5, "leak": 0.0}


def project(service: ModelService, name: str = "m", space: int = 1) -> ModelProject:
    return service.create_project(caller(space=space), name=name)


def deleted(service: ModelService, id: int, space: int = 1) -> ModelProject:
    now = service.get_project(caller(space=space), id=id)
    return service.delete_project(caller(space=space, expected=now.version), id=id)


def current(service: ModelService, version: ModelVersion) -> ModelVersion:
    return service.get_version(caller(space=version.project_space_id), id=version.id)


def about(service: ModelService, version: ModelVersion) -> CallContext:
    """A call that was decided on the version as it is now."""
    return caller(space=version.project_space_id, expected=current(service, version).version)


def train(service: ModelService, version: ModelVersion, digest: str = WEIGHTS) -> ModelVersion:
    ctx = caller(space=version.project_space_id)
    service.start_training(ctx, id=version.id, train_task_id=TASK)
    return service.record_trained(
        ctx, id=version.id, train_task_id=TASK, artifact_uri=f"artifact://{digest}", artifact_digest=digest, metrics={"loss": 0.1}
    )


def evidence(
    service: ModelService,
    version: ModelVersion,
    metrics: dict[str, float],
    digest: str = WEIGHTS,
    items: int = 100,
    failed_items: int = 0,
    eval_task_id: int | None = None,
    kind: EvidenceKind | None = None,
) -> Evaluated:
    """kind: by default of who may vouch for these bytes."""
    own = EvidenceKind.WEIGHTS if digest == WEIGHTS else EvidenceKind.RELEASE
    return service.record_evaluation(
        caller(space=version.project_space_id),
        id=version.id,
        eval_task_id=eval_task_id or service.db.ids.next(),
        digest=digest,
        dataset_version_id=5,
        dataset_hash="h",
        metrics=metrics,
        items=items,
        failed_items=failed_items,
        kind=own if kind is None else kind,
    )


def evaluate(service: ModelService, version: ModelVersion, metrics: dict[str, float]) -> Evaluated:
    task = service.db.ids.next()
    service.start_evaluation(caller(space=version.project_space_id), id=version.id, eval_task_id=task, digest=WEIGHTS)
    return evidence(service, version, metrics, eval_task_id=task)


def version_in(service: ModelService, status: ModelVersionStatus, of: ModelProject | None = None) -> ModelVersion:
    """A version that stands in ``status``."""
    of = of or project(service, f"p{service.db.ids.next()}")
    ctx = caller(space=of.project_space_id)
    version = service.create_version(caller(space=ctx.space_id, service="train"), project_id=of.id, dataset_version_ids=[5, 6])
    if status == S.TRAINING:
        service.start_training(ctx, id=version.id, train_task_id=TASK)
    if status in (S.TRAINED, S.EVALUATING, S.QUALIFIED, S.REJECTED):
        train(service, version)
    if status == S.EVALUATING:
        service.start_evaluation(ctx, id=version.id, eval_task_id=TASK + 1, digest=WEIGHTS)
    if status in (S.QUALIFIED, S.REJECTED):
        evaluate(service, version, GOOD if status == S.QUALIFIED else BAD)
    if status == S.RETIRED:
        service.retire_version(about(service, version), id=version.id)
    if status == S.QUARANTINED:
        service.quarantine_version(about(service, version), id=version.id, cause="recall")
    found = current(service, version)
    assert found.status == status
    return found


def packaged(service: ModelService, version: ModelVersion, digest: str = PACKAGE) -> None:
    """What a work order says once it has packed a version."""
    service.record_package(caller(space=version.project_space_id), id=version.id, work_order_id=3, digest=digest)


def asked(service: ModelService, version: ModelVersion, user: int = 2, hours: float = 1, digest: str = PACKAGE) -> GateOverride:
    """An override of a package of a version, asked for by ``user``."""
    end = service.db.clock.now_ms() + round(hours * 3_600_000)
    ctx = caller(user, space=version.project_space_id)
    return service.request_override(ctx, model_version_id=version.id, digest=digest, cause="a fire", end_time=end)
