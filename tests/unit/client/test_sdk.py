"""The SDK against a real HTTP server: routes, paging, keys, failures, waiting, streaming."""

from __future__ import annotations

import importlib
import inspect
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from gateway import jsonwire
from gateway.clients import request_struct
from idl import manifest, registry
from libs.client.credentials import Credentials
from libs.client.domains import waiting
from libs.client.sdk import ApiError, Modelyard
from tests.unit.client.door import Door, Server, hang_up, refusal, send
from tests.unit.client.shapes import order, shape, task

DIGEST = "sha256:" + "a" * 64
RULE = {"metric": "exact_match", "comparator": "AT_LEAST", "bound": 0.9}

CALLS: dict[str, Callable[[Modelyard], Any]] = {
    "models.create": lambda c: c.models.create("law", desc="d", path="/a", train_framework="pytorch", hdfs_dir="h"),
    "models.get": lambda c: c.models.get("1"),
    "models.find": lambda c: c.models.find("law"),
    "models.list": lambda c: list(c.models.list("l")),
    "models.update": lambda c: c.models.update("1", 3, name="x", path="/b"),
    "models.delete": lambda c: c.models.delete("1", 3),
    "models.status": lambda c: c.models.status("1"),
    "models.resolve": lambda c: c.models.resolve("law@3"),
    "models.aliases": lambda c: list(c.models.aliases("1")),
    "models.create_alias": lambda c: c.models.create_alias("1", "champion", 3),
    "models.move_alias": lambda c: c.models.move_alias("2", 1, 4),
    "models.delete_alias": lambda c: c.models.delete_alias("2", 1),
    "models.create_version": lambda c: c.models.create_version("1", dataset_version_ids=["2"]),
    "models.import_checkpoint": lambda c: c.models.import_checkpoint("1", folder="tiny", source="a maker"),
    "models.versions": lambda c: list(c.models.versions("1")),
    "models.version": lambda c: c.models.version("1"),
    "models.evidence": lambda c: list(c.models.evidence("1")),
    "models.verdict": lambda c: c.models.verdict("1", DIGEST),
    "models.explain": lambda c: c.models.explain("1", digest=DIGEST),
    "models.override": lambda c: c.models.override("1"),
    "models.overrides": lambda c: list(c.models.overrides("1")),
    "models.card": lambda c: c.models.card("1"),
    "models.set_card": lambda c: c.models.set_card("1", [{"name": "purpose", "text": "x"}], 0),
    "models.lineage": lambda c: c.models.lineage("1"),
    "models.gate": lambda c: c.models.gate("1"),
    "models.set_gate": lambda c: c.models.set_gate("1", enabled=False, rules=[RULE], off_reason="why", expected_version=2),
    "models.events": lambda c: list(c.models.events("model_project", "1")),
    "datasets.create": lambda c: c.datasets.create("d", desc="x", secrecy="INTERNAL", source="s", file_url="u"),
    "datasets.get": lambda c: c.datasets.get("1"),
    "datasets.find": lambda c: c.datasets.find("d"),
    "datasets.list": lambda c: list(c.datasets.list("d")),
    "datasets.update": lambda c: c.datasets.update("1", 1, desc="y"),
    "datasets.delete": lambda c: c.datasets.delete("1", 1),
    "datasets.create_task": lambda c: c.datasets.create_task(
        "1", "Cleaning", "Custom_Cleaning", "clean", input_version_id="2", config={"rules": []}, reuse=True, max_attempts=2
    ),
    "datasets.version": lambda c: c.datasets.version("1"),
    "datasets.find_version": lambda c: c.datasets.find_version("1", "latest"),
    "datasets.versions": lambda c: list(c.datasets.versions("1")),
    "datasets.records": lambda c: list(c.datasets.records("1")),
    "datasets.dropped": lambda c: list(c.datasets.dropped("1", "Deduplicate")),
    "datasets.task": lambda c: c.datasets.task("1"),
    "datasets.tasks": lambda c: list(c.datasets.tasks(dataset_id="1")),
    "datasets.create_upload": lambda c: c.datasets.create_upload("rows.csv", 3, sha256="a" * 64),
    "datasets.write_upload": lambda c: c.datasets.write_upload("1", 0, b"abc"),
    "datasets.finish_upload": lambda c: c.datasets.finish_upload("1"),
    "datasets.discard_upload": lambda c: c.datasets.discard_upload("1"),
    "datasets.get_upload": lambda c: c.datasets.get_upload("1"),
    "datasets.list_uploads": lambda c: list(c.datasets.list_uploads()),
    "datasets.preview_import": lambda c: c.datasets.preview_import({"paths": ["a.csv"]}, rows=5),
    "datasets.preview_cleaning": lambda c: c.datasets.preview_cleaning("1", {"rules": [{"rule": "Deduplicate"}]}, records=5),
    "datasets.summarize_version": lambda c: c.datasets.summarize_version("1"),
    "datasets.diff": lambda c: c.datasets.diff("1", "2"),
    "datasets.differences": lambda c: list(c.datasets.differences("1", "2", "changed")),
    "datasets.prepared": lambda c: c.datasets.prepared("1", "csv"),
    "datasets.cancel": lambda c: c.datasets.cancel("1", "why"),
    "datasets.events": lambda c: list(c.datasets.events("dataset_task", "1")),
    "train.create_config": lambda c: c.train.create_config("1", "c", method="scratch", options={"epochs": 1}, desc="d"),
    "train.config": lambda c: c.train.config("1"),
    "train.configs": lambda c: list(c.train.configs("1")),
    "train.update_config": lambda c: c.train.update_config("1", 1, options={"epochs": 2}),
    "train.create_task": lambda c: c.train.create_task("1", "2", valid_dataset_version_id="3", name="n", reuse=True, max_attempts=1),
    "train.task": lambda c: c.train.task("1"),
    "train.tasks": lambda c: list(c.train.tasks(model_id="1")),
    "train.cancel": lambda c: c.train.cancel("1"),
    "train.pause": lambda c: c.train.pause("1"),
    "train.resume": lambda c: c.train.resume("1"),
    "train.metrics": lambda c: list(c.train.metrics("1", 5, ["loss", "lr"])),
    "train.events": lambda c: list(c.train.events("train_task", "1")),
    "eval.create_config": lambda c: c.eval.create_config("1", "c", "2", metrics=["exact_match"], options={"limit_items": 3}),
    "eval.config": lambda c: c.eval.config("1"),
    "eval.configs": lambda c: list(c.eval.configs("1")),
    "eval.create_task": lambda c: c.eval.create_task("1", "2", target_kind="ENDPOINT", target_digest=DIGEST, target_address="http://a:1"),
    "eval.task": lambda c: c.eval.task("1"),
    "eval.tasks": lambda c: list(c.eval.tasks(model_id="1", model_version_id="2")),
    "eval.cancel": lambda c: c.eval.cancel("1"),
    "eval.items": lambda c: list(c.eval.items("1", only_wrong=True)),
    "eval.compare": lambda c: c.eval.compare("1", "2"),
    "eval.differences": lambda c: list(c.eval.differences("1", "2", verdict="WORSE", contains="a")),
    "eval.create_grid": lambda c: c.eval.create_grid("g", "2", [{"model_version_id": "1"}], prompt_version_ids=["3"], plain=True),
    "eval.grid": lambda c: c.eval.grid("1"),
    "eval.grids": lambda c: list(c.eval.grids()),
    "eval.compare_cells": lambda c: c.eval.compare_cells("1", "2", metric="exact_match"),
    "prompts.get": lambda c: c.prompts.get("qa@production"),
    "prompts.list": lambda c: list(c.prompts.list("q")),
    "prompts.versions": lambda c: list(c.prompts.versions("1")),
    "prompts.create": lambda c: c.prompts.create("qa", "{{instruction}}", system="s", desc="d", note="n"),
    "prompts.update": lambda c: c.prompts.update("1", "{{instruction}}?", system="s", note="n", expected_version=0),
    "prompts.label": lambda c: c.prompts.label("1", "production", 2, expected_version=0),
    "eval.get_prompt": lambda c: c.eval.get_prompt("1", number=2),
    "eval.events": lambda c: list(c.eval.events("eval_task", "1")),
    "deploy.create_config": lambda c: c.deploy.create_config("1", "c", environment="prod", room="local", config={"a": 1}),
    "deploy.config": lambda c: c.deploy.config("1"),
    "deploy.configs": lambda c: list(c.deploy.configs("1")),
    "deploy.create_order": lambda c: c.deploy.create_order("1", "2", "release"),
    "deploy.order": lambda c: c.deploy.order("1"),
    "deploy.orders": lambda c: list(c.deploy.orders("1")),
    "deploy.approve": lambda c: c.deploy.approve("1", 1, "good"),
    "deploy.reject": lambda c: c.deploy.reject("1", 1, "bad"),
    "deploy.cancel": lambda c: c.deploy.cancel("1"),
    "deploy.roll_back": lambda c: c.deploy.roll_back("1"),
    "deploy.slot": lambda c: c.deploy.slot("1"),
    "deploy.slots": lambda c: list(c.deploy.slots("1")),
    "deploy.events": lambda c: list(c.deploy.events("work_order", "1")),
    "knowledge.create": lambda c: c.knowledge.create("help", desc="d", secrecy="INTERNAL"),
    "knowledge.get": lambda c: c.knowledge.get("1"),
    "knowledge.list": lambda c: list(c.knowledge.list()),
    "knowledge.delete": lambda c: c.knowledge.delete("1", 3),
    "knowledge.add": lambda c: c.knowledge.add("1", "a.md", "MARKDOWN", content="words"),
    "knowledge.document": lambda c: c.knowledge.document("1", document_version_id="2"),
    "knowledge.documents": lambda c: list(c.knowledge.documents("1", name_prefix="a")),
    "knowledge.update": lambda c: c.knowledge.update("1", 3, name="x", threshold=0.5, model="law"),
    "knowledge.ask": lambda c: c.knowledge.ask("1", "how long"),
    "knowledge.search": lambda c: c.knowledge.search("1", "how long", want=3),
    "resource.rooms": lambda c: list(c.resource.rooms()),
    "resource.nodes": lambda c: list(c.resource.nodes()),
    "resource.quotas": lambda c: list(c.resource.quotas(kind="PERSON", subject_id="5")),
    "resource.my_quotas": lambda c: c.resource.my_quotas(),
    "resource.explain": lambda c: c.resource.explain(cpu_milli=1, labels={"net": "fast"}),
    "resource.reservation": lambda c: c.resource.reservation("1"),
    "resource.reservations": lambda c: list(c.resource.reservations(statuses=["HELD"])),
    "resource.renew": lambda c: c.resource.renew("1", lease_seconds=30),
    "resource.prices": lambda c: list(c.resource.prices()),
    "resource.quote": lambda c: c.resource.quote(cpu_milli=1000),
    "resource.usage": lambda c: list(c.resource.usage(from_time=1)),
    "resource.cost": lambda c: c.resource.cost(group="DAY"),
    "resource.platform_cost": lambda c: c.resource.platform_cost(group="NODE"),
    "resource.release": lambda c: c.resource.release("1", tokens_left=3),
    "departments.create": lambda c: c.departments.create("d", "x"),
    "departments.list": lambda c: list(c.departments.list()),
    "users.create": lambda c: c.users.create("bob", "Bob", "1", True),
    "users.list": lambda c: list(c.users.list()),
    "users.get": lambda c: c.users.get("1"),
    "users.update": lambda c: c.users.update("1", 1, name="B", disabled=True, administrator=False),
    "users.issue_password": lambda c: c.users.issue_password("1"),
    "users.audit": lambda c: list(c.users.audit()),
    "spaces.create": lambda c: c.spaces.create("s", "1", "d"),
    "spaces.list": lambda c: list(c.spaces.list()),
    "memberships.create": lambda c: c.memberships.create("bob", "viewer", "SECRET"),
    "memberships.list": lambda c: list(c.memberships.list()),
    "memberships.update": lambda c: c.memberships.update("1", "PUBLIC", 1),
    "memberships.delete": lambda c: c.memberships.delete("1", 1),
    "users.reset_password": lambda c: c.users.reset_password("1"),
    "keys.create": lambda c: c.keys.create("k", 3, ["viewer"], "PUBLIC"),
    "keys.everybodys": lambda c: list(c.keys.everybodys("1", everywhere=True)),
    "keys.revoke_anybodys": lambda c: c.keys.revoke_anybodys("1"),
    "train.log": lambda c: list(c.train.log("1")),
    "eval.log": lambda c: list(c.eval.log("1")),
    "datasets.log": lambda c: list(c.datasets.log("1")),
    "train.left_out": lambda c: list(c.train.left_out("1", "too_long")),
    "services.create": lambda c: c.services.create("s", "S", "developer", "SECRET", True),
    "services.list": lambda c: list(c.services.list()),
    "services.update": lambda c: c.services.update("1", 1, "S", True),
    "services.issue_key": lambda c: c.services.issue_key("1", "k", 3, ["viewer"], "PUBLIC"),
    "services.keys": lambda c: list(c.services.keys("1")),
    "services.rotate": lambda c: c.services.rotate("1", 0),
    "services.revoke": lambda c: c.services.revoke("1"),
    "services.identity": lambda c: c.services.identity("model", "1", "ann"),
    "keys.list": lambda c: list(c.keys.list()),
    "keys.revoke": lambda c: c.keys.revoke("1"),
}
LOCAL = {"wait", "upload", "export"}  # made of other calls


