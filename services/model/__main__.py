"""Wiring of the model service, top to bottom."""

import sys

from libs.common.process import Process, main
from services.model import handler
from services.model.repository import METADATA
from services.model.service import ModelService


def serve(process: Process) -> None:
    db = process.database(METADATA)
    process.serve(handler.verbs(ModelService(db)), db, handler.INLINE)


if __name__ == "__main__":
    sys.exit(main("model", {"serve": serve}))
