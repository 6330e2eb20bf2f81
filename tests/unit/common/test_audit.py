"""The auditor's common checks: on records our own code wrote it finds nothing and says how much it saw; each planted lie is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock
from libs.common.store.audit import Books, Patience, Reference, Report, Subject, check_artifacts, check_common, check_once
from libs.common.store.storage import ArtifactStore
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.task import MACHINE, TaskReason
from tests.support.stores import caller
from tests.support.things import METADATA as THINGS
from tests.support.things import ThingService, open_things
from tests.support.toy import METADATA, TABLE, create, open_toys

SUBJECTS = (Subject("toy_task", TABLE, MACHINE),)
PATIENCE_MS = 1000
OTHERS = ", ".join(column.name for column in THINGS.tables["thing"].c if column.name != "id")


@dataclass
class Toys:
    """One task per way of ending, one held, one waiting, and a message."""

    toys: TaskLifecycle[Any]
    clock: ManualClock
    folder: Path

    def write(self, statement: str, **values: Any) -> None:
        """Past everything that protects the records."""
        engine = sa.create_engine(f"sqlite:///{self.folder / 'toys.db'}")
        with engine.begin() as conn:
            assert conn.execute(sa.text(statement), values).rowcount > 0
        engine.dispose()

    def audit(self) -> Report:
        books = Books("toy", f"sqlite:///{self.folder / 'toys.db'}", METADATA)
        report = Report()
        check_common(books, SUBJECTS, report, Patience(self.clock.now_ms(), PATIENCE_MS, PATIENCE_MS))
        books.close()
        return report


@pytest.fixture
def toys(tmp_path: Path) -> Iterator[Toys]:
    clock = ManualClock()
    toys = open_toys(tmp_path, clock, lease_seconds=10.0, on_end=lambda tx, task: tx.publish("ended", {"task": task.id}))
    made = [create(toys) for _ in range(5)]
    first = toys.claim("w")
    assert first is not None
    toys.succeed(first, {"x": 1})
    second = toys.claim("w")
    assert second is not None
    toys.fail(second, TaskReason.ENGINE_ERROR, {"reason": "X"}, retry=False)
    with toys.db.begin(caller()) as tx:
        toys.cancel(tx, made[2].id, "no more")
    assert toys.claim("w") is not None
    yield Toys(toys, clock, tmp_path)
    toys.db.close()


def test_what_our_code_wrote_is_clean_and_counted(toys: Toys) -> None:
    report = toys.audit()
    assert report.violations == []
    assert report.looked["I5", "histories"] == 5
    assert report.looked["I5", "transitions"] == 12  # five CREATE; CLAIM SUCCEED, CLAIM FAIL, CANCEL FREED, CLAIM
    assert report.looked["I3", "tasks"] == 5
    assert report.looked["OUTBOX", "messages"] == 2


LIES: dict[str, tuple[str, str]] = {
    "an event that is no row of the table": ("I5", "UPDATE state_event SET event = 'RESUME' WHERE event = 'SUCCEED'"),
    "a step that is missing": ("I5", "DELETE FROM state_event WHERE event = 'CLAIM' AND to_status = 10"),
    "a state nobody moved to": ("I5", "UPDATE toy_task SET status = 90, lease_until = 0 WHERE status = 0"),
    "a task without a history": ("I5", "DELETE FROM state_event WHERE entity_id = (SELECT max(id) FROM toy_task)"),
    "a history without a task": ("I5", "DELETE FROM toy_task WHERE status = 0"),
    "a step backwards in time": ("I5", "UPDATE state_event SET create_time = 5 WHERE event = 'SUCCEED'"),
    "an entity nobody audits": ("I5", "UPDATE state_event SET entity = 'other' WHERE event = 'CREATE'"),
    "an ended task that is leased": ("I3", "UPDATE toy_task SET lease_until = 77 WHERE status = 90"),
    "a lease long over": ("I3", "UPDATE toy_task SET lease_until = lease_until - 12000 WHERE status = 10"),
    "a message nobody delivered": ("OUTBOX", "UPDATE outbox SET create_time = create_time - 2000"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_planted_lie_is_found(toys: Toys, lie: str) -> None:
    invariant, statement = LIES[lie]
    toys.write(statement)
    assert {found.invariant for found in toys.audit().violations} == {invariant}


def test_a_lease_that_just_ended_is_nobodys_fault(toys: Toys) -> None:
    toys.clock.advance(10.5)
    toys.write("UPDATE outbox SET delivered = 1")
    assert toys.audit().violations == []
    toys.clock.advance(1)
    [found] = toys.audit().violations
    assert (found.invariant, found.kind) == ("I3", "toy_task")


# --- stored answers


def answered(folder: Path, lie: Callable[[sa.Connection], Any] | None = None) -> Report:
    db = open_things(folder)
    service = ThingService(db)
    thing = service.create_thing(caller(key="a"), name="one")
    service.create_thing(caller(key="a"), name="one")
    service.rename_thing(caller(key="b", expected=0), id=thing.id, name="two")
    db.close()
    url = f"sqlite:///{folder / 'things.db'}"
    if lie is not None:
        engine = sa.create_engine(url)
        with engine.begin() as conn:
            lie(conn)
        engine.dispose()
    books, report = Books("things", url, THINGS), Report()
    check_common(books, (), report, Patience(0))
    check_once(books, report, THINGS.tables["thing"], "project_space_id", "name")
    books.close()
    return report


def test_acknowledged_things_exist(tmp_path: Path) -> None:
    report = answered(tmp_path)
    assert report.violations == []
    assert (report.looked["I4", "keys"], report.looked["I2", "acknowledged objects"]) == (2, 2)


@pytest.mark.parametrize(
    ("invariant", "statement"),
    [
        ("I2", "DELETE FROM thing"),
        ("I2", "UPDATE thing SET version = 0"),
        (
            "I4",
            "INSERT INTO thing SELECT id + 1, version, 0, create_time, update_time, name, project_space_id, 1, 0, tags, facts FROM thing",
        ),
    ],
)
def test_a_lost_or_doubled_effect_is_found(tmp_path: Path, invariant: str, statement: str) -> None:
    report = answered(tmp_path, lambda conn: conn.execute(sa.text(statement)))
    assert {found.invariant for found in report.violations} == {invariant}


def test_a_key_with_two_answers_is_found(tmp_path: Path) -> None:
    def twice(conn: sa.Connection) -> None:
        conn.execute(sa.text("CREATE TABLE loose AS SELECT * FROM stored_answer"))  # without its primary key
        conn.execute(sa.text("INSERT INTO loose SELECT * FROM stored_answer"))
        conn.execute(sa.text("DROP TABLE stored_answer"))
        conn.execute(sa.text("ALTER TABLE loose RENAME TO stored_answer"))

    assert {found.invariant for found in answered(tmp_path, twice).violations} == {"I4"}


# --- artifacts


def test_damage_and_absence_are_found(tmp_path: Path) -> None:
    store, made = ArtifactStore(tmp_path / "artifacts"), tmp_path / "made"
    made.mkdir()
    (made / "weights").write_bytes(b"x" * 1000)
    uri, digest = store.publish(made)
    (made / "weights").write_bytes(b"y" * 1000)
    other, _ = store.publish(made)
    named = [Reference("train", "train_task", 1, uri), Reference("train", "train_task", 2, other)]
    clean = Report()
    check_artifacts(store, named, clean)
    assert (clean.violations, clean.looked["I6", "artifacts"], clean.looked["I6", "references"]) == ([], 2, 2)

    file = store.open(uri) / "weights"
    file.write_bytes(b"x" * 999 + b"z")
    damaged = Report()
    check_artifacts(store, [*named, Reference("train", "train_task", 3, "artifact://sha256:" + "0" * 64)], damaged)
    assert [(found.invariant, found.id) for found in damaged.violations] == [("I6", digest), ("I6", "3")]


def test_the_auditor_cannot_write(tmp_path: Path) -> None:
    open_things(tmp_path).close()
    books = Books("things", f"sqlite:///{tmp_path / 'things.db'}", THINGS)
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        list(books.rows(sa.text("DELETE FROM thing RETURNING id")))
    books.close()