@pytest.mark.parametrize("name", CALLS)
def test_every_call_is_a_route_with_known_fields(door: Door, client: Modelyard, name: str) -> None:
    CALLS[name](client)
    assert door.wrong == []
    assert len(door.seen) == 1


def test_every_public_method_is_in_the_list_above(client: Modelyard) -> None:
    people = {name: getattr(client, name) for name in ("departments", "users", "spaces", "memberships", "keys", "services")}
    mine = {
        **people,
        "models": client.models,
        "datasets": client.datasets,
        "train": client.train,
        "eval": client.eval,
        "deploy": client.deploy,
        "resource": client.resource,
        "knowledge": client.knowledge,
        "prompts": client.prompts,
    }
    short = {f"{group}.{name}" for group, found in mine.items() for name in vars(type(found)) if name[0] != "_" and name not in LOCAL}
    assert short <= set(CALLS)
    assert [name for name in CALLS if not callable(getattr(mine[name.split(".")[0]], name.split(".")[1], None))] == []


def generated(domain: str) -> Any:
    """The class with the calls of a domain."""
    return getattr(importlib.import_module(f"libs.client.groups.{domain}"), manifest.BY_NAME[domain].word.removesuffix("Service") + "Calls")


@pytest.mark.parametrize("rpc", registry.reachable(), ids=lambda rpc: f"{rpc.domain}.{rpc.name}")
def test_every_generated_call_is_a_route_with_known_fields(door: Door, client: Modelyard, rpc: registry.Rpc) -> None:
    """Its required fields are its first parameters; what it sends fits the contract."""
    call = getattr(generated(rpc.domain)(client), rpc.verb)
    facts = jsonwire.example(request_struct(rpc.domain, rpc.name))
    facts |= {"expected_version": 1} if "expected_version" in inspect.signature(call).parameters else {}
    found = call(**facts)
    if isinstance(found, Iterator):
        list(found)
    assert door.wrong == []
    assert len(door.seen) == 1


