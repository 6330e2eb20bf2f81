"""A neighbour's outage with real processes: the queue waits, loses nothing, and goes on by itself when the neighbour answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from libs.common.work.task import TaskReason, TaskStatus
from tests.support.chain import TINY
from tests.support.stage import Stage, stage
from tests.support.until import until

PARTS = ("model-serve", "dataset-serve", "dataset-work", "train-serve", "train-work")


def imported(run: Stage) -> int:
    """The version of a small import."""
    rows = [{"instruction": f"What does m{n} do?", "output": f"It does {n}."} for n in range(8)]
    folder = run.settings.import_path / "1"  # of the space the calls are made in
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    dataset = run.call("dataset", "CreateDataset", "outage-dataset", name="small", type=2).dataset.id
    facts = {"dataset_id": dataset, "type": 6000, "sub_type": 6001, "name": "import", "config_json": '{"paths": ["small.jsonl"]}'}
    task = run.call("dataset", "CreateTask", "outage-import", **facts).dataset_task
    done = run.until(lambda: (now := run.call("dataset", "GetTask", id=task.id).dataset_task).status >= 90 and now)
    assert done.status == TaskStatus.SUCCEEDED, done.error_json
    return int(done.output_version_ids[0])


def test_a_queue_waits_out_a_neighbour_that_is_away(tmp_path: Path) -> None:
    with stage(tmp_path / "home", *PARTS) as run:
        data = imported(run)
        model = run.call("model", "CreateProject", "outage-model", name="outage").project.id
        config = run.call("train", "CreateConfig", "outage-config", model_id=model, name="one", options_json=json.dumps(TINY)).config.id
        run.kill("train-work")
        tasks = [
            run.call(
                "train", "CreateTask", f"outage-task-{n}", train_config_id=config, train_dataset_version_id=data, max_attempts=1
            ).train_task.id
            for n in range(2)
        ]

        def now(id: int) -> Any:
            return run.call("train", "GetTask", id=id).train_task

        run.kill("dataset-serve")
        run.start("train-work")

        def waits() -> bool:
            return any(now(id).reason == TaskReason.WAIT_DEPENDENCY for id in tasks)

        until(waits, 60)
        assert {(now(id).status, now(id).attempt) for id in tasks} <= {(TaskStatus.PENDING, 0), (TaskStatus.RUNNING, 1)}
        run.start("dataset-serve")
        ended = [until(lambda id=id: (found := now(id)).status >= 90 and found, 120) for id in tasks]  # type: ignore[misc]
        assert [(task.status, task.attempt) for task in ended] == [(TaskStatus.SUCCEEDED, 1)] * 2, [task.error_json for task in ended]
