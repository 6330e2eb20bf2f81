"""The engine on a real MariaDB: what every connection is told, and that a server that hangs or dies costs no more than the call has."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.clock import SystemClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.deadline import Deadline
from libs.common.settings import load
from libs.common.store import mysql
from libs.common.store.database import Contended, Database, open_engine, service_url
from libs.common.store.mutation import TRIES, mutation
from tests import needs
from tests.support import mariadb
from tests.support.mariadb import MariaDB
from tests.support.outcome import at_once, outcome
from tests.support.ram import ram_folder
from tests.support.stores import caller
from tests.support.things import Thing, ThingService, open_things


@pytest.fixture
def address(mysql_address: str) -> str:
    return mysql_address.replace("{service}", "things")


@pytest.fixture
def db(address: str, tmp_path: Path) -> Iterator[Database]:
    opened = open_things(tmp_path, SystemClock(), address=address)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def own_server() -> Iterator[MariaDB]:
    """A server these tests may stop and kill."""
    if not mariadb.can_start():
        assert not needs.in_ci()
        pytest.skip("needs a server of its own to stop and kill (Debian package mariadb-server)")
    with ram_folder() as folder, mariadb.running(folder) as server:
        yield server


@pytest.fixture
def own(own_server: MariaDB, tmp_path: Path) -> Iterator[Database]:
    opened = open_things(tmp_path, SystemClock(), address=own_server.fresh().replace("{service}", "things"))
    yield opened
    opened.close()


def test_what_every_connection_is_told(db: Database) -> None:
    with db.begin(caller()) as tx:
        told = dict(tx.conn.exec_driver_sql("SHOW SESSION VARIABLES").all())
        assert tx.conn.get_isolation_level() == "READ COMMITTED"
    assert told["character_set_client"] == told["character_set_connection"] == "utf8mb4"
    assert "STRICT_ALL_TABLES" in told["sql_mode"]
    assert told["idle_transaction_timeout"] == str(mysql.IDLE_TRANSACTION_SECONDS)
    assert int(told["innodb_lock_wait_timeout"]) <= 5
    with db.read() as conn:
        assert conn.exec_driver_sql("SELECT @@autocommit").scalar() == 1


def test_an_update_that_changes_nothing_counts_the_row_it_found(db: Database) -> None:
    """FOUND_ROWS: without it a compare-and-set that writes what is there would be taken for a lost race."""
    thing = ThingService(db).create_thing(caller(), name="a")
    table = db.table("thing")
    with db.begin(caller()) as tx:
        assert tx.conn.execute(table.update().where(table.c.id == thing.id).values(name="a")).rowcount == 1
        assert tx.conn.execute(table.update().where(table.c.id == 5).values(name="a")).rowcount == 0


def test_a_write_costs_no_trip_before_and_after_it(db: Database) -> None:
    """The pool's ping and its rollback: a connection that has just committed lives, and has nothing to take back."""
    table = db.table("thing")

    def write(last: Callable[[], object] = int) -> list[str]:
        with mariadb.trips() as found, suppress(ZeroDivisionError), db.begin(caller(), turn=False) as tx:
            tx.conn.execute(table.update().where(table.c.id == 5).values(name="a"))
            last()
        return found

    write()
    assert write() == ["UPDATE", "COMMIT"]
    assert write(lambda: 1 // 0) == ["UPDATE", "ROLLBACK"]
    assert write() == ["UPDATE", "COMMIT"]
    time.sleep(mysql.LIVES_SECONDS + 0.1)
    assert write() == ["", "UPDATE", "COMMIT"]


def test_texts_are_compared_byte_for_byte_and_kept_whole(db: Database) -> None:
    things = ThingService(db)
    made = [things.create_thing(caller(), name=name) for name in ("a", "A", "ä", "a ", "模型工坊 🧪")]
    with db.read() as conn:
        for thing in made:
            assert things.things.first(conn, caller(), things.things.column("name") == thing.name) == thing


def test_a_text_that_is_too_long_is_refused_not_cut(db: Database) -> None:
    with pytest.raises(sa.exc.DataError):
        ThingService(db).create_thing(caller(), name="x" * 101)


def test_no_address_or_value_in_an_error(db: Database, address: str) -> None:
    wrong = address.replace(sa.make_url(address).password or "", "%65vil-secret").replace("geheim", "evil-secret")
    for url in (
        wrong,
        "mysql+pymysql://u:evil-secret@127.0.0.1:1/x",
        "mysql://u:evil-secret@h/x",
        "mysql+pymysql://u:evil-secret@h:port/x",
    ):
        with pytest.raises((PlatformError, sa.exc.DBAPIError)) as caught:
            open_engine(url, reads=True).connect()
        assert "evil-secret" not in f"{caught.value} {caught.value!r} {getattr(caught.value, 'details', '')}"
    with pytest.raises(sa.exc.IntegrityError) as doubled, db.begin(caller()) as tx:
        tx.conn.execute(db.table("thing").insert(), [_row(7, "evil-secret"), _row(7, "evil-secret")])
    assert "evil-secret" not in str(doubled.value)
    settings = load({"MODELYARD_DATABASE_URL": "mysql+pymysql://u:evil-secret@h/modelyard_{service}"})
    assert "evil-secret" not in repr(settings)


def _row(id: int, name: str) -> dict[str, object]:
    return {"id": id, "name": name, "project_space_id": 1, "Colour_of_it": 1, "shiny": 0, "tags": "[]", "facts": "{}"}


def test_services_never_share_a_schema(tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        service_url("mysql+pymysql://u:p@h/modelyard", tmp_path, "model")
    assert (caught.value.reason, caught.value.field) == (Reason.INVALID_SETTING, "MODELYARD_DATABASE_URL")


# --- waiting


def test_a_held_row_costs_no_more_than_the_call_has(db: Database) -> None:
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with db.begin(caller()):
            holding.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(20)
    for seconds in (0.3, 1.5):
        deadline = Deadline.after(seconds)
        with pytest.raises(PlatformError) as caught, db.begin(CallContext(1, 1, deadline)):
            pass
        assert caught.value.reason == Reason.UNAVAILABLE
    with db.begin(caller(space=2)):  # another space does not wait
        pass
    done.set()
    holder.join()
    assert ThingService(db).create_thing(caller(), name="after").name == "after"


def test_every_wait_of_the_driver_asks_what_the_call_has_left(address: str, db: Database) -> None:
    connection = mysql.open_engine(address, reads=True).raw_connection().driver_connection
    assert isinstance(connection, mysql.Connection)
    with mysql.ends_with(Deadline.after(1000)):
        assert connection._read_timeout == mysql.IO_SECONDS
        with mysql.ends_with(Deadline.after(0.5)):
            assert 0 < connection._read_timeout <= 0.5
            assert 0 < connection._write_timeout <= 0.5
            assert 0 < connection.connect_timeout <= 0.5
            with mysql.ends_with(Deadline.after(50)):  # a step never gets more than the whole
                assert connection._read_timeout <= 0.5
    assert connection._read_timeout == mysql.READ_SECONDS
    connection.close()


def test_a_stopped_server_ends_every_call_within_its_deadline(own: Database, own_server: MariaDB) -> None:
    """SIGSTOP: the server accepts and never answers. Waiting ends by the call's own end, far below any other time-out."""
    service = ThingService(own)
    service.create_thing(caller(), name="before")
    own_server.send(signal.SIGSTOP)
    late: list[float] = []

    def write(number: int) -> None:
        deadline = Deadline.after(0.5)
        try:
            service.create_thing(CallContext(1, 1, deadline), name=f"w{number}")
        finally:
            late.append(time.monotonic() - deadline.at)

    def look() -> None:
        deadline = Deadline.after(0.5)
        try:
            with mysql.ends_with(deadline), own.read() as conn:
                service.things.page(conn, caller(), _first())
        finally:
            late.append(time.monotonic() - deadline.at)

    try:
        found = at_once([lambda n=n: write(n) for n in range(12)] + [look] * 12)
    finally:
        own_server.send(signal.SIGCONT)
    reasons = {answer.reason for answer in found if isinstance(answer, PlatformError)}
    assert len([answer for answer in found if isinstance(answer, PlatformError)]) == 24, found
    assert reasons <= {Reason.UNAVAILABLE, Reason.DEADLINE_EXCEEDED}
    assert max(late) < mysql.READ_SECONDS, "it waited for another time-out than the call's"
    with own.read() as conn:
        names = [thing.name for thing in service.things.page(conn, caller(), _first()).items]
    assert names == ["before"]


def _first() -> object:
    from libs.common.store.repository import PageRequest

    return PageRequest()


def test_after_a_restart_of_the_server_no_call_fails(own: Database, own_server: MariaDB) -> None:
    service = ThingService(own)
    assert at_once([lambda n=n: service.create_thing(caller(), name=f"a{n}").version for n in range(6)]) == [0] * 6
    own_server.kill()
    assert isinstance(outcome(lambda: service.create_thing(caller(), name="down")), PlatformError)
    own_server.start()
    assert at_once([lambda n=n: service.create_thing(caller(), name=f"b{n}").version for n in range(6)]) == [0] * 6


# --- trying again


class Crossing(ThingService):
    """Two writers that lock the same two rows in opposite order, each a space of its own: a deadlock the store must break."""

    meet = threading.Barrier(2)

    @mutation
    def cross(self, ctx: CallContext, *, first: int, second: int) -> Thing:
        self.ran += 1
        table = self.db.table("thing")
        with self.db.begin(ctx) as tx:
            tx.conn.execute(table.update().where(table.c.id == first).values(shiny=1))
            if self.ran <= 2:
                self.meet.wait(20)
            tx.conn.execute(table.update().where(table.c.id == second).values(shiny=1))
            return tx.done(Thing(first, "crossed", ctx.space_id))


def test_a_deadlock_is_tried_again_as_a_whole(db: Database) -> None:
    service = Crossing(db)
    a, b = (service.create_thing(caller(), name=name).id for name in "ab")
    service.ran = 0
    found = at_once(
        [
            lambda: service.cross(caller(space=11, key="key-11111111"), first=a, second=b).name,
            lambda: service.cross(caller(space=12, key="key-22222222"), first=b, second=a).name,
        ]
    )
    assert found == ["crossed", "crossed"]
    assert service.ran == 3, "one of the two was undone and begun again"


class Unlucky(ThingService):
    @mutation
    def lose(self, ctx: CallContext) -> Thing:
        self.ran += 1
        raise Contended("always")


def test_trying_again_has_an_end(db: Database) -> None:
    service = Unlucky(db)
    with pytest.raises(Contended) as caught:
        service.lose(caller(key="key-12345678"))
    assert (service.ran, caught.value.code, caught.value.retryable) == (TRIES, 503, True)
    service.ran = 0
    with pytest.raises(Contended):
        service.lose(CallContext(1, 1, Deadline.after(-1)))
    assert service.ran == 1, "a call without time left is not tried again"
