"""The worker with its real child process, the real model service and its gate: from a pending task to a stored verdict, whatever breaks
between.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from libs.common.work.task import TaskReason, TaskStatus
from libs.common.work.worker import Attempt
from services.eval.domain.item import EvalItem
from services.eval.domain.target import EvalTargetKind
from services.eval.domain.task import EvalTask
from services.eval.worker import EvalWork
from services.model.domain.gate import Evidence, EvidenceKind, GateVerdictKind
from services.model.domain.version import ModelVersion, ModelVersionStatus
from tests.support.stores import caller
from tests.unit.eval.conftest import NEW_TOKENS
from tests.unit.eval.engines import evaluate
from tests.unit.eval.material import QUESTIONS, record, write_version
from tests.unit.eval.target_server import DIGEST, KEY, OTHER_DIGEST, Reply, TargetServer
from tests.unit.eval.world import CONTENT_HASH, World, lost_connection

ASKED = [f"q{number}" for number in range(6)]


class Bench:
    """A world whose tasks a worker really does."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.work = EvalWork(world.service, world.model, world.dataset, world.artifacts, world.db.ids, threads=1)

    def records(self, folder: Path) -> None:
        """The test version is this folder from now on."""
        uri, _ = self.world.artifacts.publish(folder)
        self.world.dataset.add(700, uri=uri)

    def echoes(self) -> None:
        """The test version expects every question back."""
        self.records(write_version(self.folder / "echoes", [record(number, text, text) for number, text in enumerate(ASKED)]))

    def weights(self, folder: Path) -> ModelVersion:
        return self.world.trained(*self.world.artifacts.publish(folder))

    def endpoint(self, server: TargetServer, **options: Any) -> EvalTask:
        config = self.world.config(options={"measure_loss": False, "in_flight": 2, **options})
        return self.world.release(self.world.trained(), config, server.address, DIGEST, KEY)

    def named(self, server: TargetServer) -> EvalTask:
        """The same server, named by a person."""
        facts = {"target_kind": EvalTargetKind.ENDPOINT, "target_digest": DIGEST, "target_address": server.address}
        return self.world.task(config=self.world.config(name="named", options={"measure_loss": False}), **facts)

    def attempt(self, task: EvalTask) -> EvalTask:
        """One attempt of a worker process at the oldest task, which is ``task``; then the task as it is."""
        self.world.clock.advance(60)
        held = self.world.service.lifecycle.claim("worker")
        assert held is not None
        assert held.id == task.id
        Attempt(held, self.world.service.lifecycle, self.work, self.task_folder(task), threading.Event()).run()
        return self.world.now(task)

    def task_folder(self, task: EvalTask) -> Path:
        return self.folder / "work" / str(task.id)

    def items(self, task: EvalTask) -> list[EvalItem]:
        items: list[EvalItem] = self.world.service.list_items(caller(), task_id=task.id, page=PageRequest(None, 500)).items
        return items

    def evidence(self, task: EvalTask) -> list[Evidence]:
        found: list[Evidence] = self.world.models.list_evidence(caller(), model_version_id=task.model_version_id, page=PageRequest()).items
        return found

    def version(self, task: EvalTask) -> ModelVersion:
        return self.world.models.get_version(caller(), id=task.model_version_id)


@pytest.fixture
def bench(world: World, tmp_path: Path) -> Bench:
    return Bench(world, tmp_path)


@pytest.fixture
def server() -> Iterator[TargetServer]:
    with TargetServer() as running:
        yield running


