"""Wiring of the resource service."""

import sys

from libs.common.process import Process, main
from services.resource.repository import METADATA
from services.resource.service import ResourceService
from services.resource.worker import Sweeper

GRACE_SECONDS = 30.0
"""What workers need to renew after an outage, with some to spare."""


def serve(process: Process) -> None:
    db = process.database(METADATA)
    service = ResourceService(db, GRACE_SECONDS)
    process.metrics.sample(lambda: [("modelyard_reservations", (state,), count) for state, count in service.figures().items()])
    sweeper = Sweeper(service)
    sweeper.start()
    process.serve(service, db)
    sweeper.stop()


if __name__ == "__main__":
    sys.exit(main("resource", {"serve": serve}))
