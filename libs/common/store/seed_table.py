"""Tables of the seed design: its columns first, in its order, with its comments and collation; what was added comes behind them.

The seed's collation on MySQL is the default of utf8mb4, which takes ``a`` for ``A``. Names here are compared byte for byte on every store:
``SeedText`` asks the index first and the bytes second.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import BIGINT, TINYINT
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators

_BY_INDEX = (operators.eq, operators.in_op, operators.like_op, operators.startswith_op)


class Exact(sa.sql.functions.FunctionElement[str]):
    """A text column as its bytes, whatever its collation; on SQLite that is the column itself."""

    type = sa.String()
    inherit_cache = True
    name = "exact"


@compiles(Exact)
def _as_it_is(element: Exact, compiler: Any, **named: Any) -> str:
    return str(compiler.process(element.clauses, **named))


@compiles(Exact, "mysql", "mariadb")
def _as_bytes(element: Exact, compiler: Any, **named: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **named)} AS BINARY)"


class SeedText(sa.String):
    """A text column in the seed's collation whose comparisons are exact all the same."""

    class Comparator(sa.String.Comparator[str]):
        def operate(self, op: Any, *other: Any, **named: Any) -> Any:
            if op is operators.ne or (op is operators.eq and isinstance(other[0], sa.ColumnClause)):  # two collations cannot be compared
                return op(Exact(self.expr), *other, **named)
            found = super().operate(op, *other, **named)
            return sa.and_(found, op(Exact(self.expr), *other, **named)) if op in _BY_INDEX else found

    comparator_factory = Comparator


def exact(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """What rows are grouped by, so that one group is one text."""
    return Exact(column) if isinstance(column.type, SeedText) else column


def seed_columns_around(*own: sa.Column[Any]) -> list[sa.Column[Any]]:
    """The columns every table of the seed has, around those that are its ``own``."""
    zero: dict[str, Any] = {"nullable": False, "server_default": "0"}
    key = sa.BigInteger().with_variant(BIGINT(unsigned=True), "mysql", "mariadb")
    mark = sa.SmallInteger().with_variant(TINYINT(), "mysql", "mariadb")
    return [
        sa.Column("id", key, primary_key=True, autoincrement=False, comment="id"),
        *own,
        sa.Column("version", sa.Integer, comment="版本锁", **zero),
        sa.Column("mark_delete", mark, comment="删除标", **zero),
        sa.Column("create_time", sa.BigInteger, comment="创建时间戳", **zero),
        sa.Column("update_time", sa.BigInteger, comment="更新时间戳", **zero),
    ]
