"""The auditor: reads what the services have stored and says where it breaks an invariant. It changes nothing.

Here is what every service has in common: histories that must be legal (I5), leases that must live (I3), stored answers whose objects must
exist (I2, I4), messages that must arrive, artifacts that must be whole (I6). What only one domain knows is in its ``audit.py``. A finding
names the invariant, the object and the fact; how much was looked at is counted, so that "no violation" never means "nothing seen".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common.errors import PlatformError
from libs.common.machine import Machine
from libs.common.store.database import open_engine
from libs.common.store.seed_table import exact
from libs.common.store.storage import ArtifactStore
from libs.common.work.task import MACHINE as TASK_MACHINE
from libs.common.work.task import TaskStatus

_BATCH = 500
CREATE = "CREATE"
DELETE = "DELETE"


@dataclass(frozen=True)
class Violation:
    """invariant: I1 … I15, OUTBOX, LINEAGE or PEOPLE. kind, id: of the object. fact: what is wrong with it, in stored values."""

    invariant: str
    service: str
    kind: str
    id: str
    fact: str


@dataclass
class Report:
    """looked: (invariant, what) -> how many were looked at."""

    looked: Counter[tuple[str, str]] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def saw(self, invariant: str, what: str, count: int = 1) -> None:
        self.looked[invariant, what] += count

    def wrong(self, invariant: str, service: str, kind: str, id: object, fact: str) -> None:
        self.violations.append(Violation(invariant, service, kind, str(id), fact))


@dataclass(frozen=True)
class Patience:
    """Now and how long things may take, milliseconds. lease: beyond the end of a lease until somebody must have swept it. delivery: of a
    message in the outbox.
    """

    now: int
    lease: int = 30_000
    delivery: int = 600_000


@dataclass(frozen=True)
class Subject:
    """A noun with a history. status: of its row, as the history numbers it. machine: None where any step may follow any other. unmoved:
    the status of one that never moved and has no history; None where the history begins with the object. whole: the event of one that
    comes whole, in place of its creation. reserves: which rows run only with a reservation of resources; None: none.
    """

    entity: str
    table: sa.Table
    machine: Machine[Any] | None
    status: Callable[[Any], int] = lambda row: int(row.status or 0)  # the seed allows none
    unmoved: int | None = None
    whole: str = CREATE
    reserves: sa.ColumnElement[bool] | None = None


class Books:
    """One service's records, for reading only."""

    def __init__(self, service: str, url: str, metadata: sa.MetaData) -> None:
        self.service, self.metadata = service, metadata
        self._engine = _read_only(url)

    def table(self, name: str) -> sa.Table:
        return self.metadata.tables[name]

    def rows(self, query: sa.Executable) -> Iterator[Any]:
        """One after another: tables may be larger than memory."""
        with self._engine.connect() as conn:
            for part in conn.execution_options(yield_per=_BATCH).execute(query).partitions():
                yield from part

    def by_key(self, column: sa.Column[Any], keys: Iterable[Any], *columns: sa.Column[Any]) -> dict[Any, Any]:
        """key -> (column, *columns) of the rows whose ``column`` is one of ``keys``."""
        found: dict[Any, Any] = {}
        for batch in batches(set(keys)):
            found.update({row[0]: row for row in self.rows(sa.select(column, *columns).where(column.in_(batch)))})
        return found

    def close(self) -> None:
        self._engine.dispose()


