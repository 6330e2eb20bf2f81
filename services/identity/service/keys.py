"""The verbs about API keys: everybody's own, those of a space for its owners, all of them for administrators.

A key that is made with a key is bounded by it: it may do no more, sees no more, lasts no longer, and ends with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.identity.domain.credential import KEY_DAYS, ApiKey, exceeds, key_of, session_of
from services.identity.domain.people import User, UserKind
from services.identity.domain.space import Clearance, Place, Role
from services.identity.engine import secret
from services.identity.service.shared import Verbs, ended

if TYPE_CHECKING:
    import sqlalchemy as sa

DAY_MS = 86_400_000


class Keys(Verbs):
    # --- everybody's own

    def issue_key(
        self,
        ctx: CallContext,
        *,
        name: str,
        valid_days: int = KEY_DAYS,
        roles: list[Role] | None = None,
        clearance: Clearance = Clearance.SECRET,
    ) -> tuple[ApiKey, str]:
        """Raises FORBIDDEN for roles the caller does not have, or the key this is called with does not give; CREDENTIAL_ENDED for a caller
        who was disabled, or got a new password, on the way here."""
        with self.db.begin(ctx) as tx:
            user = self._held(tx, ctx.user_id)
            mine = next((place for place in self._places_of(tx.conn, user) if place.project_space_id == ctx.space_id), None)
            if mine is None or exceeds(roles or (), mine.roles):
                raise _more_roles()
            return self._make(tx, user, name, valid_days, roles or (), clearance)

    def list_keys(self, ctx: CallContext, *, page: PageRequest) -> Page:
        """To a key only itself and what was made with it: who found one learns nothing of the others."""
        with self.db.read() as conn:
            return self.store.keys.page(conn, ctx, page, *self._own(ctx))

    @mutation
    def revoke_key(self, ctx: CallContext, *, id: int) -> ApiKey:
        return self._revoke(ctx, id, *self._own(ctx))

    def _own(self, ctx: CallContext) -> list[sa.ColumnElement[bool]]:
        shown = key_of(ctx.credential)
        made = [self.store.with_children(shown)] if shown else []
        return [self.store.keys.column("user_id") == ctx.user_id, *made]

    # --- of a space, of the platform

    def list_space_keys(self, ctx: CallContext, *, page: PageRequest, user_id: int = 0) -> Page:
        where = [self.store.keys.column("user_id") == user_id] if user_id else []
        with self.db.read() as conn:
            return self.store.keys.page(conn, ctx, page, *where)

    @mutation
    def revoke_space_key(self, ctx: CallContext, *, id: int) -> ApiKey:
        return self._revoke(ctx, id)

    def list_platform_keys(self, ctx: CallContext, *, page: PageRequest, user_id: int = 0) -> Page:
        ctx.deadline.check("database")
        with self.db.read() as conn:
            return self.store.all_keys(conn, page, user_id)

    @mutation
    def revoke_platform_key(self, ctx: CallContext, *, id: int) -> ApiKey:
        with self.db.begin(ctx) as tx:
            found = self.store.any_key(tx.conn, id)
            if found is None:
                raise not_found("api_key", id)
            return tx.done(self._end(tx, found))

    # --- shared steps

    def _revoke(self, ctx: CallContext, id: int, *where: sa.ColumnElement[bool]) -> ApiKey:
        keys = self.store.keys
        with self.db.begin(ctx) as tx:
            found = keys.first(tx.conn, ctx, keys.column("id") == id, *where)
            if found is None:
                raise not_found("api_key", id)
            return tx.done(self._end(tx, found))

    def _end(self, tx: Transaction, key: ApiKey) -> ApiKey:
        """The key as it is afterwards; what was made with it ends too."""
        self.store.end_keys(tx, self.store.keys.column("id") == key.id)
        found = self.store.any_key(tx.conn, key.id)
        assert found is not None
        return found

    def _make(self, tx: Transaction, user: User, name: str, valid_days: int, roles: Sequence[Role], clearance: int) -> tuple[ApiKey, str]:
        """A key of ``user``, who is held, within the key that the caller shows. Raises FORBIDDEN, CREDENTIAL_ENDED."""
        service = user.kind == UserKind.SERVICE
        made, prefix = secret.new_key(secret.SERVICE_KEY if service else secret.KEY)
        until, parent_id = tx.now + valid_days * DAY_MS, key_of(tx.ctx.credential)
        self._refuse_ended_session(tx)
        if parent_id:
            parent = self.store.any_key(tx.conn, parent_id)
            if parent is None or not parent.valid(tx.now):
                raise ended()
            if parent.user_id == user.id:  # another's roles are in no relation to those of this one
                if parent.roles and exceeds(roles, parent.roles):
                    raise _more_roles()
                roles = roles or parent.roles
            until, clearance = min(until, parent.expire_time), min(clearance, parent.clearance)
        key = ApiKey(
            self.db.ids.next(),
            user.id,
            user.home_space_id if service else tx.ctx.space_id,
            name,
            prefix,
            secret.hash_token(made),
            until,
            account=user.account,
            kind=user.kind,
            parent_id=parent_id,
            roles=sorted(set(roles)),
            clearance=Clearance(clearance),
        )
        return self.store.keys.insert(tx, key), made

    def _refuse_ended_session(self, tx: Transaction) -> None:
        """A session that ended while the call was on its way makes nothing that outlives it."""
        session_id = session_of(tx.ctx.credential)
        found = self.store.sessions.find(tx.conn, tx.ctx, session_id) if session_id else None
        if session_id and (found is None or found.revoke_time):
            raise ended()

    def _shown_key(self, conn: sa.Connection, ctx: CallContext, hashed: str, now: int) -> tuple[ApiKey, User, list[Place]]:
        """Whose a key is, and where it is good for what. Raises CREDENTIAL_ENDED, the same whether it never was or has ended."""
        key = self.store.key_by_hash(conn, hashed)
        if key is None or not self._all_valid(conn, key, now):
            raise ended()
        user = self._enabled(conn, ctx, key.user_id)
        mine = [
            key.within(place)
            for place in self._places_of(conn, user)
            if key.kind == UserKind.SERVICE or place.project_space_id == key.project_space_id
        ]
        return key, user, mine

    def _all_valid(self, conn: sa.Connection, key: ApiKey, now: int) -> bool:
        """It and what it was made with: a key that was being made while its parent was ended elsewhere is worth nothing either."""
        found: ApiKey | None = key
        while found is not None and found.valid(now):
            if not found.parent_id:
                return True
            found = self.store.any_key(conn, found.parent_id)
        return False


def _more_roles() -> PlatformError:
    return PlatformError(403, Reason.FORBIDDEN, field="roles", limit="roles at most your own, and those of the key you use")
