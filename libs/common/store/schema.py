"""Migrations: per service, forward only, in ``services/<name>/schema``; run at start under a file lock on the embedded default.

On SQLite the tables and their revision number are written in one transaction: a process killed half-way leaves the store as it was. MySQL
commits every step by itself: there ``modelyard migrate`` runs them under a lock of the server, a step that is there already counts as done
(``migrations/env.py``), and a service only checks at its start that nothing is missing.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.rpc.deadline import Deadline
from libs.common.store import mysql
from libs.common.store.database import embedded, open_engine

ROOT = Path(__file__).parents[3]
LOCK_SECONDS = 60  # how long one migrating process waits for another
MIGRATE_SECONDS = 3600.0  # a large table takes its time
CHECK_SECONDS = 10.0


@dataclass(frozen=True)
class Migrated:
    """before: revision found, None = nothing there. after: revision now. created: whether the schema itself was made."""

    service: str
    before: str | None
    after: str
    created: bool = False


def upgrade(url: str, metadata: sa.MetaData, service: str, home: Path) -> Migrated:
    """Brings the store of ``service`` to the newest revision. Cheap when it is there already."""
    if embedded(url):
        (home / "run").mkdir(parents=True, exist_ok=True)
        with _locked(home / "run" / f"migrate-{service}.lock"):
            return _upgrade(url, metadata, service, created=False)
    try:
        with mysql.ends_with(Deadline.after(MIGRATE_SECONDS)):
            return _upgrade(url, metadata, service, created=mysql.create_database(url))
    except sa.exc.DBAPIError as error:
        raise unavailable("database", cause=str(error.orig)[:200]) from error


def check(url: str, service: str) -> None:
    """Raises SCHEMA_BEHIND when the store lacks a revision this code needs."""
    engine = open_engine(url, reads=True)
    try:
        with mysql.ends_with(Deadline.after(CHECK_SECONDS)), engine.connect() as connection:
            found = _current(connection)
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "args", (0,))[0] != mysql.NO_DATABASE:
            raise unavailable("database", cause=str(error.orig)[:200]) from error
        found = None
    finally:
        engine.dispose()
    if found is None or found < newest(service):  # one that is ahead serves too: migrations only add
        raise PlatformError(503, Reason.SCHEMA_BEHIND, retryable=True, service=service, found=found or "-", limit=newest(service))


def newest(service: str) -> str:
    return max(path.stem.split("_")[0] for path in _folder(service).glob("[0-9]*.py"))


def _upgrade(url: str, metadata: sa.MetaData, service: str, created: bool) -> Migrated:
    engine = open_engine(url, reads=False)
    try:
        with engine.connect() as connection, _alone(connection, service):
            before, wanted = _current(connection), newest(service)
            if before is None or before < wanted:
                from alembic import command

                command.upgrade(config(connection, metadata, service), "head")
                connection.commit()
            return Migrated(service, before, max(before or wanted, wanted), created)
    finally:
        engine.dispose()


@contextmanager
def _alone(connection: sa.Connection, service: str) -> Iterator[None]:
    """No other process migrates this schema meanwhile. The lock of a killed one ends with its connection."""
    if connection.dialect.name == "sqlite":
        yield
        return
    name = f"modelyard_migrate_{service}"  # of the server, not of a schema: the schema's name follows
    name = f"{name}_{connection.exec_driver_sql('SELECT DATABASE()').scalar()}"[-64:]
    if connection.execute(sa.text("SELECT GET_LOCK(:name, :wait)"), {"name": name, "wait": LOCK_SECONDS}).scalar() != 1:
        raise unavailable("database", cause=f"another process has migrated {service} for {LOCK_SECONDS} s")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.execute(sa.text("SELECT RELEASE_LOCK(:name)"), {"name": name})


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