def test_weights_from_task_to_verdict(bench: Bench, half_right: Path, model_folder: Path) -> None:
    bench.records(half_right)
    bench.world.gate(("exact_match", 0.5), ("token_f1", 0.4))
    version = bench.weights(model_folder)
    options = {"max_new_tokens": NEW_TOKENS, "batch_size": 5}
    task = bench.attempt(bench.world.task(version, bench.world.config(options=options)))
    assert (task.status, task.reason, task.verdict, task.attempt) == (TaskStatus.SUCCEEDED, TaskReason.NONE, "PASS", 1)
    assert (task.items, task.failed_items, task.progress_done, task.progress_total) == (12, 0, 12, 12)
    assert task.metrics["exact_match"] == 0.5
    assert task.metrics["perplexity"] > 1
    (evidence,) = bench.evidence(task)
    assert (evidence.digest, evidence.dataset_hash, evidence.items) == (version.artifact_digest, CONTENT_HASH, 12)
    assert evidence.metrics == task.metrics
    assert task.result["evidence_id"] == evidence.id
    assert task.result["rules"][0] == {"metric": "exact_match", "comparator": "AT_LEAST", "bound": 0.5, "value": 0.5, "verdict": "PASS"}
    assert bench.version(task).status == ModelVersionStatus.QUALIFIED
    items = bench.items(task)
    assert [(item.position, item.input, item.exact_match) for item in items] == [
        (number, QUESTIONS[number], number % 2 == 0) for number in range(12)
    ]
    assert all(item.nll > 0 and item.answer_tokens and item.project_space_id == 1 for item in items)
    assert bench.world.model.calls[-2:] == [
        ("StartEvaluation", f"eval-task-{task.id}-start"),
        ("RecordEvaluation", f"eval-task-{task.id}-record"),
    ]


def test_a_gate_that_is_not_met(bench: Bench, half_right: Path, model_folder: Path) -> None:
    bench.records(half_right)
    bench.world.gate(("exact_match", 0.9))
    config = bench.world.config(options={"max_new_tokens": NEW_TOKENS}, metrics=["exact_match"])
    task = bench.attempt(bench.world.task(bench.weights(model_folder), config))
    assert (task.status, task.verdict) == (TaskStatus.SUCCEEDED, "FAIL")
    assert bench.version(task).status == ModelVersionStatus.REJECTED


def test_an_endpoint_with_failing_items_gives_no_data(bench: Bench, server: TargetServer) -> None:
    """Every scored item is right, but one was not scored: the gate's coverage is not met."""
    bench.echoes()
    bench.world.gate(("exact_match", 0.9))
    server.script["q4"] = Reply(status=500, body=b"{}")
    task = bench.attempt(bench.endpoint(server))
    assert (task.status, task.verdict, task.items, task.failed_items) == (TaskStatus.SUCCEEDED, "NO_DATA", 6, 1)
    assert task.metrics["exact_match"] == 1.0
    assert [item.error for item in bench.items(task)] == ["", "", "", "", "HTTP 500", ""]
    (evidence,) = bench.evidence(task)
    assert (evidence.digest, evidence.failed_items) == (DIGEST, 1)
    assert bench.version(task).status == ModelVersionStatus.TRAINED  # a package of it moves no state


def test_another_digest_fails_the_task_for_good(bench: Bench, server: TargetServer) -> None:
    bench.echoes()
    server.script["q5"] = Reply("q5", digest=OTHER_DIGEST)
    task = bench.attempt(bench.endpoint(server))
    assert (task.status, task.reason, task.error["reason"]) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT, "DIGEST_MISMATCH")
    assert (task.verdict, task.metrics, bench.items(task), bench.evidence(task)) == ("", {}, [], [])


def test_an_unreachable_target_is_tried_again_until_the_attempts_are_used(bench: Bench) -> None:
    bench.echoes()
    with TargetServer() as gone:
        task = bench.endpoint(gone)
    waiting = bench.attempt(task)
    assert (waiting.status, waiting.reason, waiting.error["reason"]) == (TaskStatus.PENDING, TaskReason.WAIT_RETRY, "TARGET_UNREACHABLE")
    assert bench.attempt(task).status == TaskStatus.PENDING
    assert bench.attempt(task).status == TaskStatus.FAILED


@pytest.mark.parametrize(("moment", "stored"), [("before", 0), ("after", 1)])
def test_a_crash_around_the_evidence_is_repaired(moment: str, stored: int, bench: Bench, server: TargetServer) -> None:
    """The connection breaks before, or right after, the model domain took the evidence: one row of it in the end, nothing asked twice."""
    bench.echoes()
    bench.world.gate(("exact_match", 0.9))
    getattr(bench.world.model, moment)["RecordEvaluation"] = lost_connection
    task = bench.endpoint(server)
    waiting = bench.attempt(task)
    assert (waiting.status, waiting.measured, len(bench.evidence(task))) == (TaskStatus.PENDING, True, stored)
    before = bench.items(task)
    done = bench.attempt(task)
    assert (done.status, done.verdict, done.attempt) == (TaskStatus.SUCCEEDED, "PASS", 1)
    assert len(bench.evidence(task)) == 1
    assert bench.items(task) == before
    assert sorted(server.asked) == ASKED


