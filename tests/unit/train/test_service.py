"""The verbs of the train domain on a real store: what they store, what they refuse, and that they happen once."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.rpc.door import inline
from libs.common.rpc.wire import required_fields
from libs.common.store.repository import PageRequest
from libs.common.work.lifecycle import snapshot_hash
from libs.common.work.task import MACHINE, OPEN, TaskReason, TaskStatus
from services.model.domain.version import ModelVersionStatus
from services.train.domain.task import TrainTask
from services.train.service import CreatedTask
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller, plans
from tests.support.verbs import own
from tests.unit.train.world import DOCUMENTS, PAIRS, TEST_DATA, TINY, TRAIN_DATA, VALID_DATA, World, page_of


def _refused(call: Callable[[], Any]) -> PlatformError:
    found = outcome(call)
    assert isinstance(found, PlatformError), found
    return found


def _facts(world: World) -> dict[str, dict[str, Any]]:
    """A legal call of every RPC, on things that are there."""
    config, task = world.config(name="known"), world.claimed()
    paused = world.claimed()
    world.service.lifecycle.paused(paused)
    return {
        "CreateConfig": {"model_id": world.project, "name": "new"},
        "GetConfig": {"id": config.id},
        "ListConfigs": {"model_id": world.project},
        "UpdateConfig": {"id": config.id, "desc": "d", "expected_version": 0},
        "CreateTask": {"train_config_id": config.id, "train_dataset_version_id": TRAIN_DATA},
        "GetTask": {"id": task.id},
        "ListTasks": {},
        "CancelTask": {"id": task.id},
        "PauseTask": {"id": task.id},
        "ResumeTask": {"id": paused.id},
        "ListMetrics": {"task_id": task.id},
        "ListLeftOut": {"task_id": task.id},
        "GetTaskLog": {"task_id": task.id},
        "GetTrainState": {"model_id": world.project},
    }


VERBS = (
    "CreateConfig",
    "GetConfig",
    "ListConfigs",
    "UpdateConfig",
    "CreateTask",
    "GetTask",
    "ListTasks",
    "CancelTask",
    "PauseTask",
    "ResumeTask",
    "ListMetrics",
    "ListLeftOut",
    "GetTaskLog",
    "GetTrainState",
)
CHANGES = ("CreateConfig", "UpdateConfig", "CreateTask", "CancelTask", "PauseTask", "ResumeTask")
LISTS_AND_STATE = ("ListConfigs", "ListTasks", "GetTrainState")  # answer with nothing where nothing is visible


def test_the_enumeration_is_complete(world: World) -> None:
    verbs = own("train", world.service)
    assert set(verbs) == set(VERBS) == set(_facts(world))
    assert {name for name, verb in verbs.items() if hasattr(verb, "is_mutation")} == set(CHANGES)
    assert {"GetConfig", "GetTask", "GetTrainState"} == inline("train")


def test_it_starts_on_a_light_machine() -> None:
    heavy = "{'torch', 'tokenizers', 'selectolax', 'pyarrow', 'rensa', 'numpy', 'safetensors', 'xxhash', 'ahocorasick_rs'}"
    code = f"import sys, services.train.service, services.train.worker; print({heavy} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


# --- configs


def test_a_config_is_stored_complete(world: World) -> None:
    config = world.config(desc="说明", options={"epochs": 3})
    assert (config.options["epochs"], config.options["batch_size"], config.method, len(config.options)) == (3, 8, "scratch", 19)
    answer = world.door.call(caller(), "GetConfig", id=config.id).config
    assert (answer.id, answer.model_id, answer.desc, answer.method) == (config.id, world.project, "说明", "scratch")
    assert json.loads(answer.options_json) == config.options
    assert (answer.create_time, answer.project_space_id, answer.user_id) == (world.clock.now_ms(), 1, 1)


@pytest.mark.parametrize(
    ("facts", "code", "reason", "field"),
    [
        ({"options": {"epoch": 3}}, 400, Reason.INVALID_ARGUMENT, "options.epoch"),
        ({"options": {"epochs": 0}}, 400, Reason.TOO_SMALL, "options.epochs"),
        ({"options": {"epochs": "3"}}, 400, Reason.WRONG_TYPE, "options.epochs"),
        ({"options": {"epochs": True}}, 400, Reason.WRONG_TYPE, "options.epochs"),
        ({"options": {"learning_rate": 2}}, 400, Reason.TOO_LARGE, "options.learning_rate"),
        ({"options": {"device": "tpu"}}, 400, Reason.UNKNOWN_ENUM, "options.device"),
        ({"options": {"device": ["cpu"]}}, 400, Reason.UNKNOWN_ENUM, "options.device"),
        ({"options": {"d_model": 33}}, 400, Reason.INVALID_ARGUMENT, "options.d_model"),
        ({"method": "distil"}, 400, Reason.UNKNOWN_ENUM, "method"),
        ({"model_id": 4242}, 404, Reason.NOT_FOUND, None),
        ({"name": "taken"}, 409, Reason.ALREADY_EXISTS, "name"),
    ],
)
def test_a_config_that_cannot_work_is_refused(world: World, facts: dict[str, Any], code: int, reason: Reason, field: str | None) -> None:
    world.config(name="taken")
    error = _refused(lambda: world.config(**facts))
    assert (error.code, error.reason, error.field) == (code, reason, field)
    assert len(world.service.list_configs(caller(), model_id=world.project, page=PageRequest()).items) == 1


def test_a_name_is_free_in_another_model(world: World) -> None:
    world.config()
    other = world.models.create_project(caller(), name="other").id
    assert world.config(model_id=other).model_id == other


def test_configs_are_listed_newest_first_by_page(world: World) -> None:
    made = [world.config(name=f"c{number}").id for number in range(5)]
    first = world.door.call(caller(), "ListConfigs", model_id=world.project, page=page_of(None, 3))
    second = world.door.call(caller(), "ListConfigs", model_id=world.project, page=page_of(first.page.next_cursor, 3))
    assert [config.id for config in (*first.configs, *second.configs)] == made[::-1]
    assert second.page.next_cursor is None
    assert world.service.list_configs(caller(), model_id=1, page=PageRequest()).items == []


def test_an_update_changes_what_is_sent(world: World) -> None:
    config = world.config(options={"epochs": 3, "seed": 7})
    renamed = world.service.update_config(caller(expected=0), id=config.id, name="other", desc="d")
    assert (renamed.name, renamed.desc, renamed.options, renamed.version) == ("other", "d", config.options, 1)
    replaced = world.service.update_config(caller(expected=1), id=config.id, options={"epochs": 4})
    assert (replaced.options["epochs"], replaced.options["seed"], replaced.name) == (4, 1, "other")
    assert world.service.get_config(caller(), id=config.id) == replaced
    assert world.service.update_config(caller(expected=2), id=config.id, name="other", desc="").desc == ""


@pytest.mark.parametrize(
    ("expected", "facts", "code", "reason", "field"),
    [
        (None, {"desc": "d"}, 428, Reason.MISSING_VERSION, "expected_version"),
        (1, {"desc": "d"}, 412, Reason.STALE_VERSION, "expected_version"),
        (0, {"name": "taken"}, 409, Reason.ALREADY_EXISTS, "name"),
        (0, {"options": {"epoch": 1}}, 400, Reason.INVALID_ARGUMENT, "options.epoch"),
    ],
)
def test_an_update_that_is_refused_changes_nothing(
    world: World, expected: int | None, facts: dict[str, Any], code: int, reason: Reason, field: str
) -> None:
    world.config(name="taken")
    config = world.config()
    error = _refused(lambda: world.service.update_config(caller(expected=expected), id=config.id, **facts))
    assert (error.code, error.reason, error.field) == (code, reason, field)
    assert world.service.get_config(caller(), id=config.id) == config


def test_of_two_updates_at_once_one_wins(world: World) -> None:
    config, services = world.config(), (world.service, world.second_service())
    found = at_once([lambda s=s: s.update_config(caller(expected=0), id=config.id, desc="d") for s in services])  # type: ignore[misc]
    refused = [each for each in found if isinstance(each, PlatformError)]
    assert [error.reason for error in refused] == [Reason.STALE_VERSION]


# --- tasks


def test_a_task_freezes_config_and_data_and_has_a_version_to_fill(world: World) -> None:
    config = world.config()
    task = world.task(config, valid_dataset_version_id=VALID_DATA, desc="第一次")
    assert task.snapshot == {
        "engine": {"name": "scratch", "version": 2},
        "model_id": world.project,
        "options": config.options,
        "train": {"content_hash": "sha256:" + "aa" * 32},
        "valid": {"content_hash": "sha256:" + "bb" * 32},
    }
    deciding = {**config.options, "checkpoint_every_steps": 100}  # how often it is saved changes no weight
    assert task.snapshot_hash == snapshot_hash({**task.snapshot, "options": deciding})
    assert (task.status, task.reason, task.name, task.max_attempts) == (TaskStatus.PENDING, TaskReason.WAIT_CAPACITY, "standard", 5)
    assert (task.artifact_uri, task.artifact_digest, task.valid_dataset_version_id) == ("", "", VALID_DATA)
    version = world.version(task)
    assert (version.status, version.number, version.desc) == (ModelVersionStatus.CREATED, 1, "第一次")
    assert version.dataset_version_ids == [TRAIN_DATA, VALID_DATA]
    world.service.update_config(caller(expected=0), id=config.id, options={"epochs": 9})
    assert world.now(task) == task
    assert world.version(world.task(config, name="own name", max_attempts=1)).number == 2


@pytest.mark.parametrize(
    ("facts", "code", "reason", "field"),
    [
        ({"train_config_id": 4242}, 404, Reason.NOT_FOUND, None),
        ({"train_dataset_version_id": 4242}, 404, Reason.NOT_FOUND, None),
        ({"valid_dataset_version_id": 4242}, 404, Reason.NOT_FOUND, None),
        ({"train_dataset_version_id": TEST_DATA}, 400, Reason.INVALID_ARGUMENT, "train_dataset_version_id"),
        ({"valid_dataset_version_id": TEST_DATA}, 400, Reason.INVALID_ARGUMENT, "valid_dataset_version_id"),
        ({"train_dataset_version_id": DOCUMENTS}, 400, Reason.INVALID_ARGUMENT, "train_dataset_version_id"),
        ({"valid_dataset_version_id": DOCUMENTS}, 400, Reason.INVALID_ARGUMENT, "valid_dataset_version_id"),
    ],
)
def test_a_task_that_cannot_work_is_refused(world: World, facts: dict[str, Any], code: int, reason: Reason, field: str | None) -> None:
    config = world.config()
    asked = {"train_config_id": config.id, "train_dataset_version_id": TRAIN_DATA, "valid_dataset_version_id": VALID_DATA, **facts}
    error = _refused(lambda: world.service.create_task(caller(), **asked))
    assert (error.code, error.reason, error.field) == (code, reason, field)
    assert world.service.list_tasks(caller(), page=PageRequest()).items == []
    assert world.model.count("CreateVersion") == 0  # no version nobody will fill


# --- going on from a version

TUNED: dict[str, Any] = {"epochs": 1, "batch_size": 4}


def test_the_base_is_in_config_task_snapshot_and_lineage(world: World) -> None:
    base = world.base()
    config = world.config(method="lora", options={**TUNED, "target_layers": ["qkv"]}, base_version_id=base.id)
    assert world.service.get_config(caller(), id=config.id) == config
    task = world.task(config)
    assert (config.base_version_id, task.base_version_id, task.snapshot["base"]) == (base.id, base.id, {"digest": base.artifact_digest})
    assert world.now(task) == task
    edges = world.models.get_lineage(caller(), model_version_id=task.model_version_id)
    assert [edge.to_id for edge in edges if edge.relation == "BASED_ON"] == [str(base.id)]
    assert world.version(task).base_version_id == base.id
    _succeed(world, task)
    same = world.config(name="same", method="lora", options=config.options, base_version_id=base.id)
    assert _again(world, same.id).reused
    other = world.config(name="other", method="lora", options=config.options, base_version_id=world.base().id)
    assert _again(world, other.id).reused, "the same weights under another id"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"method": "lora"}, Reason.MISSING_FIELD),
        ({"method": "scratch", "base_version_id": "base"}, Reason.INVALID_ARGUMENT),
        ({"method": "sft", "base_version_id": "empty"}, Reason.INVALID_ARGUMENT),
        ({"method": "dpo", "base_version_id": "retired"}, Reason.INVALID_ARGUMENT),
    ],
)
def test_a_base_that_cannot_be_gone_on_from_is_refused(world: World, facts: dict[str, Any], reason: Reason) -> None:
    base, gone = world.base(), world.base()
    world.models.retire_version(caller(expected=gone.version), id=gone.id)
    empty = world.models.create_version(caller(), project_id=world.project)
    known = {"base": base.id, "empty": empty.id, "retired": gone.id}
    asked = {"options": {}, **facts, **({"base_version_id": known[facts["base_version_id"]]} if "base_version_id" in facts else {})}
    error = _refused(lambda: world.config(**asked))
    assert (error.code, error.reason, error.field) == (400, reason, "base_version_id")
    assert _refused(lambda: world.config(method="sft", options={}, base_version_id=4242)).code == 404


def test_a_base_taken_out_of_use_stops_new_tasks(world: World) -> None:
    base = world.base()
    config = world.config(method="sft", options=TUNED, base_version_id=base.id)
    world.models.quarantine_version(caller(expected=base.version), id=base.id, cause="wrong")
    assert _refused(lambda: world.task(config)).field == "base_version_id"
    assert world.model.count("CreateVersion") == 0


@pytest.mark.parametrize(("method", "data", "wanted"), [("dpo", TRAIN_DATA, "preference_pair"), ("lora", PAIRS, "question_answer")])
def test_a_method_takes_records_of_its_kind(world: World, method: str, data: int, wanted: str) -> None:
    config = world.config(method=method, options=TUNED, base_version_id=world.base().id)
    error = _refused(lambda: world.task(config, train_dataset_version_id=data))
    assert (error.code, error.field, error.limit) == (400, "train_dataset_version_id", f"a version of kind {wanted}")


def test_a_task_of_a_deleted_model_is_refused(world: World) -> None:
    config = world.config()
    project = world.models.get_project(caller(), id=world.project)
    world.models.delete_project(caller(expected=project.version), id=project.id)
    assert _refused(lambda: world.task(config)).code == 404
    assert world.service.list_tasks(caller(), page=PageRequest()).items == []


def _succeed(world: World, task: TrainTask, failed_items: int = 0) -> TrainTask:
    held = world.service.lifecycle.claim("w")
    assert held is not None
    assert held.id == task.id
    return world.service.lifecycle.succeed(held, {"final_loss": 1.0}, failed_items)


def _again(world: World, config_id: int, **facts: Any) -> CreatedTask:
    asked = {"train_config_id": config_id, "train_dataset_version_id": TRAIN_DATA, "reuse": True, **facts}
    return world.service.create_task(caller(), **asked)


def test_the_same_work_is_recognised_when_asked(world: World) -> None:
    config = world.config()
    done = _succeed(world, world.task(config))
    versions = world.model.count("CreateVersion")
    assert _again(world, config.id) == CreatedTask(done, True)
    assert _again(world, world.config(name="twin").id) == CreatedTask(done, True)  # another config that says the same
    spelled_out = world.config(name="spelled out", options={**TINY, "seed": 1, "device": "cpu"})
    assert _again(world, spelled_out.id).reused
    world.dataset.add(710, part="whole", content_hash="sha256:" + "aa" * 32)
    assert _again(world, config.id, train_dataset_version_id=710).reused  # the same content under another id
    assert world.model.count("CreateVersion") == versions
    assert not _again(world, config.id, reuse=False).reused


@pytest.mark.parametrize("option", [("seed", 2), ("epochs", 3), ("learning_rate", 0.01), ("threads", 2)])
def test_a_changed_option_is_other_work(world: World, option: tuple[str, Any]) -> None:
    _succeed(world, world.task(world.config()))
    other = world.config(name="other", options={**TINY, option[0]: option[1]})
    assert not _again(world, other.id).reused


def test_changed_content_validation_and_model_are_other_work(world: World) -> None:
    config = world.config()
    _succeed(world, world.task(config))
    assert not _again(world, config.id, valid_dataset_version_id=VALID_DATA).reused
    world.dataset.add(TRAIN_DATA, part="train", content_hash="sha256:" + "cc" * 32)
    assert not _again(world, config.id).reused
    world.dataset.add(TRAIN_DATA, part="train", content_hash="sha256:" + "aa" * 32)
    other = world.models.create_project(caller(), name="other").id
    assert not _again(world, world.config(name="o", model_id=other).id).reused


@pytest.mark.parametrize("end", ["waits", "runs", "failed", "failed items"])
def test_only_whole_finished_work_is_reused(world: World, end: str) -> None:
    config = world.config()
    task = world.task(config)
    if end == "failed items":
        _succeed(world, task, failed_items=1)
    elif end != "waits":
        held = world.service.lifecycle.claim("w")
        assert held is not None
        if end == "failed":
            world.service.lifecycle.fail(held, TaskReason.ENGINE_ERROR, {"code": 500}, retry=False)
    assert not _again(world, config.id).reused


def test_another_space_reuses_nothing(world: World) -> None:
    task = world.task(world.config())
    _succeed(world, task)
    assert world.service.lifecycle.finished_twin(caller(), task.snapshot_hash) is not None
    assert world.service.lifecycle.finished_twin(caller(space=2), task.snapshot_hash) is None


def test_tasks_are_listed_by_model(world: World) -> None:
    config = world.config()
    other = world.config(name="o", model_id=world.models.create_project(caller(), name="other").id)
    tasks = [world.task(each) for each in (config, other, config)]

    def listed(**where: int) -> list[int]:
        return [task.id for task in world.door.call(caller(), "ListTasks", **where).train_tasks]

    assert listed() == [task.id for task in tasks[::-1]]
    assert listed(model_id=world.project) == [tasks[2].id, tasks[0].id]
    assert listed(model_id=1) == []


@pytest.mark.parametrize("status", list(TaskStatus))
@pytest.mark.parametrize("verb", ["cancel_task", "pause_task", "resume_task"])
def test_verbs_follow_the_table_of_states(world: World, verb: str, status: TaskStatus) -> None:
    task = replace(world.task(), id=world.db.ids.next(), status=status)
    with world.db.begin(caller()) as tx:
        world.service.store.tasks.insert(tx, task)
    event = verb.removesuffix("_task").upper()
    after = {"CANCEL": TaskStatus.CANCELLED, "PAUSE": status, "RESUME": TaskStatus.PENDING}[event]  # a pause waits for the worker
    if (status, event) in MACHINE.table:
        assert getattr(world.service, verb)(caller(), id=task.id).status == after
        assert world.now(task).wish == ("PAUSE" if event == "PAUSE" else "")
        return
    error = _refused(lambda: getattr(world.service, verb)(caller(), id=task.id))
    assert (error.code, error.reason, error.details["state"]) == (409, Reason.ILLEGAL_TRANSITION, status.name)
    assert world.now(task) == replace(task, create_time=world.clock.now_ms(), update_time=world.clock.now_ms())


# --- who is told of an end without an artifact


def _events_of_end(world: World) -> int:
    with world.db.read() as conn:
        return len(conn.execute(world.db.table("outbox").select()).all())


def _started(world: World, **facts: Any) -> TrainTask:
    """A task whose worker has told the model domain that it trains."""
    held = world.claimed(**facts)
    world.models.start_training(caller(), id=held.model_version_id, train_task_id=held.id)
    return held


def test_a_failed_task_leaves_no_empty_version(world: World) -> None:
    task = _started(world)
    assert world.version(task).status == ModelVersionStatus.TRAINING
    world.service.lifecycle.fail(task, TaskReason.OUT_OF_MEMORY, {"code": 422}, retry=False)
    assert world.version(task).status == ModelVersionStatus.TRAINING  # the end and the message are one transaction, the call comes after
    assert world.relay() == 1
    version = world.version(task)
    assert (version.status, version.train_task_id) == (ModelVersionStatus.RETIRED, 0)
    assert world.model.calls[-1] == ("RecordTrainingEnded", f"train-{task.id}-ended")
    assert world.relay() == 0


@pytest.mark.parametrize("how", ["running", "paused", "waits again", "stopped worker"])
def test_a_cancelled_task_leaves_no_empty_version(world: World, how: str) -> None:
    task = _started(world)
    lifecycle = world.service.lifecycle
    if how == "paused":
        lifecycle.paused(task)
    elif how == "waits again":
        lifecycle.fail(task, TaskReason.ENGINE_ERROR, {"code": 500}, retry=True)
    elif how == "stopped worker":
        assert lifecycle.released(task).attempt == 0  # the attempt is given back, what was told is not
    world.service.cancel_task(caller(), id=task.id)
    if how == "running":
        assert world.relay() == 0
        lifecycle.freed(task)
    assert world.now(task).status == TaskStatus.CANCELLED
    assert world.relay() == 1
    assert world.version(task).status == ModelVersionStatus.RETIRED


def test_a_task_without_a_worker_is_poison_and_told(world: World) -> None:
    task = _started(world, max_attempts=1)
    world.clock.advance(31)
    assert world.service.lifecycle.sweep() == 1
    assert (world.now(task).status, world.now(task).reason) == (TaskStatus.FAILED, TaskReason.POISON)
    assert world.relay() == 1
    assert world.version(task).status == ModelVersionStatus.RETIRED


def test_a_task_cancelled_before_anybody_claimed_it_leaves_no_empty_version(world: World) -> None:
    task = world.task()
    world.service.cancel_task(caller(), id=task.id)
    assert world.relay() == 1
    assert world.version(task).status == ModelVersionStatus.RETIRED


def test_a_success_or_a_retry_tells_nothing_through_the_outbox(world: World) -> None:
    task = _started(world)
    world.service.lifecycle.fail(task, TaskReason.ENGINE_ERROR, {"code": 500}, retry=True)
    world.clock.advance(10)
    _succeed(world, task)
    assert (_events_of_end(world), world.relay()) == (0, 0)


def test_a_model_domain_that_is_away_is_told_later(world: World) -> None:
    def away() -> None:
        raise PlatformError(503, Reason.UNAVAILABLE, retryable=True, what="model")

    task = _started(world)
    world.service.lifecycle.fail(task, TaskReason.ENGINE_ERROR, {"code": 500}, retry=False)
    world.model.before["RecordTrainingEnded"] = away
    assert world.relay() == 0
    world.model.after["RecordTrainingEnded"] = away  # told, but the answer is lost: the same key again is harmless
    assert world.relay() == 0
    assert world.relay() == 1
    assert world.version(task).status == ModelVersionStatus.RETIRED


# --- metrics

POINTS = [(1, "loss", 3.0), (1, "lr", 0.1), (2, "loss", 2.0), (2, "lr", 0.2), (3, "loss", 1.0)]


@pytest.mark.parametrize(
    "batches",
    [
        [POINTS],
        [POINTS, POINTS],
        [POINTS[::-1]],
        [[point] for point in POINTS[::-1]],
        [POINTS[2:], POINTS[:4], POINTS[1:3]],
        [POINTS + POINTS],
        [[(1, "loss", 9.0), *POINTS]],
    ],
)
def test_a_curve_is_one_curve_however_it_comes(world: World, batches: list[list[tuple[int, str, float]]]) -> None:
    task = world.claimed()
    for batch in batches:
        world.service.record_metrics(task, batch)
    assert world.curve(task) == [(*point, 1) for point in POINTS]


def test_a_point_of_a_later_attempt_replaces_the_earlier_one(world: World) -> None:
    first = world.claimed()
    world.service.record_metrics(first, POINTS)
    world.clock.advance(31)
    world.service.lifecycle.sweep()
    second = world.service.lifecycle.claim("w2")
    assert second is not None
    world.service.record_metrics(second, [(3, "loss", 1.5), (4, "loss", 0.5)])
    assert world.curve(second) == [*[(*point, 1) for point in POINTS[:4]], (3, "loss", 1.5, 2), (4, "loss", 0.5, 2)]
    error = _refused(lambda: world.service.record_metrics(first, [(3, "loss", 7.0)]))
    assert error.reason == Reason.STALE_EPOCH
    assert world.curve(second)[4] == (3, "loss", 1.5, 2)


def test_curves_of_two_tasks_do_not_touch(world: World) -> None:
    one, two = world.claimed(), world.claimed()
    world.service.record_metrics(one, POINTS)
    world.service.record_metrics(two, [(1, "loss", 8.0)])
    assert world.curve(two) == [(1, "loss", 8.0, 1)]
    assert len(world.curve(one)) == 5


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 7, 20])
@pytest.mark.parametrize("first", [0, 1])
def test_pages_of_a_curve_hold_whole_steps(world: World, first: int, limit: int) -> None:
    """Steps 0 or 1 to 6 with three values each and one with five: every point exactly once, no step on two pages."""
    task = world.claimed()
    points = [(step, name, float(step)) for step in range(first, 7) for name in ("loss", "lr", "speed", *(("x", "y") if step == 4 else ()))]
    world.service.record_metrics(task, points)
    seen: list[list[tuple[int, str]]] = []
    cursor: str | None = None
    while not seen or cursor:
        page = world.door.call(caller(), "ListMetrics", task_id=task.id, page=page_of(cursor, limit))
        seen.append([(point.step, point.name) for point in page.points])
        cursor = page.page.next_cursor
    assert [point for page in seen for point in page] == [(step, name) for step, name, _ in points]
    assert all(len(page) <= limit or len({step for step, _ in page}) == 1 for page in seen)
    assert all(seen[:-1])  # only the last page may be empty
    assert not any(after and before[-1][0] == after[0][0] for before, after in itertools.pairwise(seen))


def test_a_curve_can_be_asked_from_a_step_on_and_by_name(world: World) -> None:
    task = world.claimed()
    world.service.record_metrics(task, POINTS)
    assert [point[:2] for point in world.curve(task, after_step=1)] == [(2, "loss"), (2, "lr"), (3, "loss")]
    assert [point[:2] for point in world.curve(task, names=["lr"])] == [(1, "lr"), (2, "lr")]
    assert world.curve(task, names=["nothing"]) == world.curve(task, after_step=2**63 - 1) == []
    error = _refused(lambda: world.door.call(caller(), "ListMetrics", task_id=task.id, page=page_of("?", 5)))
    assert error.field == "page.cursor"


# --- the state of a model


def test_the_state_of_a_model(world: World) -> None:
    nothing = world.door.call(caller(), "GetTrainState", model_id=world.project)
    assert (nothing.latest_task, nothing.latest_metrics, nothing.running_tasks, nothing.as_of) == (None, {}, 0, world.clock.now_ms())
    first = world.claimed()
    world.service.record_metrics(first, POINTS)
    world.service.lifecycle.succeed(first, {})
    done = world.door.call(caller(), "GetTrainState", model_id=world.project)
    assert (done.latest_task.id, done.latest_task.status, done.running_tasks) == (first.id, TaskStatus.SUCCEEDED, 0)
    assert done.latest_metrics == {"loss": 1.0}  # of the newest step
    second, third = world.claimed(), world.task()
    world.service.record_metrics(second, POINTS[:2])
    state = world.door.call(caller(), "GetTrainState", model_id=world.project)
    assert (state.latest_task.id, state.latest_metrics, state.running_tasks) == (third.id, {}, 2)
    assert state.latest_task.snapshot_json == "{}"
    assert world.door.call(caller(space=2), "GetTrainState", model_id=world.project).latest_task is None


@pytest.mark.parametrize("status", list(TaskStatus))
def test_open_tasks_count_as_running(world: World, status: TaskStatus) -> None:
    task = replace(world.task(), id=world.db.ids.next(), status=status)
    with world.db.begin(caller()) as tx:
        world.service.store.tasks.insert(tx, task)
    assert world.service.get_train_state(caller(), model_id=world.project).running_tasks == 1 + (status in OPEN)


def test_the_state_is_read_by_indexes(world: World) -> None:
    world.claimed()
    found = plans(world.db, lambda: world.service.get_train_state(caller(), model_id=world.project))
    assert len(found) == 2
    assert "USING INDEX train_task_model" in found[0]
    assert "train_task_running" in found[0]
    assert "TEMP B-TREE" not in found[0]
    assert found[1].count("SEARCH train_metric USING") == 2


# --- every verb: foreign ids, missing fields, once per key


@pytest.mark.parametrize("method", sorted(set(VERBS) - set(LISTS_AND_STATE)))
def test_ids_of_nobody_and_of_another_space_are_the_same(world: World, method: str) -> None:
    facts = _facts(world)[method]
    elsewhere = _refused(lambda: world.door.call(caller(space=2), method, **facts))
    ids = [name for name in facts if name == "id" or name.endswith("_id")]
    assert ids
    for name in ids:
        for nobody in (1, 2**63 - 1):
            error = _refused(lambda name=name, nobody=nobody: world.door.call(caller(), method, **{**facts, name: nobody}))  # type: ignore[misc]
            assert (error.code, error.reason) == (elsewhere.code, elsewhere.reason) == (404, Reason.NOT_FOUND)


@pytest.mark.parametrize("method", LISTS_AND_STATE)
def test_lists_show_nothing_of_another_space(world: World, method: str) -> None:
    facts = _facts(world)[method]
    shown, hidden = (world.door.call(caller(space=space), method, **facts) for space in (1, 2))
    assert any(getattr(shown, name, None) for name in ("configs", "train_tasks", "latest_task"))
    assert not any(getattr(hidden, name, None) for name in ("configs", "train_tasks", "latest_task", "running_tasks", "latest_metrics"))


@pytest.mark.parametrize("method", VERBS)
def test_required_fields_are_named(world: World, method: str) -> None:
    facts = _facts(world)[method]
    needed = required_fields(world.door.request(method))
    assert set(needed) <= set(facts)
    for name in needed:
        error = _refused(lambda name=name: world.door.call(caller(), method, **{**facts, name: None}))  # type: ignore[misc]
        assert (error.code, error.reason, error.field) == (400, Reason.MISSING_FIELD, name)
    assert world.door.call(caller(), method, **facts) is not None


def _rows(world: World) -> list[list[Any]]:
    """Everything that is stored but the answers."""
    stored = []
    for db in (world.db, world.models.db):
        with db.read() as conn:
            stored += [
                sorted(map(tuple, conn.execute(table.select())))
                for name, table in sorted(db.metadata.tables.items())
                if name != "stored_answer"
            ]
    return stored


@pytest.mark.parametrize("method", CHANGES)
def test_every_change_happens_once_per_key(world: World, method: str) -> None:
    facts = _facts(world)[method]
    before = _rows(world)
    first = world.door.call(caller(key="the-one-key"), method, **facts)
    after = _rows(world)
    assert after != before
    world.clock.advance(5)
    again = world.door.call(caller(key="the-one-key"), method, **facts)
    again.base_resp = first.base_resp  # the log id is the call's own
    assert again == first
    assert _rows(world) == after
    changed = {**facts, **({"id": 77} if "id" in facts else {"desc": "other"})}
    error = _refused(lambda: world.door.call(caller(key="the-one-key"), method, **changed))
    assert (error.code, error.reason) == (409, Reason.IDEMPOTENCY_KEY_REUSED)
    assert _rows(world) == after


@pytest.mark.parametrize("method", CHANGES)
def test_two_at_once_with_one_key_are_one(world: World, method: str) -> None:
    facts = _facts(world)[method]
    services = (world.service, world.second_service())
    verbs = [own("train", service)[method] for service in services]
    facts = {name: value for name, value in facts.items() if name != "expected_version"}
    found = at_once([lambda verb=verb: verb(caller(key="one-key-for-both", expected=0), **facts) for verb in verbs])  # type: ignore[misc]
    assert found[0] == found[1]
    assert not isinstance(found[0], BaseException)
    assert len(world.service.list_tasks(caller(), page=PageRequest()).items) == 2 + (method == "CreateTask")
    assert len(world.models.list_versions(caller(), project_id=world.project, page=PageRequest()).items) == 2 + (method == "CreateTask")


def test_long_keys_that_end_differently_fill_different_versions(world: World) -> None:
    """128 characters is all a key can have; what is derived from it must still tell two of them apart."""
    config, service = world.config(), world.service
    keys = ("k" * 127 + "1", "k" * 127 + "2")
    tasks = [
        service.create_task(caller(key=key), train_config_id=config.id, train_dataset_version_id=TRAIN_DATA).train_task for key in keys
    ]
    assert tasks[0].model_version_id != tasks[1].model_version_id


def test_a_version_is_created_once_though_the_answer_was_lost(world: World) -> None:
    def lost() -> None:
        raise PlatformError(503, Reason.CONNECTION_LOST, retryable=True, what="model")

    config = world.config()
    world.model.after["CreateVersion"] = lost
    asked: dict[str, Any] = {"train_config_id": config.id, "train_dataset_version_id": TRAIN_DATA}
    assert _refused(lambda: world.service.create_task(caller(key="again-and-again"), **asked)).code == 503
    task = world.service.create_task(caller(key="again-and-again"), **asked).train_task
    versions = world.models.list_versions(caller(), project_id=world.project, page=PageRequest()).items
    assert [version.id for version in versions] == [task.model_version_id]


def test_nothing_is_trained_for_a_deleted_model(world: World) -> None:
    config, paused = world.config(), world.task()
    made = world.models.get_project(caller(), id=world.project)
    world.models.delete_project(caller(expected=made.version), id=made.id)
    for call in (
        lambda: world.config(name="other"),
        lambda: world.task(config),
        lambda: world.service.update_config(caller(expected=config.version), id=config.id, desc="x"),
        lambda: world.service.resume_task(caller(), id=paused.id),
    ):
        error = outcome(call)
        assert isinstance(error, PlatformError)
        assert (error.code, error.reason) == (404, Reason.NOT_FOUND)
