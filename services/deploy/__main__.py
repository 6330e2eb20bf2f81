"""Wiring of the deploy service, top to bottom."""

import sys

from libs.common.process import Process, main
from libs.common.store.database import Database
from services.deploy.node import LocalNode, NodeOptions
from services.deploy.repository import METADATA
from services.deploy.service import DeployService
from services.deploy.service.figures import figures
from services.deploy.service.neighbours import Neighbours
from services.deploy.worker.loop import DeployWorker


def serve(process: Process) -> None:
    db = process.database(METADATA)
    process.metrics.sample(figures(db))
    process.serve(_service(process, db), db)


def work(process: Process) -> None:
    db, settings = process.database(METADATA), process.settings
    service = _service(process, db)
    options = NodeOptions(drain=settings.drain_seconds, host=settings.host, advertise=settings.advertised_host)
    worker = DeployWorker(
        process.name,
        service,
        process.artifacts,
        process.home,
        settings.engine_threads,
        settings.poll_seconds,
        LocalNode(service.fleet, process.artifacts, process.home, options),
        process.leadership(),
    )
    process.work(worker, db, worker.checks)


def _service(process: Process, db: Database) -> DeployService:
    neighbours = Neighbours(process.peer("model"), process.peer("eval"), process.peer("dataset"))
    return DeployService(db, neighbours, process.settings.lease_seconds, process.peer("resource"))


if __name__ == "__main__":
    sys.exit(main("deploy", {"serve": serve, "work": work}))
