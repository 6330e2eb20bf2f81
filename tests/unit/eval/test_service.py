"""The verbs of the eval domain on a real store: what they store, what they refuse, and that they happen once."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

import idl
from idl import registry
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.outside import Outside
from libs.common.rpc.door import base_of, inline
from libs.common.rpc.wire import required_fields, spec_fields
from libs.common.store.notice import deliveries
from libs.common.store.outbox import Relay
from libs.common.store.repository import PageRequest
from libs.common.work.task import MACHINE, TaskReason, TaskStatus
from services.eval.domain.item import EvalItem
from services.eval.domain.target import EvalTargetKind
from services.eval.domain.task import EvalTask, EvidenceKind
from services.eval.service import EVALUATION_ENDED, EvalService
from services.model.domain.version import ModelVersionStatus
from tests.support.identity import person, signer
from tests.support.outcome import outcome
from tests.support.stores import caller, plans
from tests.support.verbs import own
from tests.unit.eval.world import CONTENT_HASH, World

DIGEST, ADDRESS = "sha256:" + "ab" * 32, "http://127.0.0.1:8001"
ENDPOINT = {"target_kind": EvalTargetKind.ENDPOINT, "target_digest": DIGEST, "target_address": ADDRESS}


def _refused(call: Callable[[], Any]) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        call()
    return caught.value


# --- configs


def test_a_config_is_stored_complete(world: World) -> None:
    config = world.config(desc="说明", options={"max_new_tokens": 5})
    assert config.metrics == ["exact_match", "token_f1", "perplexity", "latency"]
    assert config.options == {
        "max_new_tokens": 5,
        "batch_size": 32,
        "in_flight": 4,
        "limit_items": 0,
        "measure_loss": True,
        "request_seconds": 30.0,
    }
    answer = world.door.call(caller(), "GetConfig", id=config.id).config
    assert (answer.id, answer.model_id, answer.desc, answer.dataset_version_id) == (config.id, world.project, "说明", 700)
    assert json.loads(answer.options_json) == config.options
    assert answer.create_time == world.clock.now_ms()


def test_configs_are_listed_newest_first_by_page(world: World) -> None:
    made = [world.config(name=f"c{number}").id for number in range(5)]
    first = world.service.list_configs(caller(), model_id=world.project, page=PageRequest(None, 3))
    second = world.service.list_configs(caller(), model_id=world.project, page=PageRequest(first.next_cursor, 3))
    assert [config.id for config in (*first.items, *second.items)] == made[::-1]
    assert second.next_cursor is None
    assert world.service.list_configs(caller(), model_id=1, page=PageRequest()).items == []


@pytest.mark.parametrize(
    ("facts", "code", "reason", "field"),
    [
        ({"metrics": ["taste"]}, 400, Reason.INVALID_ARGUMENT, "metrics[0]"),
        ({"options": {"top_k": 1}}, 400, Reason.INVALID_ARGUMENT, "options.top_k"),
        ({"options": {"in_flight": 0}}, 400, Reason.TOO_SMALL, "options.in_flight"),
        ({"model_id": 4242}, 404, Reason.NOT_FOUND, None),
        ({"dataset_version_id": 4242}, 404, Reason.NOT_FOUND, None),
        ({"dataset_version_id": 701}, 400, Reason.INVALID_ARGUMENT, "dataset_version_id"),
        ({"dataset_version_id": 702}, 400, Reason.INVALID_ARGUMENT, "dataset_version_id"),
        ({"dataset_version_id": 703}, 422, Reason.NO_TEST_RECORDS, "dataset_version_id"),
    ],
)
def test_a_config_that_cannot_work_is_refused(world: World, facts: dict[str, Any], code: int, reason: Reason, field: str | None) -> None:
    world.dataset.add(701, kind="documents")
    world.dataset.add(702, part="train")
    world.dataset.add(703, records=0)
    error = _refused(lambda: world.config(**facts))
    assert (error.code, error.reason, error.field) == (code, reason, field)


def test_a_name_is_taken_once_per_model(world: World) -> None:
    world.config()
    assert _refused(world.config).reason == Reason.ALREADY_EXISTS
    other = world.models.create_project(caller(), name="other").id
    assert world.config(model_id=other).model_id == other


# --- tasks


def test_weights_are_frozen_from_the_model_version(world: World) -> None:
    version = world.trained(datasets=(600,))
    config = world.config()
    task = world.task(version, config, desc="d")
    assert task.snapshot == {
        "engine": 2,
        "config": {"metrics": config.metrics, "options": config.options},
        "dataset": {"version_id": 700, "content_hash": CONTENT_HASH, "uri": "artifact://sha256:" + "22" * 32},
        "model_version_id": version.id,
        "target": {"kind": "WEIGHTS", "digest": version.artifact_digest, "uri": version.artifact_uri},
    }
    assert (task.status, task.name, task.max_attempts, task.verdict) == (TaskStatus.PENDING, "standard", 3, "")
    assert (task.target_digest, task.target_address, task.model_id) == (version.artifact_digest, "", world.project)
    assert world.now(task) == task
    assert world.task(version, config, target_digest=version.artifact_digest).target_digest == version.artifact_digest


def test_an_endpoint_is_frozen_by_digest_address_and_who_named_it(world: World) -> None:
    config, version = world.config(), world.trained()
    here = world.task(version, config, **ENDPOINT)
    there = world.task(version, config, **{**ENDPOINT, "target_address": "http://node-2.local:9000"})
    assert here.snapshot["target"] == {"kind": "ENDPOINT", "digest": DIGEST, "address": ADDRESS, "asked_by": 1}
    assert here.snapshot_hash != there.snapshot_hash
    assert (here.target_address, there.target_address) == (ADDRESS, "http://node-2.local:9000")
    assert (here.evidence_kind, here.work_order_id) == (EvidenceKind.INFORMS, 0)


def test_a_release_is_frozen_without_saying_where(world: World) -> None:
    config, version = world.config(), world.trained()
    task = world.release(version, config, ADDRESS, DIGEST)
    assert task.snapshot["target"] == {"kind": "ENDPOINT", "digest": DIGEST, "work_order_id": "55"}
    assert (task.evidence_kind, task.work_order_id, task.staging_address) == (EvidenceKind.RELEASE, 55, ADDRESS)
    shown = world.door.call(caller(), "GetTask", id=task.id).eval_task
    assert (shown.work_order_id, shown.target_address) == (55, "")
    wire = str(vars(shown))
    assert "8001" not in wire
    assert task.target_key not in wire


def test_only_deploy_asks_for_a_release(world: World) -> None:
    facts = {"eval_config_id": 1, "model_version_id": 1, "target_digest": DIGEST, "target_address": ADDRESS, "work_order_id": 5}
    for service in ("", "train", "model", "gateway"):
        request = world.door.request("CreateReleaseTask", **facts, target_key="k" * 64)
        request.base = base_of(caller(), "test", person() if not service else signer(service).service("eval", 1, 1, 30))
        error = _refused(lambda request=request: world.door.open("CreateReleaseTask", request))
        assert (error.code, error.reason) == (403, Reason.FORBIDDEN)


def test_nothing_stands_in_for_a_release(world: World) -> None:
    """Neither what a person asked for before, nor a release of another order, nor the other way round."""
    config, version = world.config(), world.trained()
    done = _succeed(world, world.task(version, config, **ENDPOINT))
    mine = world.release(version, config, ADDRESS, DIGEST)
    assert mine.id != done.id
    _succeed(world, mine)
    assert world.release(version, config, ADDRESS, DIGEST, work_order_id=56).id != mine.id
    asked = {"eval_config_id": config.id, "model_version_id": version.id, **ENDPOINT, "reuse": True}
    assert world.service.create_task(caller(), **asked).eval_task.id == done.id
    assert not world.service.create_task(caller(2), **asked).reused, "what another person named is not mine"


@pytest.mark.parametrize("address", ["http://10.0.0.1:80", "http://169.254.169.254:80", "http://192.168.1.1:22", "http://example.org:80"])
def test_addresses_the_operator_did_not_list_are_refused_alike(world: World, address: str) -> None:
    config, version = world.config(), world.trained()
    world.service.outside = Outside("node-2.local")
    error = _refused(lambda: world.task(version, config, **{**ENDPOINT, "target_address": address}))
    assert (error.code, error.reason, error.field, error.details) == (422, Reason.ADDRESS_REFUSED, "target_address", {})


@pytest.mark.parametrize(
    ("facts", "code", "reason", "field"),
    [
        ({"target_address": ADDRESS}, 400, Reason.INVALID_ARGUMENT, "target_address"),
        ({"target_digest": "sha256:" + "A" * 64}, 400, Reason.INVALID_ARGUMENT, "target_digest"),
        ({"target_digest": DIGEST}, 409, Reason.DIGEST_MISMATCH, "target_digest"),
        ({**ENDPOINT, "target_digest": ""}, 400, Reason.MISSING_FIELD, "target_digest"),
        ({**ENDPOINT, "target_address": ""}, 400, Reason.MISSING_FIELD, "target_address"),
        ({**ENDPOINT, "target_digest": "md5:" + "0" * 67}, 400, Reason.INVALID_ARGUMENT, "target_digest"),
        *[
            ({**ENDPOINT, "target_address": address}, 400, reason, "target_address")
            for address, reason in {
                "127.0.0.1:80": Reason.INVALID_ARGUMENT,
                "https://127.0.0.1:80": Reason.INVALID_ARGUMENT,
                "http://127.0.0.1": Reason.INVALID_ARGUMENT,
                "http://127.0.0.1:80/": Reason.INVALID_ARGUMENT,
                "http://127.0.0.1:80/v1": Reason.INVALID_ARGUMENT,
                "http://me:secret@127.0.0.1:80": Reason.INVALID_ARGUMENT,
                "http://127.0.0.1:80?x=1": Reason.INVALID_ARGUMENT,
                "http://127.0.0.1:80\n": Reason.INVALID_ARGUMENT,
                "http://:80": Reason.INVALID_ARGUMENT,
                "http://127.0.0.1:0": Reason.TOO_SMALL,
                "http://127.0.0.1:70000": Reason.TOO_LARGE,
            }.items()
        ],
        ({"model_version_id": 4242}, 404, Reason.NOT_FOUND, None),
        ({"eval_config_id": 4242}, 404, Reason.NOT_FOUND, None),
    ],
)
def test_a_target_that_is_not_exactly_one_digest_is_refused(
    world: World, facts: dict[str, Any], code: int, reason: Reason, field: str | None
) -> None:
    asked = {"eval_config_id": world.config().id, "model_version_id": world.trained().id, **facts}
    error = _refused(lambda: world.service.create_task(caller(), **asked))
    assert (error.code, error.reason, error.field) == (code, reason, field)
    assert world.service.list_tasks(caller(), page=PageRequest()).items == []


def test_addresses_by_name_and_by_number_are_taken(world: World) -> None:
    config, version = world.config(), world.trained()
    for address in ("http://localhost:1", "http://[::1]:65535", "http://model-3.eval.svc.cluster.local:8000"):
        assert world.task(version, config, **{**ENDPOINT, "target_address": address}).target_address == address


def test_a_version_without_artifact_is_refused_with_what_to_do(world: World) -> None:
    version = world.models.create_version(caller(), project_id=world.project)
    error = _refused(lambda: world.task(version))
    assert (error.code, error.reason, error.field) == (409, Reason.ILLEGAL_TRANSITION, "model_version_id")
    assert str(error) == "EVALUATE is not possible while the state is CREATED. Possible now: train it first, it has no artifact."


@pytest.mark.parametrize("facts", [{}, ENDPOINT])
def test_a_version_out_of_use_is_refused(world: World, facts: dict[str, Any]) -> None:
    version = world.trained()
    world.models.quarantine_version(caller(expected=version.version), id=version.id, cause="leaked")
    error = _refused(lambda: world.task(version, **facts))
    assert (error.code, error.details["state"]) == (409, "QUARANTINED")


def test_a_deleted_model_is_evaluated_no_more(world: World) -> None:
    config, version = world.config(), world.trained()
    made = world.models.get_project(caller(), id=world.project)
    world.models.delete_project(caller(expected=made.version), id=made.id)
    for call in (
        lambda: world.task(version, config),
        lambda: world.task(version, config, **ENDPOINT),
        lambda: world.release(version, config, ADDRESS, DIGEST),
        lambda: world.config(name="other"),
    ):
        error = _refused(call)
        assert (error.code, error.reason) == (404, Reason.NOT_FOUND)


def test_a_version_of_another_model_is_refused(world: World) -> None:
    other = world.models.create_project(caller(), name="other").id
    config = world.config(model_id=other)
    error = _refused(lambda: world.task(config=config))
    assert (error.code, error.field) == (400, "model_version_id")


def test_a_test_version_the_model_was_trained_on_is_refused(world: World) -> None:
    error = _refused(lambda: world.task(world.trained(datasets=(1, 700))))
    assert (error.code, error.reason, error.field) == (409, Reason.SPLIT_LEAK, "model_version_id")


def _succeed(world: World, task: EvalTask, failed_items: int = 0) -> EvalTask:
    held = world.service.lifecycle.claim("w")
    assert held is not None
    assert held.id == task.id
    return world.service.lifecycle.succeed(held, {}, failed_items, items=3)


def test_finished_work_is_reused_when_asked(world: World) -> None:
    config, version = world.config(), world.trained()
    asked = {"eval_config_id": config.id, "model_version_id": version.id, **ENDPOINT}
    done = _succeed(world, world.task(version, config, **ENDPOINT))
    again = world.service.create_task(caller(), **asked, reuse=True)
    assert (again.eval_task, again.reused) == (done, True)
    assert not world.service.create_task(caller(), **{**asked, "target_address": "http://127.0.0.1:9"}, reuse=True).reused
    assert not world.service.create_task(caller(), **asked).reused
    other_options = world.config(name="short", options={"max_new_tokens": 3})
    assert not world.service.create_task(caller(), **{**asked, "eval_config_id": other_options.id}, reuse=True).reused
    same_options = world.config(name="twin")
    assert world.service.create_task(caller(), **{**asked, "eval_config_id": same_options.id}, reuse=True).reused


def test_work_with_failed_items_or_unfinished_work_is_not_reused(world: World) -> None:
    config, version = world.config(), world.trained()
    asked = {"eval_config_id": config.id, "model_version_id": version.id, "reuse": True}
    _succeed(world, world.task(version, config), failed_items=1)
    waiting = world.service.create_task(caller(), **asked)
    assert not waiting.reused
    assert not world.service.create_task(caller(), **asked).reused


def test_changed_test_data_is_other_work(world: World) -> None:
    config, version = world.config(), world.trained()
    _succeed(world, world.task(version, config))
    world.dataset.add(700, content_hash="sha256:" + "44" * 32)
    assert not world.service.create_task(caller(), eval_config_id=config.id, model_version_id=version.id, reuse=True).reused


def test_tasks_are_listed_by_model_and_version(world: World) -> None:
    config, first, second = world.config(), world.trained(), world.trained()
    tasks = [world.task(version, config) for version in (first, second, first)]

    def listed(**where: int) -> list[int]:
        return [task.id for task in world.service.list_tasks(caller(), page=PageRequest(), **where).items]

    assert listed() == listed(model_id=world.project) == [task.id for task in tasks[::-1]]
    assert listed(model_version_id=first.id) == [tasks[2].id, tasks[0].id]
    assert listed(model_id=world.project, model_version_id=second.id) == [tasks[1].id]
    assert listed(model_id=1) == []


@pytest.mark.parametrize("status", list(TaskStatus))
def test_cancel_follows_the_table_of_states(world: World, status: TaskStatus) -> None:
    task = replace(world.task(), id=world.db.ids.next(), status=status)
    with world.db.begin(caller()) as tx:
        world.service.store.tasks.insert(tx, task)
    if (status, "CANCEL") in MACHINE.table:
        assert world.service.cancel_task(caller(), id=task.id, cause="why").status == TaskStatus.CANCELLED
        return
    error = _refused(lambda: world.service.cancel_task(caller(), id=task.id))
    assert (error.code, error.reason, error.details["state"]) == (409, Reason.ILLEGAL_TRANSITION, status.name)
    assert world.now(task).status == status


def test_a_running_task_is_freed_by_its_worker(world: World) -> None:
    """Cancelled between two heartbeats, the worker hears of it when it ends the task: whatever it says, the person's word stands."""
    task = world.task()
    held = world.service.lifecycle.claim("w")
    assert held is not None
    assert world.service.cancel_task(caller(), id=task.id).status == TaskStatus.CANCELLING
    ended = world.service.lifecycle.fail(held, held.reason, {"code": 500}, retry=True)
    assert ended.status == TaskStatus.CANCELLED