def test_figures_that_were_told_stay_though_the_folder_is_lost(bench: Bench, server: TargetServer) -> None:
    """Another machine measures again, with other latencies; what the model domain was told, and the items it was told about, stay."""
    bench.echoes()
    bench.world.model.after["RecordEvaluation"] = lost_connection
    task = bench.endpoint(server)
    waiting = bench.attempt(task)
    items = bench.items(task)
    shutil.rmtree(bench.task_folder(task))
    server.script["q0"] = "another answer"
    done = bench.attempt(task)
    assert len(server.asked) == 12  # it really measured again
    assert (done.status, done.metrics) == (TaskStatus.SUCCEEDED, waiting.metrics)
    assert bench.items(task) == items
    assert [found.metrics for found in bench.evidence(task)] == [waiting.metrics]


def test_cancelled_before_the_evidence_there_is_none(bench: Bench, server: TargetServer) -> None:
    bench.echoes()
    task = bench.endpoint(server)
    bench.world.model.after["GetVersion"] = lambda: bench.world.service.cancel_task(caller(), id=task.id) and None
    cancelled = bench.attempt(task)
    assert (cancelled.status, cancelled.reason) == (TaskStatus.CANCELLED, TaskReason.USER_REQUEST)
    assert bench.evidence(task) == []
    with pytest.raises(PlatformError) as caught:
        bench.world.service.finish(task)
    assert caught.value.reason == Reason.STALE_EPOCH


def test_a_recalled_version_gets_no_evidence(bench: Bench, server: TargetServer) -> None:
    bench.echoes()
    task = bench.endpoint(server)
    version = bench.version(task)
    bench.world.models.quarantine_version(caller(expected=version.version), id=version.id, cause="leaked")
    failed = bench.attempt(task)
    assert (failed.status, failed.error["code"], failed.error["reason"]) == (TaskStatus.FAILED, 409, "ILLEGAL_TRANSITION")
    assert bench.evidence(task) == []


def test_inputs_are_checked_before_anybody_is_told(bench: Bench, half_right: Path, model_folder: Path) -> None:
    """A damaged test version, then damaged weights: the task names the file, and the model version is not under evaluation."""
    bench.records(half_right)
    version = bench.weights(model_folder)
    config = bench.world.config()
    for uri, name in ((bench.world.dataset.versions[700].uri, "part-00001.jsonl"), (version.artifact_uri, "tokenizer.json")):
        task = bench.world.task(version, config)
        path = bench.world.artifacts.open(uri) / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-2] + b"!\n")
        failed = bench.attempt(task)
        path.write_bytes(whole)
        assert (failed.status, failed.error["reason"], failed.error["details"]["file"]) == (TaskStatus.FAILED, "CHECKSUM_MISMATCH", name)
    assert bench.world.model.count("StartEvaluation") == 0
    assert bench.version(task).status == ModelVersionStatus.TRAINED


def test_a_bad_row_is_named_in_the_task(bench: Bench, model_folder: Path) -> None:
    rows = [record(0, "q", "a"), {"id": "1", "instruction": "q"}]
    bench.records(write_version(bench.folder / "bad", rows))
    failed = bench.attempt(bench.world.task(bench.weights(model_folder)))
    assert (failed.status, failed.reason) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT)
    assert (
        failed.error["message"]["en"] == "part-00000.jsonl, row 2: output must be text that is not empty. Correct the row, or leave it out."
    )


def test_an_address_that_is_not_the_digest_is_refused(bench: Bench, half_right: Path, model_folder: Path) -> None:
    bench.records(half_right)
    uri, _ = bench.world.artifacts.publish(model_folder)
    failed = bench.attempt(bench.world.task(bench.world.trained(uri, OTHER_DIGEST)))
    assert (failed.status, failed.error["reason"]) == (TaskStatus.FAILED, "DIGEST_MISMATCH")


