"""Who led before me may write nothing: a leader's number is checked inside each of its transactions, in the store that it writes to.

A leader may be paused for any time between "am I the leader" and its write; no election can see that. So ``acting(leadership)`` marks the
work of a singleton, and every transaction begun inside it first moves ``leader_fence`` to its number. The row stays locked until the
commit: what an older leader has begun ends before a newer one writes, and what it begins later is refused with STALE_LEADER.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from libs.common.errors import PlatformError, Reason


@dataclass(frozen=True)
class Lead:
    """One term of office. name: of the office, with the realm its numbers can be compared in. number: above that of every earlier term."""

    name: str
    number: int


class Leadership(Protocol):
    def lead(self) -> Lead | None:
        """This process's term while it may act, else None. Never blocks on the network."""

    def resign(self) -> None:
        """Leaves the office to others and stands no more. Ends with the process anyway."""


_acting: ContextVar[tuple[Leadership, Lead] | None] = ContextVar("acting", default=None)
"""The term this thread acts in. Not an argument, so that no transaction of a singleton can be begun without it (docs/decisions/0023)."""


def fence_table(metadata: sa.MetaData) -> sa.Table:
    """The highest number that wrote, per singleton."""
    return sa.Table(
        "leader_fence",
        metadata,
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )


@contextmanager
def acting(leadership: Leadership, lead: Lead) -> Iterator[None]:
    """Every write transaction of this thread inside the block is that of ``lead``."""
    token = _acting.set((leadership, lead))
    try:
        yield
    finally:
        _acting.reset(token)


def only_leader(leadership: Leadership | None, chore: Callable[[], Any]) -> Callable[[], Any]:
    """``chore``, run only while this process leads and fenced by its number. None: there is but one process, and nothing to decide."""
    if leadership is None:
        return chore

    def run() -> Any:
        lead = leadership.lead()
        if lead is None:
            return None
        with acting(leadership, lead):
            return chore()

    return run


def check(conn: sa.Connection, metadata: sa.MetaData, beside: sa.Engine | None = None) -> None:
    """Called first in every write transaction; does nothing outside ``acting``. Raises STALE_LEADER."""
    term = _acting.get()
    if term is None:
        return
    leadership, lead = term
    if leadership.lead() != lead:
        raise stale_leader(lead)
    fence(conn, metadata.tables["leader_fence"], lead, beside)


def fence(conn: sa.Connection, table: sa.Table, lead: Lead, beside: sa.Engine | None = None) -> None:
    """Refuses a number below the highest that wrote, and holds the row until the transaction ends. Raises STALE_LEADER.

    beside: of a store with many writers. There the row of an office is made outside the transaction: the first two terms ever would
    otherwise wait for each other's unfinished row. On SQLite there is one writer at a time, and nobody to wait for.
    """
    newer = table.update().where(table.c.name == lead.name, table.c.number <= lead.number).values(number=lead.number)
    if conn.execute(newer).rowcount == 1:
        return
    if conn.execute(sa.select(table.c.number).where(table.c.name == lead.name)).first() is None:
        first = {"name": lead.name, "number": 0}
        if beside is None:
            conn.execute(table.insert(), first)
        else:
            with beside.connect() as other:
                other.execute(table.insert().prefix_with("IGNORE"), first)
    # Again in any case: the row may have come from somebody older between our two looks.
    if conn.execute(newer).rowcount != 1:
        raise stale_leader(lead)


def stale_leader(lead: Lead) -> PlatformError:
    return PlatformError(409, Reason.STALE_LEADER, field="number", limit="the term that leads now", what=lead.name)
