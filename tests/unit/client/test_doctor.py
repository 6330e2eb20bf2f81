"""Doctor on machines with something wrong: each is found, said in both languages, with what to do next; nothing is changed by looking."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libs.common.settings import Settings
from libs.common.store import schema
from libs.ops import doctor
from libs.ops.doctor import FAIL, NOTE, OK, WARN, Finding
from libs.ops.supervisor import child_environ
from tests.support.ports import free_base, free_port

ROOT = Path(__file__).parents[3]


def settings(tmp_path: Path, **facts: Any) -> Settings:
    ports = {
        "gateway_port": free_port(),
        "thrift_port_base": free_base(7),
        "health_port_base": free_base(17),
        "grpc_health_port_base": free_base(18) + 1,
    }
    return Settings(home=str(tmp_path / "home"), **{**ports, **facts})


def levels(check: Callable[[Settings], Any], given: Settings) -> dict[str, str]:
    return {each.subject: each.level for each in check(given)}


def only(check: Callable[[Settings], Any], given: Settings) -> Finding:
    (found,) = check(given)
    return found


def store(given: Settings, service: str, revision: str | None, platform: str = "") -> None:
    folder = given.home_path / "records"
    folder.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(folder / f"{service}.db") as conn:
        conn.execute("CREATE TABLE t (x)")
        if revision is not None:
            for noted, at in (("alembic_version", revision), ("platform_version", platform or schema.PLATFORM.newest)):
                conn.execute(f"CREATE TABLE {noted} (version_num TEXT)")
                conn.execute(f"INSERT INTO {noted} VALUES (?)", (at,))


def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in child_environ().items() if not key.startswith("MODELYARD_")}
    return subprocess.run(
        [sys.executable, "-m", "libs.client.cli", *arguments],
        env={**clean, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


def test_a_new_machine_has_nothing_to_repair_and_is_left_as_it_was(tmp_path: Path) -> None:
    given = settings(tmp_path)
    found = [each for check in doctor.CHECKS for each in check(given)]
    assert [each for each in found if each.level == FAIL] == []
    assert {each.check for each in found} >= {"home", "disk", "files", "clock", "stores", "ports", "engines", "programs", "processes"}
    assert list(tmp_path.iterdir()) == []


def test_every_finding_speaks_both_languages_and_says_what_to_do(tmp_path: Path) -> None:
    given = settings(tmp_path, database_url="mysql+pymysql://u:p@127.0.0.1:1/{service}", otlp="http://127.0.0.1:1")
    found = [each for check in doctor.CHECKS for each in check(given)]
    assert {each.check for each in found if each.level == FAIL} == {"stores"}
    for each in found:
        assert each.state.en
        assert each.state.zh
        assert (each.level in (OK, NOTE)) or (each.do.en and each.do.zh), each


def test_a_home_others_can_look_into(tmp_path: Path) -> None:
    given = settings(tmp_path)
    given.home_path.mkdir(mode=0o755)
    os.chmod(given.home_path, 0o755)
    found = only(doctor.home, given)
    assert (found.level, found.do.en) == (WARN, f"chmod 700 {given.home_path}")
    os.chmod(given.home_path, 0o700)
    assert only(doctor.home, given).level == OK


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    found = only(doctor.home, Settings(home="/proc/modelyard"))
    assert found.level == FAIL or os.access("/proc", os.W_OK)


def test_stores_that_are_empty_old_new_and_broken(tmp_path: Path) -> None:
    given = settings(tmp_path)
    newest = schema.newest("model")
    store(given, "model", newest)
    store(given, "dataset", None)
    store(given, "train", "0000")
    store(given, "eval", "9999")
    store(given, "identity", schema.newest("identity"), platform="0000")
    (given.home_path / "records" / "deploy.db").write_bytes(b"not a database, but long enough to be looked at" * 40)
    before = {path.name: path.stat().st_size for path in (given.home_path / "records").iterdir()}
    found = levels(doctor.stores, given)
    assert (found.pop("resource"), found.pop("app"), found.pop("model")) == (OK, OK, OK)
    assert found == {"identity": WARN, "dataset": WARN, "train": WARN, "eval": FAIL, "deploy": FAIL}
    assert {path.name: path.stat().st_size for path in (given.home_path / "records").iterdir()} == before


def test_records_of_the_future(tmp_path: Path) -> None:
    given = settings(tmp_path)
    store(given, "model", "0001")
    assert levels(doctor.clock, given) == {"wall clock": OK}
    later = time.time() + 3600
    os.utime(given.home_path / "records" / "model.db", (later, later))
    assert levels(doctor.clock, given)["records"] == FAIL


def test_a_taken_port_is_named_with_whose_it_should_be(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        given = settings(tmp_path, gateway_port=stranger.getsockname()[1])
        found = only(doctor.ports, given)
        assert (found.level, found.subject) == (FAIL, f"gateway {given.gateway_port}")
    assert only(doctor.ports, settings(tmp_path)).level == OK


def test_grpc_health_ports_are_looked_at_too(tmp_path: Path) -> None:
    given = settings(tmp_path)
    with socket.create_server(("127.0.0.1", given.grpc_health_port("train", "work"))):
        assert levels(doctor.ports, given) == {f"train-work {given.grpc_health_port('train', 'work')}": FAIL}


def test_an_engine_that_is_missing_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor, "MODULES", (("module_of_nobody", "train", doctor.Text("x", "y")), ("nobody.x", "otel", doctor.Text("x", "y")))
    )
    found = list(doctor.engines(settings(tmp_path)))
    assert [(each.level, each.do.en) for each in found] == [
        (WARN, "pip install 'modelyard[train]'"),
        (NOTE, "pip install 'modelyard[otel]'"),
    ]
    assert [each.level for each in doctor.engines(settings(tmp_path, otlp="http://127.0.0.1:4318"))] == [WARN, FAIL], "asked for"


def test_a_collector_that_is_away_is_a_warning(tmp_path: Path) -> None:
    assert list(doctor.collector(settings(tmp_path))) == []
    found = only(doctor.collector, settings(tmp_path, otlp="http://user:secret@127.0.0.1:1"))
    assert (found.level, "secret" in str(found)) == (WARN, False)


def test_a_check_that_breaks_leaves_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELYARD_HOME", str(tmp_path / "home"))

    def broken(_settings: Settings) -> list[Finding]:
        raise OSError("no such thing")

    found = doctor.examine((broken, doctor.files))
    assert [(each.check, each.level) for each in found][:2] == [("settings", OK), ("broken", FAIL)]
    assert found[2].check == "files"


def test_the_command_exits_1_and_says_which_setting_is_wrong(tmp_path: Path) -> None:
    wrong = run({"MODELYARD_HOME": str(tmp_path), "MODELYARD_LOG_LEVEL": "LOUD"}, "doctor", "--json")
    assert wrong.returncode == 1
    answer = json.loads(wrong.stdout)
    assert (answer["ok"], answer["findings"][0]["subject"]) == (False, "MODELYARD_LOG_LEVEL")
    chinese = run({"MODELYARD_HOME": str(tmp_path), "MODELYARD_LOG_LEVEL": "LOUD"}, "--lang", "zh", "doctor")
    assert chinese.returncode == 1
    assert "失败" in chinese.stdout
