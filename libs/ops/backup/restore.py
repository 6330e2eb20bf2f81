"""Putting a backup back: into a home and stores that are empty, all of it or nothing.

Everything is unpacked and checked beside the home first. Records are then written at the revision they were taken at and brought to this
program's; SQLite files, artifacts and keys appear by a rename, a server's rows by commits at the very end.
"""

from __future__ import annotations

import importlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.deadline import Deadline
from libs.common.settings import Settings
from libs.common.store import mysql, schema
from libs.common.store.audit import Patience, Report
from libs.common.store.database import embedded, open_engine, service_url
from libs.ops import supervisor
from libs.ops.audit import look
from libs.ops.backup import archive

_ROWS = 200
_PLACES = {"instance": ("node",)}
"""Columns that name the machine something runs on: of a restored platform nothing runs yet, and whichever node finds it takes it."""
WRITE_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Restored:
    """report: what an audit, as of the backup's moment, says of what was put back."""

    moment: int
    records: int
    artifacts: int
    keys: int
    report: Report


def check(path: Path) -> dict[str, Any]:
    """Reads all of a backup and writes nothing. Raises BACKUP_UNREADABLE. Returns its manifest."""
    manifest = archive.unpack(path, None)
    _check_revisions(manifest)
    return manifest


def restore(settings: Settings, path: Path, keys: bool = True) -> Restored:
    """Raises NOT_EMPTY where something is stored already, BACKUP_UNREADABLE; then nothing was changed."""
    _check_empty(settings, keys)
    home = settings.home_path
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with archive.room(str(home)), _beside(home) as staged:
        manifest = archive.unpack(path, staged, lambda name: keys or not name.startswith("keys/"))
        _check_revisions(manifest)
        artifacts = _shelve(staged)
        _write(settings, staged, manifest["services"])
        _appear(settings, staged)
    rows = sum(count for facts in manifest["services"].values() for count in facts["tables"].values())
    signing = sum(name.startswith("keys/") for name in manifest["files"]) if keys else 0
    return Restored(manifest["moment"], rows, artifacts, signing, look(settings, Patience(manifest["moment"])))


# --- what must hold before anything is written


def _check_empty(settings: Settings, keys: bool) -> None:
    home = settings.home_path
    if supervisor.read_state(settings, starting=True) is not None:
        raise _not_empty(str(home / "run" / "up.json"), "MODELYARD_HOME")
    folders = [home / "records", home / "artifacts" / "objects", *([settings.keys_path / "private"] if keys else [])]
    for folder in folders:
        if folder.is_dir() and any(folder.iterdir()):
            raise _not_empty(str(folder), "MODELYARD_HOME")
    for service in _known_services() if settings.database_url else ():
        _check_no_rows(service_url(settings.database_url, home, service))


def _known_services() -> list[str]:
    return sorted(path.parent.name for path in (schema.ROOT / "services").glob("*/schema"))


def _check_no_rows(url: str) -> None:
    name = mysql.parse(url).database
    engine = mysql.open_engine(url, reads=True, database=False)
    try:
        with mysql.ends_with(Deadline.after(schema.CHECK_SECONDS)), engine.connect() as conn:
            if name not in sa.inspect(conn).get_schema_names():
                return
            for table in sa.inspect(conn).get_table_names(schema=name):
                first: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(sa.table(table, schema=name)).limit(1)
                if table not in schema.NOTED and conn.execute(first).first() is not None:
                    raise _not_empty(f"{name}.{table}", "MODELYARD_DATABASE_URL")
    finally:
        engine.dispose()


def _check_revisions(manifest: dict[str, Any]) -> None:
    known = set(_known_services())
    for service, facts in manifest["services"].items():
        if service not in known:
            raise archive.unreadable(f"records/{service}")
        for chain, taken in zip(schema.chains(service), _taken_at(facts), strict=True):
            if taken > chain.newest:  # of a newer program
                limit = f"at most {chain.told(chain.newest)}"
                raise PlatformError(409, Reason.BACKUP_TOO_NEW, field=service, limit=limit, found=chain.told(taken))


