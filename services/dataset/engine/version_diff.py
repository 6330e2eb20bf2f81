"""What went, what came and what changed between two versions: exact counts, whatever their size, and pages of the records themselves.

Records are compared by their ids, each as often as it occurs. Of what is left on both sides, a record is the same one changed where the
steps between the versions say so (their lines from id to new id), or where both carry the same ``own_id``; everything else was removed or
added. Memory stays bounded: what is known of a record is 60 bytes in a file of SQLite, which sorts and joins on the disk.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import Reporter
from libs.data.versions import PartFile, read_manifest
from services.dataset.engine.job import internal, job_field, refuse_unknown

FOUND = "found.db"
_SETTINGS = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; PRAGMA temp_store = FILE;"
_SIDES = ("old", "new")
_LEFT = """CREATE TABLE {left} AS SELECT id, own, part, at FROM
    (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY part, at) AS nth FROM {mine})
    LEFT JOIN (SELECT id AS other, COUNT(*) AS times FROM {theirs} GROUP BY id) ON other = id
    WHERE nth > COALESCE(times, 0) ORDER BY id, nth"""
_STEP = """UPDATE fate SET became = step.became FROM step WHERE step.was = fate.became;
    INSERT OR IGNORE INTO fate SELECT was, became FROM step;
    DELETE FROM step;"""
_KEY = "SELECT rowid AS row, {key} AS key FROM {side}"
_FATE = "SELECT {side}.rowid AS row, fate.became AS key FROM {side} JOIN fate ON fate.was = {side}.id"
_MATCH = """INSERT INTO pair SELECT a.row, b.row FROM
    (SELECT row, key, ROW_NUMBER() OVER (PARTITION BY key ORDER BY row) AS nth FROM ({gone})
        WHERE key IS NOT NULL AND row NOT IN (SELECT gone FROM pair)) AS a
    JOIN (SELECT row, key, ROW_NUMBER() OVER (PARTITION BY key ORDER BY row) AS nth FROM ({came})
        WHERE key IS NOT NULL AND row NOT IN (SELECT came FROM pair)) AS b
    ON a.key = b.key AND a.nth = b.nth"""
_RESULTS = """
    CREATE TABLE found.changed AS SELECT gone.part AS old_part, gone.at AS old_at, came.part AS new_part, came.at AS new_at
        FROM pair JOIN gone ON gone.rowid = pair.gone JOIN came ON came.rowid = pair.came ORDER BY pair.gone;
    CREATE TABLE found.removed AS SELECT part, at FROM gone WHERE rowid NOT IN (SELECT gone FROM pair) ORDER BY rowid;
    CREATE TABLE found.added AS SELECT part, at FROM came WHERE rowid NOT IN (SELECT came FROM pair) ORDER BY rowid;"""


class _Line(msgspec.Struct):
    """What of a record's line is needed."""

    id: str
    own_id: Any = None


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``old`` and ``new`` (folders of versions), ``steps`` (folders with the changes that led from one to the other, in
    order), ``backward`` (they led from the new one to the old one).

    Returns before, after, same, changed, removed, added: numbers of records. Leaves FOUND in ``work``. Raises CHECKSUM_MISMATCH.
    """
    refuse_unknown(job, ("old", "new", "steps", "backward"))
    work.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(work / "work.db", isolation_level=None)) as store:
        store.executescript(_SETTINGS)
        store.execute("ATTACH ? AS found", (str(work / FOUND),))
        totals = [_take(store, side, Path(job_field(job, side, str)), report) for side in _SIDES]
        store.execute(_LEFT.format(left="gone", mine="old", theirs="new"))
        store.execute(_LEFT.format(left="came", mine="new", theirs="old"))
        _pair(store, [Path(step) for step in job_field(job, "steps", list)], job_field(job, "backward", bool))
        store.executescript(_RESULTS)
        counts = {name: _count(store, f"found.{name}") for name in ("changed", "removed", "added")}
        same = totals[0] - _count(store, "gone")
    (work / "work.db").unlink()
    return _balanced({"before": totals[0], "after": totals[1], "same": same, **counts})


def _take(store: sqlite3.Connection, side: str, folder: Path, report: Reporter) -> int:
    """Every record's id, own id and place, by part and byte. Returns how many there are."""
    manifest = read_manifest(folder)
    store.execute(f"CREATE TABLE {side} (id BLOB, own BLOB, part INTEGER, at INTEGER)")
    for index, file in enumerate(manifest.files):
        _insert(store, f"INSERT INTO {side} VALUES (?, ?, ?, ?)", ((*keys, index, at) for at, keys in _keys(folder, file)))  # noqa: S608
        report.progress(index + 1, len(manifest.files), side)
    return manifest.records


def _insert(store: sqlite3.Connection, statement: str, rows: Iterator[Sequence[Any]]) -> None:
    store.execute("BEGIN")
    store.executemany(statement, rows)
    store.execute("COMMIT")


def _keys(folder: Path, file: PartFile) -> Iterator[tuple[int, tuple[bytes, bytes | None]]]:
    """(where a record begins, (its id, what it calls itself)). The part is checked as it is read: raises CHECKSUM_MISMATCH."""
    digest, at, decoder = hashlib.sha256(), 0, msgspec.json.Decoder(_Line)
    with (folder / file.name).open("rb") as lines:
        for line in lines:
            digest.update(line)
            said = decoder.decode(line)
            yield at, (bytes.fromhex(said.id), None if said.own_id in (None, "") else msgspec.json.encode(said.own_id, order="sorted"))
            at += len(line)
    if digest.hexdigest() != file.sha256:
        raise PlatformError(422, Reason.CHECKSUM_MISMATCH, field="input", limit="the bytes that were published", file=file.name)


def _pair(store: sqlite3.Connection, steps: Sequence[Path], backward: bool) -> None:
    """Which of what went is which of what came: first by the steps in between, then by own id."""
    earlier, later = ("came", "gone") if backward else ("gone", "came")
    store.execute("CREATE TABLE pair (gone INTEGER PRIMARY KEY, came INTEGER UNIQUE)")
    for table in ("fate", "step"):
        store.execute(f"CREATE TABLE {table} (was BLOB PRIMARY KEY, became BLOB) WITHOUT ROWID")
    for step in steps:
        _insert(store, "INSERT OR IGNORE INTO step VALUES (?, ?)", _changes(step))
        store.executescript(_STEP)
    _match(store, **{earlier: _FATE.format(side=earlier), later: _KEY.format(key="id", side=later)})
    _match(store, **{side: _KEY.format(key="own", side=side) for side in (earlier, later)})


def _match(store: sqlite3.Connection, gone: str, came: str) -> None:
    store.execute(_MATCH.format(gone=gone, came=came))


def _changes(step: Path) -> Iterator[tuple[bytes, bytes]]:
    for part in sorted(step.glob("part-*.jsonl")):
        with part.open("rb") as lines:
            for line in lines:
                said = msgspec.json.decode(line)
                yield bytes.fromhex(said["id"]), bytes.fromhex(said["new_id"])


def _count(store: sqlite3.Connection, table: str) -> int:
    return int(store.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 - one of our own names


def _balanced(counts: dict[str, int]) -> dict[str, int]:
    """Every record of both sides is in exactly one of the counts. Raises INTERNAL."""
    kept = counts["same"] + counts["changed"]
    if counts["before"] != kept + counts["removed"] or counts["after"] != kept + counts["added"]:
        raise internal("diff", **counts)
    return counts
