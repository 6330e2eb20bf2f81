"""kill -9 of the database under four writers, three times: nothing acknowledged is lost, and what was in flight is settled by its key.

The server flushes at every commit, so an acknowledged write is on its disk. A call that failed may have taken effect all the same (the
answer was lost, not the write): asked again with its idempotency key it gives the one answer there is, and the effect is there once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.clock import SystemClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError
from libs.common.rpc.deadline import Deadline
from libs.common.store.database import Database
from tests import needs
from tests.support import mariadb
from tests.support.evidence import record
from tests.support.mariadb import MariaDB
from tests.support.ram import ram_folder
from tests.support.things import ThingService, open_things
from tests.support.until import until

WRITERS, KILLS, BETWEEN_KILLS = 4, 3, 60


@pytest.fixture
def server() -> Iterator[MariaDB]:
    lacking = needs.mysql_server()
    if lacking or not mariadb.can_start():
        assert not needs.in_ci(), lacking
        pytest.skip(f"needs {lacking or 'a server of its own to kill'}")
    with ram_folder() as folder, mariadb.running(folder) as own:
        yield own


class Writer(threading.Thread):
    """Creates things one after the other, each under a key; ``told``: name -> id as acknowledged; ``unknown``: names whose call failed."""

    def __init__(self, number: int, db: Database, over: threading.Event) -> None:
        super().__init__()
        self.number, self.service, self.over = number, ThingService(db), over
        self.told: dict[str, int] = {}
        self.unknown: list[str] = []

    def run(self) -> None:
        step = 0
        while not self.over.is_set():
            name = f"w{self.number}-{step:06}"
            step += 1
            try:
                self.told[name] = self.create(name, 2.0)
            except PlatformError:
                self.unknown.append(name)
                self.over.wait(0.02)  # a server that is down refuses at once: no need to ask it thousands of times

    def create(self, name: str, seconds: float) -> int:
        ctx = CallContext(1, self.number + 1, Deadline.after(seconds), idempotency_key=f"key-{name}")
        return self.service.create_thing(ctx, name=name).id


def test_three_kills_lose_nothing_acknowledged(server: MariaDB, tmp_path: Path) -> None:
    address = server.fresh().replace("{service}", "things")
    stores = [open_things(tmp_path, SystemClock(), number, address) for number in range(WRITERS)]
    over = threading.Event()
    writers = [Writer(number, db, over) for number, db in enumerate(stores)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(KILLS):
            before = [len(writer.told) for writer in writers]
            until(
                lambda before=before: all(len(w.told) >= had + BETWEEN_KILLS for w, had in zip(writers, before, strict=True)),
                what="the writers do not write",
            )
            server.kill()
            server.start()
    finally:
        over.set()
        for writer in writers:
            writer.join()
    told = {name: id for writer in writers for name, id in writer.told.items()}
    unknown = [(writer, name) for writer in writers for name in writer.unknown]
    assert len(told) >= WRITERS * KILLS * BETWEEN_KILLS
    assert unknown, "no call was in flight when the server died: the kills proved nothing"
    stored = rows(stores[0])
    lost = sum(stored.get(name) != id for name, id in told.items())
    record("I2", "kill -9 of MariaDB under four writers", tries=len(told), violations=lost, kills=KILLS)
    assert lost == 0, "an acknowledged write is lost"
    had_happened = doubled = 0
    for writer, name in unknown:
        settled = writer.create(name, 10.0)
        had_happened += stored.get(name) == settled
        doubled += stored.get(name, settled) != settled
    record("I4", "calls in flight when MariaDB died, asked again by key", tries=len(unknown), violations=doubled)
    assert doubled == 0, "a second effect under one key"
    final = rows(stores[0])
    assert set(final) == {*told, *(name for _, name in unknown)}
    print(f"acknowledged {len(told)}, unknown {len(unknown)}, of which {had_happened} had happened")
    for db in stores:
        db.close()


def rows(db: Database) -> dict[str, int]:
    """name -> id; a name that is there twice fails."""
    table = db.table("thing")
    with db.read() as conn:
        found = conn.execute(sa.select(table.c.name, table.c.id)).all()
    assert len({name for name, _ in found}) == len(found), "an effect happened twice"
    return {str(row.name): int(row.id) for row in found}
