"""Migrations, forward only. A store has two lines of them: the platform's tables, the same in every service (``migrations/platform``), then
the service's own (``services/<name>/schema``). They run at start under a file lock on the embedded default.

On SQLite the tables and their revision numbers are written in one transaction: a process killed half-way leaves the store as it was. MySQL
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
MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_SECONDS = 60  # how long one migrating process waits for another
MIGRATE_SECONDS = 3600.0  # a large table takes its time
CHECK_SECONDS = 10.0


@dataclass(frozen=True)
class Chain:
    """One line of revisions. noted: the table of a store that says how far it came. mark: what its revisions are told apart by."""

    folder: Path
    noted: str
    mark: str = ""

    @property
    def newest(self) -> str:
        return max(path.stem.split("_")[0] for path in self.folder.glob("[0-9]*.py"))

    def found(self, conn: sa.Connection, schema: str | None = None) -> str | None:
        """The revision a store is at, None = nothing of it is there. schema: where the connection serves several."""
        if not sa.inspect(conn).has_table(self.noted, schema=schema):
            return None
        found: str | None = conn.execute(sa.select(sa.column("version_num")).select_from(sa.table(self.noted, schema=schema))).scalar()
        return found

    def told(self, revision: str | None) -> str:
        return f"{self.mark}{revision or '-'}"


PLATFORM = Chain(MIGRATIONS / "platform", "platform_version", mark="platform/")
PLATFORM_FIRST = "0001"  # of stores and backups that knew no such chain: exactly what their services' own revisions had made
NOTED = frozenset({"alembic_version", PLATFORM.noted})


def own(service: str) -> Chain:
    """The revisions of a service's own tables."""
    return Chain(ROOT / "services" / service / "schema", "alembic_version")


def chains(service: str) -> tuple[Chain, Chain]:
    """In the order in which they run."""
    return PLATFORM, own(service)


@dataclass(frozen=True)
class Step:
    """before: revision found, None = nothing there. after: revision now."""

    chain: Chain
    before: str | None
    after: str

    @property
    def told(self) -> str:
        return f"{self.chain.told(self.before)} → {self.after}"


@dataclass(frozen=True)
class Migrated:
    """What became of the platform's tables and of the service's own. created: whether the schema itself was made."""

    service: str
    platform: Step
    own: Step
    created: bool = False


def upgrade(url: str, metadata: sa.MetaData, service: str, home: Path, to: str = "", platform: str = "") -> Migrated:
    """Brings the store of ``service`` to the newest revisions, or its own tables no further than ``to`` and the platform's no further than
    ``platform``. Cheap when it is there already."""
    goals = (platform or PLATFORM.newest, to or newest(service))
    if embedded(url):
        (home / "run").mkdir(parents=True, exist_ok=True)
        with _locked(home / "run" / f"migrate-{service}.lock"):
            return _upgrade(url, metadata, service, goals, created=False)
    try:
        with mysql.ends_with(Deadline.after(MIGRATE_SECONDS)):
            return _upgrade(url, metadata, service, goals, created=mysql.create_database(url))
    except sa.exc.DBAPIError as error:
        _lacks_rights(error, str(mysql.parse(url).database))
        raise unavailable("database", cause=str(error.orig)[:200]) from error


def _lacks_rights(error: sa.exc.DBAPIError, name: str) -> None:
    """Names what the user of the address must be given, where that is what failed."""
    number, said = (*getattr(error.orig, "args", ()), 0, "")[:2]
    if number in mysql.DENIED:
        lacking = f"{mysql.MIGRATION_RIGHTS} ON `{name}`.*"
        raise PlatformError(403, Reason.RIGHTS_MISSING, limit=lacking, what=name, cause=str(said)[:200]) from error


def check(url: str, service: str) -> None:
    """Raises SCHEMA_BEHIND when the store lacks a revision this code needs."""
    engine = open_engine(url, reads=True)
    try:
        with mysql.ends_with(Deadline.after(CHECK_SECONDS)), engine.connect() as connection:
            found = [(chain, chain.found(connection)) for chain in chains(service)]
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "args", (0,))[0] != mysql.NO_DATABASE:
            raise unavailable("database", cause=str(error.orig)[:200]) from error
        found = [(own(service), None)]
    finally:
        engine.dispose()
    for chain, at in found:
        if at is None or at < chain.newest:  # one that is ahead serves too: migrations only add
            told = {"found": chain.told(at), "limit": chain.told(chain.newest)}
            raise PlatformError(503, Reason.SCHEMA_BEHIND, retryable=True, service=service, **told)


def newest(service: str) -> str:
    """The newest revision of a service's own tables."""
    return own(service).newest


def _upgrade(url: str, metadata: sa.MetaData, service: str, goals: tuple[str, str], created: bool) -> Migrated:
    engine = open_engine(url, reads=False)
    try:
        with engine.connect() as connection, _alone(connection, service):
            platform, mine = (_step(connection, metadata, chain, goal) for chain, goal in zip(chains(service), goals, strict=True))
            connection.commit()
            return Migrated(service, platform, mine, created)
    finally:
        engine.dispose()


def _step(connection: sa.Connection, metadata: sa.MetaData, chain: Chain, goal: str) -> Step:
    before = chain.found(connection)
    if connection.dialect.name != "sqlite":
        connection.rollback()  # alembic commits each revision there; on SQLite both chains are one transaction
    if before is None or before < goal:
        from alembic import command

        command.upgrade(config(connection, metadata, chain), goal)
    return Step(chain, before, max(before or goal, goal))


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


def config(connection: sa.Connection, metadata: sa.MetaData, chain: Chain) -> Any:
    """Alembic's configuration for one chain."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("version_locations", str(chain.folder))
    made.set_main_option("path_separator", "os")
    made.attributes.update(connection=connection, metadata=metadata, noted=chain.noted)
    return made


def draft(url: str, metadata: sa.MetaData, chain: Chain, number: str, message: str) -> None:
    """Writes the next revision file from the difference between the chains so far and ``metadata``; read it before you commit it."""
    from alembic import command

    engine = open_engine(url, reads=False)
    with engine.connect() as connection:
        for before in dict.fromkeys((PLATFORM, chain)):
            if any(before.folder.glob("[0-9]*.py")):
                _step(connection, metadata, before, before.newest)
        command.revision(config(connection, metadata, chain), message=message, autogenerate=True, rev_id=number)
    engine.dispose()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
