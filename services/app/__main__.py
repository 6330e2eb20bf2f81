"""Wiring of the app service."""

import sys

from libs.common.process import Process, main
from services.app.repository import METADATA
from services.app.service import AppService


def serve(process: Process) -> None:
    db = process.database(METADATA)
    process.serve(AppService(db, process.peer("dataset"), process.peer("model"), process.peer("deploy"), process.artifacts), db)


if __name__ == "__main__":
    sys.exit(main("app", {"serve": serve}))
