"""``python -m tests.unit.deploy.node_process HOME ARTIFACTS ADDRESS``: the node of a home as a process of its own, on somebody's store."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from libs.common.clock import SystemClock
from libs.common.process import stop_requested
from libs.common.store.storage import ArtifactStore
from services.deploy.node import LocalNode
from services.deploy.repository import METADATA, DeployRepository
from services.deploy.service.fleet import Fleet
from tests.support.stores import open_store
from tests.unit.deploy.stand import NODE


def main(home: str, artifacts: str, folder: str, address: str = "") -> int:
    stop = stop_requested()
    db = open_store(Path(folder), "deploy", METADATA, SystemClock(), os.getpid() % 1000 + 2, address)
    LocalNode(Fleet(db, DeployRepository()), ArtifactStore(Path(artifacts)), Path(home), NODE).run(stop)
    db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