def _read_only(url: str) -> sa.Engine:
    if not url.startswith("sqlite:///"):
        engine = open_engine(url, reads=True)

        @sa.event.listens_for(engine, "connect")
        def _promise(connection: Any, _record: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")

        return engine
    return sa.create_engine(f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true", isolation_level="AUTOCOMMIT")


def batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def check_common(books: Books, subjects: Sequence[Subject], report: Report, patience: Patience) -> None:
    """What holds in every service."""
    for subject in subjects:
        check_history(books, subject, report)
        if subject.machine is TASK_MACHINE:
            check_leases(books, subject, report, patience)
    check_entities(books, subjects, report)
    check_answers(books, report)
    check_outbox(books, report, patience)


# --- I5: state moves only along legal edges, and the history is complete


def check_history(books: Books, subject: Subject, report: Report) -> None:
    """Replays every object's events against the table of transitions, to the state its row has."""
    events = books.table("state_event")
    query = sa.select(events).where(events.c.entity == subject.entity).order_by(events.c.entity_id, events.c.id)
    for batch in batches(groupby_list(books.rows(query), lambda row: row.entity_id)):
        objects = books.by_key(subject.table.c.id, [id for id, _ in batch], *[c for c in subject.table.c if c.name != "id"])
        for id, chain in batch:
            report.saw("I5", "histories")
            report.saw("I5", "transitions", len(chain))
            fault = _broken(chain, subject, objects.get(id))
            if fault:
                report.wrong("I5", books.service, subject.entity, id, fault)
    known = sa.select(events.c.entity_id).where(events.c.entity == subject.entity)
    for row in books.rows(sa.select(subject.table).where(subject.table.c.id.not_in(known))):
        if subject.status(row) != subject.unmoved:
            report.wrong("I5", books.service, subject.entity, row.id, "it has no history")


def groupby_list(rows: Iterable[Any], key: Callable[[Any], Any]) -> Iterator[tuple[Any, list[Any]]]:
    for value, group in groupby(rows, key):
        yield value, list(group)


def _broken(chain: Sequence[Any], subject: Subject, row: Any) -> str:
    """The first thing wrong with a history, "" when nothing is."""
    machine, before = subject.machine, None
    for event in chain:
        step = f"event {event.id}: {event.from_status} {event.event} {event.to_status}"
        if before is not None and event.from_status != before.to_status:
            return f"{step} follows {before.to_status}"
        if before is not None and event.create_time < before.create_time:
            return f"{step} is older than the event before it"
        if event.event in (CREATE, DELETE):
            if event.from_status != event.to_status or (event.event == CREATE) != (before is None):
                return f"{step} is no beginning or end"
        elif machine is not None:
            if before is None and event.event != subject.whole:
                return f"{step} comes before {CREATE}"
            if machine.table.get((event.from_status, event.event)) != event.to_status:
                return f"{step} is no row of {machine.name}"
        before = event
    if row is None:
        return "it has a history and no row"
    if subject.status(row) != chain[-1].to_status:
        return f"its row says {subject.status(row)}, its history {chain[-1].to_status}"
    return ""


def check_entities(books: Books, subjects: Sequence[Subject], report: Report) -> None:
    """A history of something nobody knows."""
    events = books.table("state_event")
    known = [subject.entity for subject in subjects]
    for row in books.rows(sa.select(events.c.entity, sa.func.count()).where(events.c.entity.not_in(known)).group_by(events.c.entity)):
        report.wrong("I5", books.service, row[0], "*", f"{row[1]} events of an entity that is not audited")


# --- I3: nothing is held without a live lease


def check_leases(books: Books, subject: Subject, report: Report, patience: Patience) -> None:
    table, held = subject.table, (TaskStatus.RUNNING, TaskStatus.CANCELLING)
    for row in books.rows(sa.select(table.c.id, table.c.status, table.c.lease_until, table.c.worker).where(table.c.mark_delete == 0)):
        report.saw("I3", "tasks")
        if row.status in held and row.lease_until < patience.now - patience.lease:
            late = patience.now - row.lease_until
            report.wrong("I3", books.service, subject.entity, row.id, f"held by {row.worker}, whose lease ended {late} ms ago")
        if row.status in TASK_MACHINE.terminal and row.lease_until:
            report.wrong("I3", books.service, subject.entity, row.id, "it has ended and is still leased")


# --- I2 and I4: what was acknowledged is there, once


def check_answers(books: Books, report: Report) -> None:
    """Every stored answer's object exists, no older than the answer; no key was answered twice."""
    answers = books.table("stored_answer")
    for batch in batches(books.rows(sa.select(answers))):
        said = [(row, thing) for row in batch for thing in _things(row.answer)]
        report.saw("I4", "keys", len(batch))
        stored = _versions(books, [thing["id"] for _, thing in said])
        for row, thing in said:
            report.saw("I2", "acknowledged objects")
            version = stored.get(thing["id"])
            if thing["id"] not in stored:
                report.wrong("I2", books.service, row.method, thing["id"], f"acknowledged under key {row.idempotency_key}, and not stored")
            elif version is not None and isinstance(thing.get("version"), int) and version < thing["version"]:
                report.wrong(
                    "I2", books.service, row.method, thing["id"], f"acknowledged as version {thing['version']}, stored as version {version}"
                )
    keys = (answers.c.idempotency_key, answers.c.project_space_id, answers.c.method)
    for row in books.rows(sa.select(*keys, sa.func.count()).group_by(*keys).having(sa.func.count() > 1)):
        report.wrong("I4", books.service, row[2], row[0], f"{row[3]} answers in space {row[1]}")


def _things(answer: str) -> list[dict[str, Any]]:
    """The objects an answer names: itself, or those it is made of."""
    said = msgspec.json.decode(answer)
    if not isinstance(said, dict):
        return []
    found = [said] if "id" in said else [part for part in said.values() if isinstance(part, dict) and "id" in part]
    return [thing for thing in found if isinstance(thing["id"], int)]


def _versions(books: Books, ids: Sequence[int]) -> dict[int, int | None]:
    """id -> version of the row that has it, in whatever table; None for a row without one."""
    found: dict[int, int | None] = {}
    for table in books.metadata.tables.values():
        if "id" in table.c and table.name not in ("state_event", "outbox"):
            columns = [table.c.version] if "version" in table.c else []
            found.update({id: row[1] if columns else None for id, row in books.by_key(table.c.id, ids, *columns).items()})
    return found


def check_once(books: Books, report: Report, table: sa.Table, *columns: str) -> None:
    """No two live rows agree in ``columns``: an effect that happened twice would be two."""
    chosen = [table.c[name] for name in columns]
    live = [table.c.mark_delete == 0] if "mark_delete" in table.c else []
    same = [exact(column) for column in chosen]
    shown = [sa.func.min(column) for column in chosen]  # of one group they are all the same
    query = sa.select(*shown, sa.func.count(), sa.func.max(table.c.id)).where(*live).group_by(*same)
    for row in books.rows(query):
        report.saw("I4", f"{table.name} by {', '.join(columns)}")
        if row[-2] > 1:
            report.wrong("I4", books.service, table.name, row[-1], f"{row[-2]} rows have {dict(zip(columns, row[:-2], strict=True))}")


# --- what was promised to others arrives


def check_outbox(books: Books, report: Report, patience: Patience) -> None:
    table = books.table("outbox")
    for row in books.rows(sa.select(table.c.id, table.c.topic, table.c.delivered, table.c.create_time)):
        report.saw("OUTBOX", "messages")
        if not row.delivered and row.create_time < patience.now - patience.delivery:
            report.wrong("OUTBOX", books.service, row.topic, row.id, f"not delivered for {patience.now - row.create_time} ms")


# --- I6: a visible artifact is complete and its digest right


@dataclass(frozen=True)
class Reference:
    """uri: of an artifact that a record names."""

    service: str
    kind: str
    id: int
    uri: str


def check_artifacts(store: ArtifactStore, references: Iterable[Reference], report: Report) -> None:
    """Reads every byte of every artifact, and finds every artifact that a record names."""
    for digest in store.digests():
        report.saw("I6", "artifacts")
        try:
            store.open(digest)
        except PlatformError as error:
            report.wrong("I6", "artifacts", "artifact", digest, f"{error.reason.name}: {error.details.get('file', '')}")
    for reference in references:
        report.saw("I6", "references")
        try:
            store.open(reference.uri, verify=False)
        except PlatformError as error:
            report.wrong("I6", reference.service, reference.kind, reference.id, f"{error.reason.name}: {reference.uri}")


def result_references(books: Books, kind: str, table: sa.Table) -> Iterator[Reference]:
    """Every artifact that a task which ended names in its result, under a key that ends in ``_uri``."""
    over = table.c.status.in_((int(TaskStatus.SUCCEEDED), int(TaskStatus.FAILED)))
    for row in books.rows(sa.select(table.c.id, table.c.result).where(over)):
        for name, uri in msgspec.json.decode(row.result or "{}").items():
            if name.endswith("_uri"):
                yield Reference(books.service, kind, row.id, uri)


def references(books: Books, kind: str, table: sa.Table, column: str) -> Iterator[Reference]:
    """Every artifact that a column of a table names."""
    for row in books.rows(sa.select(table.c.id, table.c[column]).where(table.c[column] != "")):
        yield Reference(books.service, kind, row[0], row[1])
