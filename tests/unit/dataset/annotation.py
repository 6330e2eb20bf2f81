"""Annotation on a real store: tasks that people have, and a legal call of each of its verbs."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from libs.common.work.human import HumanAttempt
from libs.people.records import Work
from services.dataset.domain.task import DatasetTask
from services.dataset.domain.version import DatasetVersion
from services.dataset.worker import Annotating
from tests.support.stores import caller
from tests.unit.dataset.world import Sub, World
from tests.unit.dataset_engine.make import version_of

CHANGES = (
    *("CreatePool", "UpdatePool", "CreateTemplate", "UpdateTemplate", "StartAnnotation", "ClaimWork", "ClaimInspection", "SubmitWork"),
    *("KeepWork", "SkipWork", "ReleaseWork", "UndoWork", "DecideWork"),
)
VERBS = (
    *CHANGES,
    *("GetPool", "ListPools", "GetTemplate", "ListTemplates", "GetAnnotation", "ListMembers", "GetAgreement"),
    *("GetMyWork", "ListMyAnswers"),
)
WITHOUT_ID = {"CreatePool", "ListPools", "CreateTemplate", "ListTemplates", "GetMyWork"}
GOOD, BAD = {"label": "positive"}, {"label": "negative"}


class Annotated:
    """Annotation of the versions of a world."""

    def __init__(self, world: World) -> None:
        self.world, self.service = world, world.service
        self.items = Annotating(world.service, world.artifacts, world.folder / "annotating")
        self.template = self.service.create_template(caller(), name="feeling", sub_type=Sub.Sentiment_Analysis)

    def texts(self, count: int = 3, content: str = "cc") -> DatasetVersion:
        """A version of texts ``t1``, ``t2`` … content: two digits of its content hash."""
        return self.version([{"text": f"t{number}"} for number in range(1, count + 1)], content)

    def version(self, rows: list[dict[str, Any]], content: str, **facts: Any) -> DatasetVersion:
        folder = version_of(rows, self.world.folder / f"made-{content}", 400)
        facts |= {"uri": self.world.artifacts.publish(folder)[0], "records": len(rows), "kind": "documents"}
        return self.world.version(content, **facts)

    def start(self, version: DatasetVersion, **facts: Any) -> DatasetTask:
        """A task that people have."""
        asked = {"dataset_id": version.dataset_id, "sub_type": Sub.Sentiment_Analysis, "name": "feelings", "template_id": self.template.id}
        task: DatasetTask = self.service.start_annotation(caller(), input_version_id=version.id, **{**asked, **facts})
        assert self.work(task) == "WAITING_HUMAN", self.world.now(task).error
        return task

    def work(self, task: DatasetTask) -> str:
        """What a worker does about it; "" where it has nothing to do."""
        held = self.service.human.claim("w")
        if held is None:
            return ""
        assert held.id == task.id
        return HumanAttempt(self.items, self.service.human, held, threading.Event()).run()

    def claim(self, person: int, task: DatasetTask, want: int = 1) -> list[Work]:
        found: list[Work] = self.service.claim_work(caller(user=person), task_id=task.id, want=want).work
        return found

    def answer(self, person: int, task: DatasetTask, labels: dict[str, str]) -> None:
        """All that a person is given; labels: by text, else positive."""
        while work := self.claim(person, task):
            said = {"label": labels.get(str(work[0].content["text"]), "positive")}
            self.service.submit_work(caller(user=person), id=work[0].id, answer=said)

    def pool(self, name: str, *users: int) -> int:
        pool: int = self.service.create_pool(caller(), name=name, users=list(users)).id
        return pool


def facts(world: World) -> dict[str, dict[str, Any]]:
    """A legal call of every verb, on things that are there, by user 1, who annotates and inspects."""
    annotated = Annotated(world)
    pool = annotated.pool("all", 1, 2)
    version = annotated.texts(8)
    task = annotated.start(version, rule={"inspect_percent": 100.0, "at_once": 9}, inspectors=[pool])
    for work in annotated.claim(2, task, want=2):
        world.service.submit_work(caller(user=2), id=work.id, answer=BAD)
    submit, keep, skip, release, undo = (work.id for work in annotated.claim(1, task, want=5))
    world.service.submit_work(caller(user=1), id=undo, answer=GOOD)
    (decide,) = world.service.claim_inspection(caller(user=1), task_id=task.id).work
    start = {"dataset_id": version.dataset_id, "sub_type": 3004, "name": "n", "input_version_id": version.id}
    return {
        "CreatePool": {"name": "new", "users": [1]},
        "UpdatePool": {"id": pool, "users": [1], "expected_version": 0},
        "GetPool": {"id": pool},
        "ListPools": {},
        "CreateTemplate": {"name": "new", "sub_type": 3004},
        "UpdateTemplate": {"id": annotated.template.id, "body_json": json.dumps(annotated.template.body), "expected_version": 0},
        "GetTemplate": {"id": annotated.template.id},
        "ListTemplates": {},
        "StartAnnotation": {**start, "template_id": annotated.template.id},
        **{name: {"task_id": task.id} for name in ("GetAnnotation", "ListMembers", "GetAgreement", "ListMyAnswers")},
        "GetMyWork": {},
        "ClaimWork": {"task_id": task.id, "want": 6},
        "ClaimInspection": {"task_id": task.id, "want": 2},
        "SubmitWork": {"id": submit, "answer_json": json.dumps(GOOD)},
        "KeepWork": {"id": keep, "draft_json": json.dumps(BAD)},
        "SkipWork": {"id": skip, "reason": "no text"},
        "ReleaseWork": {"id": release},
        "UndoWork": {"id": undo},
        "DecideWork": {"id": decide.id, "verdict": 1},
    }


def lines_of(folder: Path) -> list[dict[str, Any]]:
    """What stands in the one part of a folder."""
    return [json.loads(line) for line in (folder / "part-00000.jsonl").read_text(encoding="utf-8").splitlines()]