# --- state and items


def test_the_state_of_a_model(world: World) -> None:
    nobody = world.door.call(caller(), "GetEvalState", model_id=world.project)
    assert (nobody.latest_task, nobody.running_tasks, nobody.as_of) == (None, 0, world.clock.now_ms())
    config, version = world.config(), world.trained()
    _succeed(world, world.task(version, config))
    world.task(version, config)
    world.service.lifecycle.claim("w")
    newest = world.task(version, config)
    state = world.door.call(caller(), "GetEvalState", model_id=world.project)
    assert (state.latest_task.id, state.latest_task.status, state.running_tasks) == (newest.id, TaskStatus.PENDING, 2)
    assert state.latest_task.snapshot_json == "{}"
    assert world.door.call(caller(space=2), "GetEvalState", model_id=world.project).latest_task is None


def test_the_state_is_one_statement_over_two_indexes(world: World) -> None:
    world.task()
    found = plans(world.db, lambda: world.service.get_eval_state(caller(), model_id=world.project))
    assert len(found) == 1
    assert "USING INDEX eval_task_model" in found[0]
    assert "TEMP B-TREE" not in found[0]
    assert "eval_task_running" in found[0]


def test_hot_reads_are_inline(world: World) -> None:
    assert {"GetConfig", "GetTask", "GetEvalState", "GetPrompt", "ResolvePrompt"} == inline("eval")
    assert set(own("eval", world.service)) | set(registry.inherited()) == set(idl.methods("eval"))


