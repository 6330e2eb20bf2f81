"""The dataset service on a real store with its door, versions made by the real engine in this process, and a bench on which a worker really
does tasks.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import idl
from libs.common.clock import ManualClock
from libs.common.outside import Outside
from libs.common.store.database import Database
from libs.common.store.storage import ArtifactStore
from libs.common.work.worker import Attempt
from services.dataset.domain.dataset import Dataset, DatasetType
from services.dataset.domain.task import DatasetTask, DatasetTaskSubType, DatasetTaskType
from services.dataset.domain.upload import Upload
from services.dataset.domain.version import DatasetVersion
from services.dataset.repository import METADATA
from services.dataset.service import DatasetService
from services.dataset.worker import DatasetWork
from tests.support.stores import caller, open_store
from tests.unit.dataset_engine.make import version_of
from tests.unit.eval.world import Door

LEASE_SECONDS = 30.0
Sub = DatasetTaskSubType
IMPORT_CONFIG = {"paths": ["."]}


class Killed(BaseException):
    """The worker process dies here: nothing after it runs, not even what handles exceptions."""


def type_of(sub_type: DatasetTaskSubType) -> DatasetTaskType:
    return DatasetTaskType(sub_type // 1000 * 1000)


def pair(number: int, **more: Any) -> dict[str, Any]:
    """A question with its answer; ids are left to the engine."""
    question = f"What does module{number}.call do?"
    return {"instruction": question, "input": "", "output": f"It calls {number} times.", "template": f"t{number % 2}", "lang": "en", **more}


@dataclass
class World:
    """``demo``: the dataset everything here is about."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.artifacts = ArtifactStore(self.folder / "artifacts")
        self.db: Database = open_store(self.folder, "dataset", METADATA, self.clock)
        self.service = DatasetService(self.db, self.artifacts, LEASE_SECONDS, self.folder / "import")
        self.door = Door("dataset", self.service)
        self.demo = self.dataset("demo")

    def second_service(self, worker: int = 2) -> DatasetService:
        """Another process's view of the same store."""
        db = open_store(self.folder, "dataset", METADATA, self.clock, worker)
        return DatasetService(db, self.artifacts, LEASE_SECONDS, self.folder / "import")

    def dataset(self, name: str, space: int = 1, **facts: Any) -> Dataset:
        return self.service.create_dataset(caller(space=space), name=name, type=DatasetType.Text, **facts)

    def create(self, sub_type: DatasetTaskSubType, config: dict[str, Any] | None = None, input: int = 0, **facts: Any) -> Any:
        asked = {"dataset_id": self.demo.id, "type": type_of(sub_type), "sub_type": sub_type, "name": "n", **facts}
        return self.service.create_task(caller(), **asked, config=config, input_version_id=input)

    def task(
        self, sub_type: DatasetTaskSubType = Sub.File_Import, config: dict[str, Any] | None = None, input: int = 0, **facts: Any
    ) -> DatasetTask:
        config = IMPORT_CONFIG if config is None and sub_type == Sub.File_Import else config
        made: DatasetTask = self.create(sub_type, config, input, **facts).dataset_task
        return made

    def claimed(self, **facts: Any) -> DatasetTask:
        """A new task that a worker holds; no other task must wait."""
        task = self.task(**facts)
        held = self.service.lifecycle.claim("w")
        assert held is not None
        assert held.id == task.id
        return held

    def output(self, task: DatasetTask, content: str = "aa", **facts: Any) -> DatasetVersion:
        """A version as a worker hands it over: not stored yet. Its bytes are nowhere."""
        known: dict[str, Any] = {
            "content_hash": "sha256:" + content * 32,
            "records": 3,
            "bytes": 99,
            "uri": "artifact://sha256:" + "22" * 32,
            "kind": "question_answer",
            "parent_version_id": task.input_version_id,
            "ledger": {"in": 4, "out": 3, "dropped": {"Deduplicate": 1}},
        }
        return DatasetVersion(
            id=0, dataset_id=task.dataset_id, project_space_id=task.project_space_id, number=0, task_id=task.id, **{**known, **facts}
        )

    def version(self, content: str = "aa", dataset: Dataset | None = None, **facts: Any) -> DatasetVersion:
        """A stored version without bytes."""
        task = self.claimed(dataset_id=(dataset or self.demo).id)
        done = self.service.finish(task, [self.output(task, content, **facts)], {})
        return self.get(done.output_version_ids[0])

    def filled(self, rows: Sequence[Mapping[str, Any]], shard_bytes: int = 400) -> DatasetVersion:
        """A stored version with records, in many small parts."""
        folder = version_of(rows, self.folder / f"made-{self.db.ids.next()}", shard_bytes)
        return self.version(uri=self.artifacts.publish(folder)[0], records=len(rows))

    def uploading(self, content: bytes, name: str = "rows.csv", **facts: Any) -> Upload:
        """A declared upload of which nothing has come yet."""
        made: Upload = self.service.create_upload(caller(), name=name, bytes=len(content), **facts)
        return made

    def get(self, id: int) -> DatasetVersion:
        return self.service.get_version(caller(), id=id)

    def now(self, task: DatasetTask) -> DatasetTask:
        return self.service.get_task(caller(space=task.project_space_id), id=task.id)

    def pages(self, method: str, field: str, limit: int, **facts: Any) -> Iterator[list[Any]]:
        """Every page of a list."""
        cursor: str | None = None
        while True:
            answer = self.door.call(caller(), method, page=page_of(cursor, limit), **facts)
            yield getattr(answer, field)
            cursor = answer.page.next_cursor
            if cursor is None:
                return

    def close(self) -> None:
        self.db.close()


class Bench:
    """A world whose tasks a worker really does. ``root``: what the first space may import."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.imports = folder / "import"
        self.root = self.root_of(1)
        self.work = DatasetWork(world.service, world.artifacts, self.imports, Outside(loopback=True))

    def root_of(self, space: int) -> Path:
        """What a space may import."""
        folder = self.imports / str(space)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def put(self, name: str, rows: Sequence[Mapping[str, Any] | str]) -> None:
        """A file to import: a row that is a text is written as it is."""
        lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
        (self.root / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")

    def attempt(self, task: DatasetTask, dies: bool = False) -> DatasetTask:
        """One attempt of a worker process at the oldest task, which is ``task``; then the task as it is. dies: it is killed on the way."""
        self.world.clock.advance(60)
        self.world.service.lifecycle.sweep()
        held = self.world.service.lifecycle.claim("worker")
        assert held is not None
        assert held.id == task.id
        attempt = Attempt(held, self.world.service.lifecycle, self.work, self.task_folder(task), threading.Event())
        if not dies:
            attempt.run()
            return self.world.now(task)
        try:
            attempt.run()
        except Killed:
            return self.world.now(task)
        raise AssertionError("it was not killed")

    def done(self, sub_type: DatasetTaskSubType, config: dict[str, Any] | None = None, input: int = 0, **facts: Any) -> DatasetTask:
        """A task from its creation to its success."""
        task = self.attempt(self.world.task(sub_type, config, input, **facts))
        assert task.status.name == "SUCCEEDED", task.error
        return task

    def outputs(self, task: DatasetTask) -> list[DatasetVersion]:
        return [self.world.get(id) for id in task.output_version_ids]

    def task_folder(self, task: DatasetTask) -> Path:
        return self.folder / "work" / str(task.id)


def page_of(cursor: str | None, limit: int) -> Any:
    return idl.load("base").PageReq(cursor=cursor, limit=limit)
