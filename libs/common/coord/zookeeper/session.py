"""One ZooKeeper session of one process, and the thread that keeps what the process has in it.

Nobody else waits for the network: members (registrations, elections, a worker number) are brought up to date here, after every new session
and every change, and answer their callers from memory. kazoo says LOST only when it reconnects, and a paused process says nothing at all;
so the session counts as ours only for half its time after a write to our own node that the ensemble confirmed, on the local clock.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.protocol.states import KazooState

from libs.common.errors import PlatformError, Reason
from libs.common.sight import logs

log = logs.get("zookeeper")
_SILENT = logging.Logger("kazoo-silent", logging.CRITICAL + 1)  # its lines are no JSON; what matters is logged here
BEATS = 6  # confirmations per session time
ROOT = "/modelyard"
CLOSE_SECONDS = 2.0


@dataclass(frozen=True)
class Ensemble:
    """hosts: as kazoo takes them. root: the node everything lies under."""

    hosts: str
    root: str

    @classmethod
    def of(cls, text: str) -> Ensemble:
        """From ``host:port,host:port/chroot``. Raises INVALID_SETTING."""
        hosts, slash, chroot = text.partition("/")
        parts = [part.strip() for part in hosts.split(",") if part.strip()]
        for part in parts:
            host, _, port = part.rpartition(":")
            if not host or not port.isdigit() or not 0 < int(port) < 65536:
                raise _wrong(text)
        root = (slash + chroot).rstrip("/") or ROOT
        if not parts or "//" in root or any(step in (".", "..") for step in root.split("/")):
            raise _wrong(text)
        return cls(",".join(parts), root)


def _wrong(text: str) -> PlatformError:
    return PlatformError(500, Reason.INVALID_SETTING, field="MODELYARD_ZOOKEEPER", limit="'host:port,host:port/root'", value=text)


class Member(Protocol):
    def renew(self, session: Session) -> None:
        """Makes what lies in the session as it should be. In the session's thread, often, while the session is confirmed; may raise."""


