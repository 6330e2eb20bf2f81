"""Wiring of the model service, top to bottom."""

import sys

from libs.common.process import Process, main
from services.model.repository import METADATA
from services.model.service import ModelService


def serve(process: Process) -> None:
    db = process.database(METADATA)
    process.serve(ModelService(db, process.settings.undo_ms), db)


if __name__ == "__main__":
    sys.exit(main("model", {"serve": serve}))
