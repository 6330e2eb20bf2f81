"""A process that takes and gives back until it is killed: ``python -m tests.unit.resource.victim FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from libs.common.clock import SystemClock
from services.resource.repository import METADATA
from services.resource.service import ResourceService
from tests.support.stores import open_store
from tests.unit.resource.world import ME


def main(folder: Path) -> None:
    service = ResourceService(open_store(folder, "resource", METADATA, SystemClock(), worker=1))
    for number in range(5):
        held = service.create_reservation(ME, holder=f"victim-{number}", cpu_milli=100).reservation
        service.release_reservation(ME, id=held.id)
    print("lived")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
