"""Wiring of the dataset service, top to bottom."""

import sys

from libs.common.process import Process, main
from libs.common.work.worker import Worker
from services.dataset import handler
from services.dataset.repository import METADATA
from services.dataset.service import DatasetService
from services.dataset.worker import DatasetWork


def serve(process: Process) -> None:
    db = process.database(METADATA)
    service = DatasetService(db, process.artifacts, process.settings.lease_seconds)
    process.serve(handler.verbs(service), db, handler.INLINE, shows=service.shows)


def work(process: Process) -> None:
    db = process.database(METADATA)
    service = DatasetService(db, process.artifacts, process.settings.lease_seconds)
    root = process.settings.import_path
    root.mkdir(parents=True, exist_ok=True)
    job = DatasetWork(service, process.artifacts, root)
    worker = Worker(
        process.name,
        service.lifecycle,
        job,
        process.work_folder(),
        process.settings.poll_seconds,
        chores={},
        leadership=process.leadership(),
    )
    process.work(worker, db)


if __name__ == "__main__":
    sys.exit(main("dataset", {"serve": serve, "work": work}))
