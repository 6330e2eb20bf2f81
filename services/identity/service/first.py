"""The first start: a platform without people gets an owner, whose password is printed; whoever read it chooses the one that stays."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from services.identity.domain.people import Department, User
from services.identity.domain.space import Clearance, ProjectSpace, Role
from services.identity.engine import secret
from services.identity.service.opening import Opened, Opening

FIRST_SPACE = 1  # a number people can type; every other id is given out


@dataclass(frozen=True)
class FirstSteps:
    """Whether the owner has still to choose a password, and who they are."""

    open: bool
    account: str = ""


class FirstStart(Opening):
    def found(self, ctx: CallContext, account: str = "owner") -> tuple[User, str] | None:
        """The first department, space and owner, and the owner's password; None when there are users already."""
        password = secret.new_password()
        hashed = secret.hash_password(password)
        with self.db.begin(ctx) as tx:
            if self.store.users.count(tx.conn, ctx) > 0:
                return None
            department = self.store.departments.insert(tx, Department(self.db.ids.next(), "default"))
            space = self.store.spaces.insert(tx, ProjectSpace(FIRST_SPACE, department.id, "default"))
            user = self.store.users.insert(tx, User(self.db.ids.next(), account, account, department.id, administrator=True))
            self.store.set_password(tx, user.id, hashed, printed=True)
            self._join(tx, user, space.id, Role.owner, Clearance.SECRET)
            return user, password

    def get_first_start(self, ctx: CallContext) -> FirstSteps:
        with self.db.read() as conn:
            user = self._alone(conn, ctx)
        return FirstSteps(False) if user is None else FirstSteps(True, user.account)

    def choose_first_password(self, ctx: CallContext, *, password: str, new_password: str, address: str = "") -> Opened:
        """Works once: what was printed is worth nothing afterwards. Raises FIRST_START_OVER, WRONG_PASSWORD, BUSY after too many tries."""
        with self.db.read() as conn:
            user = self._alone(conn, ctx)
            stored = self.store.password_hash(conn, user.id) if user else None
        if user is None:
            raise _over()
        self._count(ctx, user.account, address)
        if not secret.fits(password, stored):
            raise PlatformError(401, Reason.WRONG_PASSWORD, field="password", limit="the password that the first start printed")
        if new_password == password:
            raise invalid("new_password", limit="another one than was printed")
        hashed = secret.hash_password(new_password)
        with self.db.begin(ctx) as tx:
            self.store.hold_user(tx, user.id)
            if self._alone(tx.conn, ctx) is None:  # somebody was faster
                raise _over()
            self.store.set_password(tx, user.id, hashed)
            self.store.forget_attempts(tx, f"account:{user.account}")
            self.store.end_keys(tx, self.store.keys.column("user_id") == user.id)
            # Whoever else read the printed password is out; the session that `first` opened on the machine itself has no address.
            self.store.end_sessions(tx, user.id, self.store.sessions.column("address") != "")
            return self._open(tx, user, address)

    def _alone(self, conn: sa.Connection, ctx: CallContext) -> User | None:
        """The only person here, who has not chosen a password yet; with a second account somebody has begun to work, and it is over."""
        user = self.store.users.first(conn, ctx)
        if user is None or user.disabled or self.store.users.count(conn, ctx) > 1:
            return None
        return user if self.store.password_is_printed(conn, user.id) else None


def _over() -> PlatformError:
    return PlatformError(409, Reason.FIRST_START_OVER)
