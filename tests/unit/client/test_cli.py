"""The command line against a real HTTP server: exit statuses, JSON, names, what people read, and that nothing shows a traceback."""

from __future__ import annotations

import inspect
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.client import uploading
from libs.client.cli import deploy, model, train
from libs.client.cli.commands import ENTRIES
from libs.client.credentials import Credentials
from libs.client.domains.deploy import ORDER_ENDED
from libs.client.sdk import ApiError, Modelyard
from libs.common.settings import load
from libs.common.words.phrases import chinese
from tests.unit.client.conftest import Run
from tests.unit.client.door import Door, refusal
from tests.unit.client.shapes import order, shape, task

DIGEST = "sha256:" + "a" * 64
CHINESE = range(0x4E00, 0xA000)


def project(id: int = 1, name: str = "law", **facts: Any) -> dict[str, Any]:
    return shape("model", "ModelProject", id=id, name=name, **facts)


def has_named_model(door: Door) -> None:
    door.on("GET", "/models/find", {"project": project()})
    numbers = [(3, 103), (2, 102), (1, 101)]
    found = [shape("model", "ModelVersion", id=id, number=number, artifact_digest=DIGEST) for number, id in numbers]
    door.on("GET", "/models/1/versions", {"model_versions": found, "next_cursor": None})
    alias = shape("model", "ModelAlias", id=5, name="champion")
    door.on("GET", "/models/1/aliases", {"model_aliases": [alias], "next_cursor": None})


def has_named_dataset(door: Door) -> None:
    door.on("GET", "/datasets/find", {"dataset": shape("dataset", "Dataset", id=4, name="docs")})
    found = [shape("dataset", "DatasetVersion", id=200 + number, number=number) for number in (2, 1)]
    door.on("GET", "/datasets/4/versions", {"dataset_versions": found, "next_cursor": None})
    for reference, version in (("latest", found[0]), ("train", found[1]), ("test", found[0]), ("1", found[1]), ("2", found[0])):
        door.on("GET", f"/datasets/4/versions/{reference}", {"dataset_version": version})


def failure(**facts: Any) -> str:
    error = {"code": 422, "reason": "FILE_EMPTY", "field": "paths", "limit": "at least one row", "details": {"file": "a.jsonl"}}
    return json.dumps({**error, "message": {"en": "a.jsonl is empty.", "zh": "文件 a.jsonl 为空。"}, **facts})


# --- JSON, limits, exit statuses


@pytest.mark.parametrize("arguments", [("--json", "model", "list"), ("model", "list", "--json"), ("model", "--json", "list")])
def test_json_may_stand_anywhere(door: Door, run: Run, arguments: tuple[str, ...]) -> None:
    door.on("GET", "/models", {"projects": [project()], "next_cursor": None})
    ran = run(*arguments)
    assert (ran.code, ran.json(), ran.err) == (0, [project()], "")


def test_a_limit_asks_for_no_more_pages_than_it_needs(door: Door, run: Run) -> None:
    door.on("GET", "/models", *({"projects": [project(1), project(2)], "next_cursor": cursor} for cursor in ("a", "b", None)))
    assert len(run("--json", "model", "list", "--limit", "3").json()) == 3
    assert len(door.seen) == 2


def test_a_table_into_a_pipe_keeps_a_row_on_a_line(door: Door, run: Run) -> None:
    long = "x" * 250
    door.on("GET", "/models", {"projects": [project(desc=long)], "next_cursor": None})
    header, row = run("model", "list").out.splitlines()
    assert header.split() == ["id", "name", "status", "desc", "create_time"]
    assert long in row


def test_nothing_found_is_said_beside_an_empty_answer(door: Door, run: Run) -> None:
    door.on("GET", "/models", {"projects": [], "next_cursor": None})
    ran = run("model", "list")
    assert (ran.code, ran.out, ran.err) == (0, "", "Nothing here yet.\n")
    assert run("model", "list", "--json").json() == []