class Session:
    """``seconds``: what is asked for; the server clamps it to 2 … 20 of its ticks. Starts at once, with or without an ensemble."""

    def __init__(self, ensemble: Ensemble, seconds: float, name: str) -> None:
        self.root, self.seconds, self.name = ensemble.root, seconds, name
        self.id = 0  # of the session that was last confirmed; read by members in ``renew``
        self.realm = ""  # of this ensemble's numbers; a new ensemble counts anew
        self.connections = 0  # how often the connection came (back)
        self._members: list[Member] = []
        self._node = ""
        self._connected, self._proof = False, (0, 0.0)  # proof: (session id, until when on the monotonic clock)
        self._ensemble_time = (0, 0.0)
        self._token = uuid.uuid4().hex
        self._wake, self._stop = threading.Event(), threading.Event()
        self.client = KazooClient(
            hosts=ensemble.hosts,
            timeout=seconds,
            connection_retry={"max_tries": -1, "delay": 0.1, "backoff": 2, "max_delay": 1.0},
            logger=_SILENT,
        )
        self.client.add_listener(self._changed)
        self.client.start_async()
        self._thread = threading.Thread(target=self._run, name="zookeeper", daemon=True)
        self._thread.start()

    def join(self, member: Member) -> None:
        self._members = [*self._members, member]
        self.wake()

    def wake(self, _event: object = None) -> None:
        """Lets the thread look now. Takes a watch's event, so that it can be one."""
        self._wake.set()

    def alive(self, id: int) -> bool:
        """Whether the session ``id`` is certainly still ours: nobody else can have been given what lies in it."""
        return self._connected and self._proof[0] == id and time.monotonic() < self._proof[1]

    @property
    def connected(self) -> bool:
        return self._connected

    def ensemble_ms(self) -> int:
        """The ensemble's clock, milliseconds, from the last confirmation."""
        told, at = self._ensemble_time
        return told + int((time.monotonic() - at) * 1000)

    def ask(self, pending: Any) -> Any:
        """The answer to an ``…_async`` request, waited for at most a third of the session: a plain call lasts as long as an outage."""
        return pending.get(timeout=self.seconds / 3)

    def ensure(self, path: str) -> None:
        """The node and its parents exist."""
        try:
            self.ask(self.client.create_async(path))
        except NodeExistsError:
            return
        except NoNodeError:
            self.ensure(path.rpartition("/")[0])
            self.ensure(path)

    def children(self, path: str, watch: Callable[[Any], None]) -> list[str]:
        """Names under ``path``, which comes to exist. ``watch`` runs once when they change, in kazoo's thread: it may only set a flag."""
        try:
            return list(self.ask(self.client.get_children_async(path, watch=watch)))
        except NoNodeError:
            self.ensure(path)
            return list(self.ask(self.client.get_children_async(path, watch=watch)))

    def remove(self, path: str) -> None:
        try:
            self.ask(self.client.delete_async(path))
        except NoNodeError:
            pass  # gone with its session

    def close(self) -> None:
        """Ends the session: all that lies in it leaves every view at once. Bounded, also without an ensemble."""
        self._stop.set()
        self._connected = False
        self.wake()
        self._thread.join(self.seconds)
        ending = threading.Thread(target=self._end, daemon=True)
        ending.start()
        ending.join(CLOSE_SECONDS)

    def _end(self) -> None:
        try:
            self.client.stop()
            self.client.close()
        except Exception as error:
            log.warning("session_end_failed", error=f"{type(error).__name__}: {error}")

    def _changed(self, state: str) -> None:
        """kazoo's thread: flags only."""
        connected = state == KazooState.CONNECTED and not self._stop.is_set()
        if connected and not self._connected:
            self.connections += 1
        self._connected = connected
        if not connected:
            self._proof = (0, 0.0)
        self.wake()

    def _run(self) -> None:
        failed = was = False
        while not self._stop.is_set():
            self._wake.wait(self.seconds / BEATS)
            self._wake.clear()
            if self._connected != was:
                was = self._connected
                log.info("connected" if was else "connection_lost")
            if not was or self._stop.is_set():
                continue
            try:
                self._round()
                failed = False
            except (KazooException, KazooTimeoutError, PlatformError) as error:
                if not failed:
                    log.warning("round_failed", error=f"{type(error).__name__}: {error}")
                failed = True
            except Exception as error:  # without this thread nothing would ever come back
                log.error("round_broke", exc_info=error)

    def _round(self) -> None:
        found = self.client.client_id
        if not found or not found[0]:
            return None
        id = found[0]
        if id != self.id:
            self._enter(id)
        asked = time.monotonic()
        try:
            stat = self.ask(self.client.set_async(self._node, self._facts()))
        except NoNodeError:  # the session ended between two looks
            self.id = 0
            return self.wake()
        if stat.ephemeralOwner != id:
            self.id = 0
            return self.wake()
        self._ensemble_time = (stat.mtime, time.monotonic())
        self._proof = (id, asked + self.seconds / 2)
        failure: Exception | None = None
        for member in self._members:
            try:
                member.renew(self)
            except Exception as error:  # the others are renewed all the same
                failure = error
        if failure is not None:
            raise failure
        return None

    def _enter(self, id: int) -> None:
        """A new session: the old one and all that lay in it is gone, or will be."""
        self.ensure(self.root + "/processes")
        node = f"{self.root}/processes/{self.name}-{id & (1 << 64) - 1:x}"
        try:
            self.ask(self.client.create_async(node, self._facts(), ephemeral=True))
        except NodeExistsError:
            pass  # made by a request whose answer was lost
        try:
            self.ask(self.client.create_async(self.root + "/realm", self._token[:12].encode()))
        except NodeExistsError:
            pass
        self.realm = self.ask(self.client.get_async(self.root + "/realm"))[0].decode()
        self._node, self.id = node, id
        log.info("session", id=f"{id & (1 << 64) - 1:x}", realm=self.realm)

    def _facts(self) -> bytes:
        return json.dumps({"name": self.name, "host": socket.gethostname(), "pid": os.getpid()}).encode()
