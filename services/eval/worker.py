"""The time door of the eval domain: what its worker gives the engine, and what becomes of the result.

Order of the end: items and figures into our store, then the evidence to the model domain, then the task. Whatever dies in between, the next
attempt finds the engine's work on disk, the frozen figures in the store, and the same keys at the model domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from libs.common import fault
from libs.common.context import system_context
from libs.common.errors import PlatformError, Reason
from libs.common.ids import IdGenerator
from libs.common.rpc.peer import Peer
from libs.common.store.storage import ArtifactStore
from libs.common.work.worker import Job
from services.eval.domain.item import EvalItem
from services.eval.domain.target import EvalTargetKind
from services.eval.domain.task import EvalTask
from services.eval.engine.journal import OUT, read_items
from services.eval.service import EvalService

ENTRY = "services.eval.engine.evaluation:run"


class EvalWork:
    """threads: CPU threads of a child that runs weights; no part of the snapshot, as it only decides how fast it is done."""

    def __init__(self, service: EvalService, artifacts: ArtifactStore, ids: IdGenerator, threads: int) -> None:
        self._service, self._artifacts, self._ids, self._threads = service, artifacts, ids, threads

    def prepare(self, task: EvalTask) -> Job:
        """Checks every input byte, then tells the model domain that the evaluation begins. Raises NOT_FOUND, CHECKSUM_MISMATCH,
        DIGEST_MISMATCH.
        """
        records = self._artifacts.open(task.snapshot["dataset"]["uri"])
        target = self._target(task)
        self._service.started(task)
        fault.point("eval.after_start_told_before_child")
        config = task.snapshot["config"]
        arguments = {
            "records_path": str(records),
            "target": target,
            "metrics": config["metrics"],
            "options": config["options"],
            "threads": self._threads,
        }
        return Job(ENTRY, arguments, {"OMP_NUM_THREADS": str(self._threads)})

    def publish(self, task: EvalTask, folder: Path, result: dict[str, Any]) -> None:
        self._service.keep_result(task, self._items(task, folder), result["metrics"], result["failed_items"])
        fault.point("eval.after_result_before_finish")
        self._service.finish(task)

    def metrics(self, task: EvalTask, points: list[tuple[int, str, float]]) -> None:
        """An evaluation has no curves: its figures exist when all items do."""

    def _target(self, task: EvalTask) -> dict[str, str]:
        if task.target_kind == EvalTargetKind.ENDPOINT:
            return {"kind": "ENDPOINT", "address": task.target_address, "digest": task.target_digest}
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


def evaluation_ended(models: Peer) -> Callable[[dict[str, Any]], None]:
    """Delivers ``EVALUATION_ENDED`` to the model domain."""

    def deliver(message: dict[str, Any]) -> None:
        ctx = system_context(message["user"], message["space"]).keyed(f"eval-{message['task']}-ended")
        models.call(ctx, "RecordEvaluationEnded", id=message["model_version"], eval_task_id=message["task"], cause=message["cause"])

    return deliver
