"""What ZooKeeper and its clients do to each other when either dies, hangs or is cut off: real servers, real processes, real signals."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from kazoo.client import KazooClient

from libs.common.clock import SystemClock
from libs.common.coord.coordination import ZooKeeperCoordination
from libs.common.coord.discovery import Address
from libs.common.coord.fencing import Lead, acting
from libs.common.coord.zookeeper.number import ZooKeeperNumber
from libs.common.coord.zookeeper.session import Session
from libs.common.errors import PlatformError, Reason
from libs.common.ids import IdGenerator
from libs.common.store.database import Database
from tests.support.coordinated import started, terms, write_number, written
from tests.support.coordination import SESSION_SECONDS, Bindings
from tests.support.evidence import record
from tests.support.ports import free_port
from tests.support.things import open_things
from tests.support.until import until
from tests.support.zookeeper import Servers, ensemble

STALE_WRITES = 20


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Three servers; a test that kills some brings all of them back."""
    with ensemble(tmp_path_factory.mktemp("ensemble"), 3) as up:
        yield up


@pytest.fixture
def bindings(servers: Servers, tmp_path: Path) -> Iterator[Bindings]:
    opened = Bindings(tmp_path, servers.address)
    yield opened
    opened.close()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = open_things(tmp_path, SystemClock())
    yield opened
    opened.close()


class Stubborn:
    """A leader that was paused between "I lead" and its write."""

    def __init__(self, lead: Lead) -> None:
        self._lead = lead

    def lead(self) -> Lead:
        return self._lead

    def resign(self) -> None:
        raise AssertionError("it never resigns")


def opened(bindings: Bindings, process: str = "test") -> ZooKeeperCoordination:
    coordination = bindings.open(process)
    assert isinstance(coordination, ZooKeeperCoordination)
    return coordination


def expire(session: Session, address: str) -> int:
    """The servers end the session while its client is alive: somebody with its id and password closes it. Returns its id."""
    id, password = session.client.client_id
    thief = KazooClient(hosts=address, client_id=(id, password), timeout=SESSION_SECONDS)
    thief.start(timeout=20)
    thief.stop()
    thief.close()
    return int(id)


def stale_writes(db: Database, old: Lead, attempts: int = STALE_WRITES) -> int:
    """How many of the attempts of an old leader that does not know were accepted."""
    accepted = 0
    for _ in range(attempts):
        office = Stubborn(old)
        try:
            with acting(office, old):
                write_number(db, office)
            accepted += 1
        except PlatformError as error:
            if error.reason != Reason.STALE_LEADER:
                raise
    return accepted


