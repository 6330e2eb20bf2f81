"""Annotation as the time door sees it: the records of a version are laid out for people, and what they said becomes the next version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from libs.common import fault
from libs.common.store.storage import ArtifactStore
from libs.common.work.lease import context
from libs.people.laying import NewItem
from libs.people.records import Assignment, Item, Job
from services.dataset.domain.task import DatasetTask
from services.dataset.engine import annotating
from services.dataset.engine.annotating import ANSWERS, Settled
from services.dataset.service import DatasetService
from services.dataset.worker.engines import publish_sides, version_of


class Annotating:
    """``Items`` of libs.common.work.human for annotation. folder: one folder per task below it, as its worker keeps them."""

    def __init__(self, service: DatasetService, artifacts: ArtifactStore, folder: Path) -> None:
        self._service, self._artifacts, self._folder = service, artifacts, folder

    def lay_out(self, task: DatasetTask) -> None:
        people, ctx = self._service.people, context(task)
        job = people.job(ctx, task.id)
        items = self._items(task, job)
        count, known = sum(1 for _ in items.asked()), sum(1 for _ in items.known())
        people.lay_out(ctx, job, count, _new(items), known)

    def conclude(self, task: DatasetTask) -> None:
        """Artifacts first, then versions and the end of the task in one transaction, as with an engine."""
        people, work = self._service.people, self._folder / str(task.id)
        job = people.job(context(task), task.id)
        told = annotating.conclude(self._items(task, job), lambda after: self._settled(job, after), task.sub_type.name, work)
        result = {**told, "agreement": [asdict(each) for each in people.agreement(job)]}
        version = version_of(self._service, self._artifacts, task, result, work / "out")
        uris = {**publish_sides(self._artifacts, work), f"{ANSWERS}_uri": self._artifacts.publish(work / ANSWERS)[0]}
        fault.point("dataset.after_answers_before_version")
        self._service.finish_annotation(task, version, {**result, **uris})

    def _items(self, task: DatasetTask, job: Job) -> annotating.Items:
        ctx = context(task)
        folder = self._artifacts.open(self._service.get_version(ctx, id=task.input_version_id).uri)
        known = self._service.known_version(job)
        known_in = self._artifacts.open(self._service.get_version(ctx, id=known).uri) if known else None
        return annotating.Items(folder, self._service.people.template(job), known_in)

    def _settled(self, job: Job, after: int) -> Iterable[Settled]:
        people = self._service.people.rule(job).people
        return (_settled(item, answers, people) for item, answers in self._service.people.answered(job, after))


def _new(items: annotating.Items) -> Iterator[NewItem]:
    for number, content in items.asked():
        yield NewItem(number, content)
    for known in items.known():
        yield NewItem(known.number, dict(known.content), gold_answer=dict(known.answer))


def _settled(item: Item, answers: list[Assignment], people: int) -> Settled:
    why = item.note if item.inspector_id else "tied" if len(answers) >= people else "skipped"
    told: dict[str, Any] = {
        "answers": [{"person_id": str(each.person_id), "answer": each.answer, "time": each.submit_time} for each in answers],
        "result": item.result,
        "share": item.share,
        "inspector_id": str(item.inspector_id) if item.inspector_id else None,
        "rounds": item.round + 1,
    }
    return Settled(item.number, item.result, "" if item.result else why, told)
