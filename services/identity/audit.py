"""What the auditor knows of identity: everybody and every place that a record names exists, no space is without an owner, and the trail of
who did what has every row that was acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Reference, Report, Subject, batches, check_common, check_once
from services.identity.domain.space import Role
from services.identity.repository import METADATA

_department, _user, _password, _space, _membership, _session, _key, _trail = (
    METADATA.tables[name]
    for name in ("department", "user_account", "user_password", "project_space", "membership", "sign_in_session", "api_key", "audit_event")
)
_answer = METADATA.tables["stored_answer"]
SUBJECTS: tuple[Subject, ...] = ()
"""No noun of identity moves through states: what happened to each stands in the trail."""
_POINTERS = (
    (_space.c.department_id, _department, False),
    (_user.c.department_id, _department, True),
    (_password.c.user_id, _user, False),
    (_membership.c.user_id, _user, False),
    (_membership.c.project_space_id, _space, False),
    (_session.c.user_id, _user, False),
    (_key.c.user_id, _user, False),
    (_key.c.project_space_id, _space, False),
    (_trail.c.user_id, _user, True),
    (_trail.c.project_space_id, _space, True),
)
"""Column, what it points to, and whether 0 stands for nothing."""


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    check_once(books, report, _membership, "user_id", "project_space_id", "role")
    for column, target, nothing in _POINTERS:
        _check_pointer(books, report, column, target, nothing)
    _check_owners(books, report)
    _check_accounts(books, report)
    _check_ended(books, report)
    _check_trail(books, report)


def artifacts(_books: Books) -> Iterator[Reference]:
    return iter(())


def _check_pointer(books: Books, report: Report, column: sa.Column[int], target: sa.Table, nothing: bool) -> None:
    table: sa.Table = column.table
    own = next(iter(table.primary_key.columns))
    named = [*_live(table), *([column != 0] if nothing else [])]
    lacking = column.not_in(sa.select(target.c.id).where(*_live(target)))
    report.saw("LINEAGE", f"{table.name}.{column.name}", _count(books, table, *named))
    for row in books.rows(sa.select(own, column).where(*named, lacking)):
        report.wrong("LINEAGE", books.service, table.name, row[0], f"{target.name} {row[1]} does not exist")


def _live(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    return [table.c.mark_delete == 0] if "mark_delete" in table.c else []


def _count(books: Books, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(next(books.rows(sa.select(sa.func.count()).select_from(table).where(*where)))[0])


def _check_owners(books: Books, report: Report) -> None:
    """Who made a space became its owner in the same transaction, and the last owner cannot leave."""
    owned = sa.select(_membership.c.project_space_id).where(_membership.c.mark_delete == 0, _membership.c.role == int(Role.owner))
    for row in books.rows(sa.select(_space.c.id, _space.c.id.in_(owned)).where(_space.c.mark_delete == 0)):
        report.saw("I13", "spaces with an owner")
        if not row[1]:
            report.wrong("I13", books.service, "project_space", row.id, "it has no owner")
    for row in books.rows(sa.select(sa.func.count(), sa.func.sum(_user.c.administrator * (1 - _user.c.disabled))).select_from(_user)):
        if row[0] and not row[1]:
            report.wrong("I13", books.service, "user", "*", f"none of {row[0]} users is an administrator who may sign in")


def _check_accounts(books: Books, report: Report) -> None:
    """A membership shows its user's account."""
    pairs = sa.select(_membership.c.id, _membership.c.account, _user.c.account.label("of_user"))
    for row in books.rows(pairs.join_from(_membership, _user, _membership.c.user_id == _user.c.id)):
        report.saw("LINEAGE", "memberships by account")
        if row.account != row.of_user:
            report.wrong("LINEAGE", books.service, "membership", row.id, f"it shows {row.account}, its user is {row.of_user}")


def _check_ended(books: Books, report: Report) -> None:
    """Nobody's access outlives the session it came from, and a key ends after it began."""
    for table, wrong in ((_session, _session.c.access_until > _session.c.refresh_until), (_key, _key.c.expire_time <= _key.c.create_time)):
        report.saw("I13", table.name, _count(books, table))
        for row in books.rows(sa.select(table.c.id).where(wrong)):
            report.wrong("I13", books.service, table.name, row.id, "its ends are in no order")


def _check_trail(books: Books, report: Report) -> None:
    """Rows are only added: what one batch wrote, at one time, is all there as long as its answer is."""
    told = sa.select(_answer.c.idempotency_key, _answer.c.create_time, sa.cast(_answer.c.answer, sa.Integer).label("rows"))
    for batch in batches(books.rows(told.where(_answer.c.method == "record_audit").order_by(_answer.c.create_time))):
        wanted: dict[int, int] = {}
        for row in batch:
            wanted[row.create_time] = wanted.get(row.create_time, 0) + row.rows
        at = _trail.c.create_time
        kept = dict(map(tuple, books.rows(sa.select(at, sa.func.count()).where(at.in_(list(wanted))).group_by(at))))
        for when, rows in wanted.items():
            report.saw("I2", "acknowledged rows of the trail", rows)
            if kept.get(when, 0) < rows:
                report.wrong(
                    "I2", books.service, "audit_event", f"at {when}", f"{rows} rows were acknowledged, {kept.get(when, 0)} are stored"
                )
