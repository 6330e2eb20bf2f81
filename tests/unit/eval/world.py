"""The eval service on a real store, with the real model service beside it (both behind their doors) and a small dataset service of our
own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import idl
from libs.common.clock import ManualClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.identity.signed import CLEARANCE_MAX
from libs.common.outside import Outside
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.door import doors
from libs.common.store.database import Database
from libs.common.store.storage import ArtifactStore
from services.eval.domain.config import EvalConfig
from services.eval.domain.task import EvalTask
from services.eval.repository import METADATA
from services.eval.service import EvalService
from services.model.domain.gate import GateComparator, GateRule
from services.model.domain.version import ModelVersion
from services.model.repository import METADATA as MODEL_METADATA
from services.model.service import ModelService
from tests.support.identity import base_for, guard
from tests.support.stores import caller, open_store
from tests.support.verbs import with_platform

CONTENT_HASH = "sha256:" + "11" * 32
LEASE_SECONDS = 30.0
OUTSIDE = Outside("model-3.eval.svc.cluster.local,node-2.local,127.0.0.0/8,::1,localhost")


class Door:
    """A service's own door, called without a network: requests are built, checked and answered as over the wire."""

    def __init__(self, name: str, service: object) -> None:
        self._name, self._service = name, idl.service(name)
        self._doors = doors(name, with_platform(name, service), guard(name))

    def request(self, method: str, **facts: Any) -> Any:
        return getattr(self._service, f"{method}_args").thrift_spec[1][2](**facts)

    def send(self, ctx: CallContext, method: str, request: Any) -> Any:
        request.base = base_for(ctx, self._name, method)
        if hasattr(request, "idempotency_key") and request.idempotency_key is None:
            request.idempotency_key = ctx.idempotency_key
        return self._doors[method](request, SimpleNamespace(deadline=ctx.deadline))

    def open(self, method: str, request: Any) -> Any:
        """With the identity the request carries."""
        return self._doors[method](request, SimpleNamespace(deadline=Deadline.after(30)))

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        return self.send(ctx, method, self.request(method, **facts))


class RecordingPeer:
    """A peer that remembers what it was told and can lose its connection. after: method -> what happens once the call took effect.
    by: the service that calls, where it matters who does.
    """

    def __init__(self, door: Door, by: str = "") -> None:
        self._door, self._by = door, by
        self.calls: list[tuple[str, str | None]] = []
        self.after: dict[str, Callable[[], None]] = {}
        self.before: dict[str, Callable[[], None]] = {}

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        self.calls.append((method, ctx.idempotency_key))
        self.before.pop(method, _nothing)()
        answer = self._door.call(replace(ctx, service=self._by), method, **facts)
        self.after.pop(method, _nothing)()
        return answer

    def count(self, method: str) -> int:
        return sum(name == method for name, _ in self.calls)


class DatasetPeer:
    """Knows the dataset versions it was given, in space 1."""

    def __init__(self) -> None:
        self.versions: dict[int, Any] = {}
        self.secret: set[int] = set()  # what only the highest clearance sees
        self.purged: set[int] = set()
        self.away = False

    def add(self, id: int, **facts: Any) -> int:
        known = {
            "kind": "question_answer",
            "part": "test",
            "records": 12,
            "content_hash": CONTENT_HASH,
            "uri": "artifact://sha256:" + "22" * 32,
        }
        self.versions[id] = idl.load("dataset").DatasetVersion(id=id, dataset_id=5, project_space_id=1, **{**known, **facts})
        return id

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        assert method == "GetVersion"
        if self.away:
            raise lost_connection_to("dataset")
        hidden = facts["id"] in self.secret and ctx.clearance < CLEARANCE_MAX
        if facts["id"] not in self.versions or ctx.space_id != 1 or hidden:
            raise not_found("dataset_version", facts["id"])
        if facts["id"] in self.purged:
            raise PlatformError(410, Reason.PURGED, field="id", limit="a version whose data is there")
        return idl.load("dataset").GetVersionResp(dataset_version=self.versions[facts["id"]])


def _nothing() -> None:
    """Nothing happens."""


@dataclass
class World:
    """One platform's worth of services around eval. ``project``: id of the model everything here is about."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.models = ModelService(open_store(self.folder, "model", MODEL_METADATA, self.clock, worker=1))
        self.model = RecordingPeer(Door("model", self.models))
        self.dataset = DatasetPeer()
        self.artifacts = ArtifactStore(self.folder / "artifacts")
        self.db: Database = open_store(self.folder, "eval", METADATA, self.clock)
        self.service = EvalService(self.db, self.model, self.dataset, LEASE_SECONDS, OUTSIDE)
        self.door = Door("eval", self.service)
        self.project = self.models.create_project(caller(), name="demo").id
        self.test_version = self.dataset.add(700)

    def second_service(self) -> EvalService:
        """Another process's view of the same store."""
        return EvalService(
            open_store(self.folder, "eval", METADATA, self.clock, worker=2), self.model, self.dataset, LEASE_SECONDS, OUTSIDE
        )

    def trained(self, uri: str = "", digest: str = "", datasets: tuple[int, ...] = ()) -> ModelVersion:
        """A model version with an artifact."""
        digest = digest or "sha256:" + "33" * 32
        version = self.models.create_version(caller(service="train"), project_id=self.project, dataset_version_ids=list(datasets))
        self.models.start_training(caller(), id=version.id, train_task_id=900)
        return self.models.record_trained(
            caller(), id=version.id, train_task_id=900, artifact_uri=uri or "artifact://" + digest, artifact_digest=digest
        )

    def gate(self, *rules: tuple[str, float]) -> None:
        """The release gate asks for at least these figures."""
        gate = self.models.get_gate(caller(), project_id=self.project)
        kept = [GateRule(metric, GateComparator.AT_LEAST, bound) for metric, bound in rules]
        self.models.set_gate(caller(expected=gate.version), project_id=self.project, enabled=True, rules=kept)

    def config(self, name: str = "standard", **facts: Any) -> EvalConfig:
        return self.service.create_config(
            caller(), **{"model_id": self.project, "name": name, "dataset_version_id": self.test_version, **facts}
        )

    def release(
        self, version: ModelVersion, config: EvalConfig, address: str, digest: str, key: str = "k" * 64, work_order_id: int = 55
    ) -> EvalTask:
        """The evaluation deploy asks for."""
        return self.service.create_release_task(
            caller(service="deploy"),
            eval_config_id=config.id,
            model_version_id=version.id,
            target_digest=digest,
            target_address=address,
            target_key=key,
            work_order_id=work_order_id,
        )

    def task(self, version: ModelVersion | None = None, config: EvalConfig | None = None, **facts: Any) -> EvalTask:
        config, version = config or self.config(), version or self.trained()
        return self.service.create_task(caller(), eval_config_id=config.id, model_version_id=version.id, **facts).eval_task

    def now(self, task: EvalTask) -> EvalTask:
        return self.service.get_task(caller(space=task.project_space_id), id=task.id)

    def close(self) -> None:
        self.db.close()
        self.models.db.close()


def lost_connection() -> None:
    raise lost_connection_to("model")


def lost_connection_to(what: str) -> PlatformError:
    return PlatformError(503, Reason.CONNECTION_LOST, retryable=True, what=what)