def test_what_waits_for_me_is_one_list(door: Door, client: Modelyard) -> None:
    mine = {"service": "eval", **shape("task", "MyTask", task_id=7)}
    door.on("GET", "/my-work", {"tasks": [mine], "missing": {}})
    assert client.my_work() == [mine]
    assert door.wrong == []


# --- paging


def test_pages_are_walked_to_the_end(door: Door, client: Modelyard) -> None:
    page = [[shape("model", "ModelProject", id=number, name=f"m{number}") for number in numbers] for numbers in ((5, 4), (3, 2), (1,))]
    door.on("GET", "/models", *({"projects": items, "next_cursor": cursor} for items, cursor in zip(page, ("a", "b", None), strict=True)))
    assert [project["id"] for project in client.models.list()] == ["5", "4", "3", "2", "1"]
    assert [seen.query.get("cursor") for seen in door.seen] == [None, "a", "b"]


def test_a_list_that_is_left_early_asks_for_no_more(door: Door, client: Modelyard) -> None:
    door.on("GET", "/models", {"projects": [shape("model", "ModelProject", id=1)], "next_cursor": "more"})
    assert next(client.models.list())["id"] == "1"
    assert len(door.seen) == 1


# --- idempotency


def test_only_changes_carry_a_key_and_each_its_own(door: Door, client: Modelyard) -> None:
    client.models.get("1")
    client.models.create("a")
    client.models.delete("1", 0)
    client.call("POST", "/models", name="b", key="my-own-key")
    keys = [seen.headers.get("idempotency-key") for seen in door.seen]
    assert keys[0] is None
    assert keys[3] == "my-own-key"
    assert keys[1] != keys[2]
    assert all(key is not None and 8 <= len(key) <= 128 for key in keys[1:])


