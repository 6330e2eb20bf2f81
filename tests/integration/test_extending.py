"""docs/extending.md does what it says: its changes are made in a copy of the tree, generated, migrated, started and called."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.support.ports import free_base, free_port
from tests.support.until import until

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "extending.md"
PRODUCT = ("idl", "libs", "services", "gateway")
_BLOCK = re.compile(r'^```\w+ (?:(new)|before "((?:[^"\\]|\\.)*)") (\S+)\n(.*?)^```$', re.M | re.S)


class Change(NamedTuple):
    """mark: the beginning of the line it goes in front of, "" for a new file."""

    section: str
    path: str
    mark: str
    text: str


def changes() -> list[Change]:
    found = []
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        title = section.partition(":")[0]
        found += [Change(title, path, mark.replace('\\"', '"'), text) for _, mark, path, text in _BLOCK.findall(section)]
    return found


def apply(tree: Path, change: Change) -> None:
    target = tree / change.path
    if not change.mark:
        assert not target.exists(), f"{change.path} is there already"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(change.text, encoding="utf-8")
        return
    lines = target.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith(change.mark))
    target.write_text("".join([*lines[:at], change.text, *lines[at:]]), encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product with every change of the page, and what is generated from it."""
    tree = tmp_path_factory.mktemp("extended")
    for name in PRODUCT:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    for change in changes():
        apply(tree, change)
    run(tree, "-m", "libs.common.contract")
    run(tree, "-m", "libs.common.store.migrations.draft", "notes", "0001", "first")
    return tree


