"""Election: whoever stands in line longest leads, and the fencing number is the transaction number its place in the line was made with.

The answer "I lead" holds only while the session is confirmed. A place left by a request whose answer was lost is found by its token, so it
can never block the line; a place of our former session is not ours.
"""

from __future__ import annotations

import threading
import uuid

from libs.common.coord.fencing import Lead
from libs.common.coord.zookeeper.session import Session
from libs.common.sight import logs

log = logs.get("zookeeper")


class ZooKeeperLeadership:
    """One singleton's office. ``name``: what all its candidates call it."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name
        self._path, self._token = f"{session.root}/leaders/{name}", uuid.uuid4().hex
        self._held: tuple[int, Lead] | None = None
        self._seen, self._dirty, self._resigned = 0, True, False
        self._lock = threading.Lock()  # renewing against resigning
        session.join(self)

    def lead(self) -> Lead | None:
        held = self._held
        return held[1] if held is not None and self._session.alive(held[0]) else None

    def resign(self) -> None:
        """Bounded by the session's patience; where the ensemble is away the place ends with the session."""
        with self._lock:
            self._resigned, self._held = True, None
            if self._session.connected:
                for name in self._session.children(self._path, self._changed):
                    if self._token in name:
                        self._session.remove(f"{self._path}/{name}")

    def renew(self, session: Session) -> None:
        with self._lock:
            if self._resigned or (self._seen == session.connections and not self._dirty):
                return
            self._seen, self._dirty = session.connections, False
            try:
                held = self._stand(session)
            except BaseException:
                self._dirty = True
                raise
            if held != self._held:
                log.info("leads" if held else "follows", office=self._name, number=held[1].number if held else None)
            self._held = held

    def _stand(self, session: Session) -> tuple[int, Lead] | None:
        line = self._line(session)
        if not any(self._mine(session, name) for name in line):
            session.ask(session.client.create_async(f"{self._path}/{self._token}-", ephemeral=True, sequence=True))
            line = self._line(session)
        if not line or self._token not in line[0]:
            return None
        stat = session.ask(session.client.exists_async(f"{self._path}/{line[0]}"))
        if stat is None or stat.ephemeralOwner != session.id:
            return None
        return session.id, Lead(f"{self._name}@{session.realm}", stat.czxid)

    def _line(self, session: Session) -> list[str]:
        return sorted(session.children(self._path, self._changed), key=lambda name: name[-10:])

    def _mine(self, session: Session, name: str) -> bool:
        if self._token not in name:
            return False
        stat = session.ask(session.client.exists_async(f"{self._path}/{name}"))
        return stat is not None and stat.ephemeralOwner == session.id

    def _changed(self, event: object) -> None:
        self._dirty = True
        self._session.wake(event)
