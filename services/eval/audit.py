"""What the auditor knows of the eval domain: a finished task's figures rest on all of its items, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Reference, Report, Subject, check_common, check_once
from libs.common.work.task import MACHINE, TaskStatus
from libs.people.audit import check_people
from libs.people.states import ITEMS
from services.eval.repository import METADATA

_config, _task, _item = (METADATA.tables[name] for name in ("eval_config", "eval_task", "eval_item"))
_prompt, _prompt_version = (METADATA.tables[name] for name in ("prompt", "prompt_version"))
SUBJECTS = (
    Subject("eval_task", _task, MACHINE, reserves=_task.c.rated_task_id == 0),
    Subject("people_item", METADATA.tables["people_item"], ITEMS),
)


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    check_once(books, report, _config, "model_id", "name")
    check_once(books, report, _item, "task_id", "position")
    check_once(books, report, _prompt, "project_space_id", "name")
    check_once(books, report, _prompt_version, "prompt_id", "number")
    _check_prompts(books, report)
    counted = sa.select(_task.c.id, _task.c["items"], sa.func.count(_item.c.id)).outerjoin(_item, _item.c.task_id == _task.c.id)
    measured = (_task.c.status == int(TaskStatus.SUCCEEDED), _task.c.rated_task_id == 0, _task.c.purged == 0)
    for id, said, found in books.rows(counted.where(*measured).group_by(_task.c.id, _task.c["items"])):
        report.saw("LINEAGE", "evaluations")
        if said != found:
            report.wrong("LINEAGE", books.service, "eval_task", id, f"its figures are over {said} items, {found} are stored")
    _check_ratings(books, report)
    _check_purged(books, report)
    check_people(books, report, patience)


def _check_prompts(books: Books, report: Report) -> None:
    """A prompt shows the words of its newest version, which is there."""
    version = _prompt_version
    newest = sa.and_(version.c.prompt_id == _prompt.c.id, version.c.number == _prompt.c.newest)
    query = sa.select(_prompt.c.id, _prompt.c.newest, _prompt.c.content_hash, version.c.content_hash).outerjoin(version, newest)
    for id, number, shown, said in books.rows(query):
        report.saw("LINEAGE", "prompts")
        if shown != said:
            report.wrong("LINEAGE", books.service, "prompt", id, f"it does not show the words of version {number}")


def _check_ratings(books: Books, report: Report) -> None:
    """What people rated is there, with as many outputs as their figures are over."""
    run = _task.alias("run")
    query = sa.select(_task.c.id, _task.c["items"], run.c.id, run.c["items"]).outerjoin(run, run.c.id == _task.c.rated_task_id)
    rated = (_task.c.status == int(TaskStatus.SUCCEEDED), _task.c.rated_task_id != 0)
    for id, said, of, found in books.rows(query.where(*rated)):
        report.saw("LINEAGE", "ratings")
        if of is None or said != found:
            report.wrong("LINEAGE", books.service, "eval_task", id, f"it rates {said} outputs, {found or 0} are stored")


def _check_purged(books: Books, report: Report) -> None:
    """What repeated a purged test is gone."""
    left = sa.select(_task.c.id, sa.func.count(_item.c.id)).outerjoin(_item, _item.c.task_id == _task.c.id)
    for id, found in books.rows(left.where(_task.c.purged == 1).group_by(_task.c.id)):
        report.saw("LINEAGE", "purged evaluations")
        if found:
            report.wrong("LINEAGE", books.service, "eval_task", id, f"its test was purged, {found} items still repeat it")


def artifacts(_books: Books) -> Iterator[Reference]:
    """An evaluation makes none."""
    return iter(())


def evaluated(books: Books) -> Iterator[Any]:
    """(id, target_digest, items) of every task that succeeded."""
    query = sa.select(_task.c.id, _task.c.target_digest, _task.c["items"]).where(_task.c.status == int(TaskStatus.SUCCEEDED))
    yield from books.rows(query)
