"""A process of its own in the coordination of a test: it registers, stands for an office and, while it leads, writes its number.

``python -m tests.support.coordinated <folder of the store> <service> <port> <office>`` with the settings in the environment. It says
"ready" once it has all; SIGTERM unregisters (it says "unregistered"), and the process goes on until its stdin ends.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from libs.common.clock import SystemClock
from libs.common.context import system_context
from libs.common.coord.coordination import open_coordination
from libs.common.coord.discovery import Address
from libs.common.coord.fencing import Leadership, only_leader
from libs.common.errors import PlatformError, Reason
from libs.common.settings import load
from libs.common.sight import logs
from libs.common.store.database import Database
from tests.support.things import Thing, ThingService, open_things


def write_number(db: Database, leadership: Leadership) -> None:
    """What the leader does here: one row with the number of its term."""
    lead = leadership.lead()
    if lead is not None:
        with db.begin(system_context(1, 1)) as tx:
            ThingService(db).things.insert(tx, Thing(db.ids.next(), "term", 1, facts={"number": lead.number, "pid": os.getpid()}))


def terms(db: Database) -> list[int]:
    """The numbers of all rows in the order in which they were written."""
    return [row["number"] for row in written(db)]


def written(db: Database) -> list[dict[str, int]]:
    """Number and pid of all rows in the order in which they were written."""
    with db.read() as conn:
        rows = conn.exec_driver_sql("SELECT facts FROM thing ORDER BY rowid").all()
    return [json.loads(row[0]) for row in rows]


@contextmanager
def started(environ: dict[str, str], store: Path, service: str, port: int, office: str) -> Iterator[subprocess.Popen[str]]:
    """The process, once it is ready; killed at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.coordinated", str(store), service, str(port), office],
        env={**os.environ, **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield process
    finally:
        process.kill()
        process.communicate()


def main(store: str, service: str, port: str, office: str) -> None:
    logs.setup("coordinated", "WARNING")
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    coordination = open_coordination(load(), f"{service}-{port}", SystemClock())
    ids, address = coordination.ids(), Address("127.0.0.1", int(port))
    db = open_things(Path(store), SystemClock())
    db.ids = ids
    leadership = coordination.leadership(office)
    coordination.discovery.register(service, address)
    chore = only_leader(leadership, lambda: write_number(db, leadership))
    print("ready", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    while not stopped.wait(0.02):
        try:
            chore()
        except PlatformError as error:
            if error.reason not in (Reason.STALE_LEADER, Reason.UNAVAILABLE):
                raise
    coordination.discovery.unregister(service, address)
    print("unregistered", flush=True)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