def test_the_engine_and_the_table_hold_the_same(bench: Bench, server: TargetServer) -> None:
    bench.echoes()
    server.script["q1"] = "q1 and more"
    task = bench.attempt(bench.endpoint(server))
    job = bench.work.prepare(task).arguments
    _, items = evaluate(job, bench.folder / "again")
    stored = [
        (item.position, item.record_id, item.input, item.expected, item.output, item.exact_match, item.token_f1)
        for item in bench.items(task)
    ]
    assert stored == [
        (item.position, item.record_id, item.input, item.expected, item.output, item.exact_match, item.token_f1) for item in items
    ]


def test_what_a_person_named_informs_and_decides_nothing(bench: Bench, server: TargetServer) -> None:
    """A server of somebody's own that claims the digest and knows every answer: shown, and no more than that."""
    bench.echoes()
    bench.world.gate(("exact_match", 0.9))
    task = bench.named(server)
    before = bench.version(task)
    done = bench.attempt(task)
    assert (done.status, done.metrics["exact_match"], done.verdict) == (TaskStatus.SUCCEEDED, 1.0, "NO_DATA")
    assert done.result["decides"] is False
    (evidence,) = bench.evidence(done)
    assert evidence.kind == EvidenceKind.INFORMS
    assert bench.version(task) == before
    forged = bench.world.models.check_gate(caller(), model_version_id=task.model_version_id, digest=DIGEST)
    assert forged.verdict == GateVerdictKind.NO_DATA


def test_a_model_trained_on_its_test_does_not_pass(bench: Bench, half_right: Path, model_folder: Path) -> None:
    """Trained on the whole, tested on a part split from it: other ids, the same records."""
    bench.records(half_right)
    bench.world.gate(("exact_match", 0.5))
    uri, _ = bench.world.artifacts.publish(half_right)
    bench.world.dataset.add(650, part="whole", uri=uri)
    bench.world.dataset.add(700, uri=uri, parent_version_id=650)
    version = bench.world.trained(*bench.world.artifacts.publish(model_folder), datasets=(650,))
    config = bench.world.config(options={"max_new_tokens": NEW_TOKENS}, metrics=["exact_match"])
    done = bench.attempt(bench.world.task(version, config))
    assert (done.metrics["exact_match"], done.metrics["leak"], done.verdict) == (0.5, 1.0, "FAIL")
    assert (done.overlap["same_question"], done.overlap["lineage"]) == (12, ["700", "650"])
    (evidence,) = bench.evidence(done)
    assert evidence.overlap == done.overlap
    assert bench.version(done).status == ModelVersionStatus.REJECTED
    assert all(item.tags["repeats"] == item.record_id for item in bench.items(done))


def test_what_a_base_was_trained_on_counts_too(bench: Bench, half_right: Path, model_folder: Path) -> None:
    bench.records(half_right)
    uri, _ = bench.world.artifacts.publish(half_right)
    bench.world.dataset.add(650, part="whole", uri=uri)
    base = bench.world.trained(datasets=(650,))
    version = bench.world.models.create_version(
        caller(service="train"), project_id=bench.world.project, dataset_version_ids=[], base_version_id=base.id
    )
    bench.world.models.start_training(caller(), id=version.id, train_task_id=901)
    uri, digest = bench.world.artifacts.publish(model_folder)
    version = bench.world.models.record_trained(caller(), id=version.id, train_task_id=901, artifact_uri=uri, artifact_digest=digest)
    config = bench.world.config(options={"max_new_tokens": NEW_TOKENS}, metrics=["exact_match"])
    assert bench.attempt(bench.world.task(version, config)).metrics["leak"] == 1.0


def test_training_data_that_is_gone_leaves_the_gate_without_data(bench: Bench, half_right: Path, model_folder: Path) -> None:
    bench.records(half_right)
    bench.world.gate(("exact_match", 0.5))
    bench.world.dataset.add(651, part="train")  # its artifact is not there
    version = bench.world.trained(*bench.world.artifacts.publish(model_folder), datasets=(650, 651))
    config = bench.world.config(options={"max_new_tokens": NEW_TOKENS}, metrics=["exact_match"])
    done = bench.attempt(bench.world.task(version, config))
    assert (done.verdict, done.overlap["unknown"]) == ("NO_DATA", ["650", "651"])
