"""The worker with its real child process and the real model service: from a pending task to a trained version, whatever dies between."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Books
from libs.common.store.repository import PageRequest
from libs.common.work.task import TaskReason, TaskStatus
from libs.models.causal_lm import artifact
from services.model.domain.version import ModelVersionStatus
from services.train.audit import METADATA, artifacts
from services.train.domain.task import TrainTask
from services.train.service import TrainService
from tests.support.stores import caller
from tests.support.until import until
from tests.unit.eval.world import lost_connection
from tests.unit.train.world import TINY, TRAIN_DATA, VALID_DATA, Bench, World, die

SQUARES = [(step, "square", float(step * step)) for step in (1, 2, 3)]


def _trained(bench: Bench, task: TrainTask) -> None:
    """The task and its version say the same, and there is one artifact and one end."""
    world, done = bench.world, bench.world.now(task)
    version = world.version(task)
    assert (done.status, done.reason, done.error) == (TaskStatus.SUCCEEDED, TaskReason.NONE, {})
    assert (version.status, version.train_task_id) == (ModelVersionStatus.TRAINED, task.id)
    assert (version.artifact_uri, version.artifact_digest) == (done.artifact_uri, done.artifact_digest)
    assert bench.objects() == 1
    assert world.artifacts.open(done.artifact_uri).is_dir()
    assert world.events(done).count("SUCCEED") == 1
    assert world.events(done)[-1] == "SUCCEED"
    history = world.models.db.table("state_event")
    with world.models.db.read() as conn:
        told = list(conn.execute(history.select().with_only_columns(history.c.event).where(history.c.entity_id == version.id)).scalars())
    assert told == ["CREATE", "START_TRAINING", "RECORD_TRAINED"]
    assert world.relay() == 0


def test_from_task_to_weights_though_the_worker_dies_after_telling(bench: Bench) -> None:
    """The real engine. The second attempt goes on from the last checkpoint, ends in the same bytes and says the same again."""
    world = bench.world
    task = world.task(valid_dataset_version_id=VALID_DATA)
    world.model.after["RecordTrained"] = die
    left = bench.attempt(task, dies=True)
    assert (left.status, left.artifact_digest) == (TaskStatus.RUNNING, "")
    told = world.version(task).artifact_digest
    done = bench.attempt(task)
    _trained(bench, task)
    assert (done.artifact_digest, done.attempt) == (told, 2)
    assert (done.result["steps"], done.result["resumed_from"], done.result["samples"]) == (4, 4, 16)
    assert "made_with" not in done.result
    edges = world.models.get_lineage(caller(), model_version_id=done.model_version_id)
    made_with = {(edge.to_kind, edge.to_id.split()[0]) for edge in edges if edge.relation == "MADE_WITH"}
    assert {("code", "modelyard"), ("library", "python"), ("library", "torch")} <= made_with
    assert len(made_with) == len(edges) - sum(edge.relation != "MADE_WITH" for edge in edges), "once each, though told twice"
    model, tokenizer = artifact.load(world.artifacts.open(done.artifact_uri))
    assert (model.config.d_model, tokenizer.vocab_size) == (TINY["d_model"], done.result["vocab_size"])
    points = {(step, name): value for step, name, value, _ in world.curve(done)}
    assert sorted(points) == sorted(
        [(step, name) for step in (1, 2, 3, 4) for name in ("loss", "lr", "tokens_per_s")] + [(4, "valid_loss")]
    )
    state = world.service.get_train_state(caller(), model_id=world.project)
    assert state.latest_metrics["valid_loss"] == done.result["valid_loss"] == points[4, "valid_loss"]
    assert (done.progress_done, done.progress_total) == (4, 4)
    assert [call for call in world.model.calls if call[0] in ("StartTraining", "RecordTrained")] == [
        (method, f"train-{task.id}-{word}") for _ in range(2) for method, word in (("StartTraining", "start"), ("RecordTrained", "trained"))
    ]


def test_a_version_is_tuned_with_adapters_though_the_worker_dies_after_telling(bench: Bench) -> None:
    """The real engine: from a base to a version of the same shape, whose lineage names it."""
    world = bench.world
    base = world.version(bench.attempt(world.task()))
    config = world.config(method="lora", options={**TUNED, "rank": 2}, base_version_id=base.id)
    task = world.task(config, valid_dataset_version_id=VALID_DATA)
    world.model.after["RecordTrained"] = die
    bench.attempt(task, dies=True)
    done = bench.attempt(task)
    assert (done.status, done.attempt, done.result["resumed_from"]) == (TaskStatus.SUCCEEDED, 2, done.result["steps"])
    assert 0 < done.result["trained_parameters"] < done.result["parameters"]
    before, after = (artifact.load(world.artifacts.open(each.artifact_uri)) for each in (base, done))
    assert before[0].config == after[0].config
    assert base.artifact_digest != done.artifact_digest == world.version(task).artifact_digest
    assert [name for _, name, _, _ in world.curve(done)].count("valid_loss") == TUNED["epochs"] + 1


def test_a_base_recalled_before_the_start_ends_the_task_with_its_reason(light: Bench) -> None:
    world = light.world
    base = world.base()
    task = world.task(world.config(method="sft", options=TUNED, base_version_id=base.id))
    world.models.quarantine_version(caller(expected=base.version), id=base.id, cause="wrong")
    failed = light.attempt(task)
    assert (failed.status, failed.reason, failed.error["field"]) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT, "base_version_id")


TUNED: dict[str, Any] = {"epochs": 2, "batch_size": 4, "checkpoint_every_steps": 1, "log_every_steps": 1}
LONG = "It " + "really " * 80 + "counts."


def _with_long(bench: Bench, long: int, of: int) -> None:
    """Training data of which ``long`` of ``of`` records do not fit into 64 tokens."""
    folder = bench.folder / f"data-{long}"
    folder.mkdir()
    rows = [{"instruction": f"What does m{n} do?", "output": LONG if n < long else "It counts."} for n in range(of)]
    (folder / "part-00000.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    bench.world.dataset.add(TRAIN_DATA, uri=bench.world.artifacts.publish(folder)[0], part="train", content_hash=f"sha256:{long:064x}")


def test_what_is_left_out_is_foreseen_counted_and_listed(bench: Bench) -> None:
    world = bench.world
    _with_long(bench, 1, 20)
    seeing = TrainService(world.db, world.model, world.dataset, 30.0, world.artifacts)
    made = seeing.create_task(caller(), train_config_id=world.config().id, train_dataset_version_id=TRAIN_DATA)
    assert made.preview is not None
    assert (made.preview.looked_at, made.preview.left_out, made.preview.block_size, made.preview.max_left_out) == (20, 1, 64, 0.1)
    done = bench.attempt(made.train_task)
    assert (done.status, done.failed_items, done.result["left_out"], done.result["too_long"]) == (TaskStatus.SUCCEEDED, 1, 1, 1)
    (listed,) = done.result["left_out_records"]
    assert (listed["file"], listed["row"], listed["tokens"]) == ("part-00000.jsonl", 1, made.preview.longest)


def test_a_training_that_would_leave_most_out_fails_before_its_first_step(bench: Bench) -> None:
    world = bench.world
    _with_long(bench, 18, 20)
    failed = bench.attempt(world.task())
    assert (failed.status, failed.reason, failed.error["reason"]) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT, "TOO_MANY_LEFT_OUT")
    assert (failed.error["details"]["count"], failed.error["details"]["total"]) == (18, 20)
    assert world.curve(failed) == []
    service = TrainService(world.db, world.model, world.dataset, 30.0, world.artifacts)
    listed = service.list_left_out(caller(), task_id=failed.id, page=PageRequest(None, 500)).items
    assert [(each.row, each.reason, each.excerpt) for each in listed] == [(n + 1, "too_long", f"What does m{n} do?") for n in range(18)]
    assert failed.result["left_out_uri"] in {each.uri for each in artifacts(Books("train", world.db.url, METADATA))}


def test_more_may_be_left_out_where_that_is_wanted(bench: Bench) -> None:
    _with_long(bench, 18, 20)
    done = bench.attempt(bench.world.task(bench.world.config(options={**TINY, "max_left_out": 0.95})))
    assert (done.status, done.failed_items, done.result["left_out_share"]) == (TaskStatus.SUCCEEDED, 18, 0.9)


def test_all_that_was_left_out_can_be_read_page_by_page(bench: Bench) -> None:
    world = bench.world
    _with_long(bench, 60, 80)
    done = bench.attempt(world.task(world.config(options={**TINY, "max_left_out": 1.0})))
    assert len(done.result["left_out_records"]) == 50
    service = TrainService(world.db, world.model, world.dataset, 30.0, world.artifacts)
    cursor, found = None, []
    while True:
        page = service.list_left_out(caller(), task_id=done.id, page=PageRequest(cursor, 25), reason="too_long")
        found += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert {each.file for each in found} == {"part-00000.jsonl"}
    assert [(each.row, each.excerpt) for each in found] == [(n + 1, f"What does m{n} do?") for n in range(60)]

    assert service.list_left_out(caller(), task_id=done.id, page=PageRequest(), reason="empty_turn").items == []
    named = {reference.uri for reference in artifacts(Books("train", world.db.url, METADATA))}
    assert named == {done.artifact_uri, done.result["left_out_uri"]}, "the auditor and the backup know the list"
    with pytest.raises(PlatformError) as caught:
        service.list_left_out(caller(), task_id=done.id, page=PageRequest(), reason="too_dull")
    assert (caught.value.reason, caught.value.field) == (Reason.UNKNOWN_ENUM, "reason")
    with pytest.raises(PlatformError) as caught:
        service.list_left_out(caller(space=2), task_id=done.id, page=PageRequest())
    assert caught.value.reason == Reason.NOT_FOUND


def test_where_nothing_was_left_out_the_list_is_empty(bench: Bench) -> None:
    done = bench.attempt(bench.world.task())
    service = TrainService(bench.world.db, bench.world.model, bench.world.dataset, 30.0, bench.world.artifacts)
    assert service.list_left_out(caller(), task_id=done.id, page=PageRequest()).items == []
    assert "left_out_uri" not in done.result


@pytest.mark.parametrize("gone", ["artifact", "rows"])
def test_what_cannot_be_looked_at_is_not_foreseen_and_does_not_stand_in_the_way(light: Bench, gone: str) -> None:
    world = light.world
    if gone == "artifact":
        world.dataset.add(TRAIN_DATA, uri="artifact://sha256:" + "0" * 64, part="train")
    else:
        folder = light.folder / "rows"
        folder.mkdir()
        (folder / "part-00000.jsonl").write_text("[]\n")
        world.dataset.add(TRAIN_DATA, uri=world.artifacts.publish(folder)[0], part="train")
    seeing = TrainService(world.db, world.model, world.dataset, 30.0, world.artifacts)
    made = seeing.create_task(caller(), train_config_id=world.config().id, train_dataset_version_id=TRAIN_DATA)
    assert (made.preview, made.train_task.status) == (None, TaskStatus.PENDING)


def _before(world: World, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], None]]:
    """Moments of an attempt -> how to die there, once."""

    def once(target: Any, name: str, after: bool) -> None:
        real = getattr(target, name)

        def dying(*facts: Any, **named: Any) -> Any:
            monkeypatch.setattr(target, name, real)
            if after:
                real(*facts, **named)
            die()

        monkeypatch.setattr(target, name, dying)

    hooks = world.model
    return {
        "before StartTraining": lambda: hooks.before.update(StartTraining=die),
        "after StartTraining": lambda: hooks.after.update(StartTraining=die),
        "before the artifact": lambda: once(world.artifacts, "publish", after=False),
        "after the artifact": lambda: once(world.artifacts, "publish", after=True),
        "before RecordTrained": lambda: hooks.before.update(RecordTrained=die),
        "after RecordTrained": lambda: hooks.after.update(RecordTrained=die),
        "before the end": lambda: once(world.service.lifecycle, "succeed", after=False),
        "after the end": lambda: once(world.service.lifecycle, "succeed", after=True),
    }


MOMENTS = (
    "before StartTraining",
    "after StartTraining",
    "before the artifact",
    "after the artifact",
    "before RecordTrained",
    "after RecordTrained",
    "before the end",
    "after the end",
)


@pytest.mark.parametrize("lost_folder", [False, True])
@pytest.mark.parametrize("moment", MOMENTS)
def test_dying_between_any_two_steps_gives_one_artifact_and_one_end(
    light: Bench, monkeypatch: pytest.MonkeyPatch, moment: str, lost_folder: bool
) -> None:
    world, task = light.world, light.world.task()
    moments = _before(world, light, monkeypatch)
    assert set(moments) == set(MOMENTS)
    moments[moment]()
    left = light.attempt(task, dies=True)
    if moment == "after the end":
        assert left.status == TaskStatus.SUCCEEDED
        world.clock.advance(60)
        assert (world.service.lifecycle.sweep(), world.service.lifecycle.claim("w2")) == (0, None)
    else:
        assert left.status == TaskStatus.RUNNING
        if lost_folder and light.task_folder(task).exists():
            light.task_folder(task).rename(light.folder / "lost")
        light.attempt(task)
    _trained(light, task)
    assert [(step, name, value) for step, name, value, _ in world.curve(task)] == SQUARES


def test_dying_at_every_step_in_turn(light: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    world, task = light.world, light.world.task(max_attempts=len(MOMENTS))
    for moment in MOMENTS:
        _before(world, light, monkeypatch)[moment]()
        light.attempt(task, dies=True)
    _trained(light, task)
    assert world.now(task).attempt == len(MOMENTS)


@pytest.mark.parametrize("method", ["StartTraining", "RecordTrained"])
@pytest.mark.parametrize("hook", ["before", "after"])
def test_a_lost_connection_costs_no_attempt(light: Bench, hook: str, method: str) -> None:
    task = light.world.task()
    getattr(light.world.model, hook)[method] = lost_connection
    waiting = light.attempt(task)
    assert (waiting.status, waiting.reason, waiting.error["reason"]) == (TaskStatus.PENDING, TaskReason.WAIT_DEPENDENCY, "CONNECTION_LOST")
    assert waiting.attempt == 0
    light.attempt(task)
    _trained(light, task)


@pytest.mark.parametrize("moment", ["StartTraining", "RecordTrained"])
def test_cancelled_on_the_way_the_version_is_retired(light: Bench, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled right after the training began, or while its artifact is taken in and before the model domain was told."""
    world, task = light.world, light.world.task()

    def cancel() -> None:
        world.service.cancel_task(caller(), id=task.id)

    if moment == "StartTraining":
        world.model.after[moment] = cancel
    else:
        real = world.artifacts.publish

        def cancelled_meanwhile(folder: Path) -> tuple[str, str]:
            cancel()
            return real(folder)

        monkeypatch.setattr(world.artifacts, "publish", cancelled_meanwhile)
    cancelled = light.attempt(task)
    assert (cancelled.status, cancelled.reason, cancelled.artifact_uri) == (TaskStatus.CANCELLED, TaskReason.USER_REQUEST, "")
    assert world.model.count("RecordTrained") == 0
    assert world.version(task).status == ModelVersionStatus.TRAINING
    assert world.relay() == 1
    assert world.version(task).status == ModelVersionStatus.RETIRED


