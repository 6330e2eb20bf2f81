"""Evaluations by an engine: what the worker gives it, and what becomes of the result.

Order of the end: items and figures into our store, then the evidence to the model domain, then the task. Whatever dies in between, the next
attempt finds the engine's work on disk, the frozen figures in the store, and the same keys at the model domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from libs.common import fault
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason
from libs.common.ids import IdGenerator
from libs.common.rpc.peers import DatasetPeer, ModelPeer
from libs.common.store.storage import ArtifactStore
from libs.common.work.asking import Ask
from libs.common.work.worker import Job
from services.eval.domain.item import EvalItem
from services.eval.domain.lineage import Training, line_between
from services.eval.domain.target import EvalTargetKind
from services.eval.domain.task import EvalTask, EvidenceKind
from services.eval.engine.journal import OUT, read_items
from services.eval.engine.kinds.evaluation import KIND
from services.eval.service import EvalService

BASES_MAX = 100  # models a model was based on, one on the other
ENTRY = "services.eval.engine.evaluation:run"


class EvalWork:
    """threads: CPU threads of a child that runs weights; no part of the snapshot, as it only decides how fast it is done."""

    def __init__(
        self, service: EvalService, models: ModelPeer, datasets: DatasetPeer, artifacts: ArtifactStore, ids: IdGenerator, threads: int
    ) -> None:
        self._service, self._artifacts, self._ids, self._threads = service, artifacts, ids, threads
        self._models, self._datasets = models, datasets

    def prepare(self, task: EvalTask) -> Job:
        """Checks every input byte, then tells the model domain that the evaluation begins. Raises NOT_FOUND, CHECKSUM_MISMATCH,
        DIGEST_MISMATCH.
        """
        records = self._artifacts.open(task.snapshot["dataset"]["uri"])
        target, training = self._target(task), self._training(task)
        self._service.started(task)
        fault.point("eval.after_start_told_before_child")
        config = task.snapshot["config"]
        arguments = {
            "records_path": str(records),
            "kind": task.snapshot["dataset"].get("kind", ""),
            "target": target,
            "metrics": config["metrics"],
            "options": config["options"],
            "threads": self._threads,
            "training": training,
            "prompt": task.snapshot.get("prompt"),
        }
        return Job(ENTRY, arguments, {"OMP_NUM_THREADS": str(self._threads)})

    def publish(self, task: EvalTask, folder: Path, result: dict[str, Any]) -> None:
        self._service.keep_result(
            task, self._items(task, folder), result["metrics"], result["failed_items"], result["overlap"], result.get("classes")
        )
        fault.point("eval.after_result_before_finish")
        self._service.finish(task)

    def asks(self, _task: EvalTask) -> Ask:
        return KIND.ask_of({"threads": self._threads})

    def leavings(self, _task: EvalTask, _folder: Path) -> dict[str, Any]:
        """Items of an evaluation that failed are no result."""
        return {}

    def metrics(self, task: EvalTask, points: list[tuple[int, str, float]]) -> None:
        """An evaluation has no curves: its figures exist when all items do."""

    def _training(self, task: EvalTask) -> dict[str, Any]:
        """The training data to compare the test with. What is gone is named: nobody can say that it does not repeat it."""
        training, versions, unknown = training_of(task, self._models, self._datasets), [], []
        for id, uri in training.uris.items():
            try:
                versions.append({"id": str(id), "path": str(self._artifacts.open(uri))})
            except PlatformError as error:
                if error.reason != Reason.NOT_FOUND:
                    raise
                unknown.append(id)
        gone = [str(id) for id in (*training.unknown, *unknown)]
        elsewhere = [str(id) for id in training.elsewhere]
        return {"versions": versions, "lineage": [str(id) for id in training.line], "unknown": gone, "elsewhere": elsewhere}

    def _target(self, task: EvalTask) -> dict[str, Any]:
        if task.evidence_kind == EvidenceKind.RELEASE:
            return {"kind": "ENDPOINT", "address": task.staging_address, "digest": task.target_digest, "key": task.target_key}
        if task.target_kind == EvalTargetKind.ENDPOINT:
            guard = asdict(self._service.outside)
            return {"kind": "ENDPOINT", "address": task.target_address, "digest": task.target_digest, "outside": guard}
        uri = task.snapshot["target"]["uri"]
        if not uri.endswith(task.target_digest):  # the store checks the bytes against the address, so the address must be the digest
            raise PlatformError(422, Reason.DIGEST_MISMATCH, field="target_digest", limit=task.target_digest, found=uri)
        return {"kind": "WEIGHTS", "path": str(self._artifacts.open(uri))}

    def _items(self, task: EvalTask, folder: Path) -> Iterator[EvalItem]:
        for item in read_items(folder / OUT):
            yield EvalItem(
                id=self._ids.next(),
                task_id=task.id,
                project_space_id=task.project_space_id,
                position=item.position,
                record_id=item.record_id,
                input=item.input,
                expected=item.expected,
                output=item.output,
                exact_match=item.exact_match,
                token_f1=item.token_f1,
                nll=item.nll,
                answer_tokens=item.answer_tokens,
                latency_ms=item.latency_ms,
                error=item.error,
                tags=item.tags,
            )


def training_of(task: EvalTask, models: ModelPeer, datasets: DatasetPeer) -> Training:
    """What the evaluated version and all it is based on were trained on, with their ancestry. Read with the rights of the platform:
    whoever asks is told which records repeat, not what stands in them.
    """
    ctx = system_context(task.user_id, task.project_space_id)
    ids, elsewhere = _trained_on(ctx, models, task.model_version_id)
    known = _with_ancestors(ctx, datasets, [task.dataset_version_id, *ids])
    line = line_between(task.dataset_version_id, ids, {id: version.parent_version_id or 0 for id, version in known.items()})
    return Training({id: known[id].uri for id in ids if id in known}, [id for id in ids if id not in known], line, elsewhere)


def _trained_on(ctx: CallContext, models: ModelPeer, model_version_id: int) -> tuple[list[int], list[int]]:
    """(dataset versions, model versions made elsewhere) of the version and all it is based on."""
    found: list[int] = []
    elsewhere: list[int] = []
    for _ in range(BASES_MAX):
        version = models.call(ctx, "GetVersion", id=model_version_id).model_version
        found += [id for id in version.dataset_version_ids or [] if id not in found]
        elsewhere += [version.id] if version.source else []
        model_version_id = version.base_version_id or 0
        if not model_version_id:
            break
    return found, elsewhere


def _with_ancestors(ctx: CallContext, datasets: DatasetPeer, ids: list[int]) -> dict[int, Any]:
    """Dataset versions by id, each with the one it was made of, back to the import. One that is gone is absent."""
    known: dict[int, Any] = {}
    waiting = list(ids)
    while waiting:
        id = waiting.pop()
        if id in known:
            continue
        try:
            known[id] = datasets.call(ctx, "GetVersion", id=id).dataset_version
        except PlatformError as error:
            if error.reason != Reason.NOT_FOUND:
                raise
            continue
        waiting += [known[id].parent_version_id] if known[id].parent_version_id else []
    return known
