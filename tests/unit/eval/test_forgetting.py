"""The test data of evaluations was purged: what repeats it, was shown of it and said of it goes, and the figures stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Books, Patience, Report
from libs.common.store.repository import PageRequest
from libs.common.work.task import TaskStatus
from services.eval.audit import check
from services.eval.domain.task import EvalTask
from services.eval.repository import METADATA
from services.eval.service.forgetting import AGAIN_MS, CAUSE
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.dataset.world import World as DatasetWorld
from tests.unit.eval.rated import Rated
from tests.unit.eval.world import Door, RecordingPeer, World

ALL = PageRequest(None, 500)
NOTE = "it quotes the source"


@pytest.fixture
def rated(world: World) -> Rated:
    return Rated(world)


def told(world: World, table: str, *columns: str) -> set[Any]:
    """What is stored in some columns of all rows."""
    with world.db.read() as conn:
        return {value for row in conn.execute(world.db.table(table).select()) for value in (row._mapping[name] for name in columns)}


def begun(rated: Rated) -> tuple[EvalTask, EvalTask]:
    """A run and the rating of it, of whose two items one person has answered one."""
    config = rated.config()
    run = rated.run(config, ["a", "b"])
    task = rated.start(run, config)
    (work,) = rated.claim(11, task)
    rated.service.submit_work(caller(user=11), id=work.id, answer={"score": 4}, note=NOTE)
    return run, task


def swept(world: World) -> int:
    world.clock.advance(AGAIN_MS)
    return world.service.sweep_purged()


def audited(world: World) -> tuple[list[str], int]:
    """(what the auditor finds wrong, purged evaluations it looked at)."""
    books, report = Books("eval", world.db.url, METADATA), Report()
    try:
        check(books, report, Patience(world.clock.now_ms(), lease=1000))
        return [each.fact for each in report.violations], report.looked["LINEAGE", "purged evaluations"]
    finally:
        books.close()


def test_what_repeats_purged_data_goes_and_the_figures_stay(rated: Rated) -> None:
    world = rated.world
    run, task = begun(rated)
    rated.rate(11, task, {"a": 4, "b": 4})
    assert rated.work(task) == "SUCCEEDED"
    assert swept(world) == 0
    assert len(world.service.list_items(caller(), task_id=run.id, page=ALL).items) == 2
    assert NOTE in told(world, "people_assignment", "note")

    world.dataset.purged.add(world.test_version)
    assert swept(world) == 2
    assert told(world, "eval_item", "id") == set()
    assert told(world, "task_log", "task_id") == set()
    assert told(world, "people_item", "content", "result") == told(world, "people_assignment", "answer") == {"{}"}
    assert told(world, "people_item", "note") | told(world, "people_assignment", "note", "reason") == {""}
    refused = outcome(lambda: world.service.list_items(caller(), task_id=run.id, page=ALL))
    assert isinstance(refused, PlatformError)
    assert (refused.code, refused.reason, refused.field) == (410, Reason.PURGED, "task_id")
    assert world.now(run).metrics == run.metrics
    assert world.now(task).metrics["human_score"] == 4.0
    assert [member.answered for member in world.service.list_members(caller(), task_id=task.id, page=ALL).items] == [2]
    assert [each.score for each in world.service.get_raters(caller(), task_id=task.id)] == [None]
    assert audited(world) == ([], 2)
    assert swept(world) == 0, "once"


def test_people_stop_at_once_and_an_engine_ends_first(rated: Rated) -> None:
    world = rated.world
    _, task = begun(rated)
    (held,) = rated.claim(12, task)
    world.service.keep_work(caller(user=12), id=held.id, draft={"score": 1})
    open_run = world.task(config=world.config(name="later"))
    world.dataset.purged.add(world.test_version)
    assert swept(world) == 2
    ended = world.now(task)
    assert (ended.status, ended.purged, world.now(open_run).status) == (TaskStatus.CANCELLED, True, TaskStatus.PENDING)
    assert told(world, "people_assignment", "answer") == {"{}"}
    refused = outcome(lambda: world.service.submit_work(caller(user=12), id=held.id, answer={"score": 5}))
    assert isinstance(refused, PlatformError), refused
    assert CAUSE in told(world, "state_event", "reason")
    world.service.cancel_task(caller(), id=open_run.id)
    assert swept(world) == 1


def test_only_of_what_was_purged_and_not_while_nobody_can_say(rated: Rated) -> None:
    world = rated.world
    other = world.dataset.add(701)
    kept = rated.run(world.config(name="other", dataset_version_id=other), ["x"])
    gone = rated.run(world.config(name="mine"), ["y"])
    world.dataset.purged.add(world.test_version)
    world.dataset.away = True
    assert outcome(lambda: swept(world)).reason == Reason.CONNECTION_LOST
    world.dataset.away = False
    assert world.service.sweep_purged() == 0, "it was asked just now"
    assert swept(world) == 1
    assert (world.now(gone).purged, world.now(kept).purged) == (True, False)
    assert [item.output for item in world.service.list_items(caller(), task_id=kept.id, page=ALL).items] == ["x"]


def test_the_dataset_service_itself_says_so(world: World, tmp_path: Path) -> None:
    """Through its door, to the eval service that asks for nobody."""
    data = DatasetWorld(tmp_path / "data")
    world.dataset = RecordingPeer(Door("dataset", data.service), by="eval")  # type: ignore[assignment]
    world.service = world.second_service()
    rated = Rated(world)
    run = rated.run(world.config(dataset_version_id=data.version().id), ["x"])
    dataset = data.service.get_dataset(caller(), id=data.demo.id)
    data.service.delete_dataset(replace(caller(), expected_version=dataset.version), id=dataset.id)
    assert swept(world) == 0, "it can come back"
    data.service.purge_dataset(caller(), id=dataset.id, cause="asked for")
    assert swept(world) == 1
    assert world.now(run).purged
    data.close()


def test_the_auditor_finds_what_was_left(rated: Rated) -> None:
    world = rated.world
    run, _ = begun(rated)
    with world.db.begin(caller()) as tx:
        world.service.store.tasks.update(tx, world.now(run), purged=True)
    assert audited(world) == (["its test was purged, 2 items still repeat it"], 1)
