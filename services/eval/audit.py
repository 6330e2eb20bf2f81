"""What the auditor knows of the eval domain: a finished task's figures rest on all of its items, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Reference, Report, Subject, check_common, check_once
from libs.common.work.task import MACHINE, TaskStatus
from services.eval.repository import METADATA

_config, _task, _item = (METADATA.tables[name] for name in ("eval_config", "eval_task", "eval_item"))
SUBJECTS = (Subject("eval_task", _task, MACHINE),)


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    check_once(books, report, _config, "model_id", "name")
    check_once(books, report, _item, "task_id", "position")
    counted = sa.select(_task.c.id, _task.c["items"], sa.func.count(_item.c.id)).outerjoin(_item, _item.c.task_id == _task.c.id)
    for id, said, found in books.rows(counted.where(_task.c.status == int(TaskStatus.SUCCEEDED)).group_by(_task.c.id, _task.c["items"])):
        report.saw("LINEAGE", "evaluations")
        if said != found:
            report.wrong("LINEAGE", books.service, "eval_task", id, f"its figures are over {said} items, {found} are stored")


def artifacts(_books: Books) -> Iterator[Reference]:
    """An evaluation makes none."""
    return iter(())


def evaluated(books: Books) -> Iterator[Any]:
    """(id, target_digest, items) of every task that succeeded."""
    query = sa.select(_task.c.id, _task.c.target_digest, _task.c["items"]).where(_task.c.status == int(TaskStatus.SUCCEEDED))
    yield from books.rows(query)
