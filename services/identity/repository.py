"""Tables of the identity domain. Hashes of passwords are in a table of their own: no noun carries one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common.store.database import Transaction, platform_tables, seed_columns
from libs.common.store.repository import Page, PageRequest, Repository, decode_cursor, encode_cursor
from services.identity.domain.audit import AuditEvent
from services.identity.domain.credential import ApiKey, Session
from services.identity.domain.people import Department, User
from services.identity.domain.space import Membership, ProjectSpace

METADATA = sa.MetaData()
platform_tables(METADATA)


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


_department = sa.Table("department", METADATA, *seed_columns(), sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("desc", sa.String(1000)))  # fmt: skip
_user = sa.Table(
    "user_account",
    METADATA,
    *seed_columns(),
    sa.Column("account", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(100), nullable=False),
    _whole("department_id"),
    _whole("administrator", sa.SmallInteger),
    _whole("disabled", sa.SmallInteger),
    sa.Column("issuer", sa.String(200), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    _whole("kind", sa.SmallInteger),
    _whole("home_space_id"),
    sa.Index("user_account_home", "home_space_id", "id"),
    sa.Index("user_account_subject", "subject"),
)
_password = sa.Table(
    "user_password",
    METADATA,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.String(200), nullable=False),
    _whole("update_time"),
    _whole("printed", sa.SmallInteger),
)
_space = sa.Table(
    "project_space",
    METADATA,
    *seed_columns(),
    sa.Column("department_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("desc", sa.String(1000)),
)
_membership = sa.Table(
    "membership",
    METADATA,
    *seed_columns(),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("project_space_id", sa.BigInteger, nullable=False),
    _whole("role", sa.Integer),
    _whole("clearance", sa.Integer),
    _whole("acting", sa.SmallInteger),
    _whole("kind", sa.SmallInteger),
    sa.Index("membership_user", "user_id", "id"),
    sa.Index("membership_space", "project_space_id", "id"),
)
_session = sa.Table(
    "sign_in_session",
    METADATA,
    *seed_columns(),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("address", sa.String(100), nullable=False),
    sa.Column("access_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("refresh_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("used_hash", sa.String(64), nullable=False, index=True),
    _whole("access_until"),
    _whole("refresh_until"),
    _whole("revoke_time"),
    sa.Index("sign_in_session_user", "user_id", "id"),
)
_key = sa.Table(
    "api_key",
    METADATA,
    *seed_columns(),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("project_space_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("prefix", sa.String(20), nullable=False),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
    _whole("expire_time"),
    _whole("revoke_time"),
    sa.Column("account", sa.String(64), nullable=False, server_default=""),
    _whole("kind", sa.SmallInteger),
    _whole("parent_id"),
    sa.Column("roles", sa.String(100), nullable=False, server_default="[]"),
    sa.Column("clearance", sa.Integer, nullable=False, server_default="30"),
    sa.Index("api_key_user", "user_id", "id"),
    sa.Index("api_key_space", "project_space_id", "id"),
    sa.Index("api_key_parent", "parent_id"),
)
_attempt = sa.Table(
    "sign_in_attempt",
    METADATA,
    sa.Column("counter", sa.String(128), primary_key=True),
    _whole("window_start"),
    _whole("attempts", sa.Integer),
)
_audit = sa.Table(
    "audit_event",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    _whole("user_id"),
    _whole("project_space_id"),
    sa.Column("credential", sa.String(40), nullable=False),
    sa.Column("method", sa.String(200), nullable=False),
    sa.Column("object", sa.String(400), nullable=False),
    _whole("outcome", sa.Integer),
    sa.Column("address", sa.String(100), nullable=False),
    sa.Column("request_id", sa.String(64), nullable=False),
    _whole("event_time"),
    _whole("create_time"),
    sa.Index("audit_event_space", "project_space_id", "id"),
)


_NO_FACTS = {"parent_id": 0, "state": "", "version": 0, "name": "", "done": 0, "total": 0}
"""Of what the change feed tells of a user only that something about them changed."""


class IdentityRepository:
    """One ``Repository`` per noun, and the reads that go by user instead of by space."""

    def __init__(self) -> None:
        self.departments = Repository("department", _department, Department)
        self.users = Repository("user", _user, User)
        self.spaces = Repository("project_space", _space, ProjectSpace)
        self.memberships = Repository("membership", _membership, Membership)
        self.sessions = Repository("session", _session, Session)
        self.keys = Repository("api_key", _key, ApiKey)
        self.audit = Repository("audit_event", _audit, AuditEvent, told=False)

    # --- across spaces: who signs in is in none yet

    def memberships_of(self, conn: sa.Connection, user_id: int) -> list[Membership]:
        alive = sa.select(*[self.memberships.column(name) for name in Membership.__dataclass_fields__])
        rows = conn.execute(alive.where(_membership.c.user_id == user_id, _membership.c.mark_delete == 0).order_by(_membership.c.id))
        return [self.memberships.load(row) for row in rows]

    def key_by_hash(self, conn: sa.Connection, hashed: str) -> ApiKey | None:
        return self._key(conn, _key.c.secret_hash == hashed)

    def any_key(self, conn: sa.Connection, id: int) -> ApiKey | None:
        """Of whatever space: for administrators, and for a key about itself."""
        return self._key(conn, _key.c.id == id)

    def _key(self, conn: sa.Connection, which: sa.ColumnElement[bool]) -> ApiKey | None:
        row = conn.execute(self.keys.everything().where(which)).first()
        return None if row is None else self.keys.load(row)

    def all_keys(self, conn: sa.Connection, page: PageRequest, user_id: int) -> Page:
        """user_id: 0 for everybody's."""
        return _everywhere(self.keys, conn, page, *([_key.c.user_id == user_id] if user_id else []))

    def with_children(self, id: int) -> sa.ColumnElement[bool]:
        """Of keys: this one, and what was made with it."""
        made = sa.select(_key.c.id).where(_key.c.id == id).cte("made", recursive=True)
        child = _key.alias()
        made = made.union(sa.select(child.c.id).join(made, child.c.parent_id == made.c.id))
        return _key.c.id.in_(sa.select(made.c.id))

    def space_names(self, conn: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
        rows = conn.execute(sa.select(_space.c.id, _space.c.name).where(_space.c.id.in_(ids), _space.c.mark_delete == 0))
        return {row.id: row.name for row in rows}

    def all_audit(self, conn: sa.Connection, page: PageRequest) -> Page:
        return _everywhere(self.audit, conn, page)

    # --- one at a time

    def hold_user(self, tx: Transaction, user_id: int) -> User | None:
        """The user as they are now, and as they stay until this transaction ends: what ends their keys and sessions holds them too, and
        writers of other spaces do not queue behind this one's lock."""
        row = tx.conn.execute(self.users.everything().where(_user.c.id == user_id, _user.c.mark_delete == 0).with_for_update()).first()
        return None if row is None else self.users.load(row)

    # --- passwords

    def password_hash(self, conn: sa.Connection, user_id: int) -> str | None:
        found = conn.execute(sa.select(_password.c.hash).where(_password.c.user_id == user_id)).scalar()
        return None if found is None else str(found)

    def password_is_printed(self, conn: sa.Connection, user_id: int) -> bool:
        """Whether it is still the one that the first start printed."""
        return bool(conn.execute(sa.select(_password.c.printed).where(_password.c.user_id == user_id)).scalar())

    def set_password(self, tx: Transaction, user_id: int, hashed: str, printed: bool = False) -> None:
        tx.conn.execute(_password.delete().where(_password.c.user_id == user_id))
        tx.conn.execute(_password.insert(), {"user_id": user_id, "hash": hashed, "update_time": tx.now, "printed": int(printed)})

    # --- ends

    def end_sessions(self, tx: Transaction, user_id: int, *which: sa.ColumnElement[bool]) -> int:
        """How many ended."""
        mine = _session.update().where(
            _session.c.user_id == user_id, _session.c.revoke_time == 0, _session.c.refresh_until > tx.now, *which
        )
        tx.tell("user", ChangeKind.CHANGED, {**_NO_FACTS, "entity_id": user_id, "user_id": user_id})
        return int(tx.conn.execute(mine.values(revoke_time=tx.now)).rowcount)

    def end_keys(self, tx: Transaction, *which: sa.ColumnElement[bool]) -> int:
        """Ends these keys and all that were made with them, whoever's those are. How many ended that were valid."""
        ended, found = 0, list(tx.conn.execute(sa.select(_key.c.id).where(*which)).scalars())
        seen: set[int] = set()
        while found:
            seen |= set(found)
            those = _key.update().where(_key.c.id.in_(found), _key.c.revoke_time == 0)
            ended += int(tx.conn.execute(those.where(_key.c.expire_time > tx.now).values(revoke_time=tx.now)).rowcount)
            tx.conn.execute(those.values(revoke_time=tx.now))
            for key in tx.conn.execute(self.keys.everything().where(_key.c.id.in_(found))):
                self.keys.tell(tx, self.keys.load(key), ChangeKind.CHANGED)
            children = sa.select(_key.c.id).where(_key.c.parent_id.in_(found))
            found = [id for id in tx.conn.execute(children).scalars() if id not in seen]
        return ended

    # --- attempts

    def count_attempt(self, tx: Transaction, counter: str, window_ms: int) -> int:
        """Attempts of this counter within the window, this one included. One statement decides: two at once are two."""
        fresh = _attempt.c.window_start > tx.now - window_ms
        counted = tx.conn.execute(_attempt.update().where(_attempt.c.counter == counter, fresh).values(attempts=_attempt.c.attempts + 1))
        if counted.rowcount != 1:
            tx.conn.execute(_attempt.delete().where(_attempt.c.counter == counter))
            tx.conn.execute(_attempt.insert(), {"counter": counter, "window_start": tx.now, "attempts": 1})
            return 1
        return int(tx.conn.execute(sa.select(_attempt.c.attempts).where(_attempt.c.counter == counter)).scalar_one())

    def forget_attempts(self, tx: Transaction, counter: str) -> None:
        tx.conn.execute(_attempt.delete().where(_attempt.c.counter == counter))


def _everywhere(repository: Repository[Any], conn: sa.Connection, page: PageRequest, *where: sa.ColumnElement[bool]) -> Page:
    """One page over all spaces, newest first."""
    key = repository.column("id")
    after = [] if page.cursor is None else [key < decode_cursor(page.cursor)]
    rows = conn.execute(repository.everything().where(*where, *after).order_by(key.desc()).limit(page.limit + 1)).all()
    found = [repository.load(row) for row in rows[: page.limit]]
    return Page(found, encode_cursor(found[-1].id) if len(rows) > page.limit else None)
