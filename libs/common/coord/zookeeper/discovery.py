"""Who answers for which service, as the ensemble last said it; every instance has an ephemeral node in its own process's session.

A node that goes takes its address out of the view at once. After the connection was away it does not, for a while: an ensemble that was
down comes back empty, and the instances are still there and are registering again. The last view is kept on disk too, so that a process
that starts while the ensemble is away finds the others.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from kazoo.exceptions import NoNodeError

from idl import manifest
from libs.common.coord.discovery import Address
from libs.common.coord.zookeeper.session import Session
from libs.common.sight import logs

log = logs.get("zookeeper")
WATCHED = (*manifest.NAMES, "gateway")
LEFTOVER_SECONDS = 60.0  # longer than any write of a view takes
View = dict[str, tuple[Address, ...]]


class ZooKeeperDiscovery:
    """``kept``: the file with the last view. The grace after an outage is three session times."""

    def __init__(self, session: Session, kept: Path) -> None:
        self._session, self._kept = session, kept
        self._grace = session.seconds * 3
        _sweep(kept, time.time())
        self._view: View = _load(kept)
        self._nodes: dict[str, dict[str, Address]] = {}  # service -> node -> address, as the ensemble says it
        self._dirty = set(WATCHED)
        self._watches = {service: partial(self._changed, service) for service in WATCHED}
        self._seen, self._grace_until = 0, 0.0
        self._wanted: dict[tuple[str, Address], str] = {}  # what this process is -> token in its nodes' names
        self._placed: dict[tuple[str, Address], tuple[int, str]] = {}  # -> (session, node)
        self._lock = threading.Lock()  # registering against unregistering
        session.join(self)

    def addresses(self, service: str) -> Sequence[Address]:
        return self._view.get(service, ())

    def register(self, service: str, address: Address) -> None:
        self._wanted[service, address] = uuid.uuid4().hex
        self._session.wake()

    def unregister(self, service: str, address: Address) -> None:
        """Gone from the ensemble when this returns, or the ensemble is away: then with the end of the session."""
        with self._lock:
            token = self._wanted.pop((service, address), None)
            self._placed.pop((service, address), None)
            if token is None or not self._session.connected:
                return
            try:
                for name in self._session.ask(self._session.client.get_children_async(self._path(service))):
                    if token in name:
                        self._session.remove(f"{self._path(service)}/{name}")
            except Exception as error:  # a stopping process stops all the same, and its session with it
                log.warning("unregister_failed", service=service, error=f"{type(error).__name__}: {error}")

    def renew(self, session: Session) -> None:
        if self._seen != session.connections:
            if self._seen:
                self._grace_until = time.monotonic() + self._grace
            self._seen = session.connections
            self._dirty |= set(WATCHED)
        with self._lock:
            for key, token in list(self._wanted.items()):
                self._place(session, key, token)
        for service in list(self._dirty):
            self._dirty.discard(service)
            try:
                self._nodes[service] = self._read(session, service)
            except BaseException:
                self._dirty.add(service)
                raise
        self._publish()

    def _place(self, session: Session, key: tuple[str, Address], token: str) -> None:
        """A node in the session that is now; one of a former session ends by itself."""
        if self._placed.get(key, (0, ""))[0] == session.id:
            return
        service, address = key
        facts = {"host": address.host, "port": address.port, "start_time": time.time_ns() // 1_000_000, "process": session.name}
        session.ensure(self._path(service))
        made = session.client.create_async(f"{self._path(service)}/{token}-", json.dumps(facts).encode(), ephemeral=True, sequence=True)
        self._placed[key] = (session.id, session.ask(made))
        log.info("registered", service=service, host=address.host, port=address.port)

    def _read(self, session: Session, service: str) -> dict[str, Address]:
        known, found = self._nodes.get(service, {}), {}
        for name in session.children(self._path(service), self._watches[service]):
            address = known.get(name) or self._address(session, service, name)
            if address is not None:
                found[name] = address
        return found

    def _address(self, session: Session, service: str, name: str) -> Address | None:
        try:
            facts = json.loads(session.ask(session.client.get_async(f"{self._path(service)}/{name}"))[0])
            return Address(str(facts["host"]), int(facts["port"]))
        except NoNodeError:
            return None  # gone while we looked
        except (ValueError, KeyError, TypeError):
            log.warning("node_unreadable", service=service, node=name)
            return None

    def _publish(self) -> None:
        now = {service: tuple(sorted(set(nodes.values()))) for service, nodes in self._nodes.items()}
        if time.monotonic() < self._grace_until:
            now = {service: tuple(sorted({*addresses, *self._view.get(service, ())})) for service, addresses in now.items()}
        if now != self._view:
            self._view = now
            _store(self._kept, now)

    def _path(self, service: str) -> str:
        return f"{self._session.root}/services/{service}"

    def _changed(self, service: str, event: Any) -> None:
        self._dirty.add(service)
        self._session.wake(event)


def _load(path: Path) -> View:
    try:
        return {service: tuple(Address(host, port) for host, port in found) for service, found in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # none yet


def _store(path: Path, view: View) -> None:
    """Beside, then renamed: the processes of a home share it. Not flushed to disk: it is only what was seen last."""
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(view))
        beside.replace(path)
    except OSError as error:
        log.warning("view_not_kept", error=str(error))
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _sweep(path: Path, now: float) -> None:
    """Removes what processes that were killed while they stored their view left beside it. ``now``: seconds since the epoch."""
    for beside in path.parent.glob(f"{path.stem}.*"):
        with suppress(OSError):  # somebody else sweeps too
            if beside.suffix[1:].isdecimal() and now - beside.stat().st_mtime > LEFTOVER_SECONDS:
                beside.unlink()
