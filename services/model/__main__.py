"""Wiring of the model service, top to bottom."""

import sys

from libs.common.process import Process, main
from services.model.repository import METADATA
from services.model.service import ModelService
from services.model.service.arrivals import Arrivals


def serve(process: Process) -> None:
    db = process.database(METADATA)
    arrivals = Arrivals(process.artifacts, process.work_folder(), process.settings.import_path)
    process.serve(ModelService(db, process.settings.undo_ms, arrivals), db)


if __name__ == "__main__":
    sys.exit(main("model", {"serve": serve}))
