"""The train service on a real store, with the real model service beside it (both behind their doors) and a small dataset service of our
own; and a bench on which a worker really does its tasks.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import idl
from libs.common.clock import ManualClock
from libs.common.store.database import Database
from libs.common.store.notice import deliveries
from libs.common.store.outbox import Relay
from libs.common.store.repository import PageRequest
from libs.common.store.storage import ArtifactStore
from libs.common.work.executor import LocalExecutor
from libs.common.work.worker import Attempt, Job
from services.model.domain.version import ModelVersion
from services.model.repository import METADATA as MODEL_METADATA
from services.model.service import ModelService
from services.train.domain.config import TrainConfig
from services.train.domain.task import TrainTask
from services.train.repository import METADATA
from services.train.service import TRAINING_ENDED, TrainService
from services.train.worker import TrainWork
from tests.support.stores import caller, open_store
from tests.unit.eval.world import DatasetPeer, Door, RecordingPeer

LEASE_SECONDS = 30.0
TRAIN_DATA, VALID_DATA, TEST_DATA, DOCUMENTS, PAIRS = 700, 701, 702, 703, 704
EXECUTOR = LocalExecutor(re.compile(r"(services\.train\.engine\.(loop|tuning)|tests\.support\.engines):[a-z_]+"))
TINY: dict[str, Any] = {
    "epochs": 2,
    "batch_size": 4,
    "n_layer": 1,
    "n_head": 1,
    "d_model": 8,
    "block_size": 64,
    "vocab_size": 300,
    "checkpoint_every_steps": 1,
    "log_every_steps": 1,
}


class Killed(BaseException):
    """The worker process dies here: nothing after it runs, not even what handles exceptions."""


def die() -> None:
    raise Killed


@dataclass
class World:
    """One platform's worth of services around train. ``project``: id of the model everything here is about."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.models = ModelService(open_store(self.folder, "model", MODEL_METADATA, self.clock, worker=1))
        self.model = RecordingPeer(Door("model", self.models), by="train")
        self.dataset = DatasetPeer()
        self.artifacts = ArtifactStore(self.folder / "artifacts")
        self.db: Database = open_store(self.folder, "train", METADATA, self.clock)
        self.service = TrainService(self.db, self.model, self.dataset, LEASE_SECONDS)
        self.door = Door("train", self.service)
        self.project = self.models.create_project(caller(), name="demo").id
        self.dataset.add(TRAIN_DATA, part="train", content_hash="sha256:" + "aa" * 32)
        self.dataset.add(VALID_DATA, part="whole", content_hash="sha256:" + "bb" * 32)
        self.dataset.add(TEST_DATA, part="test")
        self.dataset.add(DOCUMENTS, part="whole", kind="documents")
        self.dataset.add(PAIRS, part="whole", kind="preference_pair", content_hash="sha256:" + "dd" * 32)

    def second_service(self) -> TrainService:
        """Another process's view of the same store."""
        return TrainService(open_store(self.folder, "train", METADATA, self.clock, worker=2), self.model, self.dataset, LEASE_SECONDS)

    def config(self, name: str = "standard", **facts: Any) -> TrainConfig:
        return self.service.create_config(caller(), **{"model_id": self.project, "name": name, "options": TINY, **facts})

    def task(self, config: TrainConfig | None = None, **facts: Any) -> TrainTask:
        config = config or self.config(name=f"c{self.db.ids.next()}")
        asked = {"train_config_id": config.id, "train_dataset_version_id": TRAIN_DATA, **facts}
        return self.service.create_task(caller(), **asked).train_task

    def claimed(self, **facts: Any) -> TrainTask:
        """A new task that a worker holds; no other task must wait."""
        task = self.task(**facts)
        held = self.service.lifecycle.claim("w")
        assert held is not None
        assert held.id == task.id
        return held

    def base(self, folder: Path | None = None) -> ModelVersion:
        """A trained version of another model; its weights are those in ``folder``."""
        other = self.models.create_project(caller(), name=f"base-{self.db.ids.next()}").id
        train = caller(service="train")
        made = self.models.create_version(train, project_id=other)
        self.models.start_training(train, id=made.id, train_task_id=made.id)
        uri, digest = self.artifacts.publish(folder) if folder else ("artifact://sha256:" + "33" * 32, "sha256:" + "33" * 32)
        return self.models.record_trained(train, id=made.id, train_task_id=made.id, artifact_uri=uri, artifact_digest=digest)

    def now(self, task: TrainTask) -> TrainTask:
        return self.service.get_task(caller(space=task.project_space_id), id=task.id)

    def version(self, task: TrainTask) -> ModelVersion:
        return self.models.get_version(caller(), id=task.model_version_id)

    def relay(self) -> int:
        """One round of the real relay."""
        return Relay(self.db, deliveries({TRAINING_ENDED: self.model.call})).run_once()

    def curve(self, task: TrainTask, **facts: Any) -> list[tuple[int, str, float, int]]:
        """(step, name, value, attempt) of every page."""
        found, cursor = [], None
        while True:
            page = self.service.list_metrics(caller(), **{"task_id": task.id, "page": PageRequest(cursor, 500), **facts})
            found += [(point.step, point.name, point.value, point.attempt) for point in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found

    def events(self, task: TrainTask) -> list[str]:
        """The history of a task."""
        table = self.db.table("state_event")
        with self.db.read() as conn:
            return list(
                conn.execute(table.select().with_only_columns(table.c.event).where(table.c.entity_id == task.id).order_by("id")).scalars()
            )

    def close(self) -> None:
        self.db.close()
        self.models.db.close()


class LightWork(TrainWork):
    """The real work with an engine that counts instead of training: still a child process, without the seconds torch takes to load."""

    steps = 3

    def prepare(self, task: TrainTask) -> Job:
        super().prepare(task)
        return Job("tests.support.engines:count", {"steps": self.steps})


class Bench:
    """A world whose tasks a worker really does."""

    def __init__(self, world: World, folder: Path, light: bool) -> None:
        self.world, self.folder = world, folder
        kind = LightWork if light else TrainWork
        self.work = kind(world.service, world.model, world.dataset, world.artifacts)
        data = folder / "data"
        data.mkdir()
        self.write(data, [("What does {} do?", "{} counts."), ("Explain {}.", "{} counts.")])
        uri, _ = world.artifacts.publish(data)
        world.dataset.add(TRAIN_DATA, uri=uri, part="train", content_hash="sha256:" + "aa" * 32)
        world.dataset.add(VALID_DATA, uri=uri, part="whole", content_hash="sha256:" + "bb" * 32)

    @staticmethod
    def write(folder: Path, forms: list[tuple[str, str]]) -> None:
        rows = [
            {"instruction": ask.format(name), "input": "", "output": answer.format(name)}
            for name in ("json.dumps", "math.gcd", "re.sub", "os.walk")
            for ask, answer in forms
        ]
        (folder / "part-00000.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def attempt(self, task: TrainTask, dies: bool = False) -> TrainTask:
        """One attempt of a worker process at the oldest task, which is ``task``; then the task as it is. dies: it is killed on the way."""
        self.world.clock.advance(60)
        self.world.service.lifecycle.sweep()
        held = self.world.service.lifecycle.claim("worker")
        assert held is not None
        assert held.id == task.id
        attempt = Attempt(held, self.world.service.lifecycle, self.work, self.task_folder(task), threading.Event(), EXECUTOR)
        if not dies:
            attempt.run()
            return self.world.now(task)
        try:
            attempt.run()
        except Killed:
            return self.world.now(task)
        raise AssertionError("it was not killed")

    def in_background(self, task: TrainTask) -> threading.Thread:
        thread = threading.Thread(target=self.attempt, args=(task,), daemon=True)
        thread.start()
        return thread

    def task_folder(self, task: TrainTask) -> Path:
        return self.folder / "work" / str(task.id)

    def objects(self) -> int:
        """How many artifacts there are beside the data."""
        return len(list((self.folder / "artifacts" / "objects").glob("*/*"))) - 1


def page_of(cursor: str | None, limit: int) -> Any:
    return idl.load("base").PageReq(cursor=cursor, limit=limit)
