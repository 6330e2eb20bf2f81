"""Invariant I4: every mutating method of the contract, repeated under its key, has one effect and one answer.

Each method is called by five clients at once under one key, then again as after a lost reply, then twice more. All answers are equal, one
answer is stored, and the stores, compared row by row, are as the first effect left them. Which methods there are is read from the
contract: one without a scene here fails the last test. Over the wire, with replies that really get lost: test_proxied.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

import idl
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.wire import spec_fields
from libs.common.store.database import Database
from libs.common.store.repository import PageRequest
from services.app.domain.document import DocumentKind
from services.deploy.repository import METADATA
from services.deploy.service import DeployService
from services.deploy.service.neighbours import Neighbours
from services.eval.domain.grid import GridTarget
from services.identity.domain.audit import AuditEvent
from services.identity.domain.space import Clearance, Role
from services.identity.repository import METADATA as IDENTITY_METADATA
from services.identity.service import IdentityService
from services.model.repository import METADATA as MODEL_METADATA
from services.model.service import ModelService
from services.resource.domain.allowance import QuotaKind
from services.resource.domain.price import PricedResource
from services.resource.repository import METADATA as RESOURCE_METADATA
from services.resource.service import ResourceService
from tests.support.checkpoints import arrivals
from tests.support.evidence import Evidence
from tests.support.identity import signer
from tests.support.outcome import at_once, outcome
from tests.support.ram import ram_folder
from tests.support.stores import caller, open_store
from tests.unit.app.world import World as AppWorld
from tests.unit.dataset import calls
from tests.unit.dataset.world import World as DatasetWorld
from tests.unit.dataset.world import pair
from tests.unit.deploy import drive
from tests.unit.deploy.world import EVAL_CONFIG_ID, MODEL_ID, PASS, VERSIONS
from tests.unit.deploy.world import World as Neighbourhood
from tests.unit.eval import rated
from tests.unit.eval.world import World as EvalWorld
from tests.unit.model.calls import CHANGES, DECIDED
from tests.unit.model.chain import asked, deleted, packaged, version_in
from tests.unit.train.world import TINY, TRAIN_DATA
from tests.unit.train.world import World as TrainWorld

AT_ONCE, REPEATS = 5, 3
KEY = "lost-reply-1"


@dataclass
class Scene:
    """A verb with what it is to do. stores: all that it may change. ctx: without a key."""

    verb: Callable[..., Any]
    facts: dict[str, Any]
    stores: list[Database]
    ctx: CallContext

    def call(self, **other: Any) -> Any:
        """Under the one key, with these facts or some others."""
        return self.verb(replace(self.ctx, idempotency_key=KEY), **{**self.facts, **other})


def keyed(domain: str) -> list[str]:
    """The methods of a domain that take an idempotency key."""
    methods = idl.methods(domain)
    requests = {name: getattr(idl.service(domain), f"{name}_args").thrift_spec[1][2] for name in methods}
    return [name for name, struct in requests.items() if "idempotency_key" in [field for field, _, _ in spec_fields(struct)]]


def verb_of(method: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower()


def scene(service: Any, method: str, stores: list[Database], ctx: CallContext | None = None, **facts: Any) -> Scene:
    return Scene(getattr(service, verb_of(method)), facts, stores, ctx or caller())


# --- one legal call of every method


@contextmanager
def model(method: str, folder: Path) -> Iterator[Scene]:
    db = open_store(folder, "model", MODEL_METADATA)
    service = ModelService(db, arrivals=arrivals(folder))
    status, facts = CHANGES[verb_of(method)]
    version = version_in(service, status)
    if method == "DeleteProject":
        version = replace(version, project_id=service.create_project(caller(), name="empty").id)
    if method == "RestoreProject":
        deleted(service, version.project_id)
    if method in ("UpdateAlias", "DeleteAlias"):
        alias = service.create_alias(caller(), project_id=version.project_id, name="second")
        moved = {"model_version_number": version.number} if method == "UpdateAlias" else {}
        yield scene(service, method, [db], caller(expected=alias.version), id=alias.id, **moved)
        db.close()
        return
    if method.endswith("Override"):
        packaged(service, version)
        known = None if method == "RequestOverride" else asked(service, version)
        sent = facts(version) if known is None else {**facts(version), "id": known.id}
        yield scene(service, method, [db], caller(expected=known.version if known else None), **sent)
        db.close()
        return
    about = {"project_id": version.project_id, "id": version.id}
    expected = None
    if verb_of(method) in DECIDED:
        whole = {"UpdateProject": "project", "DeleteProject": "project", "SetGate": "gate", "SetCard": "card"}.get(method, "version")
        read = {
            "project": lambda: service.get_project(caller(), id=about["project_id"]),
            "gate": lambda: service.get_gate(caller(), project_id=about["project_id"]),
            "card": lambda: service.get_card(caller(), model_version_id=about["id"]),
            "version": lambda: service.get_version(caller(), id=about["id"]),
        }[whole]
        expected = read().version
    yield scene(service, method, [db], caller(expected=expected), **facts(version))
    db.close()


@contextmanager
def dataset(method: str, folder: Path) -> Iterator[Scene]:
    world = DatasetWorld(folder)
    make = partial(scene, world.service, method, [world.db])
    if method == "CreateDataset":
        yield make(name="new", type=world.demo.type)
    elif method in ("UpdateDataset", "DeleteDataset"):
        yield make(caller(expected=world.demo.version), id=world.demo.id, **({"desc": "changed"} if method == "UpdateDataset" else {}))
    elif method == "CreateTask":
        yield make(dataset_id=world.demo.id, type=6000, sub_type=_import(), name="n", config={"paths": ["."]})
    elif method == "CancelTask":
        yield make(id=world.claimed().id, cause="why")
    elif method == "CreateUpload":
        yield make(name="new.csv", bytes=4)
    elif method in ("WriteUpload", "FinishUpload", "DiscardUpload"):
        id = world.uploading(b"four").id
        if method == "FinishUpload":
            world.service.write_upload(caller(), id=id, offset=0, data=b"four")
        yield make(id=id, **({"offset": 0, "data": b"four"} if method == "WriteUpload" else {}))
    else:
        yield make(caller(expected=0), **calls.of(world, method))
    world.close()


def _import() -> Any:
    from services.dataset.domain.task import DatasetTaskSubType

    return DatasetTaskSubType.File_Import


@contextmanager
def train(method: str, folder: Path) -> Iterator[Scene]:
    world = TrainWorld(folder)
    make = partial(scene, world.service, method, [world.db, world.models.db])
    config = world.config()
    if method == "CreateConfig":
        yield make(model_id=world.project, name="new", options=TINY)
    elif method == "UpdateConfig":
        yield make(caller(expected=config.version), id=config.id, desc="changed")
    elif method == "CreateTask":
        yield make(train_config_id=config.id, train_dataset_version_id=TRAIN_DATA)
    else:
        task = world.claimed(config=config)
        if method == "ResumeTask":
            world.service.pause_task(caller(), id=task.id)
            world.service.lifecycle.paused(task)
        yield make(id=task.id, **({"cause": "why"} if method == "CancelTask" else {}))
    world.close()


@contextmanager
def eval(method: str, folder: Path) -> Iterator[Scene]:
    world = EvalWorld(folder)
    make = partial(scene, world.service, method, [world.db, world.models.db])
    if method == "CreateConfig":
        yield make(model_id=world.project, name="new", dataset_version_id=world.test_version)
    elif method == "CreateTask":
        yield make(eval_config_id=world.config().id, model_version_id=world.trained().id)
    elif method == "CreateReleaseTask":
        asked = {"target_digest": "sha256:" + "d" * 64, "target_address": "http://127.0.0.1:9", "target_key": "k" * 64, "work_order_id": 55}
        ids = {"eval_config_id": world.config().id, "model_version_id": world.trained().id}
        yield make(caller(service="deploy"), **ids, **asked)
    elif method == "CancelTask":
        yield make(id=world.task().id, cause="why")
    elif method == "CreatePrompt":
        yield make(name="qa", template="{{instruction}}")
    elif method in ("UpdatePrompt", "SetPromptLabel"):
        prompt = world.service.create_prompt(caller(), name="qa", template="{{instruction}}")
        said = {"template": "{{instruction}}?"} if method == "UpdatePrompt" else {"label": "production", "number": 1}
        yield make(caller(expected=0), id=prompt.id, **said)
    elif method == "CreateGrid":
        yield make(name="g", dataset_version_id=world.test_version, targets=[GridTarget(world.trained().id)], plain=True)
    else:
        yield make(caller(expected=0), **rated.of(world, method))
    world.close()


@contextmanager
def deploy(method: str, folder: Path) -> Iterator[Scene]:
    world = Neighbourhood(folder / "world")
    digest = "sha256:" + "a" * 64
    versions = {str(id): {"status": 20, "uri": f"artifact://{digest}", "digest": digest} for id in VERSIONS}
    world.set(versions=versions, gate=PASS)
    db = open_store(folder, "deploy", METADATA)
    service = DeployService(db, Neighbours(world.model, world.eval, world.dataset), 10.0)
    make = partial(scene, service, method, [db])
    config = drive.config(service)
    if method == "CreateConfig":
        yield make(model_id=MODEL_ID, name="new", config={"eval_config_id": EVAL_CONFIG_ID})
    elif method == "CreateWorkOrder":
        yield make(deployment_config_id=config, model_version_id=VERSIONS[0], name="o")
    elif method == "CancelWorkOrder":
        yield make(id=drive.order(service, config).id, cause="why")
    elif method == "RollBackWorkOrder":
        yield make(id=drive.online(service, drive.order(service, config).id).id, cause="why")
    elif method in ("ApproveWorkOrder", "RejectWorkOrder"):
        waiting = drive.to_approval(service, drive.order(service, config).id)
        yield make(caller(2, expected=waiting.version), id=waiting.id, comment="said")
    elif method == "SetQuota":
        books = open_store(folder, "resource", RESOURCE_METADATA)
        service.resources = Neighbour(ResourceService(books))  # type: ignore[assignment]
        yield replace(make(kind=QuotaKind.SPACE, subject_id=3, cpu_milli=5, ctx=caller(expected=0)), stores=[db, books])
        books.close()
    db.close()


@contextmanager
def identity(method: str, folder: Path) -> Iterator[Scene]:
    db = open_store(folder, "identity", IDENTITY_METADATA)
    service = IdentityService(db, signer("identity"))
    made = service.found(caller(0, 0))
    assert made is not None
    owner = replace(caller(made[0].id), clearance=int(Clearance.SECRET))
    other = service.create_user(owner, account="other")
    make = partial(scene, service, method, [db])
    if method == "CreateDepartment":
        yield make(owner, name="new")
    elif method == "CreateUser":
        yield make(owner, account="new", name="New")
    elif method == "UpdateUser":
        yield make(replace(owner, expected_version=other.version), id=other.id, disabled=True)
    elif method == "CreateSpace":
        yield make(owner, department_id=made[0].department_id, name="new")
    elif method == "CreateMembership":
        yield make(owner, account="other", role=Role.viewer)
    elif method == "CreateServiceAccount":
        yield make(owner, account="program", role=Role.developer)
    elif method == "UpdateServiceAccount":
        program = service.create_service_account(owner, account="program")
        service.issue_service_key(owner, id=program.id, name="k")
        yield make(replace(owner, expected_version=program.version), id=program.id, disabled=True)
    elif method in ("RevokeKey", "RevokeSpaceKey", "RevokePlatformKey"):
        key, _ = service.issue_key(owner, name="k")
        yield make(owner, id=key.id)
    elif method == "RevokeSession":
        service.sign_in(caller(0, 0), account=made[0].account, password=made[1])
        (session,) = service.list_sessions(owner, page=PageRequest()).items
        yield make(owner, id=session.id)
    elif method == "RecordAudit":
        yield make(caller(0, 0), events=[AuditEvent(user_id=made[0].id, method="CreateUser", outcome=200)] * 3)
    else:
        joined = service.create_membership(owner, account="other", role=Role.viewer)
        more = {"clearance": Clearance.INTERNAL} if method == "UpdateMembership" else {}
        yield make(replace(owner, expected_version=joined.version), id=joined.id, **more)
    db.close()


@dataclass(frozen=True)
class Neighbour:
    """The resource service, asked in this process: what its door does with names and structs."""

    service: ResourceService

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        return SimpleNamespace(quota=getattr(self.service, verb_of(method))(ctx, **facts))


@contextmanager
def resource(method: str, folder: Path) -> Iterator[Scene]:
    db = open_store(folder, "resource", RESOURCE_METADATA)
    service = ResourceService(db)
    make = partial(scene, service, method, [db])
    service.create_room(caller(), name="r1")
    node = service.create_node(caller(), name="n1", room="r1", cpu_milli=1000, memory_mb=10)
    held = service.create_reservation(caller(), holder="held", cpu_milli=10, tokens=5).reservation
    scenes: dict[str, tuple[CallContext, dict[str, Any]]] = {
        "CreateRoom": (caller(), {"name": "r2"}),
        "CreateNode": (caller(), {"name": "n2", "room": "r1", "cpu_milli": 1, "memory_mb": 1}),
        "UpdateNode": (caller(expected=node.version), {"id": node.id, "draining": True}),
        "ReportNode": (caller(), {"id": node.id, "node_time": 5}),
        "SetQuota": (caller(expected=0), {"kind": QuotaKind.SPACE, "subject_id": 1, "cpu_milli": 500}),
        "CreatePrice": (caller(), {"priced": PricedResource.CPU, "micros": 5}),
        "CreateReservation": (caller(), {"holder": "new", "cpu_milli": 20}),
        "RenewReservation": (caller(), {"id": held.id, "lease_seconds": 90}),
        "ReleaseReservation": (caller(), {"id": held.id, "tokens_left": 2}),
    }
    if method == "DeleteNode":
        service.release_reservation(caller(), id=held.id)
        scenes[method] = (caller(expected=node.version), {"id": node.id})
    ctx, facts = scenes[method]
    yield make(ctx, **facts)
    db.close()


@contextmanager
def app(method: str, folder: Path) -> Iterator[Scene]:
    world = AppWorld(folder)
    base, version = world.base(ctx=caller()), world.records([pair(1)])
    document = world.add(base, "a", "words", caller())
    scenes: dict[str, tuple[CallContext, dict[str, Any]]] = {
        "CreateBase": (caller(), {"name": "new"}),
        "UpdateBase": (caller(expected=base.version), {"id": base.id, "threshold": 0.5}),
        "DeleteBase": (caller(expected=base.version), {"id": base.id}),
        "AddDocument": (caller(), {"base_id": base.id, "name": "b", "kind": DocumentKind.PLAIN, "content": "more words"}),
        "AddDataset": (caller(), {"base_id": base.id, "dataset_version_id": version.id}),
        "DeleteDocument": (caller(expected=document.version), {"id": document.id}),
    }
    ctx, facts = scenes[method]
    yield scene(world.service, method, [world.db], ctx, **facts)
    world.close()


SCENES = {
    "app": app,
    "resource": resource,
    "model": model,
    "dataset": dataset,
    "train": train,
    "eval": eval,
    "deploy": deploy,
    "identity": identity,
}
METHODS = [(domain, method) for domain in idl.DOMAINS for method in keyed(domain)]


def content(stores: list[Database]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    found = {}
    for db in stores:
        with db.read() as conn:
            for name, table in db.metadata.tables.items():
                found[f"{id(db)}.{name}"] = sorted(map(tuple, conn.execute(sa.select(table))), key=str)
    return found


@pytest.mark.parametrize(("domain", "method"), METHODS, ids=[f"{domain}.{method}" for domain, method in METHODS])
def test_one_effect_and_one_answer_per_key(domain: str, method: str, evidence: Evidence) -> None:
    with ram_folder() as folder, SCENES[domain](method, folder) as act:
        before = content(act.stores)
        answers = at_once([act.call] * AT_ONCE)
        after = content(act.stores)
        answers += [outcome(act.call) for _ in range(REPEATS)]
        own = act.stores[0]
        with own.read() as conn:
            kept = conn.execute(sa.select(sa.func.count()).select_from(own.table("stored_answer")).where(_mine(own))).scalar_one()
        assert not [answer for answer in answers if isinstance(answer, BaseException)]
        sent = [msgspec.json.encode(answer) for answer in answers]
        differing = sum(answer != sent[0] for answer in sent)
        wrong = differing + (kept != 1) + (content(act.stores) != after) + (before == after)
        evidence("I4", "every mutating method, 5 at once and 3 repeats under one key", tries=len(answers), violations=wrong)
        assert wrong == 0, (differing, kept)


def _mine(db: Database) -> sa.ColumnElement[bool]:
    return db.table("stored_answer").c.idempotency_key == KEY


@pytest.mark.parametrize("domain", idl.DOMAINS)
def test_a_key_is_for_one_request(domain: str) -> None:
    """Other facts under a used key are refused, whatever they would do."""
    method = next(name for name in keyed(domain) if name.startswith("Create"))
    with ram_folder() as folder, SCENES[domain](method, folder) as act:
        act.call()
        after = content(act.stores)
        refused = outcome(lambda: act.call(name="another name"))
        assert isinstance(refused, PlatformError)
        assert (refused.code, refused.reason) == (409, Reason.IDEMPOTENCY_KEY_REUSED)
        assert content(act.stores) == after


def test_every_mutating_method_has_a_scene(evidence: Evidence) -> None:
    covered = 0
    for domain, method in METHODS:
        with ram_folder() as folder, SCENES[domain](method, folder) as act:
            covered += act is not None
    missing = len(METHODS) - covered
    evidence("I4", "mutating methods with a scene", tries=len(METHODS), violations=missing, methods=f"{covered} of {len(METHODS)}")
    assert covered == len(METHODS) > 30
