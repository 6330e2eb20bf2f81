"""Rating on a real store: a run with stored outputs, tasks that people have, and a legal call of each verb of people's work."""

from __future__ import annotations

import json
import threading
from typing import Any

from idl.enums import InspectionVerdict, RatingType
from libs.common.rpc.wire import domain_name
from libs.common.store.repository import PageRequest
from libs.common.work.human import HumanAttempt
from libs.people.records import Work
from services.eval.domain.config import EvalConfig
from services.eval.domain.item import EvalItem
from services.eval.domain.task import EvalTask
from services.eval.worker import Rating
from services.model.domain.gate import GateVerdict
from services.model.domain.version import ModelVersion
from tests.support.stores import caller
from tests.unit.eval.world import World

_ALL = PageRequest(None, 500)


class Rated:
    """Rating of the runs of a world."""

    def __init__(self, world: World) -> None:
        self.world, self.service = world, world.service
        self.items = Rating(world.service)

    def config(
        self, kind: RatingType = RatingType.Scale_Rating, name: str = "", body: dict[str, Any] | None = None, **facts: Any
    ) -> EvalConfig:
        """One that names people who are asked what this kind begins with."""
        name = name or kind.name
        template = self.service.create_template(caller(), name=name, rating_type=kind, body=body)
        return self.world.config(name=name, template_id=template.id, **facts)

    def run(self, config: EvalConfig, outputs: list[str], version: ModelVersion | None = None, failed: int = 0) -> EvalTask:
        """An evaluation that a worker has done; the last ``failed`` outputs are none."""
        version = version or self.world.trained()
        task = self.service.create_task(caller(), eval_config_id=config.id, model_version_id=version.id).eval_task
        held = self.service.lifecycle.claim("w")
        assert held is not None
        assert held.id == task.id
        self.service.started(held)
        lost = len(outputs) - failed
        made = [_item(self.world, task, place, text, "" if place < lost else "TIMED_OUT") for place, text in enumerate(outputs)]
        self.service.keep_result(held, made, {"exact_match": 1.0, "leak": 0.0}, failed, {})
        return self.service.finish(held)

    def start(self, run: EvalTask, config: EvalConfig, **facts: Any) -> EvalTask:
        """A task that people have."""
        task: EvalTask = self.service.start_rating(caller(), eval_task_id=run.id, eval_config_id=config.id, **facts)
        assert self.work(task) == "WAITING_HUMAN", self.world.now(task).error
        return task

    def work(self, task: EvalTask) -> str:
        """What a worker does about it; "" where it has nothing to do."""
        held = self.service.human.claim("w")
        if held is None:
            return ""
        assert held.id == task.id
        return HumanAttempt(self.items, self.service.human, held, threading.Event()).run()

    def claim(self, person: int, task: EvalTask, want: int = 1) -> list[Work]:
        found: list[Work] = self.service.claim_work(caller(user=person), task_id=task.id, want=want).work
        return found

    def rate(self, person: int, task: EvalTask, answers: dict[str, Any], field: str = "score") -> None:
        """All that a person is given; answers: by what an output says."""
        while work := self.claim(person, task):
            self.service.submit_work(caller(user=person), id=work[0].id, answer={field: answers[work[0].content["output"]]})

    def verdict(self, task: EvalTask) -> GateVerdict:
        return self.world.models.check_gate(caller(), model_version_id=task.model_version_id, digest=task.target_digest)

    def pool(self, name: str, *users: int) -> int:
        pool: int = self.service.create_pool(caller(), name=name, users=list(users)).id
        return pool


def _item(world: World, task: EvalTask, place: int, text: str, error: str) -> EvalItem:
    return EvalItem(
        id=world.db.ids.next(),
        task_id=task.id,
        project_space_id=1,
        position=place,
        record_id=f"r{place}",
        input=f"q{place}",
        expected=f"e{place}",
        output="" if error else text,
        exact_match=not error,
        token_f1=1.0,
        nll=-1.0,
        answer_tokens=0,
        latency_ms=1.0,
        error=error,
    )


def of(world: World, method: str) -> dict[str, Any]:
    """A legal call as the service takes it: texts read, numbers as what they name, the expected version left to the context."""
    kinds = {"rating_type": RatingType, "verdict": InspectionVerdict}
    read = {
        name: kinds[name](value) if name in kinds else value for name, value in facts(world)[method].items() if name != "expected_version"
    }
    return {domain_name(name): json.loads(value) if name.endswith("_json") else value for name, value in read.items()}


def facts(world: World) -> dict[str, dict[str, Any]]:
    """A legal call of every verb, on things that are there, by user 1, who rates and inspects."""
    rated = Rated(world)
    pool = rated.pool("all", 1, 2)
    config = rated.config(rule={"inspect_percent": 100.0, "at_once": 9}, inspectors=[pool])
    run = rated.run(config, [f"o{number}" for number in range(8)])
    task = rated.start(run, config)
    for work in rated.claim(2, task, want=2):
        world.service.submit_work(caller(user=2), id=work.id, answer={"score": 2})
    submit, keep, skip, release, undo = (work.id for work in rated.claim(1, task, want=5))
    world.service.submit_work(caller(user=1), id=undo, answer={"score": 4})
    (decide,) = world.service.claim_inspection(caller(user=1), task_id=task.id).work
    template = world.service.list_templates(caller(), page=_ALL).items[0]
    return {
        "CreatePool": {"name": "new", "users": [1]},
        "UpdatePool": {"id": pool, "users": [1], "expected_version": 0},
        "GetPool": {"id": pool},
        "ListPools": {},
        "CreateTemplate": {"name": "new", "rating_type": 1},
        "UpdateTemplate": {"id": template.id, "body_json": json.dumps(template.body), "expected_version": 0},
        "GetTemplate": {"id": template.id},
        "ListTemplates": {},
        "StartRating": {"eval_task_id": run.id},
        **{name: {"task_id": task.id} for name in ("GetRating", "GetRaters", "ListMembers", "GetAgreement", "ListMyAnswers")},
        "GetMyWork": {},
        "ClaimWork": {"task_id": task.id, "want": 6},
        "ClaimInspection": {"task_id": task.id, "want": 2},
        "SubmitWork": {"id": submit, "answer_json": json.dumps({"score": 3})},
        "KeepWork": {"id": keep, "draft_json": json.dumps({"score": 1})},
        "SkipWork": {"id": skip, "reason": "no sense"},
        "ReleaseWork": {"id": release},
        "UndoWork": {"id": undo},
        "DecideWork": {"id": decide.id, "verdict": 1},
    }
