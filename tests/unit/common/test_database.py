"""Transactions: all or nothing, first come first served, never longer than the call may wait, and usable again after every failure."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.deadline import Deadline
from libs.common.store.database import Database, service_url
from libs.common.store.repository import PageRequest
from tests.support.outcome import at_once
from tests.support.stores import caller
from tests.support.things import Colour, Thing, ThingService, open_things


def count(db: Database, table: str) -> int:
    with db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(db.table(table))).scalar_one())


def test_effect_history_message_and_answer_are_one(service: ThingService) -> None:
    db = service.db
    ctx = CallContext(1, 1, Deadline.after(30), idempotency_key="12345678", method="m", request_hash="h")
    tables = ("thing", "state_event", "outbox", "stored_answer")

    def work(fail: bool) -> None:
        with db.begin(ctx) as tx:
            thing = service.things.insert(tx, Thing(db.ids.next(), "a", 1))
            tx.event("thing", thing.id, Colour.RED, Colour.BLUE, "PAINT", "x" * 2000)
            tx.publish("painted", {"id": thing.id, "词": "好"})
            tx.done(thing)
            if fail:
                raise RuntimeError("before the commit")

    with pytest.raises(RuntimeError):
        work(fail=True)
    assert [count(db, table) for table in tables] == [0, 0, 0, 0]
    work(fail=False)
    assert [count(db, table) for table in tables] == [1, 1, 1, 1]
    with db.read() as conn:
        assert msgspec.json.decode(conn.execute(sa.select(db.table("outbox").c.payload)).scalar_one())["词"] == "好"
        assert len(conn.execute(sa.select(db.table("state_event").c.reason)).scalar_one()) == 1000


def test_an_acknowledged_write_is_synced_and_readers_do_not_wait(db: Database, service: ThingService) -> None:
    with db.begin(caller()) as tx:
        assert tx.conn.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert tx.conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        service.things.insert(tx, Thing(db.ids.next(), "a", 1))
        with db.read() as conn:  # while the write is under way
            assert service.things.page(conn, caller(), PageRequest()).items == []


def test_a_call_without_time_does_not_begin(db: Database) -> None:
    with pytest.raises(PlatformError) as caught, db.begin(CallContext(1, 1, Deadline.after(-1))):
        pass
    assert caught.value.reason == Reason.DEADLINE_EXCEEDED


def test_waiting_for_another_process_ends_with_the_call(folder: Path, db: Database, service: ThingService) -> None:
    other = sqlite3.connect(folder / "things.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(PlatformError) as caught, db.begin(CallContext(1, 1, Deadline.after(0.2))):
        pass
    assert (caught.value.code, caught.value.reason, caught.value.retryable) == (503, Reason.UNAVAILABLE, True)
    assert time.monotonic() - begun < 4, "it waited for the store's own timeout, not for the call's"
    other.execute("COMMIT")
    other.close()
    assert service.create_thing(caller(), name="after").name == "after"


def test_waiting_for_another_thread_ends_with_the_call(db: Database, service: ThingService) -> None:
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with db.begin(caller()):
            holding.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(20)
    with pytest.raises(PlatformError) as caught, db.begin(CallContext(1, 1, Deadline.after(0.1))):
        pass
    assert caught.value.reason == Reason.UNAVAILABLE
    done.set()
    holder.join()
    assert service.create_thing(caller(), name="after").name == "after"


def test_a_store_that_cannot_be_opened_is_unavailable(folder: Path) -> None:
    db = open_things(folder)
    db.close()
    (folder / "things.db").rename(folder / "gone.db")
    (folder / "things.db").mkdir()
    with pytest.raises(PlatformError) as caught:
        db.check()
    assert (caught.value.code, caught.value.reason, caught.value.details["what"]) == (503, Reason.UNAVAILABLE, "database")
    with pytest.raises(PlatformError), db.begin(caller()):
        pass
    (folder / "things.db").rmdir()
    (folder / "gone.db").rename(folder / "things.db")
    db.check()
    db.close()


def test_a_full_disk_is_named(db: Database, service: ThingService) -> None:
    with db.begin(caller()) as tx:
        pages = tx.conn.exec_driver_sql("PRAGMA page_count").scalar()
        tx.conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 4}")
    with pytest.raises(PlatformError) as caught:
        service.create_thing(caller(), name="x", tags=["很" * 100_000])
    assert (caught.value.code, caught.value.reason) == (507, Reason.DISK_FULL)
    assert service.create_thing(caller(), name="small").name == "small"


def test_many_writers_of_one_process_all_get_their_turn(service: ThingService) -> None:

    def write(number: int) -> None:
        for step in range(5):
            service.create_thing(caller(), name=f"{number}-{step}")

    assert at_once([lambda n=n: write(n) for n in range(40)]) == [None] * 40  # more than the pool has connections
    assert count(service.db, "thing") == 200


def test_every_service_has_a_file_of_its_own_unless_told(folder: Path) -> None:
    assert service_url("", folder, "model") == f"sqlite:///{folder}/records/model.db"
    assert (folder / "records").is_dir()
    assert service_url("mysql+pymysql://u@h/modelyard_{service}", folder, "eval") == "mysql+pymysql://u@h/modelyard_eval"


def test_history_of_two_processes_in_one_millisecond_keeps_its_order(folder: Path) -> None:
    """Ids carry the worker number: the process with the lower one must not write a later step under a smaller id."""
    clock = ManualClock()
    high, low = open_things(folder, clock, worker=900), open_things(folder, clock, worker=1)
    for db, start, end in ((high, Colour.RED, Colour.BLUE), (low, Colour.BLUE, Colour.RED), (high, Colour.RED, Colour.BLUE)):
        with db.begin(caller()) as tx:
            tx.event("thing", 5, start, end, "PAINT")
    table = low.table("state_event")
    with low.read() as conn:
        steps = conn.execute(sa.select(table.c.from_status, table.c.to_status).order_by(table.c.id)).all()
    assert [tuple(step) for step in steps] == [(1, 2), (2, 1), (1, 2)]
    high.close()
    low.close()
