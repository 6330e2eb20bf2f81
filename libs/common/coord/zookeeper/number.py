"""A worker number out of 1024 for the whole cluster, kept through outages and never two processes' at once.

A number is a persistent node that says who holds it; its holder renews it by compare-and-set. Time decides about reuse, not the session:
a number that is not renewed rests REST_SECONDS on the ensemble's clock before anybody else may take it, and its holder, on its own
monotonic clock, draws no id later than half of that after the last renewal. So ids are drawn through an outage of minutes, and a process
that was cut off or paused for longer stops by itself before its number can be somebody else's.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable

from kazoo.exceptions import BadVersionError, NodeExistsError, NoNodeError

from libs.common.coord.zookeeper.session import Session
from libs.common.errors import busy
from libs.common.ids import WORKERS, IdGenerator
from libs.common.sight import logs

log = logs.get("zookeeper")
REST_SECONDS = 1800.0
RELEASED_SECONDS = 60.0  # a number given back rests too: clocks of two machines differ
FREE = b""


class ZooKeeperNumber:
    """Gives ``ids`` its number and takes it away in time. ``workers``, ``rest`` and ``released`` (seconds) are smaller in tests."""

    def __init__(
        self,
        session: Session,
        ids: IdGenerator,
        workers: int = WORKERS,
        rest: float = REST_SECONDS,
        released: float = RELEASED_SECONDS,
        pick: Callable[[int], int] = random.randrange,
    ) -> None:
        self._session, self._ids = session, ids
        self._workers, self._rest, self._released, self._pick = workers, rest, released, pick
        self._path, self._token = f"{session.root}/numbers", uuid.uuid4().hex.encode()
        self._held: tuple[int, int] | None = None  # (number, version of its node)
        self._renewed, self._seen, self._over = 0.0, 0, False
        self._lock = threading.Lock()  # renewing against releasing
        session.join(self)

    def renew(self, session: Session) -> None:
        with self._lock:
            if not self._over:
                self._renew(session)

    def release(self) -> None:
        """No more ids; the number rests only shortly."""
        with self._lock:
            self._over = True
            self._ids.suspend()
            if self._held is not None and self._session.connected:
                number, version = self._held
                try:
                    self._session.ask(self._session.client.set_async(self._node(number), FREE, version=version))
                except Exception as error:  # it rests longer then
                    log.warning("number_not_released", error=f"{type(error).__name__}: {error}")
            self._held = None

    def _renew(self, session: Session) -> None:
        asked = time.monotonic()
        if self._held is not None and self._seen == session.connections and asked < self._renewed + self._rest / 30:
            return
        held = self._confirm(session, *self._held) if self._held is not None else None
        if held is None:
            self._held = None
            self._ids.suspend()
            asked = time.monotonic()
            held = self._claim(session)
        if self._held is None or self._held[0] != held[0]:
            log.info("worker_number", number=held[0])
        self._held, self._renewed, self._seen = held, asked, session.connections
        self._ids.renumber(held[0], asked + self._rest / 2)

    def _confirm(self, session: Session, number: int, version: int) -> tuple[int, int] | None:
        """The number once more, or None when it is no longer ours."""
        try:
            return number, session.ask(session.client.set_async(self._node(number), self._token, version=version)).version
        except NoNodeError:
            return None
        except BadVersionError:
            holder, stat = session.ask(session.client.get_async(self._node(number)))
            if holder != self._token:
                log.warning("worker_number_lost", number=number)
                return None
            return number, stat.version  # our own renewal whose answer was lost

    def _claim(self, session: Session) -> tuple[int, int]:
        session.ensure(self._path)
        first = self._pick(self._workers)
        for step in range(self._workers):
            number = (first + step) % self._workers
            version = self._try(session, number)
            if version is not None:
                return number, version
        raise busy("worker numbers", f"all {self._workers} are held or rest")

    def _try(self, session: Session, number: int) -> int | None:
        """The version of the node, now ours; None when the number is somebody else's or rests."""
        client, node = session.client, self._node(number)
        try:
            holder, stat = session.ask(client.get_async(node))
        except NoNodeError:
            try:
                session.ask(client.create_async(node, self._token))
            except NodeExistsError:
                return None
            return 0
        quiet = (session.ensemble_ms() - stat.mtime) / 1000
        if holder != self._token and quiet <= (self._released if holder == FREE else self._rest):
            return None
        try:
            return int(session.ask(client.set_async(node, self._token, version=stat.version)).version)
        except BadVersionError:
            return None

    def _node(self, number: int) -> str:
        return f"{self._path}/{number:04d}"
