"""Migrations: equal to the tables, safe to start twice at once, and whole after a kill at any statement."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from libs.common.store import schema
from libs.common.store.database import open_engine, service_url

SERVICES = sorted(path.parent.name for path in (schema.ROOT / "services").glob("*/schema") if any(path.glob("[0-9]*.py")))


def tables_of(url: str) -> set[str]:
    engine = sa.create_engine(url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_there_is_a_schema() -> None:
    assert "model" in SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_lead_to_the_tables(service: str, folder: Path) -> None:
    metadata = importlib.import_module(f"services.{service}.repository").METADATA
    url = service_url("", folder, service)
    schema.upgrade(url, metadata, service, folder)
    schema.upgrade(url, metadata, service, folder)  # cheap and harmless
    engine = open_engine(url, reads=False)
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata) == []
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()


CRASH = """
import os, signal, sys
import sqlalchemy as sa
from pathlib import Path
from libs.common.store import schema
from services.model.repository import METADATA
left = int(sys.argv[2])
def count(conn, cursor, statement, *rest):
    global left
    if statement.lstrip().upper().startswith(("CREATE", "INSERT")):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sa.event.listen(sa.engine.Engine, "after_cursor_execute", count)
schema.upgrade(sys.argv[1], METADATA, "model", Path(sys.argv[3]))
"""


@pytest.mark.parametrize("statements", [0, 4, 9])
def test_killed_between_two_statements_it_starts_over(statements: int, folder: Path) -> None:
    from services.model.repository import METADATA

    url = service_url("", folder, "model")
    died = subprocess.run([sys.executable, "-c", CRASH, url, str(statements), str(folder)], timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    assert tables_of(url) == set(), "half of a schema is visible"
    schema.upgrade(url, METADATA, "model", folder)
    assert tables_of(url) == {*METADATA.tables, "alembic_version"}


def test_processes_that_start_at_once_agree(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from services.model.repository import METADATA; from libs.common.store import schema;"
        "schema.upgrade(sys.argv[1], METADATA, 'model', Path(sys.argv[2])); schema.check(sys.argv[1], 'model'); print('ok')"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, service_url("", folder, "model"), str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
        for _ in range(4)
    ]
    for process in started:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out.strip()) == (0, "ok"), err
