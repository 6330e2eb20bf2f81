"""Invariant I15: two instances of every service, restarted one after the other while people and services go on asking: no request fails.

SIGTERM lets an instance refuse new calls as "not started" and finish those it has; its clients go to the other one. Reads are repeated
where a connection broke, changes too as they carry a key. What was acknowledged is there afterwards, once (I2, I4).
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from idl import manifest
from libs.common.clock import SystemClock
from libs.common.store.audit import Patience
from libs.ops.audit import audit
from tests.faults.sweep import whole
from tests.support.evidence import Evidence
from tests.support.platform import Platform
from tests.support.stage import Stage

SERVICES = manifest.NAMES
ROLLED = SERVICES if whole() else ("model", "identity")
ROUNDS = 4 if whole() else 1


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    names = (*(f"{service}-serve" for service in SERVICES), "gateway")
    stage = Stage(tmp_path_factory.mktemp("rolling") / "home", names, twins=SERVICES)
    try:
        stage.start_all()
        yield stage
    finally:
        stage.close()


class Load:
    """Askers that never pause; ``seen``: kind of request -> how many, ``failed``: what went wrong."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.seen: Counter[str] = Counter()
        self.failed: list[str] = []
        self.acknowledged: list[tuple[int, str]] = []
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._platform = Platform(stage.settings, stage.environ)
        with self._platform.client() as client:
            self.model_id = str(client.models.create(f"rolled-{id(self)}")["id"])
        self._threads = [threading.Thread(target=self._run, args=(kind, ask)) for kind, ask in self._kinds()]

    def _kinds(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("status", self._status),
            ("status", self._status),
            ("create", self._create),
            ("create", self._create),
            ("read", self._read),
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _run(self, kind: str, ask: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                ask()
            except Exception as error:  # whatever a client would see
                self.failed.append(f"{kind}: {type(error).__name__}: {error}")
            self.seen[kind] += 1

    def _status(self) -> None:
        with self._platform.client() as client:
            for _ in range(10):
                status = client.models.status(self.model_id)
                if status["missing"]:
                    self.failed.append(f"status lacks {[(part, status[part]['reason']) for part in status['missing']]}")

    def _create(self) -> None:
        name = f"rolled-{id(self)}-{next(self._numbers)}"
        made = self.stage.call("dataset", "CreateDataset", f"key-of-{name}", name=name, type=2).dataset
        self.acknowledged.append((made.id, name))

    def _read(self) -> None:
        self.stage.call("model", "GetProject", id=int(self.model_id))
        self.stage.call("deploy", "GetDeployState", model_id=int(self.model_id))


@pytest.mark.timeout(900)  # the long run reads tens of thousands of acknowledged writes again
def test_a_rolling_restart_costs_no_request(pair: Stage, evidence: Evidence) -> None:
    drains = []
    with Load(pair) as load:
        for _ in range(ROUNDS):
            for service in ROLLED:
                for name in (f"{service}-serve", f"{service}-serve-2"):
                    before = sum(load.seen.values())
                    pair.until(lambda before=before: sum(load.seen.values()) > before + 5, 30, "no load")  # type: ignore[misc]
                    began = time.monotonic()
                    assert pair.terminate(name) == 0, pair.log(name)[-2000:]
                    drains.append(time.monotonic() - began)
                    pair.start(name)
    lost = sum(pair.call("dataset", "FindDataset", name=name).dataset.id != id for id, name in load.acknowledged)
    requests, restarts = sum(load.seen.values()), len(drains)
    figures = {"restarts": restarts, "worst_drain_s": round(max(drains), 2)}
    evidence("I15", "rolling restart of every service under load", tries=requests, violations=len(load.failed), **figures)
    evidence("I2", "acknowledged while instances were restarted", tries=len(load.acknowledged), violations=lost)
    assert load.failed == []
    assert lost == 0
    assert min(load.seen[kind] for kind in ("status", "create", "read")) > restarts
    assert audit(pair.settings, lambda: Patience(SystemClock().now_ms()), 0.5).violations == []


@pytest.mark.timeout(900)
def test_killed_instances_lose_nothing_that_was_acknowledged(pair: Stage, tmp_path: Path, evidence: Evidence) -> None:
    """kill -9 instead of SIGTERM: calls may fail, what was answered stays."""
    kills = 20 if whole() else 4
    with Load(pair) as load:
        for number in range(kills):
            name = ("dataset-serve", "dataset-serve-2")[number % 2]
            before = len(load.acknowledged)
            pair.until(lambda before=before: len(load.acknowledged) > before + 5, 30, "no load")  # type: ignore[misc]
            pair.restart(name)
    lost = sum(pair.call("dataset", "FindDataset", name=name).dataset.id != id for id, name in load.acknowledged)
    evidence("I2", "kill -9 of a service under load", tries=len(load.acknowledged), violations=lost, kills=kills)
    assert lost == 0
    assert audit(pair.settings, lambda: Patience(SystemClock().now_ms()), 0.5).violations == []
