"""Supervision of serving processes: the store says what should run, this makes it so and says how it goes.

One node per home, held by a file lock that the kernel frees when its process dies; nodes of several homes share a store, each with the
instances that name it. Decided here: a process gets traffic only after it said
itself, and by a second look over HTTP, that it serves the wanted digest; a restart keeps its port, so that whoever asked it before finds it
again; what ends by itself comes back with growing pauses for as long as it is wanted.
"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.common import fault, instance_key
from libs.common.clock import Clock
from libs.common.errors import PlatformError, Reason, cause_of, disk_full, unavailable
from libs.common.sight import logs
from libs.common.store.storage import ArtifactStore
from libs.common.words.messages import error_facts
from services.deploy.domain.instance import BUNDLE, NO_TRAFFIC, READY, STARTING, STOPPED, Instance
from services.deploy.node.leftovers import Leftovers
from services.deploy.node.name import node_name
from services.deploy.node.process import EXIT_BUNDLE, EXIT_PORT, KEY, ServingProcess, command, keep_log
from services.deploy.service.fleet import Fleet

log = logs.get("deploy-node")
_POLLERS = 8


@dataclass(frozen=True)
class NodeOptions:
    """In seconds. look: between two looks at the store. report: between two reports of figures. start: a process that is not ready
    after it is killed. silent: a process that does not answer for so long is killed. drain: what requests under way get at a stop. port:
    how long a restart waits for its old port. backoff: first and longest pause before a restart. steady: alive for so long, the next
    pause is the first one again. stuck: a node that did not look for so long is not healthy. gone: the instances of a node
    that was silent for so long are taken over by another. Not seconds: host, where the processes listen;
    advertise, the name under which others reach them, which is in their addresses.
    """

    look: float = 0.1
    report: float = 1.0
    start: float = 120.0
    silent: float = 15.0
    drain: float = 10.0
    port: float = 5.0
    backoff: tuple[float, float] = (0.2, 10.0)
    steady: float = 30.0
    stuck: float = 60.0
    gone: float = 180.0
    host: str = "127.0.0.1"
    advertise: str = "127.0.0.1"


@dataclass
class Supervised:
    """What this node knows about one instance. Times are monotonic seconds, 0 = not yet."""

    instance: Instance
    process: ServingProcess | None = None
    address: str = ""
    port: int = 0
    ready: bool = False
    started: float = 0.0
    heard: float = 0.0  # last time it answered
    pause: float = 0.0
    next_start: float = 0.0
    kill_at: float = 0.0  # of a process that was asked to end
    crashes: int = 0
    refused: bool = False  # it serves other bytes than it should: not started again by itself
    figures: dict[str, Any] = field(default_factory=dict)


class LocalNode:
    """``Node`` of one home: processes of this machine. ``take_over`` once, then ``run`` in a thread of its own. home: of the platform."""

    def __init__(self, fleet: Fleet, artifacts: ArtifactStore, home: Path, options: NodeOptions) -> None:
        self._fleet, self._artifacts, self._options = fleet, artifacts, options
        self.name = node_name(home)
        self._clock: Clock = fleet.db.clock
        self._logs = home / "logs"
        self._lock_path = home / "run" / "deploy-node.lock"
        self._lock: int | None = None
        self._mine: dict[int, Supervised] = {}
        self._leftovers = Leftovers(options.drain + 1.0)
        self._last_look = self._last_report = self._sure_since = self._clock.monotonic()

    def check(self) -> None:
        """Health: the node looks."""
        if self._clock.monotonic() - self._last_look > self._options.stuck:
            raise unavailable("node", cause="it does not look at its processes")

    def take_over(self) -> bool:
        """Becomes the node of this home unless another process is. What ran before does so no longer, whatever the store says."""
        if self._lock is not None:
            return True
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        try:
            self._fleet.take_from_before(self.name)
            rows = self._fleet.on_node(self.name)
            self._fleet.report({row.id: {"state": STARTING, "pid": 0} for row in rows}, self.name)
        except BaseException:
            os.close(handle)
            raise
        now = self._clock.monotonic()
        for row in rows:
            self._leftovers.add(row, now)
        self._lock = handle
        return True

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``; then every process is drained and ended."""
        import httpx

        try:
            with httpx.Client(timeout=2.0, trust_env=False) as client, ThreadPoolExecutor(_POLLERS) as pool:
                while not stop.wait(self._options.look):
                    try:
                        if self.take_over():
                            self.look(client, pool)
                        self._last_look = self._clock.monotonic()
                    except Exception as error:  # the store is away, or a mistake of ours: what runs goes on running
                        self._sure_since = self._clock.monotonic()
                        log.warning("look_failed", error=f"{type(error).__name__}: {error}")
        finally:
            self._end_all()

    # --- one look

    def look(self, client: Any, pool: ThreadPoolExecutor) -> None:
        """Starts, watches, stops; reports what changed at once and figures every ``report`` seconds."""
        now, now_ms = self._clock.monotonic(), self._clock.now_ms()
        self._leftovers.reap(now)
        said: dict[int, dict[str, Any]] = {}
        self._fleet.take_free(self.name)
        rows = {row.id: row for row in self._fleet.on_node(self.name)}
        self._let_go(set(self._mine) - set(rows), now)
        for id, row in rows.items():
            mine = self._mine.setdefault(id, Supervised(row, port=row.port, crashes=row.crashes))
            if row.crashes < mine.instance.crashes:  # it was wanted anew: what was before does not count
                mine.crashes, mine.refused, mine.next_start = row.crashes, False, 0.0
            mine.instance = row
            said[id] = self._tend(mine, row.keep_until > now_ms, now)
        if now - self._last_report >= self._options.report:
            self._last_report = now
            self._take_from_gone(now)
            self._poll(client, pool, said)
            for id, facts in said.items():  # a READY counts as long as it is repeated; that we are there is said of the others too
                if not facts and not self._mine[id].ready:
                    facts["error"] = rows[id].error
        try:
            self._fleet.report({id: facts for id, facts in said.items() if facts}, self.name)
        finally:
            for id in [id for id, facts in said.items() if facts.get("state") == STOPPED]:
                self._forget(id)

    def _take_from_gone(self, now: float) -> None:
        """Another node is gone only in the eyes of one that has seen the store all the time: a store that was away silences all of them."""
        if now - self._sure_since > self._options.gone:
            self._fleet.take_from_gone(self.name, int(self._options.gone * 1000))

    def _let_go(self, ids: set[int], now: float) -> None:
        """Instances that another node has now, as we were silent for long. Its word counts: ours are ended and nothing is said."""
        for id in ids:
            mine = self._mine[id]
            if mine.process is not None and mine.process.exited() is None:
                self._stop(mine, now)
                continue
            if mine.process is not None:
                mine.process.close()
            self._forget(id)

    def _forget(self, id: int) -> None:
        self._mine.pop(id, None)
        keep_log(self._log_of(id), self._logs / "serving.log")

    def _log_of(self, id: int) -> Path:
        return self._logs / f"serving-{id}.log"

    def _tend(self, mine: Supervised, wanted: bool, now: float) -> dict[str, Any]:
        """One instance, one look. Answers what is to be reported."""
        if mine.process is not None and mine.process.exited() is not None:
            return self._ended(mine, wanted, now)
        if not wanted or mine.kill_at:  # one that was asked to end does not take it back: it drains, then another one starts
            return self._stop(mine, now)
        if mine.process is None:
            return self._start(mine, now) if now >= mine.next_start and not mine.refused else {}
        if not mine.ready:
            return self._greet(mine, now)
        if now - mine.heard > self._options.silent:
            mine.process.kill()  # the next look finds it ended
        return {}

    def _start(self, mine: Supervised, now: float) -> dict[str, Any]:
        row = mine.instance
        if mine.port and not _free(self._options.host, mine.port):
            # Whoever had it may still be draining. After a while any other port is better than none.
            mine.started = mine.started or now
            if now - mine.started < self._options.port:
                return {}
            mine.port = 0
        try:
            bundle = self._artifacts.open(row.bundle_uri, verify=False) / BUNDLE  # the process itself checks every byte
            words = command(row, bundle, self._options.host, mine.port, self._options.drain)
            mine.process = ServingProcess(words, self._log_of(row.id), {"OMP_NUM_THREADS": str(row.threads), KEY: row.key})
        except (PlatformError, OSError) as error:
            failure = error if isinstance(error, PlatformError) else disk_full(error, "work")
            failure = failure or PlatformError(500, Reason.INTERNAL, cause=cause_of(error))
            return self._crashed(mine, failure, now)
        mine.started, mine.ready, mine.kill_at = now, False, 0.0
        fault.point("node.after_start_before_row")
        log.info("instance_starts", instance=row.id, digest=row.digest, pid=mine.process.pid)
        return {"state": STARTING, "pid": mine.process.pid, "qps": 0.0, "p99_ms": NO_TRAFFIC, "requests": 0, "errors": 0}

    def _greet(self, mine: Supervised, now: float) -> dict[str, Any]:
        """Waits for the process to say that it is ready, and that it is the one that was asked for."""
        assert mine.process is not None
        try:
            said = mine.process.announced()
        except ValueError:
            said = {}
        if said is None:
            if now - mine.started > self._options.start:
                mine.process.kill()
            return {}
        if said.get("digest") != mine.instance.digest or said.get("pid") != mine.process.pid:
            return self._refuse(mine, str(said.get("digest")))
        mine.port, mine.ready, mine.heard = said["port"], True, now
        mine.address = f"http://{self._options.advertise}:{mine.port}"
        log.info("instance_ready", instance=mine.instance.id, address=mine.address)
        return {"state": READY, "address": mine.address, "port": mine.port, "pid": mine.process.pid, "error": {}}

    def _refuse(self, mine: Supervised, found: str) -> dict[str, Any]:
        assert mine.process is not None
        mine.process.kill()
        mine.refused, mine.ready = True, False
        error = PlatformError(422, Reason.DIGEST_MISMATCH, field="digest", limit=mine.instance.digest, found=found[:100])
        log.error("instance_refused", instance=mine.instance.id, expected=mine.instance.digest, found=found[:100])
        return {"state": STARTING, "pid": 0, "error": error_facts(error)}

    def _ended(self, mine: Supervised, wanted: bool, now: float) -> dict[str, Any]:
        """The process is gone: as it was asked to, or by itself."""
        assert mine.process is not None
        code, words, asked = mine.process.exited(), mine.process.last_words(), mine.kill_at > 0
        mine.process.close()
        mine.process, mine.ready, mine.kill_at = None, False, 0.0
        if not wanted:
            fault.point("node.after_stop_before_row")
            log.info("instance_stopped", instance=mine.instance.id)
            return {"state": STOPPED, "pid": 0, "qps": 0.0, "p99_ms": NO_TRAFFIC}
        if asked or mine.refused:  # wanted again meanwhile, or the reason is reported already
            return {"state": STARTING, "pid": 0}
        if code == EXIT_PORT:
            mine.port = 0
        if code == EXIT_BUNDLE:
            mine.refused = True
            return {
                "state": STARTING,
                "pid": 0,
                "error": error_facts(PlatformError(422, Reason.DIGEST_MISMATCH, field="digest", limit=mine.instance.digest, cause=words)),
            }
        return self._crashed(mine, PlatformError(500, Reason.WORKER_LOST, exit_status=code, cause=words), now)

    def _crashed(self, mine: Supervised, error: PlatformError, now: float) -> dict[str, Any]:
        first, longest = self._options.backoff
        lived = mine.started and now - mine.started > self._options.steady
        mine.pause = first if lived or not mine.pause else min(mine.pause * 2, longest)
        mine.next_start, mine.started = now + mine.pause, 0.0
        mine.crashes += 1
        log.warning("instance_crashed", instance=mine.instance.id, crashes=mine.crashes, error=str(error), details=error.details)
        return {"state": STARTING, "pid": 0, "crashes": mine.crashes, "error": error_facts(error)}

    def _stop(self, mine: Supervised, now: float) -> dict[str, Any]:
        if mine.process is None:
            return {"state": STOPPED, "pid": 0, "qps": 0.0, "p99_ms": NO_TRAFFIC}
        if not mine.kill_at:
            mine.kill_at = now + self._options.drain + 1.0
            mine.process.terminate()
            mine.ready = False
            return {"state": STARTING}  # it takes no new traffic
        if now >= mine.kill_at:
            mine.process.kill()
        return {}

    # --- figures

    def _poll(self, client: Any, pool: ThreadPoolExecutor, said: dict[int, dict[str, Any]]) -> None:
        ready = [mine for mine in self._mine.values() if mine.ready and mine.instance.id in said]
        for mine, values in zip(ready, pool.map(lambda mine: _stats(client, mine), ready), strict=True):
            facts = said[mine.instance.id]
            if values is None or not mine.ready:
                continue
            if values["digest"] != mine.instance.digest:
                facts.update(self._refuse(mine, str(values["digest"])))
                continue
            mine.heard = self._clock.monotonic()
            p99 = values["p99_ms"]
            facts.update(
                state=READY,
                qps=float(values["qps"] or 0.0),
                p99_ms=NO_TRAFFIC if p99 is None else float(p99),
                requests=int(values["requests"]),
                errors=int(values["errors"]),
            )

    # --- the end

    def _end_all(self) -> None:
        """Drains every process. Instances stay wanted: the next node starts them again."""
        if self._lock is None:
            return
        for mine in self._mine.values():
            if mine.process is not None:
                mine.process.terminate()
        until = self._clock.monotonic() + self._options.drain + 1.0
        running = {mine.instance.id: mine.process for mine in self._mine.values() if mine.process is not None}
        waiting = threading.Event()
        while any(process.exited() is None for process in running.values()) and self._clock.monotonic() < until:
            waiting.wait(0.02)
        for process in running.values():
            process.kill()
            while process.exited() is None:
                waiting.wait(0.02)
            process.close()
        try:
            self._fleet.report({id: {"state": STARTING, "pid": 0} for id in running}, self.name)
        except PlatformError as error:
            log.warning("report_failed", error=str(error))
        self._leftovers.close()
        os.close(self._lock)
        self._lock = None


def _stats(client: Any, mine: Supervised) -> dict[str, Any] | None:
    """The process's own figures, None when it does not answer well, or cannot prove that it is the one we started."""
    sent = instance_key.headers(mine.instance.key)
    try:
        answer = client.get(f"{mine.address}/stats", headers=sent)
        if not instance_key.proves(mine.instance.key, sent[instance_key.TICKET], answer.headers.get(instance_key.PROOF, "")):
            return None
        values = answer.json()
        return values if {"digest", "qps", "p99_ms", "requests", "errors"} <= values.keys() else None
    except Exception:  # whatever it answers, silence is judged by its length
        return None


def _free(host: str, port: int) -> bool:
    """Whether a listener could take the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
