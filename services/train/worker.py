"""The time door of the train domain: what a training task needs, what becomes of its result, and who is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from libs.common import fault
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.peers import DatasetPeer, ModelPeer
from libs.common.store.storage import ArtifactStore
from libs.common.work.asking import Ask
from libs.common.work.worker import Job
from libs.models.families import CAUSAL_LM
from services.train.domain.base import FIELD, check_base
from services.train.domain.task import TrainTask
from services.train.engine import left_out
from services.train.engine.kinds import METHODS
from services.train.service import TrainService


class TrainWork:
    """``Work`` of libs.common.work.worker for train tasks."""

    def __init__(self, service: TrainService, models: ModelPeer, datasets: DatasetPeer, artifacts: ArtifactStore) -> None:
        self._service, self._models, self._datasets, self._artifacts = service, models, datasets, artifacts

    def prepare(self, task: TrainTask) -> Job:
        ctx = _context(task)
        # One key for all attempts: after a crash behind RecordTrained the version is TRAINED, and a new start would be refused.
        self._models.call(ctx.keyed(f"train-{task.id}-start"), "StartTraining", id=task.model_version_id, train_task_id=task.id)
        fault.point("train.after_start_told_before_child")
        method, options = METHODS[task.snapshot["engine"]["name"]], task.snapshot["options"]
        arguments = {
            "options": options,
            "train_path": self._open(ctx, task.train_dataset_version_id),
            "valid_path": self._open(ctx, task.valid_dataset_version_id) if task.valid_dataset_version_id else None,
            **(self._base(ctx, task) if task.base_version_id else {}),
        }
        return Job(method.entry, arguments, {"OMP_NUM_THREADS": str(options.get("threads", 1))})

    def publish(self, task: TrainTask, folder: Path, result: dict[str, Any]) -> None:
        """Artifact, then the model domain, then the own record: a crash in between is repaired by the next attempt, which finds the
        last checkpoint, ends in the same bytes and says the same again."""
        made_with = result.pop("made_with", {})  # for the lineage; every status would carry it along otherwise
        family = result.pop("family", CAUSAL_LM)
        result = {**result, **self.leavings(task, folder)}
        fault.point("train.after_left_out_before_artifact")
        uri, digest = self._artifacts.publish(folder / "out")
        fault.point("train.after_artifact_before_told")
        self._service.still_wanted(task)
        self._models.call(
            _context(task).keyed(f"train-{task.id}-trained"),
            "RecordTrained",
            id=task.model_version_id,
            train_task_id=task.id,
            artifact_uri=uri,
            artifact_digest=digest,
            made_with=made_with,
            family=family,
        )
        fault.point("train.after_told_before_success")
        self._service.lifecycle.succeed(task, result, int(result.get("left_out", 0)), artifact_uri=uri, artifact_digest=digest)

    def asks(self, task: TrainTask) -> Ask:
        return METHODS[task.snapshot["engine"]["name"]].ask_of(task.snapshot["options"])

    def leavings(self, _task: TrainTask, folder: Path) -> dict[str, Any]:
        """The list of what could not be used, of a training that ended well or badly."""
        kept = folder / left_out.FOLDER
        return {"left_out_uri": self._artifacts.publish(kept)[0]} if (kept / left_out.FILE).exists() else {}

    def metrics(self, task: TrainTask, points: list[tuple[int, str, float]]) -> None:
        self._service.record_metrics(task, points)

    def _open(self, ctx: CallContext, version_id: int) -> str:
        version = self._datasets.call(ctx, "GetVersion", id=version_id).dataset_version
        return str(self._artifacts.open(version.uri))

    def _base(self, ctx: CallContext, task: TrainTask) -> dict[str, str]:
        """The version it goes on from: the bytes of the snapshot, which somebody may have taken out of use since."""
        version = self._models.call(ctx, "GetVersion", id=task.base_version_id).model_version
        check_base(version, task.snapshot["engine"]["name"], tunes=True)
        frozen = task.snapshot["base"]["digest"]
        if version.artifact_digest != frozen:
            raise PlatformError(409, Reason.DIGEST_MISMATCH, field=FIELD, limit=frozen, found=version.artifact_digest)
        return {"base_path": str(self._artifacts.open(version.artifact_uri)), "base_digest": frozen}


def _context(task: TrainTask) -> CallContext:
    return system_context(task.user_id, task.project_space_id)
