"""Discovery, leadership and worker numbers of one process: on files of this machine, or on ZooKeeper, by ``MODELYARD_ZOOKEEPER``."""

from __future__ import annotations

import time
from typing import Protocol

from libs.common.clock import Clock
from libs.common.coord.discovery import Discovery, StaticDiscovery
from libs.common.coord.fencing import Leadership
from libs.common.coord.leadership import FileLeadership
from libs.common.errors import PlatformError, Reason
from libs.common.ids import IdGenerator, WorkerNumber
from libs.common.settings import Settings
from libs.common.sight import logs

log = logs.get("coordination")
NUMBER_SECONDS = 5.0  # how long a start waits for a worker number


class Coordination(Protocol):
    discovery: Discovery

    def ids(self) -> IdGenerator:
        """This process's ids, under a worker number that nobody else has. Call once."""

    def leadership(self, name: str) -> Leadership:
        """Stands for the office ``name``. Call once per office."""

    def close(self) -> None:
        """Gives back all of it."""


class FileCoordination:
    """One machine, one home: a static list and file locks."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._run, self._clock = settings.home_path / "run", clock
        self.discovery: Discovery = StaticDiscovery(settings)
        self._offices: list[Leadership] = []

    def ids(self) -> IdGenerator:
        return IdGenerator(WorkerNumber(self._run / "workers").number, self._clock)

    def leadership(self, name: str) -> Leadership:
        office = FileLeadership(self._run / "leaders", name)
        self._offices.append(office)
        return office

    def close(self) -> None:
        for office in self._offices:
            office.resign()


class ZooKeeperCoordination:
    """One session for everything; starts, and goes on, without the ensemble."""

    def __init__(self, settings: Settings, process: str, clock: Clock) -> None:
        """Raises MISSING_EXTRA when the setting is there and the extra is not installed."""
        try:
            from libs.common.coord.zookeeper.discovery import ZooKeeperDiscovery
            from libs.common.coord.zookeeper.number import ZooKeeperNumber
            from libs.common.coord.zookeeper.session import Ensemble, Session
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "kazoo":
                raise
            raise PlatformError(500, Reason.MISSING_EXTRA, extra="zookeeper", what="MODELYARD_ZOOKEEPER") from None
        self._clock = clock
        self.session = Session(Ensemble.of(settings.zookeeper), settings.zookeeper_session_seconds, process)
        self.discovery: Discovery = ZooKeeperDiscovery(self.session, settings.home_path / "run" / "peers.json")
        self._number: ZooKeeperNumber | None = None

    def ids(self) -> IdGenerator:
        """Waits NUMBER_SECONDS for a number. Without one the process starts all the same: it reads, and refuses what needs an id."""
        from libs.common.coord.zookeeper.number import ZooKeeperNumber

        ids = IdGenerator(None, self._clock)
        self._number = ZooKeeperNumber(self.session, ids)
        end = time.monotonic() + NUMBER_SECONDS
        while not ids.ready and time.monotonic() < end:
            time.sleep(0.01)
        if not ids.ready:
            log.warning("no_worker_number_yet", waited=NUMBER_SECONDS)
        return ids

    def leadership(self, name: str) -> Leadership:
        from libs.common.coord.zookeeper.leadership import ZooKeeperLeadership

        return ZooKeeperLeadership(self.session, name)

    def close(self) -> None:
        if self._number is not None:
            self._number.release()
        self.session.close()


def open_coordination(settings: Settings, process: str, clock: Clock) -> Coordination:
    """``process``: its name, as operators see it."""
    return ZooKeeperCoordination(settings, process, clock) if settings.zookeeper else FileCoordination(settings, clock)