def test_a_worker_that_lost_its_lease_tells_nobody(light: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It slept past its lease while another took the task: its artifact is nobody's."""
    world, task = light.world, light.world.task()
    real = world.artifacts.publish

    def slept(folder: Path) -> tuple[str, str]:
        world.clock.advance(60)
        world.service.lifecycle.sweep()
        return real(folder)

    monkeypatch.setattr(world.artifacts, "publish", slept)
    with pytest.raises(PlatformError) as caught:
        light.attempt(task)
    assert caught.value.reason == Reason.STALE_EPOCH
    assert world.model.count("RecordTrained") == 0
    monkeypatch.setattr(world.artifacts, "publish", real)
    light.attempt(task)
    _trained(light, task)


def test_paused_and_resumed_it_counts_every_step_once(light: Bench) -> None:
    world, task = light.world, light.world.task()
    halt = light.folder / "halt-2"
    halt.touch()
    running = light.in_background(task)
    until(lambda: world.now(task).progress_done == 2)
    assert world.service.pause_task(caller(), id=task.id).status == TaskStatus.RUNNING
    running.join(30)
    paused = world.now(task)
    assert (paused.status, paused.wish, paused.lease_until) == (TaskStatus.PAUSED, "", 0)
    assert world.service.lifecycle.claim("w") is None
    halt.unlink()
    assert world.service.resume_task(caller(), id=task.id).status == TaskStatus.PENDING
    done = light.attempt(task)
    _trained(light, task)
    assert (world.artifacts.open(done.artifact_uri) / "ledger").read_text() == "1\n2\n3\n"
    assert [(step, name, value) for step, name, value, _ in world.curve(task)] == SQUARES
    assert world.model.count("RecordTrainingEnded") == 0


def test_real_training_pauses_at_a_checkpoint_goes_on_there_and_is_cancelled(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    world = bench.world
    task = world.task(world.config(options={**TINY, "epochs": 10_000, "checkpoint_every_steps": 5, "log_every_steps": 10}))
    running = bench.in_background(task)
    until(lambda: world.now(task).progress_done >= 10, 60)
    world.service.pause_task(caller(), id=task.id)
    running.join(30)
    paused = world.now(task)
    assert paused.status == TaskStatus.PAUSED
    newest = max(int(folder.name[5:]) for folder in bench.task_folder(task).glob("ckpt-*"))
    assert newest >= 10
    world.service.resume_task(caller(), id=task.id)
    told: list[int] = []
    real = bench.work.metrics

    def listening(held: TrainTask, points: list[tuple[int, str, float]]) -> None:
        told.extend(step for step, _, _ in points)
        real(held, points)

    monkeypatch.setattr(bench.work, "metrics", listening)
    running = bench.in_background(task)
    until(lambda: max(point[0] for point in world.curve(task)) >= newest + 20, 60)
    world.service.cancel_task(caller(), id=task.id)
    running.join(30)
    assert world.now(task).status == TaskStatus.CANCELLED
    losses = [step for step, name, _, _ in world.curve(task) if name == "loss"]
    assert losses == list(range(10, 10 * len(losses) + 1, 10))  # one curve, no gap
    assert min(told) in range(newest + 1, newest + 11)  # nothing was done twice
    assert world.relay() == 1
    assert world.version(task).status == ModelVersionStatus.RETIRED


def test_a_failing_engine_fails_the_task_and_retires_the_version(light: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    world, task = light.world, light.world.task()
    real = light.work.prepare
    monkeypatch.setattr(light.work, "prepare", lambda held: real(held).__class__("tests.support.engines:refuse", {}))
    failed = light.attempt(task)
    assert (failed.status, failed.reason, failed.error["field"]) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT, "config.top_k")
    assert world.relay() == 1
    assert world.version(task).status == ModelVersionStatus.RETIRED


def test_damaged_training_data_is_named(light: Bench) -> None:
    world, task = light.world, light.world.task(valid_dataset_version_id=VALID_DATA)
    part = world.artifacts.open(world.dataset.versions[VALID_DATA].uri) / "part-00000.jsonl"
    part.write_bytes(part.read_bytes()[:-2] + b" \n")
    failed = light.attempt(task)
    assert (failed.status, failed.error["reason"]) == (TaskStatus.FAILED, "CHECKSUM_MISMATCH")
    assert failed.error["details"]["file"] == "part-00000.jsonl"
    assert not light.task_folder(task).exists()  # no child was started


def test_a_recalled_version_is_not_trained(light: Bench) -> None:
    world, task = light.world, light.world.task()
    version = world.version(task)
    world.models.quarantine_version(caller(expected=version.version), id=version.id, cause="leaked")
    failed = light.attempt(task)
    assert (failed.status, failed.error["code"], failed.error["reason"]) == (TaskStatus.FAILED, 409, "ILLEGAL_TRANSITION")
    assert world.relay() == 1  # refused, and done with
    assert world.version(task).status == ModelVersionStatus.QUARANTINED


def test_threads_are_those_of_the_options(bench: Bench) -> None:
    world = bench.world
    held = world.claimed(config=world.config(options={**TINY, "threads": 2}))
    job = bench.work.prepare(held)
    assert (job.entry, job.environ) == ("services.train.engine.loop:run", {"OMP_NUM_THREADS": "2"})
    assert job.arguments["options"] == held.snapshot["options"]
    assert (job.arguments["valid_path"], Path(job.arguments["train_path"]).is_dir()) == (None, True)
