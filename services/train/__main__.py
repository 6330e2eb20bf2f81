"""Wiring of the train service, top to bottom."""

import sys

from libs.common.process import Process, main
from libs.common.store.notice import deliveries
from libs.common.store.outbox import Relay
from libs.common.work.reserving import Reserving
from libs.common.work.worker import Worker
from services.train.repository import METADATA
from services.train.service import TRAINING_ENDED, TrainService
from services.train.worker import TrainWork


def serve(process: Process) -> None:
    db = process.database(METADATA)
    service = TrainService(db, process.peer("model"), process.peer("dataset"), process.settings.lease_seconds, process.artifacts)
    process.serve(service, db)


def work(process: Process) -> None:
    db = process.database(METADATA)
    models, datasets = process.peer("model"), process.peer("dataset")
    service = TrainService(db, models, datasets, process.settings.lease_seconds)
    relay = Relay(db, deliveries({TRAINING_ENDED: models.call}))
    job = TrainWork(service, models, datasets, process.artifacts)
    folder = process.work_folder()
    worker = Worker(
        process.name,
        service.lifecycle,
        job,
        folder,
        process.settings.poll_seconds,
        {"relay": relay.run_once},
        leadership=process.leadership(),
        reach=process.reach("model", "dataset"),
        reserving=Reserving(process.peer("resource"), service.lifecycle, job.asks, folder),
    )
    process.work(worker, db)


if __name__ == "__main__":
    sys.exit(main("train", {"serve": serve, "work": work}))
