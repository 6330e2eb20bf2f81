"""Wiring of the eval service, top to bottom."""

import sys

from libs.common.outside import Outside
from libs.common.process import Process, main
from libs.common.store.notice import deliveries
from libs.common.store.outbox import Relay
from libs.common.work.beside import SideBySide
from libs.common.work.human import HumanWorker
from libs.common.work.reserving import Reserving
from libs.common.work.worker import Worker
from services.eval.repository import METADATA
from services.eval.service import EVALUATION_ENDED, EvalService
from services.eval.worker import EvalWork, Rating


def serve(process: Process) -> None:
    db = process.database(METADATA)
    service = EvalService(db, process.peer("model"), process.peer("dataset"), process.settings.lease_seconds, Outside.of(process.settings))
    process.serve(service, db, shows=service.shows)


def work(process: Process) -> None:
    db = process.database(METADATA)
    models, datasets = process.peer("model"), process.peer("dataset")
    service = EvalService(db, models, datasets, process.settings.lease_seconds, Outside.of(process.settings))
    relay = Relay(db, deliveries({EVALUATION_ENDED: models.call}))
    job = EvalWork(service, models, datasets, process.artifacts, process.ids, process.settings.engine_threads)
    folder, poll_seconds, office, reach = process.work_folder(), process.settings.poll_seconds, process.leadership(), process.reach("model")
    relayed = {"relay": relay.run_once, "purged": service.sweep_purged}
    room = Reserving(process.peer("resource"), service.lifecycle, job.asks, folder)
    engines = Worker(process.name, service.lifecycle, job, folder, poll_seconds, relayed, leadership=office, reach=reach, reserving=room)
    items, leases = Rating(service), {"leases": service.people.sweep}
    people = HumanWorker(process.name, service.human, items, folder, poll_seconds, chores=leases, leadership=office, reach=reach)
    process.work(SideBySide({"engines": engines, "people": people}), db)


if __name__ == "__main__":
    sys.exit(main("eval", {"serve": serve, "work": work}))
