"""The verbs about people and places: sign-in, users, spaces and memberships, the trail; one transaction each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, not_found
from libs.common.identity.signed import Signer
from libs.common.store.database import Database, Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from services.identity.domain.audit import AuditEvent
from services.identity.domain.credential import ACCESS_MS, REFRESH_MS, Session
from services.identity.domain.people import Department, User, UserKind, account_of
from services.identity.domain.space import Clearance, Membership, Place, ProjectSpace, Role
from services.identity.engine import secret
from services.identity.repository import IdentityRepository
from services.identity.service.accounts import ServiceAccounts
from services.identity.service.first import FIRST_SPACE as FIRST_SPACE
from services.identity.service.first import FirstStart
from services.identity.service.keys import DAY_MS as DAY_MS
from services.identity.service.opening import Opened, refused
from services.identity.service.shared import ended, may_act, within


@dataclass(frozen=True)
class Resolved:
    """Whose a credential is. valid_until: milliseconds since the epoch."""

    user: User
    credential: str
    valid_until: int
    places: list[Place]


@dataclass(frozen=True)
class Changed:
    """What a new password did: keys and sessions of before ended with the old one."""

    changed: bool
    ended_keys: int
    ended_sessions: int


class IdentityService(FirstStart, ServiceAccounts):
    """signer: of this service, for the identities it gives out for keys."""

    def __init__(self, db: Database, signer: Signer) -> None:
        self.db, self.signer = db, signer
        self.store = IdentityRepository()

    # --- sign-in

    def sign_in(self, ctx: CallContext, *, account: str, password: str, address: str = "") -> Opened:
        """Raises SIGN_IN_FAILED, the same for an unknown account, a disabled one and a wrong password; BUSY after too many attempts."""
        try:
            named = account_of(account)
        except PlatformError:
            named = account[:64]  # nobody's: it is refused like any other, after as long
        self._count(ctx, named, address)
        with self.db.read() as conn:
            user = self.store.users.first(conn, ctx, self.store.users.column("account") == named)
            stored = self.store.password_hash(conn, user.id) if user is not None and not user.disabled else None
        if not secret.fits(password, stored) or user is None:
            raise refused(Reason.SIGN_IN_FAILED)
        with self.db.begin(ctx) as tx:
            now = self.store.hold_user(tx, user.id)
            # Checking a password takes a while: meanwhile the account may have been disabled, or the password changed because it leaked.
            if now is not None and not now.disabled and self.store.password_hash(tx.conn, user.id) == stored:
                self.store.forget_attempts(tx, f"account:{named}")
                return self._open(tx, now, address)
        raise refused(Reason.SIGN_IN_FAILED)

    def sign_in_outside(self, ctx: CallContext, *, issuer: str, subject: str, name: str = "", address: str = "") -> Opened:
        """Raises NOT_LINKED for somebody no administrator has linked: the provider says who they are, not that they may come in."""
        with self.db.begin(ctx) as tx:
            users = self.store.users
            user = users.first(tx.conn, ctx, users.column("subject") == subject, users.column("issuer") == issuer)
            user = self.store.hold_user(tx, user.id) if user else None
            if user is None or user.disabled:
                raise refused(Reason.NOT_LINKED)
            if name and not user.name:
                user = users.update(tx, user, name=name[:100])
            return self._open(tx, user, address)

    def refresh_session(self, ctx: CallContext, *, refresh_token: str) -> Opened:
        hashed = secret.hash_token(refresh_token)
        sessions = self.store.sessions
        with self.db.begin(ctx) as tx:
            session = sessions.first(tx.conn, ctx, sessions.column("refresh_hash") == hashed)
            if session is None:
                replayed = sessions.first(tx.conn, ctx, sessions.column("used_hash") == hashed)
                if replayed is not None and not replayed.revoke_time:
                    # Two hold this token: one of them is a thief, and we cannot know which.
                    sessions.update(tx, replayed, revoke_time=tx.now)
                user = None
            else:
                user = self.store.users.find(tx.conn, ctx, session.user_id)
            if (
                session is not None
                and user is not None
                and not user.disabled
                and not session.revoke_time
                and session.refresh_until > tx.now
            ):
                access, refresh = secret.new_token(secret.ACCESS), secret.new_token(secret.REFRESH)
                renewed = sessions.update(
                    tx,
                    session,
                    access_hash=secret.hash_token(access),
                    refresh_hash=secret.hash_token(refresh),
                    used_hash=hashed,
                    access_until=tx.now + ACCESS_MS,
                    refresh_until=tx.now + REFRESH_MS,
                )
                return Opened(user, access, refresh, renewed.access_until, renewed.refresh_until, self._places_of(tx.conn, user))
        raise ended("refresh_token")  # outside: what the replay ended stays ended

    def end_session(self, ctx: CallContext, *, access_token: str) -> bool:
        sessions = self.store.sessions
        with self.db.begin(ctx) as tx:
            session = sessions.first(tx.conn, ctx, sessions.column("access_hash") == secret.hash_token(access_token))
            if session is None or session.revoke_time:
                return False
            sessions.update(tx, session, revoke_time=tx.now)
            return True

    def resolve_credential(self, ctx: CallContext, *, token: str) -> Resolved:
        """Raises CREDENTIAL_ENDED, the same whether it never was, has ended or was revoked."""
        hashed, now = secret.hash_token(token), self.db.clock.now_ms()
        with self.db.read() as conn:
            if not token.startswith(secret.ACCESS):
                key, user, mine = self._shown_key(conn, ctx, hashed, now)
                # A key is never for the whole platform.
                return Resolved(replace(user, administrator=False), key.credential, key.expire_time, mine)
            sessions = self.store.sessions
            session = sessions.first(conn, ctx, sessions.column("access_hash") == hashed)
            if session is None or session.revoke_time or session.access_until <= now:
                raise ended()
            user = self._enabled(conn, ctx, session.user_id)
            return Resolved(user, f"session:{session.id}", session.access_until, self._places_of(conn, user))

    # --- departments and users

    @mutation
    def create_department(self, ctx: CallContext, *, name: str, desc: str = "") -> Department:
        departments = self.store.departments
        with self.db.begin(ctx) as tx:
            departments.refuse_twin(tx, "the platform", name=name)
            return tx.done(departments.insert(tx, Department(self.db.ids.next(), name, desc)))

    def list_departments(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.departments.page(conn, ctx, page)

    @mutation
    def create_user(
        self,
        ctx: CallContext,
        *,
        account: str,
        name: str = "",
        department_id: int = 0,
        administrator: bool = False,
        issuer: str = "",
        subject: str = "",
    ) -> User:
        """Without issuer and subject the user signs in once a password was issued. Raises ALREADY_EXISTS, NOT_FOUND for a department."""
        named = account_of(account)
        if bool(issuer) != bool(subject):
            raise invalid("subject" if issuer else "issuer", limit="both issuer and subject, or neither")
        users = self.store.users
        with self.db.begin(ctx) as tx:
            if department_id:
                self.store.departments.get(tx.conn, ctx, department_id)
            users.refuse_twin(tx, "the platform", account=named)
            made = User(self.db.ids.next(), named, name or named, department_id, administrator, False, issuer, subject)
            return tx.done(users.insert(tx, made))

    def get_user(self, ctx: CallContext, *, id: int) -> User:
        with self.db.read() as conn:
            return self.store.users.get(conn, ctx, id)

    def list_users(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.users.page(conn, ctx, page)

    @mutation
    def update_user(
        self, ctx: CallContext, *, id: int, name: str | None = None, disabled: bool | None = None, administrator: bool | None = None
    ) -> User:
        """Nobody locks themselves out: an administrator keeps being one until another one says otherwise."""
        sent = {
            key: value for key, value in {"name": name, "disabled": disabled, "administrator": administrator}.items() if value is not None
        }
        with self.db.begin(ctx) as tx:
            user = self.store.users.get(tx.conn, ctx, id)
            if id == ctx.user_id and (disabled or administrator is False):
                raise invalid("disabled" if disabled else "administrator", limit="changed by another administrator")
            if administrator and user.kind == UserKind.SERVICE:
                raise invalid("administrator", limit="false for a service account")
            changed = self.store.users.update_expected(tx, user, **sent)
            if disabled:
                self._end_all(tx, id)
            return tx.done(changed)

    def issue_password(self, ctx: CallContext, *, id: int) -> tuple[str, int, int]:
        """The new password, shown once, and how many keys and sessions ended with the old one. It is no part of a stored answer, so a
        repeated call makes another one."""
        password = secret.new_password()
        hashed = secret.hash_password(password)
        with self.db.begin(ctx) as tx:
            user = self.store.users.get(tx.conn, ctx, id)
            if user.kind == UserKind.SERVICE:
                raise invalid("id", limit="a person: a service account has keys")
            return password, *self._set_password(tx, user, hashed)

    def change_password(self, ctx: CallContext, *, password: str, new_password: str) -> Changed:
        with self.db.read() as conn:
            user = self.store.users.get(conn, ctx, ctx.user_id)
            stored = self.store.password_hash(conn, user.id)
        self._count(ctx, user.account, "")
        if not secret.fits(password, stored):
            raise PlatformError(401, Reason.WRONG_PASSWORD, field="password", limit="the right password")
        hashed = secret.hash_password(new_password)
        with self.db.begin(ctx) as tx:
            return Changed(True, *self._set_password(tx, user, hashed))

    def _set_password(self, tx: Transaction, user: User, hashed: str) -> tuple[int, int]:
        """Whoever knew the old password may hold keys and sessions: they end. How many keys and sessions did."""
        self.store.hold_user(tx, user.id)
        self.store.set_password(tx, user.id, hashed)
        self.store.forget_attempts(tx, f"account:{user.account}")
        return self._end_all(tx, user.id)

    # --- spaces and memberships

    @mutation
    def create_space(self, ctx: CallContext, *, department_id: int, name: str, desc: str = "") -> ProjectSpace:
        """The caller becomes its owner."""
        spaces = self.store.spaces
        with self.db.begin(ctx) as tx:
            self.store.departments.get(tx.conn, ctx, department_id)
            spaces.refuse_twin(tx, "the platform", name=name)
            space = spaces.insert(tx, ProjectSpace(self.db.ids.next(), department_id, name, desc))
            self._join(tx, self.store.users.get(tx.conn, ctx, ctx.user_id), space.id, Role.owner, Clearance.SECRET)
            return tx.done(space)

    def list_spaces(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.spaces.page(conn, ctx, page)

    @mutation
    def create_membership(
        self, ctx: CallContext, *, account: str, role: Role, clearance: Clearance = Clearance.PUBLIC, acting: bool = False
    ) -> Membership:
        """Raises NOT_FOUND for an account, ALREADY_EXISTS for a role the user has, FORBIDDEN for more clearance than the caller has,
        INVALID_ARGUMENT for a person who is to act for members."""
        named, users, mine = account_of(account), self.store.users, self.store.memberships
        within(ctx, clearance)
        with self.db.begin(ctx) as tx:
            user = users.first(tx.conn, ctx, users.column("account") == named)
            if user is None:
                raise not_found("user", named)
            mine.refuse_twin(tx, "a user's memberships of a space", role=int(role), user_id=user.id)
            return tx.done(self._join(tx, user, ctx.space_id, role, clearance, acting))

    @mutation
    def update_membership(self, ctx: CallContext, *, id: int, clearance: Clearance, acting: bool | None = None) -> Membership:
        with self.db.begin(ctx) as tx:
            found = self.store.memberships.get(tx.conn, ctx, id)
            within(ctx, max(clearance, found.clearance))
            acts = found.acting if acting is None else acting
            may_act(found.kind, acts)
            return tx.done(self.store.memberships.update_expected(tx, found, clearance=clearance, acting=acts))

    @mutation
    def delete_membership(self, ctx: CallContext, *, id: int) -> Membership:
        mine = self.store.memberships
        with self.db.begin(ctx) as tx:
            found = mine.get(tx.conn, ctx, id)
            expect(ctx, mine.kind, found)
            if found.role == Role.owner and mine.count(tx.conn, ctx, mine.column("role") == int(Role.owner)) == 1:
                raise invalid("id", limit="not the last owner of the space")
            gone = mine.delete(tx, found)
            if found.kind == UserKind.PERSON and mine.count(tx.conn, ctx, mine.column("user_id") == found.user_id) == 0:
                # Asleep, they would wake up when the person comes back.
                keys = self.store.keys
                self.store.end_keys(tx, keys.column("user_id") == found.user_id, keys.column("project_space_id") == ctx.space_id)
            return tx.done(gone)

    def list_memberships(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.memberships.page(conn, ctx, page)

    # --- sessions: everybody's own

    def list_sessions(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.sessions.page(conn, ctx, page, self.store.sessions.column("user_id") == ctx.user_id)

    @mutation
    def revoke_session(self, ctx: CallContext, *, id: int) -> Session:
        with self.db.begin(ctx) as tx:
            found = self.store.sessions.get(tx.conn, ctx, id)
            if found.user_id != ctx.user_id:
                raise not_found("session", id)
            return tx.done(found if found.revoke_time else self.store.sessions.update(tx, found, revoke_time=tx.now))

    # --- audit

    @mutation
    def record_audit(self, ctx: CallContext, *, events: list[AuditEvent]) -> int:
        with self.db.begin(ctx) as tx:
            for event in events:
                self.store.audit.insert(tx, replace(event, id=self.db.ids.next()))
            return tx.done(len(events))

    def list_audit(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.audit.page(conn, ctx, page)

    def list_platform_audit(self, ctx: CallContext, *, page: PageRequest) -> Page:
        ctx.deadline.check("database")
        with self.db.read() as conn:
            return self.store.all_audit(conn, page)
