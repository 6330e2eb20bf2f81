"""The step of a migration that gives a table of the seed its whole shape back: order, comments, collation, defaults."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

# (name, definition, comment) in the seed's order. Definitions are its own words; texts get the default collation of utf8mb4, as there.
Columns = tuple[tuple[str, str, str], ...]
HEAD: Columns = (("id", "bigint(20) unsigned NOT NULL", "id"),)
TAIL: Columns = (
    ("version", "int(11) NOT NULL DEFAULT 0", "版本锁"),
    ("mark_delete", "tinyint(4) NOT NULL DEFAULT 0", "删除标"),
    ("create_time", "bigint(20) NOT NULL DEFAULT 0", "创建时间戳"),
    ("update_time", "bigint(20) NOT NULL DEFAULT 0", "更新时间戳"),
)


def keep_shape(table: str, comment: str, own: Columns, added: Mapping[str, str]) -> None:
    """own: the seed's columns between ``id`` and ``version``. added: columns that are not the seed's and had no default -> their default,
    so that a row written as the seed writes it is accepted."""
    if op.get_bind().dialect.name == "sqlite":
        _defaults_on_sqlite(table, added)
        return
    columns = (*HEAD, *own, *TAIL)
    places = ("FIRST", *(f"AFTER `{name}`" for name, _, _ in columns[:-1]))
    steps = [f"DEFAULT CHARACTER SET utf8mb4, COMMENT='{comment}'"]
    steps += [
        f"MODIFY `{name}` {_with_character_set(kind)} COMMENT '{text}' {place}"
        for (name, kind, text), place in zip(columns, places, strict=True)
    ]
    # In brackets: as an expression both servers take a default for a text column.
    steps += [f"ALTER COLUMN `{name}` SET DEFAULT ('{default}')" for name, default in added.items()]
    op.execute(sa.text(f"ALTER TABLE `{table}` {', '.join(steps)}"))


def _with_character_set(kind: str) -> str:
    """Said per column: a column that is changed keeps the collation it had otherwise."""
    words = kind.split(" ", 1)
    return " ".join([words[0], "CHARACTER SET utf8mb4", *words[1:]]) if kind.startswith("VARCHAR") else kind


def _defaults_on_sqlite(table: str, added: Mapping[str, str]) -> None:
    if not added:
        return
    with op.batch_alter_table(table) as batch:
        for name, default in added.items():
            batch.alter_column(name, server_default=default)
