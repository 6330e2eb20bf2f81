"""What the verbs of identity share: the store they work on, whose places are whose, and their refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.identity.signed import Signer
from libs.common.store.database import Database, Transaction
from services.identity.domain.people import User, UserKind
from services.identity.domain.space import Clearance, Membership, Place, Role, places
from services.identity.repository import IdentityRepository

if TYPE_CHECKING:
    import sqlalchemy as sa


class Verbs:
    db: Database
    store: IdentityRepository
    signer: Signer

    def _enabled(self, conn: sa.Connection, ctx: CallContext, user_id: int) -> User:
        """Raises CREDENTIAL_ENDED."""
        user = self.store.users.find(conn, ctx, user_id)
        if user is None or user.disabled:
            raise ended()
        return user

    def _held(self, tx: Transaction, user_id: int) -> User:
        """For whoever makes a key or a session: nothing ends the user's while this goes on. Raises CREDENTIAL_ENDED for a disabled one."""
        user = self.store.hold_user(tx, user_id)
        if user is None or user.disabled:
            raise ended()
        return user

    def _places_of(self, conn: sa.Connection, user: User) -> list[Place]:
        mine = self.store.memberships_of(conn, user.id)
        return places(mine, self.store.space_names(conn, [each.project_space_id for each in mine]))

    def _end_all(self, tx: Transaction, user_id: int) -> tuple[int, int]:
        """Ends every key and session of a user. How many of each."""
        return self.store.end_keys(tx, self.store.keys.column("user_id") == user_id), self.store.end_sessions(tx, user_id)

    def _join(self, tx: Transaction, user: User, space_id: int, role: Role, clearance: Clearance, acting: bool = False) -> Membership:
        may_act(user.kind, acting)
        made = Membership(self.db.ids.next(), user.id, user.account, space_id, role, clearance, acting=acting, kind=user.kind)
        return self.store.memberships.insert(tx, made)


def ended(field: str = "authorization") -> PlatformError:
    """The same whether it never was, has ended or was revoked."""
    return PlatformError(401, Reason.CREDENTIAL_ENDED, field=field, limit="a credential that is valid now")


def within(ctx: CallContext, clearance: int) -> None:
    """Nobody gives more clearance than they have. Raises FORBIDDEN."""
    if clearance > ctx.clearance:
        raise PlatformError(403, Reason.FORBIDDEN, field="clearance", limit=f"clearance at most your own ({ctx.clearance})")


def may_act(kind: UserKind, acting: bool) -> None:
    if acting and kind != UserKind.SERVICE:
        raise invalid("acting", limit="false for a person: only service accounts act for others")
