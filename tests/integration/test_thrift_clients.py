"""``docs/thrift.md`` is true: each of its programs is taken from the page, built with its own compiler, and calls a running platform with a
service account's key; its tables of options say what the classes say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import idl
from libs.common.errors import Reason
from tests import needs
from tests.support import thrift_doc
from tests.support.platform import Platform
from tests.support.until import until

FLAVOURS = ("embedded",)  # which store the records have changes nothing here
FILES = ("base", "task", "model", "identity")  # what the examples use
JAVA_PATH = ":".join(f"/usr/share/java/{name}.jar" for name in ("thrift", "slf4j-api", "slf4j-nop", "javax.annotation-api"))


def generate(generator: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        subprocess.run(["thrift", "--gen", generator, "-out", str(out), str(idl.FOLDER / f"{name}.thrift")], check=True)


def built(command: list[str], folder: Path, **environ: str) -> None:
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, timeout=540, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def thriftpy2(_folder: Path) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "client.py"], {"MODELYARD_IDL": str(idl.FOLDER)}


def apache_python(folder: Path) -> tuple[list[str], dict[str, str]]:
    generate("py", folder / "gen")
    return [sys.executable, "client.py"], {"PYTHONPATH": str(folder / "gen")}


def node(folder: Path) -> tuple[list[str], dict[str, str]]:
    generate("js:node,es6", folder / "gen")
    return ["node", "client.js"], {"NODE_PATH": str(needs.NODE_FOLDER / "node_modules")}


def java(folder: Path) -> tuple[list[str], dict[str, str]]:
    generate("java:generated_annotations=suppress", folder / "gen")
    quick = ["-J-XX:TieredStopAtLevel=1", "-nowarn", "-proc:none"]
    built(["javac", *quick, "-cp", JAVA_PATH, "-sourcepath", "gen", "-d", "out", "Client.java"], folder)
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", f"out:{JAVA_PATH}", "Client"], {}


def go(folder: Path) -> tuple[list[str], dict[str, str]]:
    generate("go", folder / "src")
    (folder / "src" / "client").mkdir()
    shutil.move(folder / "client.go", folder / "src" / "client")
    built(["go", "build", "-o", "client.bin", "client"], folder, GO111MODULE="off", GOPATH=f"{folder}:{needs.GO_PATH}", GOFLAGS="")
    return [str(folder / "client.bin")], {}


Build = Callable[[Path], tuple[list[str], dict[str, str]]]
LANGUAGES: dict[str, tuple[Build, Callable[[], str | None]]] = {
    "thriftpy2": (thriftpy2, lambda: None),
    "apache-python": (apache_python, needs.thrift_compiler),
    "node": (node, needs.node_client),
    "java": (java, needs.java_client),
    "go": (go, needs.go_client),
}


def test_the_page_has_an_example_in_every_language() -> None:
    assert set(thrift_doc.examples()) == set(LANGUAGES)


def test_the_page_says_all_that_a_caller_needs() -> None:
    page = thrift_doc.PAGE.read_text(encoding="utf-8")
    headings = [line.lstrip("# ").split(":")[0] for line in page.splitlines() if line.startswith("##")]
    wanted = {"Framing", "Who calls", "The context of a call", "Errors and what to repeat", "Values", "Fields named `*_json`"}
    assert wanted <= set(headings)
    said = {name: part.split("\n## ")[0] for name in wanted for part in [page.split(f"# {name}", 1)[1]]}
    for name, words in {
        "Framing": ("Framed transport", "binary protocol", "16 MiB", "sequence number"),
        "Who calls": ("service create", "service key", "`rotate`", "`revoke`", "`disable`", "ExchangeKey", "for_account", "five minutes"),
        "The context of a call": ("auth", "budget_ms"),
        "Errors and what to repeat": ("PlatformError", "retryable", "idempotency_key", "expected_version", "pause that grows"),
        "Values": ("i64",),
    }.items():
        assert not [word for word in words if word not in said[name]], name


def test_the_tables_of_options_are_what_the_classes_say() -> None:
    assert thrift_doc.PAGE.read_text(encoding="utf-8") == thrift_doc.written(), "stale: python -m tests.support.thrift_doc"


def test_every_json_field_of_the_contract_is_explained() -> None:
    page = thrift_doc.PAGE.read_text(encoding="utf-8")
    lacking = {
        word.strip(" ,;")
        for name in idl.FILES
        for line in (idl.FOLDER / f"{name}.thrift").read_text(encoding="utf-8").splitlines()
        for word in line.split("//")[0].split()
        if word.strip(" ,;").endswith("_json") and word.strip(" ,;") not in page
    }
    assert lacking == set()


@pytest.mark.timeout(900)  # javac takes half a minute of its own, and a machine may be busy
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_of_the_page_runs(platform: Platform, tmp_path: Path, language: str) -> None:
    build, needed = LANGUAGES[language]
    lacking = needed()
    if lacking:
        assert not needs.in_ci(), lacking
        pytest.skip(f"needs {lacking}")
    file, program = thrift_doc.examples()[language]
    (tmp_path / file).write_text(program, encoding="utf-8")
    command, environ = build(tmp_path)
    with platform.client() as owner:
        account = owner.services.create(f"example-{language}", role="developer")
        made = owner.services.issue_key(account["id"], "example")
        ports = {f"MODELYARD_{name.upper()}_PORT": str(platform.settings.thrift_port(name)) for name in ("identity", "model")}
        seen = {**os.environ, **environ, **ports, "MODELYARD_HOST": platform.settings.host, "MODELYARD_KEY": made["secret"]}
        done = subprocess.run(command, cwd=tmp_path, env=seen, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert (said["same"], said["code"], said["reason"]) == (True, 404, int(Reason.NOT_FOUND))
        project = owner.models.get(said["id"])
        assert (project["user_id"], project["project_space_id"]) == (account["id"], "1")
        row = next(row for row in owner.users.audit() if row["method"] == "identity.KeyExchange")
        assert (row["credential"], row["user_id"], row["object"]) == (f"service-key:{made['key']['id']}", account["id"], "audience=model")
        owner.services.revoke(made["key"]["id"])
        again = subprocess.run(command, cwd=tmp_path, env=seen, capture_output=True, text=True, timeout=120, check=False)
        assert again.returncode != 0, "a revoked key is exchanged for nothing"


def test_a_key_is_exchanged_over_http_and_on_the_command_line(platform: Platform) -> None:
    account = json.loads(platform.run("service", "create", "by-hand", "--role", "developer", "--acts-for-members", "--json").stdout)
    made = json.loads(platform.run("service", "key", account["id"], "k", "--role", "viewer", "--json").stdout)
    environ = {**platform.environ, "MODELYARD_TOKEN": made["secret"]}
    command = [sys.executable, "-m", "libs.client.cli", "--json", "service", "identity"]
    given = subprocess.run([*command, "model"], env=environ, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(given.stdout)["roles"] == ["viewer"]
    acting = subprocess.run([*command, "model", "--for", "owner"], env=environ, capture_output=True, text=True, check=True, timeout=60)
    assert (json.loads(acting.stdout)["user_id"], json.loads(acting.stdout)["roles"]) != (account["id"], ["owner"])
    unknown = subprocess.run([*command, "gateway"], env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert json.loads(unknown.stderr)["error"]["field"] == "audience"
    rotated = json.loads(platform.run("service", "rotate", made["id"], "--overlap", "0", "--json").stdout)
    assert rotated["roles"] == ["viewer"]
    listed = json.loads(platform.run("service", "keys", account["id"], "--json").stdout)
    assert [bool(int(key["revoke_time"])) for key in listed] == [False, True]
    platform.run("service", "disable", account["id"])

    def gone() -> bool:
        retry = subprocess.run([*command, "model"], env={**environ, "MODELYARD_TOKEN": rotated["secret"]}, capture_output=True, text=True,
                               check=False, timeout=60)  # fmt: skip
        return retry.returncode != 0 and json.loads(retry.stderr)["error"]["reason"] == "CREDENTIAL_ENDED"

    until(gone, seconds=40)  # what the gateway may still believe
    with platform.client() as owner:
        methods = {(row["method"], row["credential"]) for row in owner.users.audit() if row.get("user_id") == account["id"]}
    assert {("identity.ExchangeKey", f"service-key:{made['id']}"), ("identity.KeyExchange", f"service-key:{made['id']}")} <= methods
