"""Wiring every process of the platform shares: settings, logs, ids, store, peers, health, and how it starts, drains and stops.

``python -m services.<name> serve`` answers calls; ``python -m services.<name> work`` claims tasks. Both stop cleanly on SIGTERM and
SIGINT; both end by themselves when their stdin is a pipe that closes (a supervisor died).
"""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

import idl
from libs.common import logs, schema
from libs.common.clock import SystemClock
from libs.common.context import CallContext
from libs.common.database import Database, embedded, service_url
from libs.common.discovery import Address, StaticDiscovery
from libs.common.door import Verb, answers, doors
from libs.common.errors import PlatformError
from libs.common.health import Check, Health, HealthServer
from libs.common.history import History
from libs.common.ids import IdGenerator, WorkerNumber
from libs.common.metrics import Metrics
from libs.common.outbox import purge
from libs.common.peer import RpcPeer
from libs.common.repository import Page, PageRequest
from libs.common.settings import Settings, load
from libs.common.signals import on_signal
from libs.common.storage import ArtifactStore

PURGE_SECONDS = 600.0  # between two looks for delivered messages and stored answers nobody asks for any more
LEFTOVER_SECONDS = 86_400.0  # an artifact half-written for so long has lost its publisher


class Loop(Protocol):
    """What a worker process runs: it works until ``stop`` is set, then leaves what it held to others and comes back."""

    name: str
    stop: threading.Event

    def run(self) -> None: ...


class Process:
    """One process of one service. ``role``: "serve" or "work"."""

    def __init__(self, service: str, role: str, settings: Settings) -> None:
        self.service, self.role, self.settings = service, role, settings
        self.name = f"{service}-{role}"
        logs.setup(self.name, settings.log_level)
        self.log = logs.get(self.name)
        self.home = settings.home_path
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.clock = SystemClock()
        self.ids = IdGenerator(WorkerNumber(self.home / "run" / "workers").number, self.clock)
        self.metrics = Metrics(self.name)
        self.discovery = StaticDiscovery(settings)
        self.artifacts = ArtifactStore(self.home / "artifacts")
        self._peers: dict[str, RpcPeer] = {}

    def database(self, metadata: sa.MetaData) -> Database:
        """This service's store: migrated here on the embedded default, by ``modelyard migrate`` elsewhere. Raises SCHEMA_BEHIND there."""
        url = service_url(self.settings.database_url, self.home, self.service)
        if embedded(url):
            schema.upgrade(url, metadata, self.service, self.home)
        else:
            schema.check(url, self.service)
        return Database(url, metadata, self.clock, self.ids)

    def peer(self, service: str) -> RpcPeer:
        if service not in self._peers:
            self._peers[service] = RpcPeer(service, self.discovery, self.name)
        return self._peers[service]

    def work_folder(self) -> Path:
        """Where tasks of this service keep what must survive a crash."""
        folder = self.home / "work" / self.service
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def serve(self, verbs: Mapping[str, Verb], db: Database, inline: Collection[str], checks: Mapping[str, Check] | None = None) -> None:
        """Answers calls until a stop signal, then drains. ``inline``: reads short enough for the event loop (embedded store only)."""
        from libs.common.rpc.server import RpcServer

        health = Health(self.name, {"database": db.check, "artifacts": self.artifacts.check, **(checks or {})})
        platform = _PlatformVerbs(self.service, health, History(db), self.clock)
        on_loop = {"Ping", *(inline if embedded(db.url) else ())}
        address = Address(self.settings.host, self.settings.thrift_port(self.service))
        server = RpcServer(
            idl.service(self.service),
            doors(self.service, {**verbs, **platform.verbs()}),
            host=address.host,
            port=address.port,
            inline=on_loop,
            on_call=self.metrics.on_call,
        )
        server.start()
        probes = HealthServer(health, self.metrics, self.settings.host, self.settings.health_port(self.service))
        self.discovery.register(self.service, address)
        self.log.info("ready", host=address.host, port=address.port)
        stop = stop_requested()
        while not stop.wait(PURGE_SECONDS):
            self._purge(db)
        health.draining = True
        self.discovery.unregister(self.service, address)
        server.drain(self.settings.drain_seconds)
        probes.close()
        self._close(db)

    def work(self, worker: Loop, db: Database, checks: Mapping[str, Check] | None = None) -> None:
        """Claims tasks until a stop signal; the task under way goes back to PENDING and resumes from its checkpoint."""
        health = Health(self.name, {"database": db.check, "artifacts": self.artifacts.check, **(checks or {})})
        probes = HealthServer(health, self.metrics, self.settings.host, self.settings.health_port(self.service, "work"))
        stop = stop_requested()
        threading.Thread(target=_pass_on, args=(stop, worker.stop), daemon=True).start()
        self.artifacts.sweep(LEFTOVER_SECONDS, self.clock.now_ms() / 1000)
        self.log.info("ready", worker=worker.name)
        worker.run()
        health.draining = True
        probes.close()
        self._close(db)

    def _purge(self, db: Database) -> None:
        try:
            while purge(db):
                pass
        except PlatformError as error:
            self.log.warning("purge_failed", error=str(error))

    def _close(self, db: Database) -> None:
        for peer in self._peers.values():
            peer.close()
        db.close()
        self.log.info("stopped")


class _PlatformVerbs:
    """The verbs of ``PlatformService``, the same in every service."""

    def __init__(self, service: str, health: Health, history: History, clock: SystemClock) -> None:
        self._service, self._health, self._history, self._clock = service, health, history, clock

    def verbs(self) -> dict[str, Verb]:
        return {
            "Ping": answers(self.ping, "text", "service_name", "server_time"),
            "CheckHealth": answers(self.check_health, "ready", "service_name", "parts", "uptime_ms"),
            "ListStateEvents": answers(self.list_state_events, "events"),
        }

    def ping(self, ctx: CallContext, *, text: str = "") -> tuple[str, str, int]:
        return text, self._service, self._clock.now_ms()

    def check_health(self, ctx: CallContext) -> tuple[bool, str, dict[str, str], int]:
        parts = self._health.parts()
        return all(state == "ok" for state in parts.values()), self._service, parts, self._health.uptime_ms()

    def list_state_events(self, ctx: CallContext, *, entity: str, entity_id: int, page: PageRequest) -> Page:
        return self._history.list(ctx, entity, entity_id, page)


def stop_requested() -> threading.Event:
    """Set by SIGTERM, SIGINT, or the end of a stdin that is a pipe. Call once, from the main thread."""
    stop = threading.Event()
    on_signal(stop.set)
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_watch_stdin, args=(stop,), name="stdin", daemon=True).start()
    return stop


def _pass_on(asked: threading.Event, told: threading.Event) -> None:
    asked.wait()
    told.set()


def _watch_stdin(stop: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stop.set()


def main(service: str, roles: Mapping[str, Callable[[Process], None]]) -> int:
    """Runs the role named on the command line. A failure that has a name is printed as one sentence and exits 1."""
    role = sys.argv[1] if len(sys.argv) > 1 else "serve"
    if role not in roles:
        print(f"usage: python -m services.{service} [{'|'.join(roles)}]", file=sys.stderr)
        return 2
    try:
        roles[role](Process(service, role, load()))
    except PlatformError as error:
        print(f"{service}-{role}: {error}", file=sys.stderr)
        return 1
    return 0
