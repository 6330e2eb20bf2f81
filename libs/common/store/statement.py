"""Reads and writes that many wait for: statements compiled once and handed to the driver itself, and several of them in one trip.

Executing a SQLAlchemy statement that is known already costs three to four times what the embedded store needs to answer it: cache keys,
parameter maps, a result object. Nothing of that is needed for one whose text and parameter order never change, so they are worked out
at the first run per dialect and kept. What the store says comes back as plain tuples; its errors as SQLAlchemy's, so that callers see one
kind. A statement whose parameters or results need converting is run the ordinary way.

A server's driver pays for every column of every answer (it is described anew each time) and for every trip. There a row comes as one
JSON array, and ``Together`` is one statement (docs/decisions/0016).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa
from pymysql.constants import ER

Row = tuple[Any, ...]
T = TypeVar("T")
_SERVERS = ("mysql", "mariadb")
_WORTH_PACKING = 4  # columns; fewer cost less than the array around them
# Kinds of which JSON keeps every value: the store prints numbers so that they read back the same.
_PACKED = (sa.Integer, sa.String, sa.Float)
_TOO_MANY_PREPARED: int = ER.MAX_PREPARED_STMT_COUNT_REACHED
_numbers = itertools.count(1)
_unpack: Callable[[str], Row] = msgspec.json.Decoder(tuple).decode


class _Prepared(NamedTuple):
    """A text the server keeps, per connection: how it is told once, and how it is run afterwards."""

    name: str
    tell: str
    run: str


class _Form(NamedTuple):
    """text in the driver's own parameter style; names: of the parameters in their order; fixed: values that are part of the statement;
    packed: each row is one JSON array; floats: the columns of fractions in it, as JSON may say 1 for 1.0."""

    text: str
    names: tuple[str, ...]
    fixed: dict[str, Any]
    packed: bool = False
    floats: tuple[int, ...] = ()
    prepared: _Prepared | None = None


class _Union(NamedTuple):
    text: str
    forms: list[_Form]
    prepared: _Prepared | None


class Statement:
    """One ``select``, run again and again with other values for its named parameters."""

    def __init__(self, query: sa.Select[Any]) -> None:
        self.query = query
        self._forms: dict[str, _Form | None] = {}

    def rows(self, conn: sa.Connection, values: Mapping[str, Any]) -> Sequence[Row]:
        """All rows. Raises SQLAlchemy's DBAPIError; a connection that broke is marked as broken."""
        dialect = conn.dialect
        if dialect.name not in self._forms:
            self._forms[dialect.name] = _form(self.query, dialect)
        form = self._forms[dialect.name]
        if form is None:
            return [tuple(row) for row in conn.execute(self.query, values)]
        found = _run(conn, form, _arguments(form, values))
        if not form.packed:
            return found
        if (None,) in found:  # an array longer than the store's longest packet comes as NULL
            return [tuple(row) for row in conn.execute(self.query, values)]
        return _floating([_unpack(cell) for (cell,) in found], form.floats)

    def row(self, conn: sa.Connection, values: Mapping[str, Any]) -> Row | None:
        """The first row; None when there is none."""
        found = self.rows(conn, values)
        return found[0] if found else None