def test_a_broken_connection_is_repeated_once_with_the_same_key(door: Door, client: Modelyard) -> None:
    made = {"project": shape("model", "ModelProject", id=1, name="law")}
    door.on("POST", "/models", hang_up, (201, made))
    assert client.models.create("law")["id"] == "1"
    first, second = door.seen
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body == {"name": "law"}


def test_a_connection_that_breaks_again_is_a_named_failure(door: Door, client: Modelyard) -> None:
    door.on("POST", "/models", hang_up)
    with pytest.raises(ApiError) as caught:
        client.models.create("law")
    assert (caught.value.reason, caught.value.retryable, len(door.seen)) == ("CONNECTION_LOST", True, 2)


# --- failures


def test_a_refusal_keeps_its_facts(door: Door, client: Modelyard) -> None:
    door.on("GET", "/models/1", refusal(412, "STALE_VERSION", field="expected_version", limit="3"))
    with pytest.raises(ApiError) as caught:
        client.models.get("1")
    error = caught.value
    found = (error.code, error.reason, error.field, error.limit, error.retryable, error.request_id, str(error))
    assert found == (412, "STALE_VERSION", "expected_version", "3", False, "request-1", "STALE_VERSION happened")


@pytest.mark.parametrize(("language", "words"), [("en", "modelyard up"), ("zh", "无应答")])
def test_nobody_there(language: str, words: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        client = Modelyard(f"http://127.0.0.1:{taken.getsockname()[1]}", language=language)
        with pytest.raises(ApiError, match=words) as caught:
            client.models.get("1")
    assert (caught.value.code, caught.value.reason, caught.value.retryable) == (0, "UNAVAILABLE", True)


def test_silence_is_not_repeated_and_says_that_the_effect_is_unknown(door: Door) -> None:
    release = threading.Event()
    door.on("POST", "/models", lambda handler: (release.wait(10), hang_up(handler)))
    with Modelyard(door.address, timeout=0.3) as client, pytest.raises(ApiError, match="unknown") as caught:
        client.models.create("law")
    release.set()
    assert (caught.value.reason, len(door.seen)) == ("DEADLINE_EXCEEDED", 1)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>hello</html>", "text/html"),
        (404, b"<html>hello</html>", "text/html"),
        (200, b"[1]", "application/json"),
        (200, b'{"something": 1}', "application/json"),
        (500, b'{"error": "text"}', "application/json"),
        (200, b"\xff\xfe", "application/json"),
    ],
)
def test_a_foreign_server_on_the_port_is_recognised(door: Door, client: Modelyard, status: int, body: bytes, kind: str) -> None:
    for path in ("/models/1", "/models"):
        door.on("GET", path, lambda handler: send(handler, status, body, kind))
    for ask in (lambda: client.models.get("1"), lambda: list(client.models.list())):
        with pytest.raises(ApiError, match="gateway") as caught:
            ask()
        assert (caught.value.reason, caught.value.code) == ("UNKNOWN", status)


