"""Wiring of the dataset service, top to bottom."""

import sys
from pathlib import Path

from libs.common.outside import Outside
from libs.common.process import Process, main
from libs.common.sight import logs
from libs.common.store.database import Database
from libs.common.work.beside import SideBySide
from libs.common.work.human import HumanWorker
from libs.common.work.reserving import Reserving
from libs.common.work.worker import Worker
from services.dataset.repository import METADATA
from services.dataset.service import DatasetService
from services.dataset.service.recipes import RecipeRules
from services.dataset.service.uploads import UploadLimits
from services.dataset.worker import Annotating, DatasetWork

log = logs.get("dataset-work")


def _service(process: Process, db: Database) -> DatasetService:
    settings = process.settings
    limits, rules = UploadLimits.of(settings), RecipeRules.of(settings)
    return DatasetService(db, process.artifacts, settings.lease_seconds, settings.import_path, limits, rules, settings.undo_ms)


def serve(process: Process) -> None:
    db = process.database(METADATA)
    service = _service(process, db)
    process.serve(service, db, shows=service.shows)


def work(process: Process) -> None:
    db = process.database(METADATA)
    service = _service(process, db)
    root = process.settings.import_path
    root.mkdir(parents=True, exist_ok=True)
    _tell_of_strays(root)
    folder, poll_seconds, office, reach = process.work_folder(), process.settings.poll_seconds, process.leadership(), process.reach()
    job = DatasetWork(service, process.artifacts, root, Outside.of(process.settings))
    chores = {"uploads": service.sweep_uploads, "steps": service.sweep_steps, "deleted": service.sweep_deleted}
    room = Reserving(process.peer("resource"), service.lifecycle, job.asks, folder)
    engines = Worker(process.name, service.lifecycle, job, folder, poll_seconds, chores, leadership=office, reach=reach, reserving=room)
    items = Annotating(service, process.artifacts, folder)
    leases = {"leases": service.people.sweep}
    people = HumanWorker(process.name, service.human, items, folder, poll_seconds, chores=leases, leadership=office, reach=reach)
    process.work(SideBySide({"engines": engines, "people": people}), db)


def _tell_of_strays(root: Path) -> None:
    """Before spaces had folders of their own, files lay right below the root; nobody reads them there any more."""
    strays = sorted(path.name for path in root.iterdir() if not path.name.isdecimal() and not path.name.startswith("."))
    if strays:
        log.warning(
            "imports_of_no_space", count=len(strays), first=strays[0], hint="move them into the folder named by a project space's id"
        )


if __name__ == "__main__":
    sys.exit(main("dataset", {"serve": serve, "work": work}))
