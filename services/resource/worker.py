"""The time door: leases nobody renewed are ended now and then, also when nobody asks for anything."""

from __future__ import annotations

import threading

from libs.common.errors import PlatformError
from libs.common.sight import logs
from services.resource.service import ResourceService

SWEEP_SECONDS = 10.0
log = logs.get("resource")


class Sweeper(threading.Thread):
    """Runs beside the door of the service: it costs one short read in ten seconds, and no process of its own."""

    def __init__(self, service: ResourceService, seconds: float = SWEEP_SECONDS) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._service, self._seconds, self._stop_asked = service, seconds, threading.Event()

    def run(self) -> None:
        while not self._stop_asked.wait(self._seconds):
            self.once()

    def once(self) -> None:
        try:
            while self._service.sweep():
                pass
        except PlatformError as error:  # the store is away: later
            log.warning("sweep_failed", error=str(error))

    def stop(self) -> None:
        self._stop_asked.set()
