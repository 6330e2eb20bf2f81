"""What opens a session, whatever proved who it is for: tries are counted before they are looked at."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, busy
from libs.common.store.database import Transaction
from services.identity.domain import attempts
from services.identity.domain.credential import ACCESS_MS, REFRESH_MS, Session
from services.identity.domain.people import User
from services.identity.domain.space import Place
from services.identity.engine import secret
from services.identity.service.shared import Verbs


@dataclass(frozen=True)
class Opened:
    """A session that was just opened or renewed. The tokens are shown here and kept nowhere."""

    user: User
    access_token: str
    refresh_token: str
    access_until: int
    refresh_until: int
    places: list[Place]


class Opening(Verbs):
    def _count(self, ctx: CallContext, account: str, address: str) -> None:
        """Counts before looking, in a transaction of its own. Raises BUSY, the same for accounts that do not exist."""
        with self.db.begin(ctx) as tx:
            counted = [
                (self.store.count_attempt(tx, counter, attempts.WINDOW_MS), allowed)
                for counter, allowed in attempts.keys(account, address).items()
            ]
        if any(count > allowed for count, allowed in counted):
            raise busy("sign-in", f"{attempts.PER_ACCOUNT} attempts in {attempts.WINDOW_MS // 60_000} minutes")

    def _open(self, tx: Transaction, user: User, address: str) -> Opened:
        access, refresh = secret.new_token(secret.ACCESS), secret.new_token(secret.REFRESH)
        session = Session(
            self.db.ids.next(),
            user.id,
            address,
            secret.hash_token(access),
            secret.hash_token(refresh),
            "",
            tx.now + ACCESS_MS,
            tx.now + REFRESH_MS,
        )
        self.store.sessions.insert(tx, session)
        return Opened(user, access, refresh, session.access_until, session.refresh_until, self._places_of(tx.conn, user))


def refused(reason: Reason) -> PlatformError:
    return PlatformError(401, reason)
