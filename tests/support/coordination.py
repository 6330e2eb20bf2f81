"""Coordination as several processes of one platform see it, on either binding."""

from __future__ import annotations

import uuid
from pathlib import Path

from libs.common.clock import SystemClock
from libs.common.coord.coordination import Coordination, open_coordination
from libs.common.settings import load

SESSION_SECONDS = 2.0


class Bindings:
    """zookeeper: hosts of the ensemble; empty: files. Every instance has a root of its own there."""

    def __init__(self, home: Path, zookeeper: str) -> None:
        self.on_zookeeper = bool(zookeeper)
        self.environ = {"MODELYARD_HOME": str(home), "MODELYARD_LOG_LEVEL": "WARNING"}
        if zookeeper:
            self.environ["MODELYARD_ZOOKEEPER"] = f"{zookeeper}/test-{uuid.uuid4().hex}"
            self.environ["MODELYARD_ZOOKEEPER_SESSION_SECONDS"] = str(SESSION_SECONDS)
        self._opened: list[Coordination] = []

    def open(self, process: str = "test") -> Coordination:
        opened = open_coordination(load(self.environ), process, SystemClock())
        self._opened.append(opened)
        return opened

    def close(self) -> None:
        for opened in self._opened:
            opened.close()