class Change:
    """One ``insert`` or ``update``, run again and again with other values for its named parameters; in the form ``statement`` explains."""

    def __init__(self, change: sa.Insert | sa.Update, columns: Sequence[str] = ()) -> None:
        """columns: of an insert, whose parameters have their names."""
        self.change, self._columns = change, list(columns) or None
        self._forms: dict[str, _Form | None] = {}

    def run(self, conn: sa.Connection, values: Mapping[str, Any]) -> int:
        """How many rows it found. Raises like ``Statement.rows``, and IntegrityError."""
        form = self._form(conn.dialect)
        if form is None:
            return int(conn.execute(self.change, values).rowcount)
        return _with_cursor(conn, form.text, lambda cursor: _changed(cursor, form.text, _arguments(form, values)))

    def run_all(self, conn: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Once for each of ``rows``: of an insert one statement."""
        form = self._form(conn.dialect)
        if form is None:
            conn.execute(self.change, list(rows))
            return
        given = [_arguments(form, row) for row in rows]
        _with_cursor(conn, form.text, lambda cursor: cursor.executemany(form.text, given))

    def _form(self, dialect: sa.Dialect) -> _Form | None:
        if dialect.name not in self._forms:
            compiled: Any = self.change.compile(dialect=dialect, column_keys=self._columns)
            self._forms[dialect.name] = _of_compiled(compiled, dialect)
        return self._forms[dialect.name]


def _changed(cursor: Any, text: str, arguments: list[Any]) -> int:
    cursor.execute(text, arguments)
    return int(cursor.rowcount)


class Together:
    """Several statements answered at one moment in time: by one trip to a server, one after another on the embedded store.

    They share the names of their parameters. The rows of one that is not limited come in no order.
    """

    def __init__(self, *queries: sa.Select[Any]) -> None:
        self._statements = [Statement(query) for query in queries]
        self._unions: dict[str, _Union | None] = {}

    def rows(self, conn: sa.Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Row]]:
        """The rows of each statement. Raises like ``Statement.rows``."""
        dialect = conn.dialect
        if dialect.name not in self._unions:
            self._unions[dialect.name] = _union([statement.query for statement in self._statements], dialect)
        union = self._unions[dialect.name]
        cells = None
        if union is not None:
            cells = _run(conn, union, [value for form in union.forms for value in _arguments(form, values)])
        if union is None or cells is None or (None,) in cells:
            return self._in_turn(conn, values)
        found: list[list[Row]] = [[] for _ in union.forms]
        for (cell,) in cells:
            row = _unpack(cell)
            found[row[0]].append(row[1:])
        return [_floating(rows, form.floats) for rows, form in zip(found, union.forms, strict=True)]

    def _in_turn(self, conn: sa.Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Row]]:
        """On the embedded store in one reading: it locks and looks at its file once, and all statements see the same moment."""
        driver: Any = conn.connection.driver_connection if conn.dialect.name == "sqlite" else None
        if driver is None or driver.in_transaction:
            return [statement.rows(conn, values) for statement in self._statements]
        driver.execute("BEGIN")
        try:
            return [statement.rows(conn, values) for statement in self._statements]
        finally:
            driver.rollback()


def _run(conn: sa.Connection, asked: _Form | _Union, arguments: list[Any]) -> Sequence[Row]:
    def use(cursor: Any) -> Sequence[Row]:
        cursor.execute(asked.prepared.run if asked.prepared and _told(conn, cursor, asked.prepared) else asked.text, arguments)
        found: Sequence[Row] = cursor.fetchall()
        return found

    return _with_cursor(conn, asked.text, use)


def _with_cursor(conn: sa.Connection, text: str, use: Callable[[Any], T]) -> T:
    """What ``use`` does with a cursor of the driver itself. Raises SQLAlchemy's errors."""
    dialect = conn.dialect
    driver = conn.connection.driver_connection
    assert driver is not None
    cursor = driver.cursor()
    try:
        return use(cursor)
    except dialect.loaded_dbapi.Error as error:
        broken = dialect.is_disconnect(error, driver, cursor)
        if broken:
            conn.invalidate(error)
        raise sa.exc.DBAPIError.instance(
            text, None, error, dialect.loaded_dbapi.Error, dialect=dialect, connection_invalidated=broken
        ) from error
    finally:
        cursor.close()


def _told(conn: sa.Connection, cursor: Any, prepared: _Prepared) -> bool:
    """Whether this connection's server keeps the text; it is told at the first use. False when it keeps too many already."""
    known: dict[str, bool] = conn.info.setdefault("prepared", {})
    kept = known.get(prepared.name)
    if kept is None:
        try:
            cursor.execute(prepared.tell)
            kept = True
        except conn.dialect.loaded_dbapi.Error as error:
            if error.args[0] != _TOO_MANY_PREPARED:
                raise
            kept = False
        known[prepared.name] = kept
    return kept


def _prepared(text: str, parameters: int, dialect: sa.Dialect) -> _Prepared | None:
    """None where the server cannot be handed values with EXECUTE: only MariaDB can."""
    if not getattr(dialect, "is_mariadb", False):
        return None
    name = f"modelyard_{next(_numbers)}"
    asked = text % (("?",) * parameters)
    using = f" USING {', '.join(['%s'] * parameters)}" if parameters else ""
    return _Prepared(
        name, f"PREPARE {name} FROM '{asked.replace(chr(92), chr(92) * 2).replace(chr(39), chr(39) * 2)}'", f"EXECUTE {name}{using}"
    )


def _arguments(form: _Form, values: Mapping[str, Any]) -> list[Any]:
    given = {**form.fixed, **values} if form.fixed else values
    return [given[name] for name in form.names]


def _floating(rows: Sequence[Row], floats: tuple[int, ...]) -> Sequence[Row]:
    if not floats:
        return rows
    return [tuple(float(cell) if at in floats and cell is not None else cell for at, cell in enumerate(row)) for row in rows]


def _union(queries: Sequence[sa.Select[Any]], dialect: sa.Dialect) -> _Union | None:
    """A union whose rows begin with the number of their query. None where that is no gain, or not possible."""
    if dialect.name not in _SERVERS:
        return None
    forms = [form for number, query in enumerate(queries) if (form := _form(query, dialect, number)) is not None and form.packed]
    if len(forms) < len(queries):
        return None
    text = " UNION ALL ".join(f"({form.text})" for form in forms)
    return _Union(text, forms, _prepared(text, sum(len(form.names) for form in forms), dialect))


def _form(query: sa.Select[Any], dialect: sa.Dialect, number: int | None = None) -> _Form | None:
    """None when the driver's own words need a converter, or the text depends on the values (IN with a list). number: put before the row."""
    columns = list(query.selected_columns)
    for column in columns:
        needs_converting = column.type.dialect_impl(dialect).result_processor(dialect, None) is not None
        if needs_converting and not isinstance(column.type, sa.Float):
            return None
    # As this dialect has them: a column that is text elsewhere can be the server's own JSON here, which goes together with no text.
    packed = dialect.name in _SERVERS and all(isinstance(column.type.dialect_impl(dialect), _PACKED) for column in columns)
    packed = packed and (number is not None or len(columns) >= _WORTH_PACKING)
    if packed:
        first: list[sa.ColumnElement[Any]] = [] if number is None else [sa.literal_column(str(number))]
        query = query.with_only_columns(sa.func.json_array(*first, *columns), maintain_column_froms=True)
    form = _of_compiled(query.compile(dialect=dialect), dialect)
    if form is None:
        return None
    floats = tuple(at for at, column in enumerate(columns) if isinstance(column.type, sa.Float))
    return form._replace(packed=packed, floats=floats, prepared=_prepared(form.text, len(form.names), dialect))


def _of_compiled(compiled: Any, dialect: sa.Dialect) -> _Form | None:
    if compiled.post_compile_params or compiled.positiontup is None:
        return None
    for bound in compiled.binds.values():
        if bound.type.dialect_impl(dialect).bind_processor(dialect) is not None:
            return None
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    return _Form(str(compiled), tuple(compiled.positiontup), fixed)
