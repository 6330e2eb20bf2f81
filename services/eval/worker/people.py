"""Rating as the time door sees it: stored outputs are laid out for people, and what they said becomes evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from libs.common.work.lease import context
from libs.people.laying import NewItem
from libs.people.records import Job
from services.eval.domain.raters import Raters
from services.eval.domain.task import EvalTask
from services.eval.engine import rating
from services.eval.engine.ratings import RATINGS
from services.eval.service import EvalService


class Rating:
    """``Items`` of libs.common.work.human for rating."""

    def __init__(self, service: EvalService) -> None:
        self._service = service

    def lay_out(self, task: EvalTask) -> None:
        people, ctx = self._service.people, context(task)
        job = people.job(ctx, task.id)
        count = sum(1 for _ in self._items(task, job))
        people.lay_out(ctx, job, count, self._items(task, job))

    def conclude(self, task: EvalTask) -> None:
        people = self._service.people
        job, raters = people.job(context(task), task.id), Raters.from_dict(task.snapshot["config"]["people"])
        kind, agreement = RATINGS[raters.kind], people.agreement(job)
        said = rating.listen(kind, raters.good, people.template(job), self._service.judged(job))
        told: dict[str, Any] = {
            "agreement": [asdict(each) for each in agreement],
            "labels": {name: dict(sorted(counts.items())) for name, counts in said.labels.items()},
            "raters": len(said.items),
        }
        rated = len(said.values) if kind.field else said.answered
        self._service.finish_rating(task, rating.figures(said, agreement, kind), rated, told)

    def _items(self, task: EvalTask, job: Job) -> Iterator[NewItem]:
        ours = self._service.outputs_of(task, task.rated_task_id)
        theirs = self._service.outputs_of(task, task.against_task_id) if task.against_task_id else None
        for number, content in rating.items(ours, theirs, self._service.people.template(job), job.seed):
            yield NewItem(number, content)