def _items(world: World, task: EvalTask, texts: list[str], wrong: tuple[int, ...] = ()) -> list[EvalItem]:
    ids = itertools.count(world.db.ids.next())
    return [
        EvalItem(
            next(ids), task.id, 1, position, f"r{position}", "q", "a", text, position not in wrong, 0.5, 0.25, 2, 1.5, tags={"lang": "en"}
        )
        for position, text in enumerate(texts)
    ]


def _held(world: World) -> EvalTask:
    world.task(config=world.config(name=f"c{world.db.ids.next()}"))
    held = world.service.lifecycle.claim("w")
    assert held is not None
    return held


def test_items_are_paged_by_position(world: World) -> None:
    task = _held(world)
    world.service.keep_result(task, _items(world, task, [f"o{number}" for number in range(7)], wrong=(2, 5)), {"exact_match": 5 / 7}, 0, {})
    seen: list[int] = []
    page: Any = None
    while page is None or page.page.next_cursor:
        cursor = page.page.next_cursor if page else None
        asked = idl.load("base").PageReq(cursor=cursor, limit=3)
        page = world.door.call(caller(), "ListItems", task_id=task.id, page=asked)
        seen += [item.position for item in page.items]
    assert seen == list(range(7))
    wrong = world.door.call(caller(), "ListItems", task_id=task.id, only_wrong=True)
    assert [(item.position, item.output, item.exact_match, json.loads(item.tags_json)) for item in wrong.items] == [
        (2, "o2", False, {"lang": "en"}),
        (5, "o5", False, {"lang": "en"}),
    ]


