"""A worker's side of kept steps: what need not be made again before a run, and what is there to be kept after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from libs.common.store.storage import ArtifactStore
from services.dataset.domain.recipe import StepOutput
from services.dataset.domain.task import DatasetTask
from services.dataset.engine.plan import reaching
from services.dataset.engine.publishing import RESULT
from services.dataset.engine.shards import CHANGES, DROPPED, OUT
from services.dataset.engine.steps import folder_of
from services.dataset.service.step_outputs import StepOutputs

_GONE = (Reason.NOT_FOUND, Reason.CHECKSUM_MISMATCH)


class StepKeeper:
    def __init__(self, service: StepOutputs, artifacts: ArtifactStore) -> None:
        self._service, self._artifacts = service, artifacts

    def begun(self, task: DatasetTask, source: str) -> list[StepOutput]:
        """The outputs of the first steps that are kept and whole. The last step is always run: it makes the version."""
        found = self._service.kept_steps(task, reaching(source, _hashes(task))[:-1])
        whole = [self._is_whole(output) for output in found]
        return found[: whole.index(False)] if False in whole else found

    def facts(self, outputs: Sequence[StepOutput], steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the engine is told of steps that it need not run."""
        return [self._told(output, step["hash"]) for output, step in zip(outputs, steps, strict=False)]

    def _told(self, output: StepOutput, hash: str) -> dict[str, Any]:
        sides = {DROPPED: output.dropped_uri, CHANGES: output.changes_uri}
        folders = {side: str(self._artifacts.open(uri)) if uri else "" for side, uri in sides.items()}
        return {"kind": output.kind, "hash": hash, "ledger": output.ledger, **folders}

    def keep(self, task: DatasetTask, source: str, folder: Path) -> None:
        """Every step that was run to its end here and made one version."""
        steps: Sequence[dict[str, Any]] = _arguments(task)
        for place, reached in enumerate(reaching(source, _hashes(task))):
            here = folder_of(folder, place)
            result = durable.read_json(here / RESULT)
            if result is not None and len(steps[place]["makes"]) == 1:
                uris = {f"{side}_uri": self._published(here / side) for side in (DROPPED, CHANGES)}
                out = self._artifacts.publish(here / OUT)[0]
                self._service.keep_step(task, reached, steps[place]["kind"], result["ledger"], uri=out, **uris)

    def _published(self, side: Path) -> str:
        return self._artifacts.publish(side)[0] if any(side.glob("*")) else ""

    def _is_whole(self, output: StepOutput) -> bool:
        """One that is damaged is made again, and mended by that."""
        try:
            for uri in (output.uri, output.dropped_uri, output.changes_uri):
                if uri:
                    self._artifacts.open(uri)
        except PlatformError as error:
            if error.reason not in _GONE:
                raise
            return False
        return True


def _arguments(task: DatasetTask) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = task.snapshot["recipe"]["arguments"]["steps"]
    return steps


def _hashes(task: DatasetTask) -> list[str]:
    return [step["hash"] for step in _arguments(task)]