def _taken_at(facts: dict[str, Any]) -> tuple[str, str]:
    """The revisions of the platform's tables and of the service's own. A backup of before the first says nothing of it."""
    return facts.get("platform", schema.PLATFORM_FIRST), facts["revision"]


def _not_empty(what: str, setting: str) -> PlatformError:
    return PlatformError(409, Reason.NOT_EMPTY, what=what, field=setting)


# --- records


def _write(settings: Settings, staged: Path, services: dict[str, Any]) -> None:
    """Every service's records, or none; SQLite files are made below ``staged``."""
    place = staged / "store"
    with ExitStack() as stack, mysql.ends_with(Deadline.after(WRITE_SECONDS)):
        conns = []
        for service, facts in services.items():
            conns.append(_tables(settings, place, service, _taken_at(facts), stack))
            for table, count in facts["tables"].items():
                _fill(conns[-1], table, staged / "records" / service / f"{table}.jsonl", count)
        for conn in conns:
            conn.commit()
    for service in services:
        schema.upgrade(service_url(settings.database_url, place, service), _metadata(service), service, place)


def _tables(settings: Settings, place: Path, service: str, taken: tuple[str, str], stack: ExitStack) -> sa.Connection:
    """A write transaction on the tables as they were when the backup was taken."""
    platform, revision = taken
    url = service_url(settings.database_url, place, service)
    schema.upgrade(url, _metadata(service), service, place, to=revision, platform=platform)
    engine = open_engine(url, reads=False)
    stack.callback(engine.dispose)
    conn = stack.enter_context(engine.connect())
    if not embedded(url):
        conn.exec_driver_sql(mysql.NO_IDLE_END)
    return conn


def _metadata(service: str) -> sa.MetaData:
    found: sa.MetaData = importlib.import_module(f"services.{service}.repository").METADATA
    return found


def _fill(conn: sa.Connection, table: str, file: Path, expected: int) -> None:
    with file.open("rb") as lines:
        columns = msgspec.json.decode(next(lines), type=list[str])
        target, count = sa.table(table, *map(sa.column, columns)), 0
        conn.execute(target.delete())  # what a migration put there by itself is in the backup, too
        nowhere = {column: "" for column in _PLACES.get(table, ()) if column in columns}
        while batch := [{**dict(zip(columns, msgspec.json.decode(line), strict=True)), **nowhere} for line in islice(lines, _ROWS)]:
            conn.execute(target.insert(), batch)
            count += len(batch)
    if count != expected:
        raise archive.unreadable(file.name)


# --- folders


@contextmanager
def _beside(home: Path) -> Iterator[Path]:
    """A folder on the home's own disk, gone afterwards."""
    folder = home / f".restore-{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shelve(staged: Path) -> int:
    """From the names of a backup to the places of a store. Returns how many artifacts."""
    count, objects = 0, staged / "objects"
    objects.mkdir(mode=0o755)
    for artifact in sorted((staged / "artifacts").glob("*")):
        target = objects / artifact.name[:2] / artifact.name
        target.parent.mkdir(exist_ok=True)
        os.rename(artifact, target)
        count += 1
    durable.sync_tree(objects)
    return count


def _appear(settings: Settings, staged: Path) -> None:
    """The records last: from then on there is a platform."""
    home = settings.home_path
    _move(staged / "objects", home / "artifacts" / "objects")
    for part, mode in (("private", 0o600), ("public", 0o644)):
        _copy_keys(staged / "keys" / part, settings.keys_path / part, mode)
    _move(staged / "store" / "records", home / "records")


def _move(source: Path, target: Path) -> None:
    if source.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            target.rmdir()  # empty: that was checked
        os.rename(source, target)
        durable.sync(target.parent)


def _copy_keys(source: Path, target: Path, mode: int) -> None:
    """By copy: keys may lie on another disk."""
    for path in source.glob("*.json"):
        target.mkdir(parents=True, exist_ok=True, mode=0o700 if mode == 0o600 else 0o755)
        durable.write_private(target / path.name, path.read_bytes(), mode)