def test_a_page_of_long_items_ends_early(world: World) -> None:
    task = _held(world)
    world.service.keep_result(task, _items(world, task, ["x" * 900_000] * 5), {}, 0, {})
    first = world.service.list_items(caller(), task_id=task.id, page=PageRequest(None, 500))
    assert [item.position for item in first.items] == [0, 1]
    rest = world.service.list_items(caller(), task_id=task.id, page=PageRequest(first.next_cursor, 500))
    assert [item.position for item in rest.items] == [2, 3]


def test_items_are_stored_once_and_frozen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-stored items of an attempt that died are replaced; once the figures are frozen nothing changes any more."""
    monkeypatch.setattr("services.eval.service.evaluations.BATCH", 2)
    task = _held(world)

    def dying() -> Any:
        yield from _items(world, task, ["old"] * 3)
        raise PlatformError(500, Reason.INTERNAL)

    assert _refused(lambda: world.service.keep_result(task, dying(), {"exact_match": 0.1}, 0, {})).code == 500
    assert len(world.service.list_items(caller(), task_id=task.id, page=PageRequest()).items) == 2
    assert not world.now(task).measured
    world.service.keep_result(task, _items(world, task, ["new"] * 5), {"exact_match": 0.5}, 1, {})
    world.service.keep_result(task, _items(world, task, ["late"] * 4), {"exact_match": 0.9}, 0, {})
    stored = world.service.list_items(caller(), task_id=task.id, page=PageRequest()).items
    assert [item.output for item in stored] == ["new"] * 5
    frozen = world.now(task)
    assert (frozen.metrics, frozen.items, frozen.failed_items) == ({"exact_match": 0.5}, 5, 1)


def test_a_worker_that_lost_its_lease_stores_nothing(world: World) -> None:
    task = _held(world)
    world.clock.advance(31)
    assert world.service.lifecycle.sweep() == 1
    error = _refused(lambda: world.service.keep_result(task, _items(world, task, ["x"]), {"exact_match": 1.0}, 0, {}))
    assert error.reason == Reason.STALE_EPOCH
    assert _refused(lambda: world.service.finish(task)).reason == Reason.STALE_EPOCH
    assert world.service.list_items(caller(), task_id=task.id, page=PageRequest()).items == []
    assert world.model.count("RecordEvaluation") == 0


def test_a_cancelled_task_stores_and_tells_nothing(world: World) -> None:
    """Cancelled while the worker has not heard of it: no figures, no evidence."""
    task = _held(world)
    world.service.keep_result(task, _items(world, task, ["x"]), {"exact_match": 1.0}, 0, {})
    other = _held(world)
    for held in (task, other):
        world.service.cancel_task(caller(), id=held.id)
    assert _refused(lambda: world.service.finish(task)).reason == Reason.CANCELLED
    assert world.model.count("RecordEvaluation") == 0
    assert _refused(lambda: world.service.keep_result(other, _items(world, other, ["x"]), {}, 0, {})).reason == Reason.CANCELLED
    assert world.service.list_items(caller(), task_id=other.id, page=PageRequest()).items == []


def _relay(world: World) -> int:
    return Relay(world.db, deliveries({EVALUATION_ENDED: world.model.call})).run_once()


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_version_is_settled_when_its_evaluation_ends_without_a_result(world: World, end: str) -> None:
    world.task()
    task = world.service.lifecycle.claim("worker")
    assert task is not None
    world.service.started(task)
    version = world.models.get_version(caller(), id=task.model_version_id)
    assert version.status == ModelVersionStatus.EVALUATING
    if end == "failed":
        world.service.lifecycle.fail(task, TaskReason.INVALID_INPUT, {}, retry=False)
    else:
        world.service.cancel_task(caller(), id=task.id)
        world.service.lifecycle.freed(task)
    assert (_relay(world), _relay(world)) == (1, 0)
    assert world.models.get_version(caller(), id=version.id).status == ModelVersionStatus.TRAINED


def test_what_changed_nothing_at_the_model_domain_is_not_told(world: World) -> None:
    """A task nobody claimed, one that goes on later, and the evaluation of a package."""
    version = world.trained()
    config = world.config()
    waiting = world.task(version, config)
    world.service.cancel_task(caller(), id=waiting.id)
    world.task(version, config, **ENDPOINT)
    packaged = world.service.lifecycle.claim("worker")
    assert packaged is not None
    world.service.lifecycle.fail(packaged, TaskReason.INVALID_INPUT, {}, retry=False)
    world.task(version, config)
    again = world.service.lifecycle.claim("worker")
    assert again is not None
    world.service.lifecycle.fail(again, TaskReason.ENGINE_ERROR, {}, retry=True)
    assert _relay(world) == 0


# --- once per key, and the contract


def test_two_threads_with_one_key_create_one_task(world: World) -> None:
    config, version = world.config(), world.trained()
    together = threading.Barrier(2)
    found: list[int] = []

    def create(service: EvalService) -> None:
        ctx = caller(key="one-key-for-both")
        together.wait()
        found.append(service.create_task(ctx, eval_config_id=config.id, model_version_id=version.id).eval_task.id)

    threads = [threading.Thread(target=create, args=(service,)) for service in (world.service, world.second_service())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 2
    assert len(set(found)) == 1
    assert [task.id for task in world.service.list_tasks(caller(), page=PageRequest()).items] == found[:1]


def test_one_key_one_effect(world: World) -> None:
    version = world.trained()
    config = world.service.create_config(caller(key="config-key"), model_id=world.project, name="n", dataset_version_id=world.test_version)
    again = world.service.create_config(caller(key="config-key"), model_id=world.project, name="n", dataset_version_id=world.test_version)
    assert again == config
    reused = _refused(
        lambda: world.service.create_config(
            caller(key="config-key"), model_id=world.project, name="m", dataset_version_id=world.test_version
        )
    )
    assert (reused.code, reused.reason) == (409, Reason.IDEMPOTENCY_KEY_REUSED)
    task = world.service.create_task(caller(key="task-key-1"), eval_config_id=config.id, model_version_id=version.id)
    assert world.service.create_task(caller(key="task-key-1"), eval_config_id=config.id, model_version_id=version.id) == task
    cancelled = world.service.cancel_task(caller(key="cancel-key"), id=task.eval_task.id)
    assert world.service.cancel_task(caller(key="cancel-key"), id=task.eval_task.id) == cancelled


_VALID: dict[str, dict[str, Any]] = {
    "CreateConfig": {"model_id": "project", "name": "x", "dataset_version_id": 700},
    "GetConfig": {"id": "config"},
    "ListConfigs": {"model_id": "project"},
    "CreateTask": {"eval_config_id": "config", "model_version_id": "version"},
    "GetTask": {"id": "task"},
    "ListTasks": {},
    "CancelTask": {"id": "task"},
    "ListItems": {"task_id": "task"},
    "GetTaskLog": {"task_id": "task"},
    "GetEvalState": {"model_id": "project"},
}
_WRONG_VALUES: dict[int, list[tuple[Any, Reason]]] = {
    11: [("x" * 100_000, Reason.TOO_LARGE), ("a\0b", Reason.INVALID_ARGUMENT), (b"\xff\xfe", Reason.NOT_UTF8)],
    10: [(0, Reason.TOO_SMALL), (-1, Reason.TOO_SMALL)],
}
_WRONG_BY_NAME: dict[str, list[tuple[Any, Reason]]] = {
    "options_json": [
        ("[]", Reason.WRONG_TYPE),
        ("{", Reason.INVALID_ARGUMENT),
        ('{"a": NaN}', Reason.INVALID_ARGUMENT),
        ('{"x": 1}', Reason.INVALID_ARGUMENT),
    ],
    "rule_json": [("[]", Reason.WRONG_TYPE), ("{", Reason.INVALID_ARGUMENT), ('{"x": 1}', Reason.INVALID_ARGUMENT)],
    "metrics": [(["exact_match"] * 201, Reason.TOO_LARGE), (["nonsense"], Reason.INVALID_ARGUMENT)],
    "target_kind": [(3, Reason.UNKNOWN_ENUM), (-1, Reason.UNKNOWN_ENUM)],
    "target_digest": [("x" * 70, Reason.TOO_SMALL), ("x" * 72, Reason.TOO_LARGE), ("x" * 71, Reason.INVALID_ARGUMENT)],
    "max_attempts": [(0, Reason.TOO_SMALL), (101, Reason.TOO_LARGE), (-5, Reason.TOO_SMALL)],
    "idempotency_key": [("short", Reason.TOO_SMALL)],
    "name": [("", Reason.TOO_SMALL), ("x" * 101, Reason.TOO_LARGE)],
    "statuses": [([99], Reason.UNKNOWN_ENUM), ([0] * 101, Reason.TOO_LARGE)],
    "from_time": [(-1, Reason.TOO_SMALL)],
    "to_time": [(-1, Reason.TOO_SMALL)],
    "after": [(-1, Reason.TOO_SMALL)],
}


def _known(world: World) -> dict[str, int]:
    config, version = world.config(), world.trained()
    return {"project": world.project, "config": config.id, "version": version.id, "task": world.task(version, config).id}


def _own_fields(method: str) -> list[tuple[str, int]]:
    request = getattr(idl.service("eval"), f"{method}_args").thrift_spec[1][2]
    return [(name, kind) for name, kind, _ in spec_fields(request) if name not in ("base", "page")]


@pytest.mark.parametrize("method", list(_VALID))
def test_illegal_input_is_named_on_every_verb(world: World, method: str) -> None:
    known = _known(world)
    valid = {name: known.get(value, value) if isinstance(value, str) else value for name, value in _VALID[method].items()}

    def refusal(field: str, value: Any, ctx: CallContext | None = None) -> PlatformError:
        request = world.door.request(method, **{**valid, field: value})
        return _refused(lambda: world.door.send(ctx or caller(), method, request))

    request = world.door.request(method)
    tried = 0
    for name in required_fields(request):
        error = refusal(name, None)
        assert (error.code, error.reason, error.field) == (400, Reason.MISSING_FIELD, name)
        tried += 1
    for name, kind in _own_fields(method):
        for value, reason in [*(_WRONG_VALUES.get(kind, []) if name not in _WRONG_BY_NAME else []), *_WRONG_BY_NAME.get(name, [])]:
            error = refusal(name, value)
            assert (error.code, error.reason) == (400, reason), (name, value)
            assert (error.field or "").startswith(name.removesuffix("_json"))
            assert error.limit
            tried += 1
    if hasattr(request, "page"):
        pages = idl.load("base").PageReq
        for page, field in ((pages(limit=0), "page.limit"), (pages(limit=501), "page.limit"), (pages(cursor="?"), "page.cursor")):
            assert refusal("page", page).field == field
    assert tried or method == "ListTasks"
    assert world.door.call(caller(), method, **valid) is not None  # what was attacked still answers


@pytest.mark.parametrize("method", ["GetConfig", "CreateTask", "GetTask", "CancelTask", "ListItems", "CreateConfig"])
def test_ids_of_nobody_and_of_another_space_are_the_same(world: World, method: str) -> None:
    known = _known(world)
    valid = {name: known.get(value, value) if isinstance(value, str) else value for name, value in _VALID[method].items()}
    assert _refused(lambda: world.door.call(caller(space=2), method, **valid)).code == 404
    first = next(iter(valid))
    for id in (1, 2**63 - 1):
        error = _refused(lambda id=id: world.door.call(caller(), method, **{**valid, first: id}))
        assert (error.code, error.reason) == (404, Reason.NOT_FOUND)
    assert world.service.list_tasks(caller(space=2), page=PageRequest()).items == []
    assert world.service.list_configs(caller(space=2), model_id=world.project, page=PageRequest()).items == []


def test_items_of_secret_data_are_not_there_for_who_may_not_see_it(world: World) -> None:
    """Items, and a log, may repeat the test version's questions; a task of such data looks absent where they are asked for."""
    task = world.task()
    low = replace(caller(), clearance=10)
    assert world.service.list_items(low, task_id=task.id, page=PageRequest()).items == []
    assert world.service.get_task_log(low, task_id=task.id).text == ""
    world.dataset.secret.add(world.test_version)
    asked = (
        lambda id: world.service.list_items(low, task_id=id, page=PageRequest()),
        lambda id: world.service.get_task_log(low, task_id=id),
    )
    for ask, id in product(asked, (task.id, 1)):
        error = outcome(lambda ask=ask, id=id: ask(id))
        assert isinstance(error, PlatformError)
        assert (error.code, error.reason, error.details) == (404, Reason.NOT_FOUND, {"kind": "eval_task", "id": str(id)})
    assert world.service.list_items(caller(), task_id=task.id, page=PageRequest()).items == []