def stop_between_writes(pid: int, db: Database) -> None:
    """SIGSTOP at a moment when the process does not hold the store's write lock: with it nobody could write, whoever leads."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        with closing(sqlite3.connect(db.url.removeprefix("sqlite:///"), timeout=0.2)) as probe:
            try:
                probe.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
            else:
                probe.rollback()
                return


def test_a_killed_instance_leaves_every_view_and_a_stopped_one_at_once(bindings: Bindings, tmp_path: Path) -> None:
    views = [opened(bindings, f"client-{n}").discovery for n in range(3)]
    kept, stopped, killed = (Address("127.0.0.1", free_port()) for _ in range(3))
    me = opened(bindings, "kept")
    me.discovery.register("train", kept)
    with (
        started(bindings.environ, tmp_path, "train", stopped.port, "none") as to_stop,
        started(bindings.environ, tmp_path, "train", killed.port, "none") as to_kill,
    ):
        for view in views:
            until(lambda view=view: set(view.addresses("train")) == {kept, stopped, killed})
        to_stop.send_signal(signal.SIGTERM)
        assert to_stop.stdout is not None
        assert to_stop.stdout.readline().strip() == "unregistered"
        for view in views:
            until(lambda view=view: stopped not in view.addresses("train"))
        assert to_stop.poll() is None, "its session is still there: it is gone because it said so"
        to_kill.kill()
        began = time.monotonic()
        for view in views:
            until(lambda view=view: killed not in view.addresses("train"))
        print(f"killed: out of every view after {time.monotonic() - began:.2f} s, session {SESSION_SECONDS} s")
        assert all(view.addresses("train") == (kept,) for view in views)


def test_a_hung_instance_leaves_and_returns_when_it_goes_on(bindings: Bindings, tmp_path: Path) -> None:
    view, hung = opened(bindings).discovery, Address("127.0.0.1", free_port())
    with started(bindings.environ, tmp_path, "train", hung.port, "none") as process:
        until(lambda: hung in view.addresses("train"))
        process.send_signal(signal.SIGSTOP)
        until(lambda: hung not in view.addresses("train"))
        process.send_signal(signal.SIGCONT)
        until(lambda: hung in view.addresses("train"))


def test_an_expired_leader_writes_nothing_and_everything_of_its_process_returns(bindings: Bindings, servers: Servers, db: Database) -> None:
    leader, other = opened(bindings, "leader"), opened(bindings, "other")
    address = Address("127.0.0.1", 1)
    leader.discovery.register("train", address)
    old_office = leader.leadership("sweep")
    old = until(old_office.lead)
    with acting(old_office, old):
        write_number(db, old_office)
    new_office = other.leadership("sweep")
    until(lambda: address in other.discovery.addresses("train"))
    session = expire(leader.session, servers.address)
    new = until(new_office.lead)
    assert new.number > old.number
    assert new.name == old.name
    assert old_office.lead() != old
    with acting(new_office, new):
        write_number(db, new_office)
    accepted = stale_writes(db, old)
    record("I11", "writes of a leader whose session ended", tries=STALE_WRITES, violations=accepted)
    assert accepted == 0
    until(lambda: leader.session.id not in (0, session) and address in other.discovery.addresses("train"))
    assert terms(db) == [old.number, new.number]
    new_office.resign()
    again = until(old_office.lead)
    assert again.number > new.number


def test_a_leader_stopped_for_longer_than_its_session(bindings: Bindings, tmp_path: Path, db: Database) -> None:
    with started(bindings.environ, tmp_path, "train", free_port(), "sweep") as process:
        until(lambda: terms(db))
        looker = opened(bindings, "looker").session
        old = Lead(f"sweep@{until(lambda: looker.realm)}", terms(db)[-1])
        stop_between_writes(process.pid, db)
        successor = opened(bindings, "successor").leadership("sweep")
        new = until(successor.lead)
        assert new.number > old.number
        with acting(successor, new):
            write_number(db, successor)
        process.send_signal(signal.SIGCONT)
        accepted = stale_writes(db, old)
        for _ in range(20):
            with acting(successor, new):
                write_number(db, successor)
        numbers = terms(db)
        wrong = accepted + (numbers != sorted(numbers))
        record("I11", "writes of a leader stopped for longer than its session", tries=STALE_WRITES, violations=wrong)
        assert accepted == 0
        assert numbers == sorted(numbers), "the old leader wrote behind the new one"
        successor.resign()
        until(lambda: terms(db)[-1] > new.number)  # the stopped process stands again, for a later term


def test_leaders_paused_in_turn_never_write_out_of_turn(bindings: Bindings, tmp_path: Path, db: Database) -> None:
    """Three processes that write as fast as they lead. The store is the judge: the numbers of its rows only rise."""
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(started(bindings.environ, tmp_path, "train", free_port(), "sweep"))
        for _ in range(3):
            until(lambda: written(db))
            leader = written(db)[-1]["pid"]
            stop_between_writes(leader, db)
            until(lambda leader=leader: written(db)[-1]["pid"] != leader)
            os.kill(leader, signal.SIGCONT)
    numbers = terms(db)
    print(f"{len(numbers)} writes in {len(set(numbers))} terms")
    behind = sum(later < earlier for earlier, later in itertools.pairwise(numbers))
    record("I11", "writes of leaders paused in turn", tries=len(numbers), violations=behind, terms=len(set(numbers)))
    assert behind == 0
    assert len(set(numbers)) >= 4


def test_the_whole_ensemble_away(bindings: Bindings, servers: Servers, db: Database) -> None:
    """Views stay, ids are drawn, nobody leads, a process that starts finds the others; then all comes back."""
    one, two = opened(bindings, "one"), opened(bindings, "two")
    ids = [one.ids(), two.ids()]
    addresses = [Address("127.0.0.1", 1), Address("127.0.0.1", 2)]
    for coordination, address in zip((one, two), addresses, strict=True):
        coordination.discovery.register("train", address)
    offices = [one.leadership("sweep"), two.leadership("sweep")]
    before = until(lambda: next((lead for office in offices if (lead := office.lead())), None))
    for coordination in (one, two):
        until(lambda coordination=coordination: list(coordination.discovery.addresses("train")) == addresses)
    servers.kill()
    until(lambda: not one.session.connected and not two.session.connected)
    late = opened(bindings, "late")
    office = late.leadership("sweep")
    late_ids = late.ids()
    third = Address("127.0.0.1", 3)
    late.discovery.register("train", third)
    drawn: list[int] = []
    end = time.monotonic() + 2 * SESSION_SECONDS
    looks = 0
    while time.monotonic() < end:
        looks += 1
        assert [o.lead() for o in (*offices, office)] == [None] * 3
        for coordination in (one, two, late):
            assert list(coordination.discovery.addresses("train")) == addresses
        drawn += [generator.next() for generator in ids]
        with pytest.raises(PlatformError) as caught:
            late_ids.next()
        assert caught.value.reason == Reason.UNAVAILABLE
        threading.Event().wait(0.01)
    print(f"away: {looks} looks, {len(drawn)} ids")
    assert len(set(drawn)) == len(drawn) > 0
    for server in servers.servers:
        server.start()
    servers.wait()
    after = until(lambda: next((lead for o in (*offices, office) if (lead := o.lead())), None), 60)
    assert after.number >= before.number
    until(lambda: late_ids.ready)
    assert late_ids.next() not in drawn
    fresh = opened(bindings, "fresh").discovery
    for view in (one.discovery, two.discovery, late.discovery, fresh):
        until(lambda view=view: list(view.addresses("train")) == [*addresses, third])


def test_a_minority_decides_nothing(bindings: Bindings, servers: Servers) -> None:
    """Two of three servers hang: the third may not serve, so nobody leads, and the view stays."""
    one, two = opened(bindings, "one"), opened(bindings, "two")
    address = Address("127.0.0.1", 1)
    one.discovery.register("train", address)
    offices = [one.leadership("sweep"), two.leadership("sweep")]
    before = until(lambda: next((lead for office in offices if (lead := office.lead())), None))
    until(lambda: address in two.discovery.addresses("train"))
    frozen = servers.servers[:2]
    for server in frozen:
        server.freeze()
    try:
        until(lambda: not any(office.lead() for office in offices))
        end = time.monotonic() + SESSION_SECONDS
        while time.monotonic() < end:
            assert not any(office.lead() for office in offices)
            assert list(two.discovery.addresses("train")) == [address]
            threading.Event().wait(0.01)
    finally:
        for server in frozen:
            server.thaw()
    after = until(lambda: next((lead for office in offices if (lead := office.lead())), None), 60)
    assert after.number >= before.number
    until(lambda: list(two.discovery.addresses("train")) == [address])


def numbered(session: Session, rest: float, workers: int) -> tuple[ZooKeeperNumber, IdGenerator]:
    ids = IdGenerator(None, SystemClock())
    return ZooKeeperNumber(session, ids, workers=workers, rest=rest, pick=lambda _: 0), ids


def draw(ids: IdGenerator, into: list[int], count: int = 500) -> None:
    for _ in range(count):
        try:
            into.append(ids.next())
        except PlatformError as error:
            if error.reason != Reason.UNAVAILABLE:
                raise


def test_no_id_twice_after_the_session_is_gone(bindings: Bindings, servers: Servers) -> None:
    """The number rests while its holder may still draw; whoever comes takes another one."""
    holder, newcomer = opened(bindings, "holder").session, opened(bindings, "newcomer")
    _, ids = numbered(holder, rest=1800, workers=8)
    until(lambda: ids.ready)
    drawn: list[int] = []
    draw(ids, drawn)
    id = expire(holder, servers.address)
    _, others = numbered(newcomer.session, rest=1800, workers=8)
    until(lambda: others.ready)
    while holder.id in (0, id):
        draw(ids, drawn, 50)
        draw(others, drawn, 50)
    until(lambda: holder.connected)
    draw(ids, drawn)
    draw(others, drawn)
    assert len(set(drawn)) == len(drawn)
    assert {number >> 12 & 1023 for number in drawn} == {0, 1}


def test_a_holder_cut_off_for_longer_stops_before_its_number_is_given_away(bindings: Bindings) -> None:
    """One number for two: the second gets it only after the first one stopped drawing by itself, on its own clock."""
    first, second = opened(bindings, "first").session, opened(bindings, "second").session
    number, ids = numbered(first, rest=2.0, workers=1)
    until(lambda: ids.ready)
    number.renew = lambda session: None  # type: ignore[method-assign]  # cut off: it neither renews nor is told
    drawn: list[int] = []
    _, heir = numbered(second, rest=2.0, workers=1)
    while not heir.ready:
        draw(ids, drawn, 1)
    assert not ids.ready
    with pytest.raises(PlatformError):
        ids.next()
    draw(heir, drawn)
    assert len(set(drawn)) == len(drawn)


def test_a_lost_number_is_replaced(bindings: Bindings) -> None:
    """Somebody else holds it when the holder comes back: the holder draws under another one, and never under the old one again."""
    session = opened(bindings).session
    number, ids = numbered(session, rest=3.0, workers=4)
    until(lambda: ids.ready)
    mine: list[int] = []
    draw(ids, mine, 10)
    session.ask(session.client.set_async(f"{session.root}/numbers/0000", uuid.uuid4().hex.encode()))
    until(lambda: ids.ready and ids.next() >> 12 & 1023 == 1)
    draw(ids, mine, 10)
    assert len(set(mine)) == len(mine)
    number.release()
    assert not ids.ready
