"""Wiring every process of the platform shares: settings, logs, ids, store, peers, health, and how it starts, drains and stops.

``python -m services.<name> serve`` answers calls; ``python -m services.<name> work`` claims tasks. Both stop cleanly on SIGTERM and
SIGINT; both end by themselves when their stdin is a pipe that closes (a supervisor died).
"""

from __future__ import annotations

import gc
import os
import stat
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

import idl
from libs.common.clock import SystemClock
from libs.common.context import CallContext, system_context
from libs.common.coord.coordination import open_coordination
from libs.common.coord.discovery import Address
from libs.common.coord.fencing import Leadership
from libs.common.errors import PlatformError, disk_full
from libs.common.identity.keys import KeyFolder
from libs.common.identity.signed import Signer
from libs.common.rpc.door import Guard, doors, inline, verbs
from libs.common.rpc.peer import RpcPeer
from libs.common.settings import Settings, load
from libs.common.sight import logs, samples, tracing
from libs.common.sight.grpc_health import GrpcHealth
from libs.common.sight.health import Check, Health, HealthServer, Pulse
from libs.common.sight.metrics import Metrics, Reading
from libs.common.signals import on_signal
from libs.common.store import schema
from libs.common.store.changes import MOST, Followed
from libs.common.store.database import Database, embedded, service_url
from libs.common.store.history import History
from libs.common.store.outbox import purge
from libs.common.store.repository import Page, PageRequest
from libs.common.store.storage import ArtifactStore
from libs.common.work.samples import watch_store

PURGE_SECONDS = 600.0  # between two looks for delivered messages and stored answers nobody asks for any more
if TYPE_CHECKING:
    from libs.common.rpc.server import RpcServer

REACH_SECONDS = 2.0  # for a neighbour's answer to a look
WORKER_STALL = 4  # times the setting for event loops: chores of a worker may wait for a neighbour's deadline
LEFTOVER_SECONDS = 86_400.0  # an artifact half-written for so long has lost its publisher


Shows = Callable[[CallContext, str, int], bool]


class Loop(Protocol):
    """What a worker process runs: it works until ``stop`` is set, then leaves what it held to others and comes back."""

    name: str
    stop: threading.Event

    def watched(self, metrics: Metrics, stall_seconds: float) -> Mapping[str, Pulse]:
        """Takes where to count; gives the heartbeats of its loops, each stuck after ``stall_seconds`` of silence."""

    def run(self) -> None: ...


class Process:
    """One process of one service. ``role``: "serve" or "work"."""

    def __init__(self, service: str, role: str, settings: Settings) -> None:
        self.service, self.role, self.settings = service, role, settings
        self.name = f"{service}-{role}"
        logs.setup(self.name, settings.log_level)
        tracing.setup(self.name, settings)
        self.log = logs.get(self.name)
        self.home = settings.home_path
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.keys = KeyFolder(settings.keys_path)
        self.signer = Signer(self.keys, service)
        self.clock = SystemClock()
        self.coordination = open_coordination(settings, self.name, self.clock)
        self.ids = self.coordination.ids()
        self.metrics = Metrics(self.name)
        self.discovery = self.coordination.discovery
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
            self._peers[service] = RpcPeer(service, self.discovery, self.name, self.signer, self.metrics)
        return self._peers[service]

    def reach(self, *services: str) -> Callable[[], None]:
        """What a worker looks at during an outage: raises while one of ``services`` does not answer, or the artifacts cannot be written."""

        def look() -> None:
            self.artifacts.check()
            for service in services:
                self.peer(service).call(system_context(0, 0, REACH_SECONDS), "Ping", text="")

        return look

    def leadership(self) -> Leadership:
        """The office of what only one worker process of this service does."""
        return self.coordination.leadership(self.name)

    def work_folder(self) -> Path:
        """Where tasks of this service keep what must survive a crash."""
        folder = self.home / "work" / self.service
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def serve(
        self,
        service: object,
        db: Database,
        checks: Mapping[str, Check] | None = None,
        shows: Shows | None = None,
    ) -> None:
        """Answers calls until a stop signal, then drains. ``service``: has the verbs. ``shows``: whether the caller
        may see the history of an object that has a secrecy."""
        from libs.common.rpc.server import RpcServer

        pulse = Pulse(self.settings.stall_seconds)
        health = self._health(db, checks, {"rpc": pulse})
        platform = _PlatformVerbs(self.service, health, db, self.clock, shows)
        short = inline(self.service)
        on_loop, quick = ({"Ping", *short}, frozenset[str]()) if embedded(db.url) else ({"Ping"}, short)
        address = Address(self.settings.host, self.settings.thrift_port(self.service))
        server = RpcServer(
            idl.service(self.service),
            doors(self.service, verbs(self.service, service, platform), Guard(self.service, self.keys)),
            host=address.host,
            port=address.port,
            inline=on_loop,
            quick=quick,
            on_call=self.metrics.on_call,
            on_beat=pulse.beat,
        )
        self.metrics.live(lambda: _figures(server))
        probes = _Probes(health, self)
        server.start()
        health.starting = False
        announced = Address(self.settings.advertised_host, address.port)
        self.discovery.register(self.service, announced)
        settled()
        self.log.info("ready", host=address.host, port=address.port)
        stop = stop_requested()
        while not stop.wait(PURGE_SECONDS):
            self._purge(db)
        probes.drain()
        self.discovery.unregister(self.service, announced)
        server.drain(self.settings.drain_seconds)
        probes.close()
        self._close(db)

    def work(self, worker: Loop, db: Database, checks: Mapping[str, Check] | None = None) -> None:
        """Claims tasks until a stop signal; the task under way goes back to PENDING and resumes from its checkpoint."""
        pulses = worker.watched(self.metrics, self.settings.stall_seconds * WORKER_STALL)
        health = self._health(db, checks, pulses)
        probes = _Probes(health, self)
        stop = stop_requested()
        threading.Thread(target=_pass_on, args=(stop, probes.drain, worker.stop), daemon=True).start()
        self.artifacts.sweep(LEFTOVER_SECONDS, self.clock.now_ms() / 1000)
        health.starting = False
        self.log.info("ready", worker=worker.name)
        worker.run()
        probes.drain()  # it may have ended by itself
        probes.close()
        self._close(db)

    def _health(self, db: Database, checks: Mapping[str, Check] | None, pulses: Mapping[str, Pulse]) -> Health:
        """Still starting; and the metrics of what it looks at."""
        health = Health(self.name, {"database": db.check, "artifacts": self.artifacts.check, **(checks or {})}, pulses)
        health.starting = True
        samples.watch_process(self.metrics, health)
        watch_store(self.metrics, db, queues=self.role == "serve")
        samples.watch_artifacts(self.metrics, self.home / "artifacts", whole=self.name == "model-serve")
        return health

    def _purge(self, db: Database) -> None:
        try:
            while purge(db):
                pass
        except PlatformError as error:
            self.log.warning("purge_failed", error=str(error))

    def _close(self, db: Database) -> None:
        for peer in self._peers.values():
            peer.close()
        self.coordination.close()
        db.close()
        self.log.info("stopped")
        tracing.shutdown()


