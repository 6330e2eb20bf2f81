"""Tables to domain objects and back: one small base for every repository, and the only place that spells SQL conditions.

A record type is a frozen dataclass whose field names are the column names unless ``columns`` renames them (the seed's spellings live
there). Enums are stored as their number, lists and dicts as JSON text.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, replace
from enum import IntEnum
from typing import Any, Generic, NamedTuple, TypeVar, get_origin, get_type_hints

import msgspec
import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, not_found
from libs.common.store import changes
from libs.common.store.database import Transaction
from libs.common.store.statement import Change, Row, Statement

R = TypeVar("R")
PAGE_LIMIT = 50
PAGE_MAX = 500


class PageRequest(NamedTuple):
    """cursor: opaque, None = first page. limit: rows, 1..500."""

    cursor: str | None = None
    limit: int = PAGE_LIMIT


class Page(NamedTuple):
    """items: rows of this page. next_cursor: None = last page."""

    items: list[Any]
    next_cursor: str | None


def encode_cursor(id: int) -> str:
    return base64.urlsafe_b64encode(str(id).encode()).decode()


def decode_cursor(cursor: str) -> int:
    """Raises 400 for a cursor this platform did not give out."""
    try:
        id = int(base64.urlsafe_b64decode(cursor.encode()))
    except ValueError:
        id = 0
    if not 0 < id < 1 << 63 or encode_cursor(id) != cursor:
        raise invalid("page.cursor", limit="a cursor of an earlier answer")
    return id


class Repository(Generic[R]):
    """``kind``: the noun for errors and history. Reads and writes are confined to the caller's space when the record has one.

    ``unread``: fields that are not fetched and have this value instead, for reads that many wait for and that show less. Read only.
    ``secrecy``: the level of a row as an expression, when the record has no column ``secrecy`` of its own. What is above the caller's
    clearance does not exist for the caller: here, and nowhere else.
    ``absent``: what a NULL means in a column where the seed allows one and the record has no default.
    ``belongs_to``: the field with the id of the object it belongs to. ``told``: whether the change feed tells of these records.
    """

    def __init__(
        self,
        kind: str,
        table: sa.Table,
        record: type[R],
        columns: Mapping[str, str] | None = None,
        unread: Mapping[str, Callable[[], Any]] | None = None,
        secrecy: sa.ColumnElement[int] | None = None,
        absent: Mapping[str, Any] | None = None,
        belongs_to: str = "",
        told: bool = True,
    ) -> None:
        self.kind, self.table, self.record = kind, table, record
        self._belongs_to, self._told = belongs_to, told
        renamed = columns or {}
        hints = get_type_hints(record)
        self._columns = {f.name: table.c[renamed.get(f.name, f.name)] for f in fields(record) if f.name not in (unread or {})}  # type: ignore[arg-type]
        self._names = tuple(self._columns)
        self._unread = list((unread or {}).items())
        blank = {f.name: _blank(f, absent or {}) for f in fields(record)}  # type: ignore[arg-type]
        self._decoders = [
            (name, _or_blank(decode, blank[name]) if column.nullable else decode)
            for name, column in self._columns.items()
            if (decode := _decoder(hints[name])) is not None
        ]
        self._encoders = {name: _encoder(hints[name]) for name in self._columns}
        self.has_space = "project_space_id" in self._columns
        self._select = sa.select(*self._columns.values())
        self._secrecy = self._columns.get("secrecy") if secrecy is None else secrecy
        live = [table.c.mark_delete == 0] if "mark_delete" in table.c else []
        self._live = live
        # A foreign object and an absent one are the same to the caller, in what is said and in how long it takes: the store finds neither.
        self._by_id = Statement(self.equal("id"))
        self._prepared: dict[Hashable, Statement] = {}
        self._changes: dict[Hashable, Change] = {}
        self._insert_many = Change(table.insert(), [column.name for column in self._columns.values()])

    def column(self, name: str) -> sa.ColumnElement[Any]:
        return self._columns[name]

    def find(self, conn: sa.Connection, ctx: CallContext, id: int) -> R | None:
        row = self._by_id.row(conn, {"id": id, **self.scope(ctx)})
        return None if row is None else self.load(row)

    def get(self, conn: sa.Connection, ctx: CallContext, id: int) -> R:
        """Raises 404 NOT_FOUND, also for an object of another space."""
        found = self.find(conn, ctx, id)
        if found is None:
            raise not_found(self.kind, id)
        return found

    def first(self, conn: sa.Connection, ctx: CallContext, *where: sa.ColumnElement[bool], newest: bool = True) -> R | None:
        key = self._columns["id"]
        query = self._select.where(*self._scope(ctx), *where).order_by(key.desc() if newest else key).limit(1)
        row = conn.execute(query).first()
        return None if row is None else self.load(row)

    def first_by(self, conn: sa.Connection, ctx: CallContext, **equal: Any) -> R | None:
        """The newest record whose columns equal the given values. Prepared once: for reads that many wait for."""
        found = self.all_by(conn, ctx, 1, **equal)
        return found[0] if found else None

    def all_by(self, conn: sa.Connection, ctx: CallContext, limit: int, **equal: Any) -> list[R]:
        """Up to ``limit`` records whose columns equal the given values, newest first. Prepared once per set of columns."""
        query = self.prepared(("by", *equal), lambda: self.equal(*equal).order_by(self._columns["id"].desc()).limit(sa.bindparam("most")))
        return [self.load(row) for row in query.rows(conn, {**self.scope(ctx), **equal, "most": limit})]

    def prepared(self, name: Hashable, build: Callable[[], sa.Select[Any]]) -> Statement:
        """A statement that is built once: building and naming one costs more than running it on the embedded store."""
        query = self._prepared.get(name)
        if query is None:
            query = self._prepared[name] = Statement(build())
        return query

    def changing(self, name: Hashable, build: Callable[[], sa.Update]) -> Change:
        """The same for an update. It is its caller's to move versions and times."""
        change = self._changes.get(name)
        if change is None:
            change = self._changes[name] = Change(build())
        return change

    def scope(self, ctx: CallContext) -> dict[str, int]:
        """What a prepared statement made with ``prepared_scope`` needs to stay inside the caller's space."""
        return {**({"space": ctx.space_id} if self.has_space else {}), **self._clearance(ctx)}

    def prepared_scope(self) -> list[sa.ColumnElement[bool]]:
        """Conditions of a prepared statement: alive, in the space and within the clearance bound by ``scope``."""
        space = [self._columns["project_space_id"] == sa.bindparam("space")] if self.has_space else []
        return [*space, *self._live, *self._cleared(sa.bindparam("clearance"))]

    def everything(self, *more: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """A select of a record's columns in their order, and ``more`` behind them."""
        return self._select.add_columns(*more)

    def equal(self, *names: str) -> sa.Select[Any]:
        """A select of the records within ``scope`` whose columns equal the parameters named after them."""
        return self._select.where(*self.prepared_scope(), *[self._columns[name] == sa.bindparam(name) for name in names])

    def page(
        self,
        conn: sa.Connection,
        ctx: CallContext,
        page: PageRequest,
        *where: sa.ColumnElement[bool],
        newest: bool = True,
        either: Sequence[sa.ColumnElement[bool]] = (),
    ) -> Page:
        """One page by key, newest first unless told otherwise: the last page costs what the first costs. either: conditions that exclude
        each other, of which one must hold; each is a read of its own."""
        key = self._columns["id"]
        after = [] if page.cursor is None else [(key < decode_cursor(page.cursor)) if newest else (key > decode_cursor(page.cursor))]
        query = self._select.where(*self._scope(ctx), *where, *after).order_by(key.desc() if newest else key).limit(page.limit + 1)
        rows = [self.load(row) for each in either or (sa.true(),) for row in conn.execute(query.where(each))]
        if len(either) > 1:
            rows.sort(key=lambda record: record.id, reverse=newest)  # type: ignore[attr-defined]
        more = len(rows) > page.limit
        rows = rows[: page.limit]
        return Page(rows, encode_cursor(rows[-1].id) if more else None)  # type: ignore[attr-defined]

    def count(self, conn: sa.Connection, ctx: CallContext, *where: sa.ColumnElement[bool]) -> int:
        return int(conn.execute(sa.select(sa.func.count()).select_from(self.table).where(*self._scope(ctx), *where)).scalar_one())

    def refuse_twin(self, tx: Transaction, within: str, **equal: Any) -> None:
        """Raises ALREADY_EXISTS for a name that is taken ``within`` the caller's space, a model or the platform, also by what is above the
        caller's clearance: of two with one name, whoever sees both would be given the wrong one. ``equal``: the name first."""
        space = [self._columns["project_space_id"] == tx.ctx.space_id] if self.has_space else []
        same = [self._columns[name] == value for name, value in equal.items()]
        if tx.conn.execute(sa.select(self._columns["id"]).where(*space, *self._live, *same).limit(1)).first() is not None:
            raise PlatformError(409, Reason.ALREADY_EXISTS, field=next(iter(equal)), limit=f"unique within {within}", kind=self.kind)

    def insert(self, tx: Transaction, record: R) -> R:
        """Stores a new record with the transaction's times."""
        stored = replace(record, **self._times(tx))  # type: ignore[type-var]
        tx.conn.execute(self.table.insert(), self._row(stored))
        self.tell(tx, stored, ChangeKind.MADE)
        return stored

    def insert_all(self, tx: Transaction, records: Sequence[R]) -> None:
        """The same for many in one statement. The change feed does not hear of them."""
        if records:
            times = {self._columns[name].name: now for name, now in self._times(tx).items()}
            self._insert_many.run_all(tx.conn, [{**self._row(record), **times} for record in records])

    def _times(self, tx: Transaction) -> dict[str, int]:
        return {name: tx.now for name in ("create_time", "update_time") if name in self._columns}

    def _row(self, record: R) -> dict[str, Any]:
        return {self._columns[name].name: encode(getattr(record, name)) for name, encode in self._encoders.items()}

    def update(self, tx: Transaction, record: R, **changes: Any) -> R:
        """Compare-and-set on the version ``record`` was read with. Raises 412 STALE_VERSION when somebody else was faster."""
        changed = replace(record, **changes, version=record.version + 1, update_time=tx.now)  # type: ignore[type-var, attr-defined]
        names = tuple(sorted({*changes, "version", "update_time"}))
        values = {f"to_{name}": self._encoders[name](getattr(changed, name)) for name in names}
        as_read = {"as_read_id": record.id, "as_read_version": record.version}  # type: ignore[attr-defined]
        if self.changing(("update", *names), lambda: self._as_read_update(names)).run(tx.conn, {**values, **as_read}) != 1:
            raise stale(self.kind, record.id, record.version)  # type: ignore[attr-defined]
        self.tell(tx, changed, ChangeKind.CHANGED)
        return changed

    def _as_read_update(self, names: Sequence[str]) -> sa.Update:
        as_read = (self._columns["id"] == sa.bindparam("as_read_id"), self._columns["version"] == sa.bindparam("as_read_version"))
        values: dict[str, Any] = {self._columns[name].name: sa.bindparam(f"to_{name}") for name in names}
        return self.table.update().where(*as_read, *self._live).values(values)

    def update_expected(self, tx: Transaction, record: R, **changes: Any) -> R:
        """Like ``update``, for a change a person decided on: 428 without ``expected_version``, 412 when it is not the stored one."""
        expect(tx.ctx, self.kind, record)
        return self.update(tx, record, **changes)

    def delete(self, tx: Transaction, record: R) -> R:
        """Marks deleted, under the same rule as ``update_expected``."""
        expect(tx.ctx, self.kind, record)
        return self.remove(tx, record)

    def remove(self, tx: Transaction, record: R) -> R:
        """Marks deleted, as a step of another change. Raises 412 STALE_VERSION when somebody else was faster."""
        changed = replace(record, version=record.version + 1, update_time=tx.now)  # type: ignore[type-var, attr-defined]
        outcome = tx.conn.execute(
            self.table.update().where(self._columns["id"] == record.id, self._columns["version"] == record.version, *self._live),  # type: ignore[attr-defined]
            {"mark_delete": 1, self._columns["version"].name: changed.version, self._columns["update_time"].name: tx.now},  # type: ignore[attr-defined]
        )
        if outcome.rowcount != 1:
            raise stale(self.kind, record.id, record.version)  # type: ignore[attr-defined]
        self.tell(tx, changed, ChangeKind.DELETED)
        return changed

    def get_deleted(self, conn: sa.Connection, ctx: CallContext, id: int) -> R:
        """One that is marked deleted; its ``update_time`` is when. Raises 404 NOT_FOUND, also for one that is not."""
        row = conn.execute(self._select.where(*self._deleted_scope(ctx), self._columns["id"] == id)).first()
        if row is None:
            raise not_found(self.kind, id)
        return self.load(row)

    def deleted(self, conn: sa.Connection, ctx: CallContext, page: PageRequest, *where: sa.ColumnElement[bool]) -> Page:
        """A page of those that are marked deleted, the newest first."""
        key = self._columns["id"]
        after = [] if page.cursor is None else [key < decode_cursor(page.cursor)]
        query = self._select.where(*self._deleted_scope(ctx), *where, *after).order_by(key.desc()).limit(page.limit + 1)
        rows = [self.load(row) for row in conn.execute(query)]
        more, rows = len(rows) > page.limit, rows[: page.limit]
        return Page(rows, encode_cursor(rows[-1].id) if more else None)  # type: ignore[attr-defined]

    def restorable(self, tx: Transaction, id: int, undo_ms: int) -> R:
        """One that was deleted no longer ago than ``undo_ms``. Raises 404 NOT_FOUND for every other."""
        record = self.get_deleted(tx.conn, tx.ctx, id)
        if record.update_time < tx.now - undo_ms:  # type: ignore[attr-defined]
            raise not_found(self.kind, id)
        return record

    def restore(self, tx: Transaction, id: int, undo_ms: int, within: str, *unique: str) -> R:
        """Takes a delete back that is no longer ago than ``undo_ms``. unique: the fields that name it ``within`` its space.

        Raises 404 NOT_FOUND for what is not deleted or too long ago, ALREADY_EXISTS where the name was given again meanwhile.
        """
        record = self.restorable(tx, id, undo_ms)
        if unique:
            self.refuse_twin(tx, within, **{name: getattr(record, name) for name in unique})
        changed = replace(record, version=record.version + 1, update_time=tx.now)  # type: ignore[type-var, attr-defined]
        same = (self._columns["id"] == id, self._columns["version"] == record.version, self.table.c.mark_delete == 1)  # type: ignore[attr-defined]
        values = {"mark_delete": 0, self._columns["version"].name: changed.version, self._columns["update_time"].name: tx.now}  # type: ignore[attr-defined]
        if tx.conn.execute(self.table.update().where(*same), values).rowcount != 1:
            raise stale(self.kind, id, record.version)  # type: ignore[attr-defined]
        self.tell(tx, changed, ChangeKind.MADE)
        return changed

    def _deleted_scope(self, ctx: CallContext) -> list[sa.ColumnElement[bool]]:
        space = [self._columns["project_space_id"] == ctx.space_id] if self.has_space else []
        return [*space, self.table.c.mark_delete == 1, *self._cleared(ctx.clearance)]

    def tell(self, tx: Transaction, record: R, kind: ChangeKind) -> None:
        """Puts a record, as it is now, into the change feed: also for what is written past ``update``."""
        if not self._told:
            return
        facts = changes.facts_of(record, self._belongs_to)
        if self.has_space:
            facts["project_space_id"] = record.project_space_id  # type: ignore[attr-defined]
        if "secrecy" in self._columns:
            facts["secrecy"] = int(record.secrecy)  # type: ignore[attr-defined]
        elif self._secrecy is not None:
            level = sa.select(self._secrecy).where(self._columns["id"] == record.id)  # type: ignore[attr-defined]
            facts["secrecy"] = int(tx.conn.execute(level).scalar_one())
        tx.tell(self.kind, kind, facts)

    def _scope(self, ctx: CallContext) -> list[sa.ColumnElement[bool]]:
        space = [self._columns["project_space_id"] == ctx.space_id] if self.has_space else []
        return [*space, *self._live, *self._cleared(ctx.clearance)]

    def _cleared(self, clearance: Any) -> list[sa.ColumnElement[bool]]:
        return [] if self._secrecy is None else [self._secrecy <= clearance]

    def _clearance(self, ctx: CallContext) -> dict[str, int]:
        return {} if self._secrecy is None else {"clearance": ctx.clearance}

    def load(self, row: Row | sa.Row[Any]) -> R:
        """The record of a row that has its columns in their order. A frozen dataclass sets its fields one by one through a guard, which for
        wide records costs more than the read; what comes from the store was checked when it went in."""
        found = object.__new__(self.record)
        values = found.__dict__
        values.update(zip(self._names, row, strict=True))
        for name, decode in self._decoders:
            values[name] = decode(values[name])
        for name, make in self._unread:
            values[name] = make()
        return found


def expect(ctx: CallContext, kind: str, record: Any) -> None:
    """428 MISSING_VERSION without ``expected_version``, 412 STALE_VERSION when it is not the record's."""
    if ctx.expected_version is None:
        raise PlatformError(
            428, Reason.MISSING_VERSION, field="expected_version", limit=f"the version the change was decided on, now {record.version}"
        )
    if ctx.expected_version != record.version:
        raise stale(kind, record.id, record.version)


def stale(kind: str, id: int, version: int) -> PlatformError:
    return PlatformError(
        412, Reason.STALE_VERSION, field="expected_version", limit=f"the current version, read at {version}", kind=kind, id=str(id)
    )


def _blank(of: Field[Any], absent: Mapping[str, Any]) -> Callable[[], Any]:
    """Makes what a NULL stands for: told, or the field's own default."""
    if of.default_factory is not MISSING:
        return of.default_factory
    value = absent.get(of.name, None if of.default is MISSING else of.default)
    return lambda: value


def _or_blank(decode: Callable[[Any], Any], blank: Callable[[], Any]) -> Callable[[Any], Any]:
    return lambda value: blank() if value is None else decode(value)


def _decoder(hint: Any) -> Callable[[Any], Any] | None:
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return hint
    if hint is bool:
        return bool
    if get_origin(hint) in (list, dict, tuple) or hint in (list, dict):
        return msgspec.json.Decoder(hint).decode
    return None


def _encoder(hint: Any) -> Callable[[Any], Any]:
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return int
    if hint is bool:
        return int
    if get_origin(hint) in (list, dict, tuple) or hint in (list, dict):
        return lambda value: msgspec.json.encode(value).decode()
    return lambda value: value