def run(tree: Path, *command: str, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=tree, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def address(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(gateway, access token) of identity, model, notes and the gateway, out of the extended tree."""
    home, gateway = tmp_path_factory.mktemp("home"), free_port()
    settings = {
        "MODELYARD_HOME": str(home),
        "MODELYARD_GATEWAY_PORT": str(gateway),
        "MODELYARD_THRIFT_PORT_BASE": str(free_base()),
        "MODELYARD_HEALTH_PORT_BASE": str(free_base()),
        "MODELYARD_GRPC_HEALTH_PORT_BASE": "0",
    }
    first = json.loads(run(tree, "-m", "services.identity", "first", **settings).splitlines()[-1])
    commands = [*(["-m", f"services.{name}", "serve"] for name in ("identity", "model", "notes")), ["-m", "gateway"]]
    environ = {**os.environ, **settings}
    running = [subprocess.Popen([sys.executable, *command], cwd=tree, env=environ, stdin=subprocess.PIPE) for command in commands]
    url = f"http://127.0.0.1:{gateway}"
    try:
        with httpx.Client(headers={"authorization": f"Bearer {first['access_token']}"}, trust_env=False) as http:

            def answers() -> bool:
                try:
                    return all(http.get(f"{url}/api/v1{path}").status_code == 200 for path in ("/notes", "/models", "/auth/me"))
                except httpx.TransportError:
                    return False

            until(answers, 60)
        yield url, first["access_token"]
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def test_a_change_touches_few_files() -> None:
    written: dict[str, set[str]] = {}
    for change in changes():
        written.setdefault(change.section, set()).add(change.path)
    for section, paths in written.items():
        print(f"{section}: {len(paths)} files by hand: {', '.join(sorted(paths))}")
    assert len(written["A new verb"]) <= 3
    assert len(written["A new cleaning operator"]) == 1
    assert len(written["A new metric"]) == 1
    outside = {path for path in written["A new service"] if not path.startswith("services/notes/")}
    assert outside == {"idl/manifest.py", "idl/notes.thrift"}


def test_what_was_added_is_typed(tree: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tree)
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "services/notes", "libs/client/groups", "libs/metrics"],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout


CLEANED = """
import json, sys
from pathlib import Path

from libs.common.work.engine import SilentReporter
from libs.ops.options import options_of, schemas
from services.dataset.engine import cleaning, importing, recipe
from libs.data.versions import read_records

folder, work = Path(sys.argv[1]), Path(sys.argv[2])
def asked(empty_lines):
    return recipe.read("Custom_Cleaning", {"rules": [{"rule": "Trim_Lines", "options": {"empty_lines": empty_lines}}]}).to_json()

made = asked(0)
importing.run({"root": str(folder)}, work / "in", SilentReporter())
result = cleaning.run({**made["arguments"], "input": str(work / "in" / "out")}, work / "cleaned", SilentReporter())
try:
    asked(-1)
except Exception as error:
    refused = [error.code, error.field, error.limit]
listed = [option.name for option in options_of("dataset", "Trim_Lines")]
texts = [record["text"] for record in read_records(work / "cleaned" / "out")]
schema = schemas()["options.dataset.Trim_Lines"]["properties"]["empty_lines"]
print(json.dumps({"texts": texts, "ledger": result["ledger"], "listed": listed, "schema": schema, "refused": refused}))
"""


def test_a_new_operator_cleans_is_listed_and_checked(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "page.txt").write_text("one  \n\n\n\ntwo\t\n", encoding="utf-8")
    said = json.loads(run(tree, "-c", CLEANED, str(tmp_path / "files"), str(tmp_path / "work")))
    assert said["texts"] == ["one\ntwo"]
    assert said["ledger"] == {"in": 1, "out": 1, "dropped": {}}
    assert said["listed"] == ["empty_lines"]
    assert (said["schema"]["minimum"], said["schema"]["description"]) == (0, "most empty lines on end 最多保留的连续空行数")
    assert said["refused"] == [400, "config.rules[0].options.empty_lines", "0..100"]


MEASURED = """
import json
from libs.metrics import METRICS, is_figure
from services.eval.engine.evaluation import summarise
from services.eval.engine.journal import Item
from services.eval.engine.options import EvalOptions, settle

def item(output, error=""):
    return Item(0, "1", "q", "Paris", output, False, 0.0, -1.0, 0, 1.0, error, {})

figures = summarise([item("It is Paris."), item("Rome"), item("", "timeout")], ["contains"])["metrics"]
print(json.dumps({"figures": figures, "ruled": is_figure("contains"), "settled": settle([], EvalOptions())[0]}))
"""


def test_a_new_metric_is_measured_and_may_be_ruled_on(tree: Path) -> None:
    said = json.loads(run(tree, "-c", MEASURED))
    assert said["figures"] == {"contains": 0.5}
    assert said["ruled"]
    assert said["settled"] == ["exact_match", "token_f1", "perplexity", "latency", "contains"]


def test_a_new_service_answers_over_http(address: tuple[str, str]) -> None:
    url, token = address
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}, trust_env=False) as http:
        made = http.post("/api/v1/notes", json={"name": "第一条"}, headers={"idempotency-key": "the-first-note"})
        assert made.status_code == 201, made.text
        again = http.post("/api/v1/notes", json={"name": "第一条"}, headers={"idempotency-key": "the-first-note"})
        assert again.json() == made.json()
        assert [note["name"] for note in http.get("/api/v1/notes").json()["notes"]] == ["第一条"]
        assert http.post("/api/v1/notes", json={"name": ""}).status_code == 400
        history = http.get("/api/v1/notes/events", params={"entity": "note", "entity_id": made.json()["note"]["id"]})
        assert history.json()["events"] == []
        document = http.get("/api/openapi.json", headers={"accept-language": "zh"}).json()
        assert document["paths"]["/api/v1/notes"]["post"]["summary"] == "写一条便签。"
    with httpx.Client(base_url=url, trust_env=False) as stranger:
        assert stranger.get("/api/v1/notes").status_code == 401


def test_a_new_verb_answers_over_http(address: tuple[str, str]) -> None:
    url, token = address
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}, trust_env=False) as http:
        model = http.post("/api/v1/models", json={"name": "counted"}).json()["project"]["id"]
        http.post(f"/api/v1/models/{model}/versions", json={})
        assert http.get(f"/api/v1/models/{model}/versions/count").json() == {"versions": "1"}
        assert http.get("/api/v1/models/12345/versions/count").status_code == 404