class _Probes:
    """HTTP and gRPC health of one process."""

    def __init__(self, health: Health, process: Process) -> None:
        settings, place = process.settings, (process.service, process.role)
        self._health = health
        self._http = HealthServer(health, process.metrics, settings.host, settings.health_port(*place))
        port = settings.grpc_health_port(*place)
        self._grpc = GrpcHealth(health, settings.host, port) if port else None

    def drain(self) -> None:
        """Not ready from now on; said once."""
        if not self._health.draining:
            self._health.draining = True
            if self._grpc is not None:
                self._grpc.drain()

    def close(self) -> None:
        self._http.close()
        if self._grpc is not None:
            self._grpc.close()


def _figures(server: RpcServer) -> list[Reading]:
    return [
        ("modelyard_calls_in_flight", (), server.in_flight),
        ("modelyard_connections", (), len(server.connections)),
        ("modelyard_bad_frames_total", (), server.bad_frames),
        *(("modelyard_calls_refused_total", (str(code),), count) for code, count in server.refusals.items()),
    ]


class _PlatformVerbs:
    """The verbs of ``PlatformService``, the same in every service."""

    def __init__(self, service: str, health: Health, db: Database, clock: SystemClock, shows: Shows | None = None) -> None:
        self._service, self._health, self._clock, self._shows = service, health, clock, shows
        self._history, self._changes = History(db), db.changes()

    def ping(self, ctx: CallContext, *, text: str = "") -> tuple[str, str, int]:
        return text, self._service, self._clock.now_ms()

    def check_health(self, ctx: CallContext) -> tuple[bool, str, dict[str, str], int]:
        parts = self._health.parts()
        return all(state == "ok" for state in parts.values()), self._service, parts, self._health.uptime_ms()

    def list_state_events(self, ctx: CallContext, *, entity: str, entity_id: int, page: PageRequest) -> Page:
        if self._shows is not None and not self._shows(ctx, entity, entity_id):
            return Page([], None)
        return self._history.list(ctx, entity, entity_id, page)

    def follow_changes(self, ctx: CallContext, *, after: int | None = None, most: int = MOST) -> Followed:
        return self._changes.follow(ctx, after, most)


def stop_requested() -> threading.Event:
    """Set by SIGTERM, SIGINT, or the end of a stdin that is a pipe. Call once, from the main thread."""
    stop = threading.Event()
    on_signal(stop.set)
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_watch_stdin, args=(stop,), name="stdin", daemon=True).start()
    return stop


def settled() -> None:
    """Called when a process is ready to answer. What start-up made stays for good: walking those hundreds of thousands of objects again and
    again stops every call for tens of milliseconds, and finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _pass_on(asked: threading.Event, first: Callable[[], None], told: threading.Event) -> None:
    asked.wait()
    first()
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
    process = None
    try:
        process = Process(service, role, load())
        roles[role](process)
    except (PlatformError, OSError) as caught:
        error = caught if isinstance(caught, PlatformError) else disk_full(caught, "MODELYARD_HOME")
        if error is None:
            raise
        print(f"{service}-{role}: {error}", file=sys.stderr)
        if process is not None:
            process.coordination.close()  # what is not given back others have to wait for
        return 1
    return 0
