"""Every fault point armed once with a crash and once with an exception, in the process that owns it, while that does its real work.

Then whatever ended is started again, as a supervisor would, the work is waited for, and the auditor must find nothing. The points of the
deploy domain are swept on its own stand (tests/unit/deploy/test_fault_points.py), those of shapes of work that no domain has yet on a test
kind (tests/unit/tasks/test_shape_faults.py).
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from idl.enums import ModelVersionStatus, RatingType
from libs.common.clock import SystemClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Patience
from libs.common.store.outbox import TURN_MS
from libs.ops.audit import audit
from services.dataset.domain.dataset import DatasetType
from services.dataset.domain.task import DatasetTaskSubType
from tests.faults.sweep import pairs
from tests.support import checkpoints
from tests.support.evidence import Evidence
from tests.support.fault_points import names
from tests.support.stage import Stage, stage
from tests.support.until import until
from tests.unit.deploy.test_fault_points import POINTS as DEPLOY_POINTS
from tests.unit.resource.test_kill import POINTS as RESOURCE_POINTS
from tests.unit.tasks.test_shape_faults import POINTS as SHAPE_POINTS

PARTS = ("resource-serve", "model-serve", "dataset-serve", "dataset-work", "train-serve", "train-work", "eval-serve", "eval-work")
TINY = {"epochs": 2, "batch_size": 4, "n_layer": 1, "n_head": 1, "d_model": 8, "block_size": 64, "vocab_size": 300}
SUCCEEDED, RUNNING, CANCELLED = 90, 10, 92
Sub = DatasetTaskSubType
Scene = Callable[["Chain"], None]


class Chain:
    """One model with training data, a test version, a trained version and an evaluation; each scene adds another piece of work."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._numbers = itertools.count()
        self.imports = stage.home / "imports" / "1"
        self.imports.mkdir(parents=True, exist_ok=True)
        self.dataset = stage.call("dataset", "CreateDataset", self.key(), name="swept", type=int(DatasetType.Text)).dataset.id
        self.train_data, self.test_data = self.imported(), self.imported()
        self.model = stage.call("model", "CreateProject", self.key(), name="swept").project.id
        facts = {"model_id": self.model, "name": "tiny", "options_json": json.dumps(TINY)}
        self.train_config = stage.call("train", "CreateConfig", self.key(), **facts).config.id
        facts = {"model_id": self.model, "name": "unseen", "dataset_version_id": self.test_data}
        self.eval_config = stage.call("eval", "CreateConfig", self.key(), **facts).config.id
        self.version = 0

    def key(self) -> str:
        return f"swept-key-{next(self._numbers)}"

    def asked(self, service: str, method: str, **facts: Any) -> Any:
        """A call repeated under one key until it is answered, as any client may."""
        key = self.key()

        def once() -> Any:
            self.stage.revive()
            try:
                return self.stage.call(service, method, key, **facts)
            except PlatformError as error:
                if error.code < 500:
                    raise
                return None

        return until(once, 60, f"{method} was never answered")

    def ended(self, service: str, field: str, id: int) -> Any:
        """The task once it has ended well."""

        def found() -> Any:
            try:
                task = getattr(self.stage.call(service, "GetTask", id=id), field)
            except PlatformError:
                return None
            return task if task.status >= SUCCEEDED else None

        task = self.stage.until(found, 120, f"{field} {id} did not end")
        assert task.status == SUCCEEDED, task.error_json
        return task

    # --- scenes

    def write(self, number: int) -> str:
        rows = [{"instruction": f"What does call{number}.{n} do?", "input": "", "output": f"It counts {n}."} for n in range(6)]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (self.imports / f"rows-{number}.jsonl").write_text(text)
        return f"rows-{number}.jsonl"

    def imported(self, file: str = "", dataset: int = 0) -> int:
        """A dataset version of a new file, or of the same again."""
        file = file or self.write(next(self._numbers))
        facts = {"type": Sub.File_Import // 1000 * 1000, "sub_type": int(Sub.File_Import), "name": file}
        config = json.dumps({"paths": [file]})
        made = self.asked("dataset", "CreateTask", dataset_id=dataset or self.dataset, config_json=config, **facts).dataset_task
        return int(self.ended("dataset", "dataset_task", made.id).output_version_ids[0])

    def taken_over(self) -> None:
        """A checkpoint made elsewhere, asked for until it is a version."""
        if not (self.imports / "tiny").exists():
            checkpoints.folder(self.imports / "tiny")

        def once() -> Any:
            try:
                return self.asked("model", "ImportCheckpoint", project_id=self.model, folder="tiny")
            except PlatformError as error:
                if error.reason != Reason.BUSY:
                    raise
                return None

        made = until(once, 60, "the checkpoint was never taken over").model_version
        assert made.layout == "qwen2"

    def imported_over_damage(self) -> None:
        """The same file once more, after somebody damaged what it had become."""
        file = self.write(next(self._numbers))
        version = self.stage.call("dataset", "GetVersion", id=self.imported(file)).dataset_version
        digest = version.uri.rpartition(":")[2]
        folder = self.stage.home / "artifacts" / "objects" / digest[:2] / digest
        part = next(path for path in folder.rglob("*") if path.is_file() and path.name != "artifact.json")
        part.write_bytes(part.read_bytes() + b"!")
        self.imported(file)

    def purged(self) -> None:
        """Once it is decided nothing of it can be read, and what there was stays known."""
        dataset = self.asked("dataset", "CreateDataset", name=f"purged-{next(self._numbers)}", type=int(DatasetType.Text)).dataset.id
        version = self.imported(dataset=dataset)
        self.asked("dataset", "DeleteDataset", id=dataset, expected_version=0)
        made = self.asked("dataset", "PurgeDataset", id=dataset, cause="swept").purge
        (was,) = self.stage.call("dataset", "GetPurge", id=made.id).purge.versions
        assert was.id == version
        with pytest.raises(PlatformError) as caught:
            self.stage.call("dataset", "GetVersion", id=version)
        assert caught.value.reason == Reason.PURGED
        empty = self.asked("dataset", "CreateDataset", name=f"empty-{next(self._numbers)}", type=int(DatasetType.Text)).dataset.id
        self.asked("dataset", "DeleteDataset", id=empty, expected_version=0)
        id = self.asked("dataset", "PurgeDataset", id=empty, cause="swept").purge.id
        done = self.stage.until(lambda: self._purge_of(id), 60, "the purge was not done")
        assert done.proof

    def _purge_of(self, id: int) -> Any:
        """Once it is done; one of what was just published takes an hour more."""
        purge = self.stage.call("dataset", "GetPurge", id=id).purge
        return purge if purge.status == SUCCEEDED else None

    def annotated(self) -> None:
        """One person answers all there is; whatever happens to the worker, their answers become one version."""
        template = self.asked(
            "dataset", "CreateTemplate", name=f"swept-{next(self._numbers)}", sub_type=int(Sub.Text_Classification)
        ).template
        facts = {"dataset_id": self.dataset, "sub_type": int(Sub.Text_Classification), "name": "swept", "template_id": template.id}
        made = self.asked("dataset", "StartAnnotation", input_version_id=self.train_data, **facts).dataset_task

        def all_answered() -> bool:
            for work in self.stage.call("dataset", "ClaimWork", self.key(), task_id=made.id, want=5).work:
                self.stage.call("dataset", "SubmitWork", self.key(), id=work.id, answer_json='{"label": "a"}')
            task = self.stage.call("dataset", "GetTask", id=made.id).dataset_task
            return bool(task.progress_total > 1 and task.progress_done == task.progress_total)

        self.stage.until(all_answered, 60, "not all was answered")
        task = self.ended("dataset", "dataset_task", made.id)
        assert len(task.output_version_ids) == 1

    def created(self) -> None:
        name = f"made-{next(self._numbers)}"
        first = self.asked("dataset", "CreateDataset", name=name, type=int(DatasetType.Text)).dataset
        assert self.stage.call("dataset", "FindDataset", name=name).dataset.id == first.id

    def trained(self) -> None:
        facts = {"train_config_id": self.train_config, "train_dataset_version_id": self.train_data}
        made = self.asked("train", "CreateTask", **facts).train_task
        self.ended("train", "train_task", made.id)
        self.version = made.model_version_id

    def uploaded(self) -> None:
        """Whatever happens to a finish, asking again finishes it, and the file is there to be imported."""
        content = f"text\nupload number {next(self._numbers)}\n".encode()
        id = self.asked("dataset", "CreateUpload", name="rows.csv", bytes=len(content)).upload.id
        self.asked("dataset", "WriteUpload", id=id, offset=0, data=content)
        done = self.asked("dataset", "FinishUpload", id=id).upload
        assert (self.imports / done.path).read_bytes() == content

    def cancelled(self) -> None:
        """A training that is cancelled while it runs: the model domain is told through the outbox."""
        facts = {"train_config_id": self.train_config, "train_dataset_version_id": self.train_data}
        made = self.asked("train", "CreateTask", **facts).train_task

        def task() -> Any:
            return self.stage.call("train", "GetTask", id=made.id).train_task

        self.stage.until(lambda: task().status == RUNNING, 60, "it never ran")
        self.asked("train", "CancelTask", id=made.id, cause="swept")
        self.stage.until(lambda: task().status == CANCELLED, 60, "it was not cancelled")
        self.stage.until(lambda: self._status(made.model_version_id) == ModelVersionStatus.RETIRED, 60, "the model domain was not told")

    def _status(self, version: int) -> int | None:
        return int(self.stage.call("model", "GetVersion", id=version).model_version.status)

    def evaluated(self) -> None:
        self.run_of(self.eval_config)

    def run_of(self, config: int) -> int:
        made = self.asked("eval", "CreateTask", eval_config_id=config, model_version_id=self.version).eval_task
        self.ended("eval", "eval_task", made.id)
        return int(made.id)

    def rated(self) -> None:
        """One person rates all there is; whatever happens to the worker, what they said is told once."""
        name = f"rated-{next(self._numbers)}"
        template = self.asked("eval", "CreateTemplate", name=name, rating_type=int(RatingType.Scale_Rating)).template
        known = self.stage.call("eval", "GetConfig", id=self.eval_config).config
        facts = {"model_id": known.model_id, "dataset_version_id": known.dataset_version_id, "template_id": template.id}
        config = self.asked("eval", "CreateConfig", name=name, **facts).config
        made = self.asked("eval", "StartRating", eval_task_id=self.run_of(config.id)).eval_task

        def all_answered() -> bool:
            for work in self.stage.call("eval", "ClaimWork", self.key(), task_id=made.id, want=5).work:
                self.stage.call("eval", "SubmitWork", self.key(), id=work.id, answer_json='{"score": 4}')
            task = self.stage.call("eval", "GetTask", id=made.id).eval_task
            return bool(task.progress_total > 1 and task.progress_done == task.progress_total)

        self.stage.until(all_answered, 60, "not all was answered")
        assert self.ended("eval", "eval_task", made.id).metrics["human_score"] == 4.0
        evidence = self.stage.call("model", "ListEvidence", model_version_id=self.version).evidence
        assert [each.eval_task_id for each in evidence].count(made.id) == 1


IMPORTS = (
    "task.after_reservation_before_claim",
    "task.after_claim_before_start",
    "task.after_engine_before_publish",
    "task.after_work_before_release",
    "task.after_end_before_tidy",
    "storage.after_copy_before_rename",
    "storage.after_rename_before_sync",
    "dataset.after_outputs_before_sides",
    "dataset.after_artifacts_before_versions",
)
TRAININGS = (
    "train.after_start_told_before_child",
    "train.after_left_out_before_artifact",
    "train.after_artifact_before_told",
    "train.after_told_before_success",
)
EVALUATIONS = (
    "eval.after_start_told_before_child",
    "eval.after_items_before_figures",
    "eval.after_result_before_finish",
    "eval.after_evidence_before_success",
)
UPLOADS = ("upload.after_check_before_place", "upload.after_place_before_complete")
POINTS: dict[str, tuple[str, Scene]] = {
    "train.after_version_before_task": ("train-serve", Chain.trained),
    **dict.fromkeys(TRAININGS, ("train-work", Chain.trained)),
    **dict.fromkeys(EVALUATIONS, ("eval-work", Chain.evaluated)),
    **dict.fromkeys(IMPORTS, ("dataset-work", Chain.imported)),
    "dataset.after_answers_before_version": ("dataset-work", Chain.annotated),
    "eval.after_rating_before_evidence": ("eval-work", Chain.rated),
    "storage.after_damaged_aside_before_rename": ("dataset-work", Chain.imported_over_damage),
    **dict.fromkeys(UPLOADS, ("dataset-serve", Chain.uploaded)),
    "dataset.after_purge_begins_before_bytes": ("dataset-work", Chain.purged),
    "model.after_checkpoint_before_version": ("model-serve", Chain.taken_over),
    "mutation.after_commit_before_answer": ("dataset-serve", Chain.created),
    "rpc.after_handler_before_reply": ("dataset-serve", Chain.created),
    "outbox.after_delivery_before_mark": ("train-work", Chain.cancelled),
    "outbox.after_mark_before_next": ("train-work", Chain.cancelled),
}


OTHERS = (("rpc.after_handler_before_reply", "drop_reply"), ("storage.after_copy_before_rename", "disk_full"))
"""The kinds that make sense in few places."""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with stage(tmp_path_factory.mktemp("swept") / "home", *PARTS) as up:
        made = Chain(up)
        made.trained()
        yield made


def patience() -> Patience:
    return Patience(SystemClock().now_ms(), lease=3_000, delivery=TURN_MS + 5_000)


def test_every_point_has_a_scene() -> None:
    assert sorted({*POINTS, *DEPLOY_POINTS, *RESOURCE_POINTS, *SHAPE_POINTS}) == names()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("point", "kind"), [*pairs(POINTS), *OTHERS])
def test_a_fault_between_two_side_effects(chain: Chain, point: str, kind: str, evidence: Evidence) -> None:
    owner, scene = POINTS[point]
    chain.stage.restart(owner, f"{point}={kind}")
    began = time.monotonic()
    scene(chain)
    seconds = time.monotonic() - began
    chain.stage.until(lambda: f"fault {point} {kind}\n" in chain.stage.log(owner), 30, "the point was not passed")
    report = audit(chain.stage.settings, patience, 0.5)
    for invariant in ("I2", "I3", "I4", "I5", "I6"):
        found = [violation for violation in report.violations if violation.invariant == invariant]
        done = f"fault points: {kind}, then audit"
        evidence(invariant, done, tries=1, violations=len(found), recovered_s=round(seconds, 1))
    assert report.violations == []
