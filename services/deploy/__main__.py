"""Wiring of the deploy service, top to bottom."""

import sys

from libs.common.process import Process, main
from libs.common.store.database import Database
from services.deploy import handler
from services.deploy.node import NodeOptions
from services.deploy.repository import METADATA
from services.deploy.service import DeployService
from services.deploy.service.figures import figures
from services.deploy.service.neighbours import Neighbours
from services.deploy.worker.loop import DeployWorker


def serve(process: Process) -> None:
    db = process.database(METADATA)
    process.metrics.sample(figures(db))
    process.serve(handler.verbs(_service(process, db)), db, handler.INLINE)


def work(process: Process) -> None:
    db, settings = process.database(METADATA), process.settings
    node = NodeOptions(drain=settings.drain_seconds, host=settings.host, advertise=settings.advertised_host)
    worker = DeployWorker(
        process.name,
        _service(process, db),
        process.artifacts,
        process.home,
        settings.engine_threads,
        settings.poll_seconds,
        node,
        process.leadership(),
    )
    process.work(worker, db, worker.checks)


def _service(process: Process, db: Database) -> DeployService:
    neighbours = Neighbours(process.peer("model"), process.peer("eval"), process.peer("dataset"))
    return DeployService(db, neighbours, process.settings.lease_seconds)


if __name__ == "__main__":
    sys.exit(main("deploy", {"serve": serve, "work": work}))