@pytest.mark.parametrize("address", ["nonsense", "ftp://x", "http://[x]:99999999"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ApiError) as caught:
        Modelyard(address).models.get("1")
    assert (caught.value.field, caught.value.reason) == ("gateway", "INVALID_ARGUMENT")


def test_an_id_stays_one_part_of_the_path(door: Door, client: Modelyard) -> None:
    with pytest.raises(ApiError):
        client.train.task("../configs/1?x=1#y")
    [seen] = door.seen
    assert (seen.path, seen.query) == ("/train/tasks/../configs/1?x=1#y", {})


# --- waiting


def test_a_wait_sees_each_state_once_and_outlasts_a_restart(door: Door, client: Modelyard) -> None:
    states = [task("train", status="PENDING"), task("train", progress_done=1), task("train", status="SUCCEEDED")]
    answers = [{"train_task": state} for state in states]
    door.on(
        "GET", "/train/tasks/7", answers[0], answers[0], refusal(503, "UNAVAILABLE"), hang_up, hang_up, answers[1], answers[1], answers[2]
    )
    changes: list[str] = []
    ended = client.train.wait("7", lambda found: changes.append(found["status"]), poll=0.001)
    assert (changes, ended["status"]) == (["PENDING", "RUNNING", "SUCCEEDED"], "SUCCEEDED")


def test_a_wait_does_not_outlast_a_platform_that_is_gone(door: Door, client: Modelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SILENT_SECONDS", 0.05)
    door.on("GET", "/train/tasks/7", refusal(503, "UNAVAILABLE"))
    with pytest.raises(ApiError) as caught:
        client.train.wait("7", poll=0.001)
    assert caught.value.reason == "UNAVAILABLE"


def test_a_wait_ends_at_once_for_a_task_that_is_not_there(door: Door, client: Modelyard) -> None:
    door.on("GET", "/train/tasks/7", refusal(404, "NOT_FOUND"))
    with pytest.raises(ApiError) as caught:
        client.train.wait("7", poll=0.001)
    assert (caught.value.code, len(door.seen)) == (404, 1)


def test_a_wait_has_an_end(door: Door, client: Modelyard) -> None:
    door.on("GET", "/eval/tasks/7", {"eval_task": task("eval")})
    with pytest.raises(TimeoutError):
        client.eval.wait("7", seconds=0.02, poll=0.001)


def test_an_order_is_waited_for_until_the_stage_asked_for(door: Door, client: Modelyard) -> None:
    door.on("GET", "/deploy/work-orders/9", {"work_order": order("PACKAGING")}, {"work_order": order("AWAITING_APPROVAL")})
    assert client.deploy.wait("9", frozenset({"AWAITING_APPROVAL"}))["status"] == "AWAITING_APPROVAL"


def test_what_is_not_given_comes_from_the_settings_of_the_command_line(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"GATEWAY": door.address, "HOME": str(tmp_path), "SPACE": "7", "LANGUAGE": "zh", "TOKEN": "my_1_key"}.items():
        monkeypatch.setenv(f"MODELYARD_{name}", value)
    with Modelyard() as client:
        client.models.find("law")
        assert (client.address, client.language) == (door.address, "zh")
    sent = door.seen[-1].headers
    assert (sent["authorization"], sent["x-modelyard-space"], sent["accept-language"]) == ("Bearer my_1_key", "7", "zh")
    with Modelyard(token="", space=0, language="en") as client:
        client.models.find("law")
    assert {"authorization", "x-modelyard-space"}.isdisjoint(door.seen[-1].headers)
    with Server() as other, Modelyard(other.address) as client:  # a token of the settings goes to no address but theirs
        client.models.find("law")
        assert "authorization" not in other.seen[-1].headers
    monkeypatch.delenv("MODELYARD_TOKEN")
    later = str(time.time_ns() // 1_000_000 + 3_600_000)
    Credentials(tmp_path).keep(door.address, "ann", {"access_token": "mys_ann", "refresh_token": "myr_ann", "access_until": later})
    with Modelyard() as client:
        client.models.find("law")
    assert door.seen[-1].headers["authorization"] == "Bearer mys_ann"


# --- streaming

HEADERS = {"x-modelyard-model-version": "3", "x-modelyard-digest": DIGEST, "x-request-id": "r1"}


def event(content: str | None) -> bytes:
    delta = {} if content is None else {"content": content}
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"


def stream(*chunks: bytes | threading.Event, end: bool = True) -> Callable[[BaseHTTPRequestHandler], None]:
    """A chunked answer; an Event is waited for. Without ``end`` the connection is cut."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in {"content-type": "text/event-stream", "transfer-encoding": "chunked", **HEADERS}.items():
            handler.send_header(name, value)
        handler.end_headers()
        for chunk in chunks:
            if isinstance(chunk, threading.Event):
                assert chunk.wait(10), "the reader did not get the first piece in time"
            else:
                handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                handler.wfile.flush()
        if end:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            hang_up(handler)

    return answer


def test_an_answer_arrives_piece_by_piece(door: Door, client: Modelyard) -> None:
    got_first = threading.Event()
    door.on("POST", "/v1/chat/completions", stream(event(None), event("It "), got_first, event("works, 好。"), b"data: [DONE]\n\n"))
    answer = client.chat("law", "does it?", max_tokens=9)
    pieces = iter(answer)
    assert next(pieces) == "It "
    got_first.set()  # the server sends the rest only now
    assert list(pieces) == ["works, 好。"]
    assert (answer.version, answer.digest, answer.request_id) == ("3", DIGEST, "r1")
    [seen] = door.seen
    assert seen.body["messages"] == [{"role": "user", "content": "does it?"}]
    assert (seen.body["model"], seen.body["stream"], seen.body["max_tokens"]) == ("law", True, 9)


def test_characters_that_some_take_for_line_ends_stay_inside_an_event(door: Door, client: Modelyard) -> None:
    text = "one\u2028two\u2029three\x85four\x0b🙂"
    raw = json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}, ensure_ascii=False).encode()
    cut = raw.index("🙂".encode()) + 2
    door.on("POST", "/v1/chat/completions", stream(b"data: " + raw[:cut], raw[cut:] + b"\n\n", b"data: [DONE]\n\n"))
    assert client.chat("law", "x").text() == text


@pytest.mark.parametrize("end", [True, False])
def test_half_an_answer_is_not_an_answer(door: Door, client: Modelyard, end: bool) -> None:
    door.on("POST", "/v1/chat/completions", stream(event("It "), end=end))
    with pytest.raises(ApiError) as caught:
        client.chat("law", "does it?").text()
    assert (caught.value.reason, len(door.seen)) == ("CONNECTION_LOST", 1)


def test_a_model_that_fails_on_the_way(door: Door, client: Modelyard) -> None:
    failure = {"error": {"message": "the engine stopped", "type": "server_error", "code": "internal", "param": None, "limit": None}}
    door.on("POST", "/v1/chat/completions", stream(event("It "), b"data: " + json.dumps(failure).encode() + b"\n\n"))
    with pytest.raises(ApiError, match="the engine stopped") as caught:
        client.chat("law", "does it?").text()
    assert caught.value.reason == "INTERNAL"


def test_refusals_of_the_model_and_of_the_gateway_look_the_same(door: Door, client: Modelyard) -> None:
    openai = {
        "message": "too long",
        "type": "invalid_request_error",
        "code": "context_length_exceeded",
        "param": "messages",
        "limit": "127",
    }
    door.on("POST", "/v1/chat/completions", (400, {"error": openai}), refusal(404, "NOT_DEPLOYED", field="model"))
    with pytest.raises(ApiError) as caught:
        client.chat("law", "x")
    facts = (caught.value.code, caught.value.reason, caught.value.field, caught.value.limit, str(caught.value))
    assert facts == (400, "CONTEXT_LENGTH_EXCEEDED", "messages", "127", "too long")
    with pytest.raises(ApiError) as caught:
        client.chat("law", "x")
    assert (caught.value.code, caught.value.reason, caught.value.field) == (404, "NOT_DEPLOYED", "model")
