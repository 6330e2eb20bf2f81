"""Migrations on MariaDB: equal to the tables, one process at a time, startable again after a kill at any step, and told to people."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects.mysql import LONGTEXT

from libs.common.errors import PlatformError, Reason
from libs.common.store import mysql, schema
from tests.unit.common.test_schema import SERVICES


def differences(url: str, service: str) -> list[object]:
    """What the live schema lacks or has too much; two texts without a bound are one type."""
    metadata = importlib.import_module(f"services.{service}.repository").METADATA
    engine = mysql.open_engine(url, reads=True)
    with engine.connect() as conn:
        found = compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata)
    engine.dispose()
    return [one for one in found if not _same_text(one)]


def _same_text(one: object) -> bool:
    change = one[0] if isinstance(one, list) else one
    return change[0] == "modify_type" and isinstance(change[5], LONGTEXT) and isinstance(change[6], sa.Text)  # type: ignore[index]


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_lead_to_the_tables(service: str, mysql_address: str, tmp_path: Path) -> None:
    url = mysql_address.replace("{service}", service)
    metadata = importlib.import_module(f"services.{service}.repository").METADATA
    with pytest.raises(PlatformError) as caught:
        schema.check(url, service)
    assert (caught.value.code, caught.value.reason) == (503, Reason.SCHEMA_BEHIND)
    first = schema.upgrade(url, metadata, service, tmp_path)
    again = schema.upgrade(url, metadata, service, tmp_path)
    assert (first.own.before, first.own.after, first.created) == (None, schema.newest(service), True)
    assert (again.own.before, again.own.after, again.created) == (first.own.after, first.own.after, False)
    schema.check(url, service)
    assert differences(url, service) == []


CRASH = """
import os, signal, sys
import sqlalchemy as sa
from pathlib import Path
from libs.common.store import schema
from services.model.repository import METADATA
left = int(sys.argv[2])
def count(conn, cursor, statement, *rest):
    global left
    if statement.lstrip().upper().startswith(("CREATE", "ALTER", "INSERT", "UPDATE")):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sa.event.listen(sa.engine.Engine, "after_cursor_execute", count)
schema.upgrade(sys.argv[1], METADATA, "model", Path(sys.argv[3]))
"""


def _crash(url: str, steps: int, folder: Path) -> int:
    return subprocess.run([sys.executable, "-c", CRASH, url, str(steps), str(folder)], timeout=60, check=False).returncode


def test_killed_after_every_other_step_it_starts_over(mysql_address: str, tmp_path: Path) -> None:
    """Each start gets further than the one before it, then dies behind its next step, the last one before the revision is noted."""
    from services.model.repository import METADATA

    url = mysql_address.replace("{service}", "model")
    mysql.create_database(url)
    deaths = 0
    while (code := _crash(url, 2 + 2 * deaths, tmp_path)) != 0:
        assert code == -signal.SIGKILL
        deaths += 1
        assert deaths < 30, "a killed migration never gets further"
    assert deaths >= 3
    assert schema.upgrade(url, METADATA, "model", tmp_path).own.after == schema.newest("model")
    assert differences(url, "model") == []


def test_processes_that_migrate_at_once_agree(mysql_address: str) -> None:
    environ = {**os.environ, "MODELYARD_DATABASE_URL": mysql_address}
    command = [sys.executable, "-m", "libs.client.cli", "migrate", "model", "--json"]
    started = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    done = []
    for process in started:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err
        done += json.loads(out)["migrated"]
    newest = schema.newest("model")
    assert sorted(str(one["before"]) for one in done) == sorted(["None", *[newest] * 3])
    assert {one["after"] for one in done} == {newest}
    assert differences(mysql_address.replace("{service}", "model"), "model") == []


def test_the_command_line_says_what_it_did_and_no_password(mysql_address: str, tmp_path: Path) -> None:
    def run(**environ: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "libs.client.cli", "--lang", "en", "migrate", "model"]
        return subprocess.run(
            command, env={**os.environ, "MODELYARD_HOME": str(tmp_path), **environ}, capture_output=True, text=True, timeout=60, check=False
        )

    newest = schema.newest("model")
    assert f"model: - → {newest}" in run(MODELYARD_DATABASE_URL=mysql_address).stdout
    assert f"model: at {newest} already" in run(MODELYARD_DATABASE_URL=mysql_address).stdout
    assert f"model: - → {newest}" in run(MODELYARD_DATABASE_URL="").stdout  # the embedded default too
    refused = run(MODELYARD_DATABASE_URL="mysql+pymysql://nobody:evil-secret@127.0.0.1:1/modelyard_{service}")
    assert refused.returncode == 1
    assert "evil-secret" not in refused.stdout + refused.stderr
