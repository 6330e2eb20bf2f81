"""What a list of work is filtered by: states, kind, owner and time of creation, each served by an index.

Several states are as many short reads of one index, merged by id: one read of all of them would have to sort everything that matches before
it can answer the first page. A time bounds the ids first, which sort by time (libs.common.ids), so that no page walks through what is older
or newer; then the exact time decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.ids import lowest_of
from libs.common.store.repository import Page, PageRequest, Repository

SLACK_MS = 3_600_000  # an id is drawn before its row's time is taken, perhaps on a machine whose clock differs


def chosen(
    rows: Repository[Any],
    conn: sa.Connection,
    ctx: CallContext,
    page: PageRequest,
    *where: sa.ColumnElement[bool],
    statuses: Sequence[int] | None = None,
    from_time: int | None = None,
    to_time: int | None = None,
    **equal: int | None,
) -> Page:
    """One page, newest first. from_time, to_time: milliseconds, the first included, the second not. equal: None for any."""
    key, made = rows.column("id"), rows.column("create_time")
    conditions = [*where, *[rows.column(name) == int(value) for name, value in equal.items() if value is not None]]
    if from_time is not None:
        conditions += [key >= lowest_of(from_time - SLACK_MS), made >= from_time]
    if to_time is not None:
        conditions += [key < lowest_of(to_time + SLACK_MS), made < to_time]
    if not statuses:
        return rows.page(conn, ctx, page, *conditions)
    status = rows.column("status")
    return rows.page(conn, ctx, page, *conditions, either=[status == int(each) for each in sorted(set(statuses))])
