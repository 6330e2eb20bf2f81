"""Paths for an engine, and its output as versions."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from libs.common import fault
from libs.common.outside import Outside
from libs.common.store.storage import ArtifactStore
from libs.common.work.asking import Ask
from libs.common.work.lease import context
from libs.common.work.worker import Job
from services.dataset.domain.task import DatasetTask
from services.dataset.domain.version import TEST, TRAIN, WHOLE, DatasetVersion
from services.dataset.engine import reading
from services.dataset.engine.kinds import TASKS
from services.dataset.engine.shards import DROPPED, SIDE
from services.dataset.service import DatasetService, references
from services.dataset.service.step_keeper import StepKeeper


class DatasetWork:
    """``Work`` of libs.common.work.worker for dataset tasks. import_root: holds one folder per project space, named by its id; a task sees
    that of its own space and nothing beside it. outside: which addresses of links may be asked."""

    def __init__(self, service: DatasetService, artifacts: ArtifactStore, import_root: Path, outside: Outside) -> None:
        self._service, self._artifacts, self._import_root, self._outside = service, artifacts, import_root, outside
        self._steps = StepKeeper(service, artifacts)

    def prepare(self, task: DatasetTask) -> Job:
        recipe = task.snapshot["recipe"]
        arguments = dict(recipe["arguments"])
        if "paths" in arguments:
            arguments["root"] = str(self._imports_of(task.project_space_id))
        elif "links" in arguments:
            arguments["outside"] = asdict(self._outside)
        elif task.input_version_id:
            source = self._service.get_version(context(task), id=task.input_version_id).uri
            arguments = references.with_folders(lambda id: self._service.get_version(context(task), id=id), self._artifacts, arguments)
            begun = self._steps.begun(task, source) if "steps" in arguments else []
            arguments["input"] = str(self._artifacts.open(begun[-1].uri if begun else source))
            arguments |= {"before": self._steps.facts(begun, arguments["steps"])} if "steps" in arguments else {}
        return Job(recipe["entry"], arguments)

    def publish(self, task: DatasetTask, folder: Path, result: dict[str, Any]) -> None:
        """Artifacts first, then versions and the end of the task in one transaction: nothing half made is ever visible."""
        parts = TASKS[task.sub_type.name].makes_of(task.snapshot["recipe"]["arguments"])
        out = folder / result.pop("folder", "out")
        outputs = [self._version(task, part, out if part == WHOLE else out / part, result) for part in parts]
        fault.point("dataset.after_outputs_before_sides")
        uris = publish_sides(self._artifacts, folder)
        if "steps" in result:
            self._keep_steps(task, folder)
        fault.point("dataset.after_artifacts_before_versions")
        self._service.finish(task, outputs, {**result, **uris})

    def asks(self, task: DatasetTask) -> Ask:
        return TASKS[task.sub_type.name].ask_of(task.snapshot["recipe"]["arguments"].get("options") or {})

    def leavings(self, task: DatasetTask, folder: Path) -> dict[str, Any]:
        """What a step would have left out, of a task that failed because that was too much."""
        if "steps" in task.snapshot["recipe"]["arguments"]:
            self._keep_steps(task, folder)  # whoever mends the step that failed need not wait for those before it
        kept = folder / DROPPED
        return {"dropped_uri": self._artifacts.publish(kept)[0]} if any(kept.glob("*")) else {}

    def _keep_steps(self, task: DatasetTask, folder: Path) -> None:
        self._steps.keep(task, self._service.get_version(context(task), id=task.input_version_id).uri, folder)

    def _imports_of(self, space_id: int) -> Path:
        """The folder of one space, made when first asked for."""
        folder = self._import_root / str(space_id)
        with suppress(OSError):  # a root that cannot be written to holds what its operator put there, or nothing: the engine says so
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def metrics(self, task: DatasetTask, points: list[tuple[int, str, float]]) -> None:
        """Dataset engines report progress only."""

    def _version(self, task: DatasetTask, part: str, folder: Path, result: dict[str, Any]) -> DatasetVersion:
        return version_of(self._service, self._artifacts, task, result, folder, part)


def parts_of(result: dict[str, Any]) -> dict[str, Any]:
    """How many of what went out are in which part: a version that is one of several has fewer records than its ledger says went out."""
    parts = {name: result[name]["records"] for name in (TRAIN, TEST) if name in result}
    return {"parts": parts} if parts else {}


def publish_sides(artifacts: ArtifactStore, folder: Path) -> dict[str, str]:
    """What a task left out and changed, as facts of its result. Records that changed are rare, and their folder is then empty."""
    return {f"{side}_uri": artifacts.publish(folder / side)[0] for side in SIDE if any((folder / side).glob("*"))}


def version_of(
    service: DatasetService, artifacts: ArtifactStore, task: DatasetTask, result: dict[str, Any], folder: Path, part: str = WHOLE
) -> DatasetVersion:
    """A version as it is handed to the service: its bytes are published, its id and number are given when it is stored."""
    facts, ctx = result if part == WHOLE else result[part], context(task)
    uri, _ = artifacts.publish(folder)
    if part == WHOLE and task.input_version_id:  # what a split held back stays held back, whatever is made of it
        part = service.get_version(ctx, id=task.input_version_id).part
    return DatasetVersion(
        id=0,
        dataset_id=task.dataset_id,
        project_space_id=task.project_space_id,
        number=0,
        content_hash=facts["content_hash"],
        records=facts["records"],
        bytes=facts["bytes"],
        uri=uri,
        task_id=task.id,
        kind=reading.kind_of(folder),
        parent_version_id=task.input_version_id,
        part=part,
        secrecy=service.get_dataset(ctx, id=task.dataset_id).secrecy,
        ledger=result["ledger"] | parts_of(result),
    )
