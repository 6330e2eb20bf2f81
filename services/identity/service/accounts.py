"""The verbs about service accounts: programs that are part of a platform and call its doors themselves.

An account belongs to the space that made it, whose owners hold its keys; what it may do are roles in spaces, given like a person's. A key
is exchanged for a signed identity that is good for one service, one space and a few minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import idl
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, not_found
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.identity.domain.audit import EXCHANGE, AuditEvent
from services.identity.domain.credential import KEY_DAYS, ApiKey, common
from services.identity.domain.people import User, UserKind, account_of
from services.identity.domain.space import Clearance, Place, Role
from services.identity.engine import secret
from services.identity.service.keys import DAY_MS, Keys
from services.identity.service.shared import within

if TYPE_CHECKING:
    import sqlalchemy as sa

OVERLAP_MINUTES = 60  # a rotated key stays valid so long when nothing else was asked for


@dataclass(frozen=True)
class Exchanged:
    """auth: for Base.auth. expire_time: milliseconds since the epoch. user_id: the account's, or the member's it acts for."""

    auth: str
    expire_time: int
    user_id: int
    project_space_id: int
    roles: list[Role]
    clearance: Clearance


class ServiceAccounts(Keys):
    @mutation
    def create_service_account(
        self,
        ctx: CallContext,
        *,
        account: str,
        name: str = "",
        role: Role | None = None,
        clearance: Clearance = Clearance.PUBLIC,
        acting: bool = False,
    ) -> User:
        """With a role in the caller's space when one is named. Raises ALREADY_EXISTS for an account, FORBIDDEN for more clearance than the
        caller has."""
        named, users = account_of(account), self.store.users
        within(ctx, clearance)
        with self.db.begin(ctx) as tx:
            users.refuse_twin(tx, "the platform", account=named)
            made = User(self.db.ids.next(), named, name or named, kind=UserKind.SERVICE, home_space_id=ctx.space_id)
            users.insert(tx, made)
            if role is not None:
                self._join(tx, made, ctx.space_id, role, clearance, acting)
            elif acting:
                raise invalid("acting", limit="together with a role")
            return tx.done(self.store.users.get(tx.conn, ctx, made.id))

    def list_service_accounts(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.users.page(conn, ctx, page, *self._at_home(ctx))

    @mutation
    def update_service_account(self, ctx: CallContext, *, id: int, name: str | None = None, disabled: bool | None = None) -> User:
        sent = {key: value for key, value in {"name": name, "disabled": disabled}.items() if value is not None}
        with self.db.begin(ctx) as tx:
            changed = self.store.users.update_expected(tx, self._account(tx.conn, ctx, id), **sent)
            if disabled:
                self._end_all(tx, id)
            return tx.done(changed)

    def issue_service_key(
        self,
        ctx: CallContext,
        *,
        id: int,
        name: str,
        valid_days: int = KEY_DAYS,
        roles: list[Role] | None = None,
        clearance: Clearance | None = None,
    ) -> tuple[ApiKey, str]:
        """It sees no more than who makes it may, whatever the account may: nobody raises themselves by it."""
        within(ctx, clearance or 0)
        with self.db.begin(ctx) as tx:
            account = self._enabled_account(tx, id)
            return self._make(tx, account, name, valid_days, roles or (), ctx.clearance if clearance is None else clearance)

    def rotate_service_key(self, ctx: CallContext, *, id: int, overlap_minutes: int = OVERLAP_MINUTES) -> tuple[ApiKey, str]:
        """A key of the same name, roles and length of life; the old one ends after the overlap. Raises INVALID_ARGUMENT for one that has
        ended: there is nothing left to overlap."""
        keys = self.store.keys
        with self.db.begin(ctx) as tx:
            old = keys.get(tx.conn, ctx, id)
            if old.kind != UserKind.SERVICE:
                raise not_found("api_key", id)
            account = self._enabled_account(tx, old.user_id)
            old = keys.get(tx.conn, ctx, id)  # as it is now that nobody ends it
            if not old.valid(tx.now):
                raise invalid("id", limit="a key that is valid now")
            days = max(1, round((old.expire_time - old.create_time) / DAY_MS))
            clearance = min(old.clearance, ctx.clearance)
            made = self._make(tx, account, old.name, days, old.roles, clearance)
            until = min(old.expire_time, tx.now + overlap_minutes * 60_000)
            if until > tx.now:
                keys.update(tx, old, expire_time=until)
            else:
                self._end(tx, old)
            return made

    def exchange_key(self, ctx: CallContext, *, key: str, audience: str, project_space_id: int = 0, for_account: str = "") -> Exchanged:
        """Raises CREDENTIAL_ENDED for a key that is not valid, FORBIDDEN for a person's, NOT_FOUND for a space where it has no role,
        FORBIDDEN to act for somebody. What was given, and what was refused to a valid key, stands in the trail."""
        if audience not in idl.DOMAINS:
            raise invalid("audience", limit=f"one of {', '.join(idl.DOMAINS)}")
        with self.db.read() as conn:
            shown, account, mine = self._shown_key(conn, ctx, secret.hash_token(key), self.db.clock.now_ms())
            if shown.kind != UserKind.SERVICE:
                raise PlatformError(403, Reason.FORBIDDEN, field="key", limit="the key of a service account")
            place = next((each for each in mine if project_space_id in (0, each.project_space_id)), None)
            if place is None:
                raise not_found("project_space", project_space_id)
            user, place = self._acting(conn, ctx, account, shown, place, for_account) if for_account else (account, place)
        about = f"audience={audience}" + (f" for={user.account if user else for_account}" if for_account else "")
        self._note(ctx, AuditEvent(0, account.id, place.project_space_id, shown.credential, EXCHANGE, about[:400], 200 if user else 403))
        if user is None:
            raise PlatformError(403, Reason.FORBIDDEN, field="for_account", limit="a member of the space for whom this account may act")
        names = frozenset(role.name for role in place.roles)
        auth, until = self.signer.account(audience, user.id, place.project_space_id, names, place.clearance, shown.credential)
        return Exchanged(auth, until * 1000, user.id, place.project_space_id, place.roles, place.clearance)

    # --- shared steps

    def _acting(
        self, conn: sa.Connection, ctx: CallContext, account: User, key: ApiKey, place: Place, for_account: str
    ) -> tuple[User | None, Place]:
        """The member to act for, with what both of them may; None when the account may not, or there is no such member."""
        users, space_id = self.store.users, place.project_space_id
        member = users.first(conn, ctx, users.column("account") == account_of(for_account))
        if member is None or member.disabled or member.kind != UserKind.PERSON:
            return None, place
        theirs = next((each for each in self._places_of(conn, member) if each.project_space_id == space_id), None)
        acting = [each for each in self.store.memberships_of(conn, account.id) if each.acting and each.project_space_id == space_id]
        if theirs is None or not acting:
            return None, place
        roles = common(common([each.role for each in acting], place.roles), theirs.roles)
        clearance = min(theirs.clearance, key.clearance, max(each.clearance for each in acting))
        return (member if roles else None), replace(place, roles=roles, clearance=Clearance(clearance))

    def _note(self, ctx: CallContext, event: AuditEvent) -> None:
        """A row of the trail of its own: no gateway saw the call."""
        with self.db.begin(ctx, turn=False) as tx:
            address = ctx.peer.rpartition(":")[0][:100]
            row = replace(event, id=self.db.ids.next(), address=address, request_id=ctx.log_id[:64], event_time=tx.now)
            self.store.audit.insert(tx, row)

    def _enabled_account(self, tx: Transaction, id: int) -> User:
        """Held: nothing ends its keys while one is made. Raises NOT_FOUND, INVALID_ARGUMENT for a disabled one."""
        held = self.store.hold_user(tx, self._account(tx.conn, tx.ctx, id).id)
        if held is None or held.disabled:
            raise invalid("id", limit="an account that is not disabled")
        return held

    def _account(self, conn: sa.Connection, ctx: CallContext, id: int) -> User:
        """Raises NOT_FOUND, also for one of another space and for a person."""
        users = self.store.users
        found = users.first(conn, ctx, users.column("id") == id, *self._at_home(ctx))
        if found is None:
            raise not_found("service_account", id)
        return found

    def _at_home(self, ctx: CallContext) -> list[sa.ColumnElement[bool]]:
        users = self.store.users
        return [users.column("kind") == int(UserKind.SERVICE), users.column("home_space_id") == ctx.space_id]
