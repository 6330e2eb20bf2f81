"""What the auditor knows of identity: everybody and every place that a record names exists, no space is without an owner, no key is worth
more than what it was made with, no access is left to whoever is disabled, a service account is what it should be, and the trail of who did
what has every row that was acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Reference, Report, Subject, batches, check_common, check_once
from services.identity.domain.audit import EXCHANGE
from services.identity.domain.people import UserKind
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
    (_key.c.parent_id, _key, True),
    (_user.c.home_space_id, _space, True),
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
    _check_made_with(books, report)
    _check_disabled(books, report)
    _check_service_accounts(books, report)
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


def _check_made_with(books: Books, report: Report) -> None:
    """A key that was made with a key ends no later than that one, sees no more, and is not valid when that one was ended."""
    parent = _key.alias("parent")
    made = sa.join(_key, parent, _key.c.parent_id == parent.c.id)
    report.saw("I13", "keys made with keys", int(next(books.rows(sa.select(sa.func.count()).select_from(made)))[0]))
    outlives, escaped = _key.c.expire_time > parent.c.expire_time, sa.and_(parent.c.revoke_time != 0, _key.c.revoke_time == 0)
    for wrong, what in (
        (outlives, "it outlives the key it was made with"),
        (escaped, "the key it was made with was ended, it was not"),
        (_key.c.clearance > parent.c.clearance, "it sees more than the key it was made with"),
    ):
        for row in books.rows(sa.select(_key.c.id).select_from(made).where(wrong)):
            report.wrong("I13", books.service, "api_key", row.id, what)


def _check_disabled(books: Books, report: Report) -> None:
    """What ended with a disabled account does not come back with it."""
    disabled = sa.select(_user.c.id).where(_user.c.disabled == 1)
    report.saw("I13", "disabled users", _count(books, _user, _user.c.disabled == 1))
    for table in (_key, _session):
        for row in books.rows(sa.select(table.c.id).where(table.c.user_id.in_(disabled), table.c.revoke_time == 0)):
            report.wrong("I13", books.service, table.name, row.id, "its user is disabled, it was not ended")


def _check_service_accounts(books: Books, report: Report) -> None:
    """A program has a home and keys; a password, a session, and the platform are for people, and nobody else acts for others."""
    program = _user.c.kind == int(UserKind.SERVICE)
    programs = sa.select(_user.c.id).where(program)
    report.saw("I13", "service accounts", _count(books, _user, program))
    lies = (
        (_user, _user.c.id, sa.and_(program, _user.c.administrator == 1), "a service account is an administrator"),
        (_user, _user.c.id, program != (_user.c.home_space_id != 0), "a service account has a home, a person has none"),
        (_password, _password.c.user_id, _password.c.user_id.in_(programs), "a service account has a password"),
        (_session, _session.c.id, _session.c.user_id.in_(programs), "a service account has signed in"),
        (_membership, _membership.c.id, sa.and_(_membership.c.acting == 1, ~_program_of(_membership)), "a person acts for others"),
        (_membership, _membership.c.id, (_membership.c.kind == 1) != _program_of(_membership), "it shows another kind of user"),
        (_key, _key.c.id, (_key.c.kind == 1) != _program_of(_key), "it shows another kind of user"),
    )
    for table, own, wrong, what in lies:
        for row in books.rows(sa.select(own).where(wrong, *_live(table))):
            report.wrong("I13", books.service, table.name, row[0], what)


def _program_of(table: sa.Table) -> sa.ColumnElement[bool]:
    """Whether a row is a service account's."""
    return table.c.user_id.in_(sa.select(_user.c.id).where(_user.c.kind == int(UserKind.SERVICE)))


def _check_trail(books: Books, report: Report) -> None:
    """Rows are only added: what one batch wrote, at one time, is all there as long as its answer is."""
    told = sa.select(_answer.c.idempotency_key, _answer.c.create_time, sa.cast(_answer.c.answer, sa.Integer).label("rows"))
    for batch in batches(books.rows(told.where(_answer.c.method == "record_audit").order_by(_answer.c.create_time))):
        wanted: dict[int, int] = {}
        for row in batch:
            wanted[row.create_time] = wanted.get(row.create_time, 0) + row.rows
        at = _trail.c.create_time
        kept = dict(
            map(tuple, books.rows(sa.select(at, sa.func.count()).where(at.in_(list(wanted)), _trail.c.method != EXCHANGE).group_by(at)))
        )
        for when, rows in wanted.items():
            report.saw("I2", "acknowledged rows of the trail", rows)
            if kept.get(when, 0) < rows:
                report.wrong(
                    "I2", books.service, "audit_event", f"at {when}", f"{rows} rows were acknowledged, {kept.get(when, 0)} are stored"
                )
