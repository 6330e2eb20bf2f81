"""Reads that many wait for: a statement compiled once and handed to the driver itself.

Executing a SQLAlchemy statement that is known already costs three to four times what the embedded store needs to answer it: cache keys,
parameter maps, a result object. Nothing of that is needed for a read whose text and parameter order never change, so they are worked out
at the first run per dialect and kept. What the store says comes back as plain tuples; its errors as SQLAlchemy's, so that callers see one
kind. A statement whose parameters or results need converting is run the ordinary way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

Row = tuple[Any, ...]


class _Form(NamedTuple):
    """text in the driver's own parameter style; names: of the parameters in their order; fixed: values that are part of the statement."""

    text: str
    names: tuple[str, ...]
    fixed: dict[str, Any]


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
        text, names, fixed = form
        given = {**fixed, **values} if fixed else values
        driver = conn.connection.driver_connection
        assert driver is not None
        cursor = driver.cursor()
        try:
            cursor.execute(text, [given[name] for name in names])
            found: Sequence[Row] = cursor.fetchall()
            return found
        except dialect.loaded_dbapi.Error as error:
            broken = dialect.is_disconnect(error, driver, cursor)
            if broken:
                conn.invalidate(error)
            raise sa.exc.DBAPIError.instance(
                text, None, error, dialect.loaded_dbapi.Error, dialect=dialect, connection_invalidated=broken
            ) from error
        finally:
            cursor.close()

    def row(self, conn: sa.Connection, values: Mapping[str, Any]) -> Row | None:
        """The first row; None when there is none."""
        found = self.rows(conn, values)
        return found[0] if found else None


def _form(query: sa.Select[Any], dialect: sa.Dialect) -> _Form | None:
    """None when the driver's own words need a converter, or the text depends on the values (IN with a list)."""
    compiled: Any = query.compile(dialect=dialect)
    if compiled.post_compile_params or compiled.positiontup is None:
        return None
    for column in query.selected_columns:
        if column.type.dialect_impl(dialect).result_processor(dialect, None) is not None:
            return None
    for bound in compiled.binds.values():
        if bound.type.dialect_impl(dialect).bind_processor(dialect) is not None:
            return None
    names = tuple(compiled.positiontup)
    return _Form(str(compiled), names, {name: value for name, value in compiled.params.items() if value is not None})