def test_a_refusal_says_what_was_wrong_and_exits_1(door: Door, run: Run) -> None:
    door.on("POST", "/models", refusal(409, "ALREADY_EXISTS", field="name", limit="unique"))
    ran = run("model", "create", "law")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == ["ALREADY_EXISTS ALREADY_EXISTS happened", "  field: name", "  limit: unique", "  request id: request-1"]
    ran = run("model", "create", "law", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert json.loads(ran.err)["error"]["reason"] == "ALREADY_EXISTS"


def test_the_language_is_sent_and_spoken(door: Door, run: Run) -> None:
    door.on("POST", "/models", refusal(409, "ALREADY_EXISTS", field="name"))
    ran = run("--lang", "zh", "model", "create", "law")
    assert "字段: name" in ran.err
    assert door.seen[0].headers["accept-language"] == "zh"
    assert run("--lang", "fr", "model", "list").code == 2


def test_token_and_space_travel(door: Door, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("model", "list")
    assert {"authorization", "x-modelyard-space"}.isdisjoint(door.seen[-1].headers)
    monkeypatch.setenv("MODELYARD_TOKEN", "my_12345678_key")
    run("--space", "8", "model", "list")
    headers = door.seen[-1].headers
    assert (headers["authorization"], headers["x-modelyard-space"]) == ("Bearer my_12345678_key", "8")


def test_who_signed_in_is_remembered_by_account_and_renewed_before_it_ends(
    door: Door, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELYARD_HOME", str(tmp_path))
    later, soon = time.time_ns() // 1_000_000 + 3_600_000, time.time_ns() // 1_000_000 + 1000
    credentials = Credentials(load().home_path)
    for account, until in (("ann", later), ("bob", soon)):
        opened = {"access_token": f"mys_{account}", "refresh_token": f"myr_{account}", "access_until": str(until)}
        credentials.keep(door.address, account, opened)
    assert credentials.path.stat().st_mode & 0o777 == 0o600
    run("--account", "ann", "model", "list")
    assert door.seen[-1].headers["authorization"] == "Bearer mys_ann"
    renewed = {"access_token": "mys_new", "refresh_token": "myr_new", "access_until": str(later), "user": {"account": "bob"}}
    door.on("POST", "/auth/refresh", renewed)
    for _ in range(2):
        run("model", "list")  # bob signed in last
        assert door.seen[-1].headers["authorization"] == "Bearer mys_new"
    assert [seen.body for seen in door.requests("POST", "/auth/refresh")] == [{"refresh_token": "myr_bob"}]
    credentials.drop(door.address)
    assert credentials.token(door.address) == "mys_ann"


def test_text_from_elsewhere_is_never_markup(door: Door, run: Run) -> None:
    hostile = "[/red] [bold]x :smile: [link=http://x]"
    door.on("GET", "/models/1", {"project": project(name=hostile)}, refusal(404, "NOT_FOUND", message=hostile, field=hostile))
    assert hostile in run("model", "get", "1").out
    assert run("model", "get", "1").err.count(hostile) == 2


def test_a_mistake_of_ours_is_one_line_and_no_traceback(door: Door, run: Run) -> None:
    found = project()
    del found["version"]
    door.on("GET", "/models/1", {"project": found})
    ran = run("model", "delete", "1")
    assert ran.code == 1
    assert "INTERNAL KeyError" in ran.err
    assert "Traceback" not in ran.err


def test_wrong_settings_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELYARD_GATEWAY_PRT", "1")
    ran = run("--gateway", "", "model", "list")
    assert ran.code == 1
    assert "MODELYARD_GATEWAY_PRT" in ran.err


# --- names


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("55", "/models/versions/55"),
        ("law@2", "/models/versions/102"),
        ("law@latest", "/models/versions/103"),
        ("1@1", "/models/versions/101"),
    ],
)
def test_a_version_by_id_name_or_number(door: Door, run: Run, typed: str, path: str) -> None:
    has_named_model(door)
    assert run("model", "version", typed).code == 0
    assert door.seen[-1].path == path
    assert door.wrong == []


def test_the_latest_model_is_one_that_was_trained(door: Door, run: Run) -> None:
    """A training that was cancelled leaves an empty version with the highest number; nobody means that one."""
    has_named_model(door)
    empty = shape("model", "ModelVersion", id=104, number=4, artifact_digest="")
    trained = shape("model", "ModelVersion", id=103, number=3, artifact_digest=DIGEST)
    door.on("GET", "/models/1/versions", {"model_versions": [empty, trained], "next_cursor": None})
    assert run("model", "version", "law@latest").code == 0
    assert door.seen[-1].path == "/models/versions/103"
    assert run("model", "version", "law@4").code == 0
    assert door.seen[-1].path == "/models/versions/104"
    door.on("GET", "/models/1/versions", {"model_versions": [empty], "next_cursor": None})
    refused = run("model", "version", "law@latest")
    assert (refused.code, "law" in refused.err, "empty" in refused.err) == (1, True, True)
    assert run("model", "version", "law@train").code == 1


@pytest.mark.parametrize(
    ("typed", "reason"), [("law@9", "NOT_FOUND"), ("law", "INVALID_ARGUMENT"), ("law@x", "INVALID_ARGUMENT"), ("@1", "INVALID_ARGUMENT")]
)
def test_a_version_that_is_none(door: Door, run: Run, typed: str, reason: str) -> None:
    has_named_model(door)
    ran = run("model", "version", typed)
    assert ran.code == 1
    assert ran.err.startswith(reason)


def test_a_model_by_id_is_not_looked_up(door: Door, run: Run) -> None:
    run("train", "configs", "12")
    assert [(seen.path, seen.query["model_id"]) for seen in door.seen] == [("/train/configs", "12")]


# --- every command


EVERY = {
    "model create": ("law", "--desc", "d", "--path", "/a", "--train-framework", "pytorch"),
    "model list": ("--prefix", "l"),
    "model get": ("law",),
    "model delete": ("law",),
    "model status": ("law",),
    "model versions": ("law",),
    "model version": ("law@1",),
    "model import": ("law", "absent", "--source", "a maker"),
    "model gate": ("law",),
    "model set-gate": ("law", "--rule", "exact_match >= 0.9, min_items=20, min_coverage=0.5", "--rule", "perplexity<=3"),
    "model verdict": ("law@1",),
    "model explain": ("law@1",),
    "model override": ("law@1", "--reason", "a fire", "--for", "2h"),
    "model confirm": ("7", "--comment", "seen"),
    "model withdraw": ("7",),
    "model overrides": ("law",),
    "model card": ("law@1",),
    "model write-card": ("law@1", "limitations", "dates before 1900"),
    "model lineage": ("law@1",),
    "model alias": ("law", "champion", "--version", "2"),
    "model aliases": ("law",),
    "model unalias": ("law", "champion"),
    "model events": ("law",),
    "dataset create": ("docs", "--secrecy", "INTERNAL"),
    "dataset list": (),
    "dataset get": ("docs",),
    "dataset delete": ("docs",),
    "dataset import": ("docs", "absent.jsonl"),
    "dataset clean": ("docs", "--rule", "Strip_Html"),
    "dataset augment": ("docs", "--way", "Misspell", "--set", "copies=3"),
    "dataset convert": ("docs", "--input", "1"),
    "dataset split": ("docs", "--set", "test_fraction=0.2"),
    "dataset task": ("7",),
    "dataset tasks": ("docs",),
    "dataset follow": ("7",),
    "dataset cancel": ("7",),
    "dataset versions": ("docs",),
    "dataset records": ("docs@1",),
    "dataset diff": ("docs@1", "docs@2", "--show", "changed"),
    "dataset dropped": ("7", "--rule", "Deduplicate"),
    "recipe create": ("tidy", "--step", "Strip_Html", "--step", 'Deduplicate={"near": false}', "--desc", "d"),
    "recipe list": ("--prefix", "t"),
    "recipe get": ("tidy", "--revision", "1"),
    "recipe revisions": ("tidy",),
    "recipe update": ("tidy", "--plan", '{"steps": [{"kind": "Strip_Html"}]}'),
    "recipe delete": ("tidy",),
    "recipe preview": ("tidy", "docs@1", "--records", "20"),
    "recipe run": ("tidy", "docs@1", "--yes"),
    "annotate template": ("feelings", "Sentiment_Analysis", "--body", '{"fields": []}'),
    "annotate templates": (),
    "annotate body": ("7",),
    "annotate revise": ("7", '{"fields": []}'),
    "annotate pool": ("all", "5", "6"),
    "annotate pools": (),
    "annotate start": ("docs", "7", "--input", "1", "--people", "3", "--set", "skips=5", "--inspectors", "4", "--known", "docs@2"),
    "annotate show": ("7",),
    "annotate members": ("7",),
    "annotate agreement": ("7",),
    "annotate mine": (),
    "rate template": ("helpful", "Scale_Rating", "--body", '{"fields": []}'),
    "rate templates": (),
    "rate body": ("7",),
    "rate revise": ("7", '{"fields": []}'),
    "rate pool": ("all", "5", "6"),
    "rate pools": (),
    "rate config": ("law", "people", "7", "--data", "docs@2", "--people", "2", "--set", "skips=5", "--raters", "4", "--good", "right"),
    "rate start": ("7", "--config", "5", "--against", "8", "--name", "blind"),
    "rate show": ("7",),
    "rate raters": ("7",),
    "rate members": ("7",),
    "rate agreement": ("7",),
    "rate mine": (),
    "train config": ("law", "small", "--set", "epochs=3"),
    "train configs": ("law",),
    "train start": ("5", "--data", "docs@1", "--valid", "docs@2", "--reuse"),
    "train task": ("7",),
    "train tasks": ("law",),
    "train cancel": ("7", "--cause", "x"),
    "train pause": ("7",),
    "train resume": ("7",),
    "train follow": ("7",),
    "train metrics": ("7",),
    "eval config": ("law", "c", "--data", "docs@2", "--metric", "exact_match"),
    "eval configs": ("law",),
    "eval start": ("5", "law@1", "--target", "WEIGHTS"),
    "eval task": ("7",),
    "eval tasks": ("law", "--version", "law@1"),
    "eval cancel": ("7",),
    "eval items": ("7", "--only-wrong"),
    "eval compare": ("7", "8"),
    "eval differences": ("7", "8", "--verdict", "WORSE", "--contains", "law"),
    "eval follow": ("7",),
    "prompt create": ("qa", "--template", "{{instruction}}", "--system", "Be brief.", "--desc", "d", "--note", "n"),
    "prompt update": ("7", "--template", "{{instruction}}?"),
    "prompt list": ("--prefix", "q"),
    "prompt show": ("qa@production",),
    "prompt versions": ("qa",),
    "prompt label": ("qa@1", "production"),
    "prompt fill": ("qa@production", "--set", "instruction=Why?"),
    "grid create": ("g", "--data", "docs@2", "--version", "law@1", "--prompt", "qa@production", "--plain", "--metric", "exact_match"),
    "grid list": (),
    "grid show": ("7",),
    "grid compare": ("7", "8", "--metric", "exact_match"),
    "deploy config": ("law", "c", "--environment", "prod", "--config", '{"eval_config_id": "5"}'),
    "deploy configs": ("law",),
    "deploy order": ("5", "law@1"),
    "deploy orders": ("law",),
    "deploy get": ("9",),
    "deploy approve": ("9", "--comment", "good"),
    "deploy reject": ("9", "--comment", "bad"),
    "deploy cancel": ("9",),
    "deploy rollback": ("9",),
    "deploy slots": ("law",),
    "deploy follow": ("9",),
    "dataset uploads": (),
    "model deleted": (),
    "model restore": ("7",),
    "dataset deleted": (),
    "dataset restore": ("7",),
    "dataset purge": ("7", "--reason", "a person asked for it", "--yes"),
    "dataset purges": (),
    "recipe restore": ("7",),
    "train left-out": ("7",),
    "train log": ("7",),
    "eval log": ("7",),
    "dataset log": ("7",),
    "dataset options": ("Strip_Html",),
    "train options": (),
    "eval options": (),
    "deploy options": (),
    "knowledge create": ("help", "--desc", "d", "--secrecy", "INTERNAL"),
    "knowledge list": (),
    "knowledge get": ("help",),
    "knowledge delete": ("help",),
    "knowledge add": ("help", "CONTRIBUTING.md", "--secrecy", "INTERNAL"),
    "knowledge add-dataset": ("help", "docs@latest"),
    "knowledge documents": ("help", "--prefix", "a"),
    "knowledge document": ("7", "--version", "8"),
    "knowledge delete-document": ("7",),
    "knowledge update": ("help", "--threshold", "0.5", "--model", "law"),
    "knowledge ask": ("help", "how long"),
    "knowledge search": ("help", "how long"),
    "resource create-room": ("north", "--secrecy", "INTERNAL"),
    "resource rooms": (),
    "resource create-node": ("n1", "--room", "north", "--cpu", "8", "--memory", "16GB", "--accelerators", "2", "--label", "net=fast"),
    "resource nodes": (),
    "resource update-node": ("7", "--cpu", "0.5", "--drain"),
    "resource delete-node": ("7",),
    "resource report": ("7", "--time", "1"),
    "resource reserve": ("train-7", "--cpu", "0.5", "--memory", "512MB", "--wait", "--lease", "30"),
    "resource explain": ("--cpu", "4", "--card", "x1", "--annotation-hours", "0.5"),
    "resource renew": ("7", "--lease", "30"),
    "resource release": ("7", "--tokens-left", "5"),
    "resource show": ("7",),
    "resource list": (),
    "cost show": ("--by", "version", "--since", "2026-01-01", "--until", "2026-01-31"),
    "cost platform": ("--by", "node"),
    "cost prices": (),
    "cost set-price": ("accelerator", "12.5", "--vendor", "acme", "--card", "x1", "--from", "2026-01-01T00:00"),
    "cost quote": ("--cpu", "4", "--memory", "16GB", "--hours", "2.5"),
    "cost export": ("--format", "csv"),
    "quota show": (),
    "quota list": (),
    "quota set": ("person", "5", "--department", "3", "--cpu", "4", "--accelerator-hours", "10", "--window", "day"),
    "department create": ("research", "--desc", "d"),
    "department list": (),
    "user create": ("bob", "--name", "Bob", "--department", "3", "--administrator"),
    "user list": (),
    "user password": ("5",),
    "user disable": ("5",),
    "space create": ("law", "--department", "3"),
    "space add": ("bob", "--role", "viewer", "--clearance", "SECRET"),
    "space members": (),
    "space remove": ("5",),
    "space audit": ("--everywhere",),
    "space keys": (),
    "space revoke-key": ("5",),
    "user keys": ("5",),
    "user revoke-key": ("5",),
    "service create": ("indexer", "--name", "Indexer", "--role", "developer", "--clearance", "SECRET", "--acts-for-members"),
    "service list": (),
    "service disable": ("5",),
    "service key": ("5", "nightly", "--days", "7", "--role", "viewer", "--clearance", "PUBLIC"),
    "service keys": ("5",),
    "service rotate": ("5", "--overlap", "0"),
    "service revoke": ("5",),
    "service identity": ("model", "--in", "1", "--for", "ann"),
    "key create": ("laptop", "--days", "7", "--role", "viewer", "--clearance", "PUBLIC"),
    "key list": (),
    "key revoke": ("5",),
}
IN_SPACE_7 = {"user": {"account": "ann"}, "project_space_id": "7", "places": []}
# Told with a platform of their own: tests/integration/test_sign_in.py for who one is, test_upload.py, test_export.py, test_change_feed.py.
PLATFORM = {
    "dataset export",
    "eval export",
    "dataset upload",
    "watch",
    "up",
    "doctor",
    "down",
    "status",
    "migrate",
    "audit",
    "backup",
    "restore",
    "demo",
    "ask",
    "classify",
    "sign-in",
    "sign-out",
    "whoami",
    "space list",
}


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        yield before + name, command


@pytest.mark.parametrize("json_too", [True, False])
@pytest.mark.parametrize("name", EVERY)
def test_every_command_works_on_what_the_gateway_answers(door: Door, run: Run, name: str, json_too: bool) -> None:
    has_named_model(door)
    has_named_dataset(door)
    base = shape("app", "KnowledgeBase", id=6, name="help")
    door.on("GET", "/knowledge/bases", {"knowledge_bases": [base], "next_cursor": None})
    door.on("GET", "/auth/me", IN_SPACE_7)
    ended = {"status": "SUCCEEDED", "progress_total": 2, "progress_done": 2}
    for domain, field in (("dataset", "datasets"), ("train", "train"), ("eval", "eval")):
        door.on("GET", f"/{field}/tasks/7", {f"{domain}_task": task(domain, **ended)})
    door.on("GET", "/deploy/work-orders/9", {"work_order": order("ONLINE", version=3)})
    door.on("GET", "/models/1/status", composed())
    door.on("GET", "/datasets/templates/7", {"template": shape("task", "WorkTemplate", id=7, kind="Sentiment_Analysis", number=1)})
    ran = run(*name.split(), *EVERY[name], *(["--json"] if json_too else []))
    assert (ran.code, door.wrong) == (0, []), ran.err
    if json_too:
        ran.json()


def test_no_command_is_missing_above(command_tree: Any) -> None:
    found = {name for name, command in commands(command_tree) if not hasattr(command, "commands")}
    assert found == set(EVERY) | PLATFORM


def test_every_help_speaks_both_languages(command_tree: Any) -> None:
    lacking = []
    for name, command in commands(command_tree):
        asked = {name: command, **{f"{name} {p.name}": p for p in command.params if p.name != "help"}}
        texts = {where: vars(each).get("both_help", each.help) for where, each in asked.items()}  # one half is shown once it has spoken
        lacking += [where for where, text in texts.items() if not text or not any(ord(c) in CHINESE for c in text) or not text[0].isascii()]
    assert lacking == []


# --- what commands send


def test_the_gate_is_set_on_the_version_that_was_read(door: Door, run: Run) -> None:
    door.on("GET", "/models/1/gate", {"gate": shape("model", "ReleaseGate", version=6)})
    assert run("model", "set-gate", "1", "--rule", "exact_match>=0.9,min_items=20").code == 0
    rule = {"metric": "exact_match", "comparator": "AT_LEAST", "bound": 0.9, "min_items": 20}
    assert door.seen[-1].body == {"enabled": True, "rules": [rule], "expected_version": 6}
    assert run("model", "set-gate", "1", "--off", "a reason", "--expected-version", "2").code == 0
    assert door.seen[-1].body == {"enabled": False, "off_reason": "a reason", "expected_version": 2}


@pytest.mark.parametrize("text", ["", "exact_match", "exact_match>0.9", "exact_match>=", "a>=x", "a>=1,b=2", "a>=1,min_items=x", ">=1"])
def test_a_rule_that_is_none(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        model.parse_rule(text)
    assert caught.value.field == "--rule"


def test_an_import_names_paths_below_the_import_folder(door: Door, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "imports" / "7"
    (root / "pages" / "a").mkdir(parents=True)
    monkeypatch.setenv("MODELYARD_IMPORT_ROOT", str(tmp_path / "imports"))
    door.on("GET", "/auth/me", IN_SPACE_7)
    monkeypatch.chdir(root / "pages")
    assert (
        run(
            "dataset", "import", "4", "a", "elsewhere/b.csv", "--set", "keep_good_rows=true", "--config", '{"options": {"format": "csv"}}'
        ).code
        == 0
    )
    sent = door.seen[-1].body
    assert (sent["type"], sent["sub_type"], sent["name"]) == ("Importing", "File_Import", "import")
    assert sent["config"] == {"paths": ["pages/a", "elsewhere/b.csv"], "options": {"format": "csv", "keep_good_rows": True}}
    assert "input_version_id" not in sent
    assert run("dataset", "import", "4", "--pydoc").code == 0
    assert (door.seen[-1].body["sub_type"], door.seen[-1].body.get("config")) == ("Pydoc_Import", None)
    assert run("dataset", "import", "4").code == 1
    assert run("dataset", "import", "4", "a", "--pydoc").code == 1


@pytest.fixture
def imports(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that space 7 imports from."""
    monkeypatch.setenv("MODELYARD_IMPORT_ROOT", str(tmp_path / "imports"))
    door.on("GET", "/auth/me", IN_SPACE_7)
    return tmp_path / "imports" / "7"


def test_a_file_from_outside_is_sent_first(door: Door, run: Run, tmp_path: Path, imports: Path) -> None:
    outside, old = tmp_path / "data.jsonl", imports.parent / "old.jsonl"  # old: where files lay before spaces had folders of their own
    imports.mkdir(parents=True)
    for path in (outside, old):
        path.write_text("{}")
        upload = {"id": "5", "name": path.name, "bytes": "2", "received": "0", "part_bytes": "4", "status": "RECEIVING", "path": ""}
        door.on("GET", "/datasets/uploads", {"uploads": [], "next_cursor": None})
        door.on("POST", "/datasets/uploads", (201, {"upload": upload}))
        door.on("PUT", "/datasets/uploads/5/parts/0", {"upload": {**upload, "received": "2"}})
        door.on("POST", "/datasets/uploads/5/finish", {"upload": {**upload, "received": "2", "path": ".uploads/ab.jsonl"}})
        assert run("dataset", "import", "4", str(path)).code == 0
        assert door.seen[-1].body["config"] == {"paths": [".uploads/ab.jsonl"]}


def test_a_platform_that_takes_no_byte_is_given_up(door: Door, client: Modelyard, tmp_path: Path) -> None:
    stuck = {"id": "5", "name": "data.jsonl", "bytes": "2", "received": "0", "part_bytes": "4", "status": "RECEIVING", "path": ""}
    (tmp_path / "data.jsonl").write_text("{}")
    door.on("GET", "/datasets/uploads", {"uploads": [], "next_cursor": None})
    door.on("POST", "/datasets/uploads", (201, {"upload": stuck}))
    door.on("GET", "/datasets/uploads/5", {"upload": stuck})
    door.on("PUT", "/datasets/uploads/5/parts/0", {"upload": stuck})
    with pytest.raises(ApiError) as caught:
        uploading.upload(client.datasets, tmp_path / "data.jsonl", "data.jsonl", lambda _done, _size: None, 0.5)
    assert caught.value.reason == "UPLOAD_INCOMPLETE"


def test_a_file_from_outside_may_be_copied_instead(door: Door, run: Run, tmp_path: Path, imports: Path) -> None:
    root, outside = imports, tmp_path / "data.jsonl"
    outside.write_text("{}")
    assert run("dataset", "import", "4", str(outside), "--copy").code == 0
    assert door.seen[-1].body["config"] == {"paths": ["data.jsonl"]}
    assert [path.name for path in root.iterdir()] == ["data.jsonl"]
    assert run("dataset", "import", "4", str(outside), "--copy").code == 1  # never over what is there
    assert run("dataset", "import", "4", str(tmp_path / "absent"), "--copy").code == 1
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    refused = run("dataset", "import", "4", str(folder))
    assert (refused.code, str(root) in refused.err, "--copy" in refused.err) == (1, True, True)
    assert run("dataset", "import", "4", str(folder), "--copy").code == 0
    assert (root / "folder" / "a.txt").read_text() == "a"
    assert sorted(path.name for path in root.iterdir()) == ["data.jsonl", "folder"]


def test_cleaning_rules_keep_their_order_and_options(door: Door, run: Run) -> None:
    has_named_dataset(door)
    assert run("dataset", "clean", "docs", "--rule", "Strip_Html", "--rule", 'Deduplicate={"threshold": 0.9}', "--reuse").code == 0
    sent = door.seen[-1].body
    assert sent["config"] == {"rules": [{"rule": "Strip_Html"}, {"rule": "Deduplicate", "options": {"threshold": 0.9}}]}
    assert (sent["input_version_id"], sent["reuse"]) == ("202", True)  # the newest version


@pytest.mark.parametrize(
    ("typed", "id"),
    [
        ("1", "201"),
        ("latest", "202"),
        ("train", "201"),
        ("docs@test", "202"),
        ("docs@1", "201"),
        ("8197946424793497600", "8197946424793497600"),
    ],
)
def test_the_input_of_a_task(door: Door, run: Run, typed: str, id: str) -> None:
    has_named_dataset(door)
    assert run("dataset", "split", "docs", "--input", typed).code == 0
    assert door.seen[-1].body["input_version_id"] == id


def test_options_from_text_file_and_single_values(door: Door, run: Run, tmp_path: Path) -> None:
    (tmp_path / "o.json").write_text('{"epochs": 1, "batch_size": 8}')
    assert run("train", "config", "1", "c", "--options", f"@{tmp_path / 'o.json'}", "--set", "epochs=5", "--set", "device=cpu").code == 0
    assert door.seen[-1].body["options"] == {"epochs": 5, "batch_size": 8, "device": "cpu"}


@pytest.mark.parametrize(
    "given", [("--options", "{"), ("--options", "[1]"), ("--options", "@/nowhere"), ("--set", "epochs"), ("--set", "=1")]
)
def test_options_that_are_none(run: Run, given: tuple[str, str]) -> None:
    ran = run("train", "config", "1", "c", *given)
    assert ran.code == 1
    assert f"field: {given[0]}" in ran.err


def test_a_config_is_shown_by_its_id_alone(door: Door, run: Run) -> None:
    for group in ("train", "eval", "deploy"):
        assert run(group, "config", "5").code == 0
        assert door.seen[-1].path == f"/{group}/configs/5"
    assert run("eval", "config", "1", "name").code == 2  # --data is needed to create one


def test_a_decision_is_made_on_the_version_that_was_read(door: Door, run: Run) -> None:
    door.on("GET", "/deploy/work-orders/9", {"work_order": order("AWAITING_APPROVAL", version=4)})
    assert run("deploy", "approve", "9").code == 0
    assert door.seen[-1].body["expected_version"] == 4
    assert run("deploy", "reject", "9", "--comment", "no", "--expected-version", "3").code == 0
    assert door.seen[-1].body == {"comment": "no", "expected_version": 3}


@pytest.mark.parametrize(("kind", "code"), [(1, 0), (2, 1), (3, 1), (4, 0)])
def test_a_verdict_can_stop_a_script(door: Door, run: Run, kind: int, code: int) -> None:
    has_named_model(door)
    door.on("GET", "/models/versions/103", {"model_version": shape("model", "ModelVersion", id=103, artifact_digest=DIGEST)})
    door.on("GET", "/models/versions/103/verdict", {"verdict": shape("model", "GateVerdict", verdict=kind)})
    assert run("model", "verdict", "law@latest", "--check").code == code
    assert door.seen[-1].query == {"digest": DIGEST}
    assert run("model", "verdict", "law@latest").code == 0


# --- progress


def test_a_followed_task_ends_well(door: Door, run: Run) -> None:
    states = [
        task("dataset", status="PENDING", reason="WAIT_CAPACITY"),
        task("dataset", progress_done=1, progress_total=4, progress_message="clean, pass 1"),
        task("dataset", status="SUCCEEDED", progress_done=4, progress_total=4, output_version_ids=[11]),
    ]
    door.on("POST", "/datasets/4/tasks", (201, {"dataset_task": states[0], "reused": False}))
    door.on("GET", "/datasets/tasks/7", *({"dataset_task": state} for state in states))
    ran = run("dataset", "clean", "4", "--input", "81979464247934976", "--rule", "Strip_Html", "--follow")
    assert ran.code == 0
    assert ran.err.splitlines() == ["PENDING 0/0 WAIT_CAPACITY", "RUNNING 1/4 clean, pass 1", "SUCCEEDED 4/4"]
    assert "output_version_ids" in ran.out
    assert "snapshot" not in ran.out


@pytest.mark.parametrize(("language", "message", "label"), [("en", "a.jsonl is empty.", "field"), ("zh", "文件 a.jsonl 为空。", "字段")])
def test_a_failed_task_says_why_in_the_readers_language(door: Door, run: Run, language: str, message: str, label: str) -> None:
    failed = task("dataset", status="FAILED", reason="INVALID_INPUT", error_json=failure())
    door.on("GET", "/datasets/tasks/7", {"dataset_task": failed})
    ran = run("--lang", language, "dataset", "follow", "7")
    assert (ran.code, ran.out) == (1, "")
    assert f"FAILED INVALID_INPUT FILE_EMPTY {message}" in ran.err
    assert f"  {label}: paths\n" in ran.err
    assert {"en": "limit: at least one row\n", "zh": "限制: 至少一条数据\n"}[language] in ran.err
    ran = run("dataset", "follow", "7", "--json")
    assert (ran.code, ran.json()) == (1, failed)


def test_a_cancelled_task_is_no_success(door: Door, run: Run) -> None:
    door.on("GET", "/eval/tasks/7", {"eval_task": task("eval", status="CANCELLED", reason="USER_REQUEST")})
    ran = run("eval", "follow", "7")
    assert ran.code == 1
    assert "CANCELLED USER_REQUEST" in ran.err


def test_a_reused_task_is_shown_at_once(door: Door, run: Run) -> None:
    done = task("eval", status="SUCCEEDED")
    door.on("POST", "/eval/tasks", (201, {"eval_task": done, "reused": True}))
    ran = run("eval", "start", "5", "6", "--reuse", "--follow", "--json")
    assert (ran.code, ran.json(), len(door.seen)) == (0, done, 1)
    assert "Done before" in ran.err


def test_training_shows_its_loss_and_follows_a_restart_from_a_checkpoint(door: Door, run: Run) -> None:
    def point(step: int, value: float, attempt: int = 1) -> dict[str, Any]:
        return shape("train", "MetricPoint", step=step, name="loss", value=value, attempt=attempt)

    states = [
        task("train", progress_done=20, progress_total=40, progress_message="train"),
        task("train", progress_done=10, progress_total=40, progress_message="train", attempt=2),
        task("train", status="SUCCEEDED", progress_done=40, progress_total=40, attempt=2),
    ]
    door.on("GET", "/train/tasks/7", *({"train_task": state} for state in states))
    found = ([point(10, 3.0), point(20, 2.5)], [point(10, 2.9, 2)], [point(40, 0.125, 2)])
    door.on("GET", "/train/tasks/7/metrics", *({"points": points, "next_cursor": None} for points in found))
    ran = run("train", "follow", "7")
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "RUNNING 20/40 train loss 2.5000",
        "RUNNING 10/40 train attempt 2 loss 2.9000",
        "SUCCEEDED 40/40 attempt 2 loss 0.1250",
    ]
    asked = [seen.query for seen in door.requests("GET", "/train/tasks/7/metrics")]
    assert [(query["after_step"], query["names"]) for query in asked] == [("-1", ["loss"]), ("9", ["loss"]), ("10", ["loss"])]


def test_metrics_are_a_curve_and_numbers(door: Door, run: Run) -> None:
    points = [
        shape("train", "MetricPoint", step=step, name=name, value=value, attempt=1)
        for step in range(0, 300, 10)
        for name, value in (("loss", 3.0 - step / 100), ("lr", 0.002))
    ]
    door.on("GET", "/train/tasks/7/metrics", {"points": points, "next_cursor": None})
    assert run("train", "metrics", "7", "--json").json() == points
    text = run("train", "metrics", "7", "--limit", "5").out
    assert "█" in text
    rows = [line.split() for line in text.splitlines() if line.split()[:1] and line.split()[0].isdigit() and len(line.split()) == 3]
    assert [row[0] for row in rows] == ["0", "70", "140", "220", "290"]
    assert rows[0] == ["0", "3", "0.002"]
    assert rows[-1] == ["290", "0.1", "0.002"]


def test_a_step_done_again_counts_as_its_last_attempt_measured_it() -> None:
    def point(step: int, value: float | None, attempt: int) -> dict[str, Any]:
        return {"step": str(step), "name": "loss", "value": value, "attempt": attempt}

    points = [point(1, 3.0, 1), point(2, 2.0, 2), point(2, 9.0, 1), point(3, None, 2)]
    assert train.curves_of(points) == {"loss": [(1, 3.0), (2, 2.0)]}


# --- the joined status


def composed(**parts: Any) -> dict[str, Any]:
    """As the gateway joins it; ``parts`` replace a part."""
    version = shape("model", "ModelVersion", id=103, number=3, status=40, artifact_digest=DIGEST)
    slot = shape("deploy", "Slot", environment="prod", room="local")
    slot["weights"] = [shape("deploy", "SlotWeight", model_version_number=3, weight=100, digest=DIGEST)]
    slot["instances"] = [shape("deploy", "Instance", state="READY", qps=1.5, p99_ms=12.4)]
    gate = shape("model", "ReleaseGate", enabled=True)
    whole = {
        "id": "1",
        "as_of": "1700000000000",
        "model": {
            "state": "ok",
            "age_ms": 2,
            "project": project(status=50),
            "latest_version": version,
            "gate": gate,
            "verdict": {"verdict": "PASS"},
        },
        "train": {
            "state": "ok",
            "age_ms": 3,
            "latest_task": task("train", progress_done=3, progress_total=9),
            "latest_metrics": {"loss": 0.25},
            "running_tasks": "1",
        },
        "eval": {
            "state": "ok",
            "age_ms": 4,
            "latest_task": task("eval", status="SUCCEEDED", metrics={"exact_match": 0.97, "exact_match.low": 0.5}),
            "running_tasks": "0",
        },
        "deploy": {"state": "ok", "age_ms": 5, "latest_order": order("ONLINE"), "slots": [slot], "qps": 1.5, "p99_ms": 12.4},
        "missing": [],
    }
    return {**whole, **parts}


def test_the_status_joins_four_domains(door: Door, run: Run) -> None:
    door.on("GET", "/models/1/status", composed())
    ran = run("model", "status", "1")
    assert (ran.code, ran.err) == (0, "")
    for piece in ("law  1  ONLINE", "version 3 QUALIFIED", "gate PASS", "3/9", "loss 0.25", "exact match 0.97", "order 9 ONLINE"):
        assert piece in ran.out
    assert "prod/local v3 100% (1 ready) · 1.50 q/s · P99 12 ms" in ran.out
    assert "4 ms" in ran.out
    assert "lower bound" not in ran.out
    ran = run("--lang", "zh", "model", "status", "1")
    for piece in ("训练损失 0.25", "完全匹配率 0.97"):
        assert piece in ran.out


def test_the_status_names_what_is_missing(door: Door, run: Run) -> None:
    away = {"state": "unavailable", "reason": "UNAVAILABLE", "message": "eval does not answer."}
    door.on("GET", "/models/1/status", composed(eval=away, model=away, missing=["model", "eval"]))
    ran = run("model", "status", "1")
    assert ran.code == 0
    assert "unavailable" in ran.out
    assert "UNAVAILABLE eval does not answer." in ran.out
    assert "Missing: model, eval." in ran.err


def test_the_status_of_a_model_that_has_nothing_yet(door: Door, run: Run) -> None:
    empty = {"state": "ok", "age_ms": 0, "running_tasks": "0"}
    new = {"state": "ok", "age_ms": 0, "project": project()}
    door.on(
        "GET", "/models/1/status", composed(model=new, train=empty, eval=empty, deploy={**empty, "slots": [], "qps": 0.0, "p99_ms": -1.0})
    )
    out = run("model", "status", "1").out
    for piece in ("no version yet", "no task yet", "no work order yet", "P99 - (no traffic)"):
        assert piece in out


# --- releases


def test_an_order_shows_each_stage_as_it_passes(door: Door, run: Run) -> None:
    evidence = json.dumps({"parity": {"max_abs_diff": 1e-6}})
    states = [
        order("PENDING"),
        order("CONVERTING"),
        order("PACKAGING", evidence_json=evidence),
        order("AWAITING_APPROVAL", evidence_json=evidence, status_reason="gate passed"),
        order("ONLINE", evidence_json=evidence),
    ]
    door.on("GET", "/deploy/work-orders/9", *({"work_order": state} for state in states))
    ran = run("deploy", "follow", "9")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "… PENDING",
        "✓ PENDING",
        "… CONVERTING",
        "✓ CONVERTING",
        "✓ VERIFYING",
        '    parity: {"max_abs_diff": 1e-06}',
        "… PACKAGING",
        "✓ PACKAGING",
        "✓ EVALUATING",
        "… AWAITING_APPROVAL  gate passed",
        "✓ AWAITING_APPROVAL",
        "✓ PROVISIONING",
        "✓ SMOKE_TESTING",
        "✓ CANARY",
        "✓ ONLINE",
    ]
    assert "modelyard --account NAME deploy approve 9" in ran.err


def test_an_order_can_be_watched_until_a_stage(door: Door, run: Run) -> None:
    door.on("GET", "/deploy/work-orders/9", {"work_order": order("AWAITING_APPROVAL")})
    ran = run("deploy", "follow", "9", "--until", "AWAITING_APPROVAL", "--json")
    assert (ran.code, ran.json()["status"]) == (0, "AWAITING_APPROVAL")
    assert run("deploy", "follow", "9", "--until", "LIVE").code == 2


@pytest.mark.parametrize("status", sorted(ORDER_ENDED - {"ONLINE"}))
def test_an_order_that_does_not_get_there(door: Door, run: Run, status: str) -> None:
    why = json.dumps({"reason": "PARITY_FAILED", "field": "x", "limit": "1e-3", "message": {"en": "It does not match.", "zh": "不一致。"}})
    door.on("GET", "/deploy/work-orders/9", {"work_order": order(status, error_json=why)})
    ran = run("deploy", "follow", "9")
    assert ran.code == 1
    assert f"{status} PARITY_FAILED It does not match." in ran.err
    assert run("deploy", "follow", "9", "--json").json()["status"] == status


def test_all_ends_of_an_order_are_known() -> None:
    assert set(deploy.STATUSES) >= ORDER_ENDED


# --- asking


def test_a_question_is_answered(door: Door, run: Run) -> None:
    def answer(handler: Any) -> None:
        piece = b'{"id": "chatcmpl-1", "model": "law", "choices": [{"delta": {"content": "[red]yes[/] :smile: \xe5\xa5\xbd"}}]}'
        data = b"data: " + piece + b"\n\ndata: [DONE]\n\n"
        handler.send_response(200)
        for name, value in (
            ("content-length", str(len(data))),
            ("x-modelyard-model-version", "3"),
            ("x-modelyard-digest", DIGEST),
            ("x-request-id", "request-1"),
        ):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    door.on("POST", "/v1/chat/completions", answer)
    ran = run("ask", "does it?", "--model", "law")
    assert ran.out.splitlines() == ["[red]yes[/] :smile: 好", f"law v3 {DIGEST[:19]}… chatcmpl-1 request-1"]
    told = run("ask", "does it?", "--model", "champion", "--json").json()
    assert told == {
        "answer": "[red]yes[/] :smile: 好",
        "model": "law",
        "model_version": "3",
        "digest": DIGEST,
        "id": "chatcmpl-1",
        "request_id": "request-1",
    }
    door.on("GET", "/v1/models", {"object": "list", "data": [{"id": "law"}]})
    assert "law, the only model" in run("ask", "does it?").err
    assert door.requests("POST", "/v1/chat/completions")[-1].body["model"] == "law"


@pytest.mark.parametrize(
    ("online", "reason", "said"), [(["law", "tax"], "MISSING_FIELD", "law, tax"), ([], "NOT_DEPLOYED", "modelyard demo")]
)
def test_a_question_to_nobody_says_who_could_be_asked(door: Door, run: Run, online: list[str], reason: str, said: str) -> None:
    door.on("GET", "/v1/models", {"object": "list", "data": [{"id": name} for name in online]})
    ran = run("ask", "does it?")
    assert (ran.code, reason in ran.err, said in ran.err, "--model" in ran.err) == (1, True, True, True)
    assert door.requests("POST", "/v1/chat/completions") == []
    assert run("--json", "ask", "does it?").code == 1


def test_the_true_cause_is_said(door: Door, run: Run) -> None:
    """What the sentence does not hold already."""
    details = {"why": "row 3 has 4 cells", "kind": "model_project", "odd": "one more fact"}
    door.on("POST", "/models", refusal(409, "ROW_INVALID", message="A model_project is wrong.", limit="at most 9 items", details=details))
    lines = run("model", "create", "law").err.splitlines()
    assert lines[1:4] == ["  limit: at most 9 items", "  why: row 3 has 4 cells", "  odd: one more fact"]
    assert not any("kind" in line for line in lines)
    chinese = run("--lang", "zh", "model", "create", "law").err
    assert "  原因: row 3 has 4 cells" in chinese
    assert "  限制: 最多 9 项" in chinese


def test_the_cause_of_a_failed_task_is_said(door: Door, run: Run) -> None:
    error = {"code": 500, "reason": "INTERNAL", "details": {"cause": "OSError: no space"}, "message": {"en": "It failed.", "zh": "失败。"}}
    door.on("GET", "/train/tasks/7", {"train_task": task("train", status="FAILED", error_json=json.dumps(error))})
    ran = run("train", "follow", "7")
    assert (ran.code, "cause: OSError: no space" in ran.err) == (1, True)


@pytest.mark.parametrize(("domain", "rest"), [("train", ("--data", "7")), ("eval", ("6",)), ("deploy", ("6",))])
def test_a_config_is_given_by_id_or_by_model_and_name(door: Door, run: Run, domain: str, rest: tuple[str, ...]) -> None:
    has_named_model(door)
    verb, path = ("order", "/deploy/work-orders") if domain == "deploy" else ("start", f"/{domain}/tasks")
    struct = "DeploymentConfig" if domain == "deploy" else f"{domain.capitalize()}Config"
    door.on("GET", f"/{domain}/configs", {"configs": [shape(domain, struct, id=55, name="small")], "next_cursor": None})
    assert run(domain, verb, "law/small", *rest).code == 0
    assert "55" in door.requests("POST", path)[0].body.values()
    for config, said in (("small", f"modelyard {domain} configs MODEL"), ("law/large", "It has: small.")):
        ran = run(domain, verb, config, *rest)
        assert (ran.code, said in ran.err) == (1, True)
    assert len(door.requests("POST", path)) == 1


def test_a_deployment_says_what_judges_it(door: Door, run: Run) -> None:
    has_named_model(door)
    for configs, code, said in (
        ([(5, "unseen")], 0, "unseen, the only eval config"),
        ([(5, "unseen"), (6, "other")], 1, "--set eval_config_id=ID. law has: 5 (unseen), 6 (other)."),
        ([], 1, "modelyard eval config law NAME --data VERSION"),
    ):
        found = [shape("eval", "EvalConfig", id=id, name=name) for id, name in configs]
        door.on("GET", "/eval/configs", {"configs": found, "next_cursor": None})
        ran = run("deploy", "config", "law", "prod")
        assert (ran.code, said in ran.err) == (code, True), ran.err
    [made] = door.requests("POST", "/deploy/configs")
    assert made.body["config"] == {"eval_config_id": "5"}


def test_the_version_is_printed(run: Run) -> None:
    ran = run("--version")
    assert ran.code == 0
    assert re.fullmatch(r"modelyard \d+\.\d+\S*\n", ran.out)


HEAVY = {
    "sqlalchemy", "alembic", "pymysql", "torch", "numpy", "fastapi", "starlette", "uvicorn", "thriftpy2", "onnxruntime", "joserfc",
    "pyarrow", "asyncio", "httpx._main", "pydantic", "libs.metrics", "libs.ops.supervisor",
}  # fmt: skip
"""What takes longer to load than a short command takes."""
FOREIGN = {"httpx", "libs.client.sdk", "libs.client.groups", "libs.client.cli.model", "libs.client.cli.people"}
"""What only commands that ask the gateway need."""
OTHERS = {"libs.client.people", *(f"libs.client.groups.{domain}" for domain in ("identity", "dataset", "train", "eval", "deploy"))}
"""The calls of other domains."""


@pytest.mark.parametrize(
    ("command", "unwanted"), [(("--help",), HEAVY | FOREIGN), (("--version",), HEAVY | FOREIGN), (("model", "list"), HEAVY | OTHERS)]
)
def test_a_short_command_loads_what_it_needs(door: Door, command: tuple[str, ...], unwanted: set[str]) -> None:
    door.on("GET", "/models", {"projects": [project()], "next_cursor": None})
    said = "print(*(name for name, module in sys.modules.items() if module), file=sys.stderr)"
    module, name = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["scripts"]["modelyard"].split(":")
    script = f"import sys; from {module} import {name}\ntry: {name}()\nexcept SystemExit: pass\n{said}"
    environ = {**os.environ, "LANG": "C", "MODELYARD_GATEWAY": door.address}
    done = subprocess.run([sys.executable, "-c", script, *command], env=environ, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stderr.split())
    assert "libs.client.cli.commands" in loaded
    assert unwanted & loaded == set()


def test_the_list_of_commands_says_of_each_what_it_says_of_itself() -> None:
    for name, entry in ENTRIES.items():
        assert entry.help == inspect.cleandoc(entry.made(name).help).split("\n\n")[0].replace("\n", " "), name


# --- as a process of its own


def start(door: Door, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "libs.client.cli", "--gateway", door.address, *arguments],
        env={**os.environ, "LANG": "C", **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_terminal_that_knows_no_chinese_still_shows_something(door: Door) -> None:
    door.on("GET", "/models", {"projects": [project(name="法律")], "next_cursor": None})
    out, err = start(door, "model", "list", PYTHONIOENCODING="ascii").communicate(timeout=30)
    assert (b"\\u6cd5\\u5f8b" in out, err) == (True, b"")


def test_a_reader_that_leaves_is_no_failure_worth_a_traceback(door: Door) -> None:
    door.on("GET", "/models", {"projects": [project(desc="x" * 900) for _ in range(500)], "next_cursor": None})
    process = start(door, "model", "list", "--json", "--limit", "500")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    err = process.stderr.read()
    process.wait(30)
    process.stderr.close()
    assert b"Traceback" not in err


def test_a_terminal_gets_a_bar_and_a_file_still_gets_the_result(door: Door) -> None:
    states = [task("train", progress_done=5, progress_total=10, progress_message="train"), task("train", status="SUCCEEDED")]
    door.on("GET", "/train/tasks/7", *({"train_task": state} for state in states))
    point = shape("train", "MetricPoint", step=5, name="loss", value=0.5, attempt=1)
    door.on("GET", "/train/tasks/7/metrics", {"points": [point], "next_cursor": None})
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "libs.client.cli", "--gateway", door.address, "train", "follow", "7", "--json"],
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LANG": "en_US.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    seen = b""
    while chunk := _read_terminal(master):
        seen += chunk
    assert process.stdout is not None
    with process.stdout as result:
        assert json.loads(result.read()) == states[-1]
    assert process.wait(30) == 0
    os.close(master)
    for piece in ("━", "5/10", "loss 0.5000", "SUCCEEDED"):
        assert piece in seen.decode()


def _read_terminal(handle: int) -> bytes:
    try:
        return os.read(handle, 4096)
    except OSError:  # how Linux says that nobody writes any more
        return b""


def test_ctrl_c_leaves_the_task_and_says_how_to_watch_it_again(door: Door) -> None:
    door.on("GET", "/train/tasks/7", {"train_task": task("train")})
    process = start(door, "train", "follow", "7")
    end = time.monotonic() + 30
    while len(door.requests("GET", "/train/tasks/7")) < 2:
        assert time.monotonic() < end, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"modelyard train follow 7" in err
    assert b"Traceback" not in err
    assert not door.requests("POST", "/train/tasks/7/cancel")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_watching_a_platform_that_is_not_up_ends_at_once(run: Run, language: str) -> None:
    ran = run("--gateway", "http://127.0.0.1:9", "--lang", language, "watch")
    assert ran.code == 1
    assert "modelyard up" in ran.err


@pytest.mark.parametrize(("limit", "text"), [("a file of this machine", "本机上的文件"), ("RULE or RULE={JSON}", "RULE 或 RULE={JSON}")])
def test_what_an_option_wants_is_chinese_too(limit: str, text: str) -> None:
    assert chinese(limit) == text
