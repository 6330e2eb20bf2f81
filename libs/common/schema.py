"""Migrations: per service, forward only, in ``services/<name>/schema``; run at start under a file lock on the embedded default.

On SQLite the tables and their revision number are written in one transaction: a process killed half-way leaves the store as it was.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.common.database import open_engine

ROOT = Path(__file__).parents[2]


def upgrade(url: str, metadata: sa.MetaData, service: str, home: Path) -> None:
    """Brings the store of ``service`` to the newest revision. Cheap when it is there already."""
    (home / "run").mkdir(parents=True, exist_ok=True)
    engine = open_engine(url, reads=False)
    try:
        with _locked(home / "run" / f"migrate-{service}.lock"), engine.connect() as connection:
            newest = max(path.stem.split("_")[0] for path in _folder(service).glob("[0-9]*.py"))
            if _current(connection) != newest:
                from alembic import command

                command.upgrade(config(connection, metadata, service), "head")
                connection.commit()
    finally:
        engine.dispose()


def config(connection: sa.Connection, metadata: sa.MetaData, service: str) -> Any:
    """Alembic's configuration for one service."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.set_main_option("version_locations", str(_folder(service)))
    made.set_main_option("path_separator", "os")
    made.attributes.update(connection=connection, metadata=metadata)
    return made


def draft(url: str, metadata: sa.MetaData, service: str, number: str, message: str) -> None:
    """Writes the next revision file from the difference between the store and ``metadata``; read it before you commit it."""
    from alembic import command

    engine = sa.create_engine(url)
    with engine.connect() as connection:
        command.revision(config(connection, metadata, service), message=message, autogenerate=True, rev_id=number)
    engine.dispose()


def _folder(service: str) -> Path:
    return ROOT / "services" / service / "schema"


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(sa.text("SELECT version_num FROM alembic_version")).first()
    connection.rollback()
    return None if row is None else str(row[0])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
