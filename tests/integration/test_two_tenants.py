"""Two tenants side by side: an id of the other one is answered exactly like an id that nobody has, on every RPC and every route; and what
is above a member's clearance is not there for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

import idl
from gateway import routes
from gateway.clients import request_struct
from idl import rights
from libs.client.sdk import ApiError, Json, Modelyard
from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError
from libs.common.rpc.client import RpcClient
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.wire import plain, spec_fields
from tests.support.evidence import record
from tests.support.platform import Platform
from tests.support.requests import example
from tests.unit.client.door import API

ABSENT_ID = 0x0DEA_D0DE_AD0D_EAD0
# Fields that hold no id of an object the caller looks up: facts a service reports, or cross-references nobody resolves.
NO_LOOK_UP = {"user_id", "train_task_id", "eval_task_id", "work_order_id"}
NO_ID = {"digest": "sha256:" + "0" * 64}  # parts of a path that are none


@pytest.fixture(scope="module")
def theirs(platform: Platform) -> dict[str, Any]:
    """One object of every kind in the second space; field name -> the ids it may hold."""
    with platform.client(user=5, space=2) as client:
        data = client.datasets.create("their data")
        made = client.datasets.create_task(data["id"], "Importing", "Pydoc_Import", "import", config={"options": {"modules": ["json"]}})
        task = client.datasets.wait(made["dataset_task"]["id"], seconds=60)
        assert task["status"] == "SUCCEEDED", task
        model = client.models.create("their model")
        version = client.models.create_version(model["id"])
        train = client.train.create_config(model["id"], "their config")
        key = client.keys.create("their key")["key"]
        membership = next(client.memberships.list())
        data_version = task["output_version_ids"][0]
        knowledge = client.knowledge.create("their knowledge")
        document = client.knowledge.add(knowledge["id"], "their document", "PLAIN", content="their words")["knowledge_document"]
    ids = [
        data["id"],
        task["id"],
        data_version,
        model["id"],
        version["id"],
        train["id"],
        key["id"],
        membership["id"],
        knowledge["id"],
        document["id"],
    ]
    return {"ids": [int(id) for id in ids], "data": data, "task": task, "data_version": data_version, "model": model}


def clients(platform: Platform) -> Iterator[tuple[str, RpcClient]]:
    for service in idl.DOMAINS:
        address = Address(platform.settings.host, platform.settings.thrift_port(service))
        with closing(RpcClient(idl.service(service), lambda address=address: [address])) as peer:  # type: ignore[misc]
            yield service, peer


def said(call: Any, id: int) -> str:
    """The whole answer or refusal as text, with the id that was asked for blotted out."""
    try:
        answer = plain(call())
        answer.pop("base_resp", None)
        answer.pop("as_of", None)
        return json.dumps(answer, sort_keys=True, default=str).replace(str(id), "ID").replace(str(ABSENT_ID), "ID")
    except PlatformError as error:
        facts = [error.code, error.reason.name, error.field, error.limit, error.retryable, error.details, str(error)]
        return json.dumps(facts, sort_keys=True, default=str).replace(str(id), "ID").replace(str(ABSENT_ID), "ID")


def test_every_rpc_answers_a_foreign_id_like_one_that_nobody_has(platform: Platform, theirs: dict[str, Any]) -> None:
    tried, leaks = 0, []
    for service, peer in clients(platform):
        for method in idl.methods(service):
            if rights.declared(service)[method] == {rights.ADMINISTRATOR}:  # of the whole platform, whichever space something is in
                continue
            struct = request_struct(service, method)
            ids = [name for name, kind, _ in spec_fields(struct) if kind == 10 and (name == "id" or name.endswith("_id"))]
            named = [name for name in ids if name not in NO_LOOK_UP]
            for field in named:
                for foreign in theirs["ids"]:
                    answers = []
                    for id in (foreign, ABSENT_ID):
                        request = example(struct)
                        request.base = platform.base(service, method)
                        if hasattr(request, "idempotency_key"):
                            request.idempotency_key = None
                        if hasattr(request, "page"):
                            request.page = None
                        for name in named:
                            setattr(request, name, ABSENT_ID)
                        setattr(request, field, id)
                        answers.append(said(lambda m=method, r=request, p=peer: p.call(m, r, Deadline.after(10)), id))  # type: ignore[misc]
                    tried += 1
                    if answers[0] != answers[1]:
                        leaks.append((service, method, field, answers))
    record("I13", "two tenants: a foreign id on every RPC", tries=tried, violations=len(leaks))
    assert leaks == []
    assert tried > 400


def test_every_route_answers_a_foreign_id_like_one_that_nobody_has(platform: Platform, theirs: dict[str, Any]) -> None:
    leaks, tried = [], 0
    extra = ["/models/{id}/status", "/train/tasks/{id}/live", "/datasets/tasks/{id}/live", "/eval/tasks/{id}/live"]
    asked = [route for route in routes.ALL if rights.declared(route.domain)[route.method] != {rights.ADMINISTRATOR}]
    walked = [(route.verb, route.path, route.path_fields) for route in asked if route.path_fields]
    with httpx.Client(base_url=platform.settings.gateway_address, headers=platform.headers(), trust_env=False) as http:
        for verb, path, names in [*walked, *[("GET", path, ["id"]) for path in extra]]:
            for foreign in theirs["ids"]:
                answers = []
                for id in (foreign, ABSENT_ID):
                    target = path
                    for name in names:
                        target = target.replace("{" + name + "}", NO_ID.get(name, str(id)))
                    answer = http.request(verb, API + target, **({"json": {}} if verb not in ("GET", "DELETE") else {}))
                    body = answer.json()
                    body.pop("as_of", None)
                    body.get("error", {}).pop("request_id", None)
                    answers.append(f"{answer.status_code} {json.dumps(body, sort_keys=True)}".replace(str(id), "ID"))
                tried += 1
                if answers[0] != answers[1] and "as_of" not in answers[0]:
                    leaks.append((verb, path, answers))
    record("I13", "two tenants: a foreign id on every route", tries=tried, violations=len(leaks))
    assert leaks == []
    assert tried > 300


def test_no_lineage_names_data_of_others_or_of_nobody(platform: Platform, theirs: dict[str, Any]) -> None:
    with platform.client() as owner:
        model = owner.models.create("whose data")
        config = owner.train.create_config(model["id"], "one")
        for id in (theirs["data_version"], str(ABSENT_ID)):
            with pytest.raises(ApiError) as caught:  # what a version was trained on is said by its training
                owner.models.create_version(model["id"], dataset_version_ids=[id])
            assert (caught.value.code, caught.value.field) == (403, "dataset_version_ids")
            with pytest.raises(ApiError) as caught:
                owner.train.create_task(config["id"], id)
            assert (caught.value.code, caught.value.reason) == (404, "NOT_FOUND")
        assert list(owner.models.versions(model["id"])) == []


def test_what_is_above_ones_clearance_is_not_there(platform: Platform) -> None:
    with platform.client() as owner:
        hidden = owner.datasets.create("secret pages", secrecy="SECRET")
        made = owner.datasets.create_task(hidden["id"], "Importing", "Pydoc_Import", "import", config={"options": {"modules": ["json"]}})
        task = owner.datasets.wait(made["dataset_task"]["id"], seconds=60)
        version = task["output_version_ids"][0]
        assert next(owner.datasets.records(version))
        assert list(owner.datasets.events("dataset_task", task["id"]))
        for account, clearance, sees in (("low", "INTERNAL", False), ("high", "SECRET", True)):
            user = owner.users.create(f"clearance-{account}")
            owner.memberships.create(user["account"], "developer", clearance)
            with Modelyard(owner.address) as member:
                member.sign_in(user["account"], owner.users.issue_password(user["id"]))
                _look(member, hidden, task, version, sees)
                if not sees:
                    with pytest.raises(ApiError) as caught:
                        member.datasets.create("more secret than I", secrecy="SECRET")
                    assert (caught.value.code, caught.value.field) == (403, "secrecy")


def _look(member: Modelyard, hidden: Json, task: Json, version: str, sees: bool) -> None:
    one = [
        lambda: member.datasets.get(hidden["id"]),
        lambda: member.datasets.find(hidden["name"]),
        lambda: member.datasets.task(task["id"]),
        lambda: member.datasets.version(version),
        lambda: list(member.datasets.versions(hidden["id"])),
        lambda: next(member.datasets.records(version)),
        lambda: list(member.datasets.dropped(task["id"])),
        lambda: member.datasets.cancel(task["id"]),
        lambda: member.datasets.create_task(hidden["id"], "Cleaning", "Strip_Html", "x", input_version_id=version, reuse=True),
    ]
    for number, look in enumerate(one):
        try:
            look()
            found = True
        except ApiError as error:
            found = error.code != 404  # an ended task cannot be cancelled, for who sees it
        assert found == sees, number
    assert (hidden["id"] in [each["id"] for each in member.datasets.list()]) == sees
    assert (task["id"] in [each["id"] for each in member.datasets.tasks()]) == sees
    assert bool(list(member.datasets.events("dataset_task", task["id"]))) == sees
