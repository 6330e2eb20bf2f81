"""One audit of a whole platform: every service's books, the artifacts, the processes, and what the domains say of each other.

A live platform moves while it is read, so a finding counts only when a second look, a moment later, finds it again.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from idl import manifest
from libs.common.clock import SystemClock
from libs.common.settings import Settings
from libs.common.store import mysql
from libs.common.store.audit import Books, Patience, Report, Subject, batches, check_artifacts
from libs.common.store.database import service_url
from libs.common.store.storage import ArtifactStore
from libs.common.work.lifecycle import RULES

SETTLE_SECONDS = 3.0


def domains() -> dict[str, ModuleType]:
    """service -> what its auditor knows. Here because a look at the platform is no business of any one domain."""
    return {name: importlib.import_module(f"services.{name}.audit") for name in manifest.NAMES}


def audit(settings: Settings, patience: Callable[[], Patience] | None = None, settle_seconds: float = SETTLE_SECONDS) -> Report:
    """What is wrong, and stays so for ``settle_seconds``. patience: made anew for each look."""
    clock = SystemClock()
    patience = patience or (lambda: Patience(clock.now_ms()))
    first = look(settings, patience())
    if not first.violations:
        return first
    time.sleep(settle_seconds)
    second = look(settings, patience())
    objects = {(found.invariant, found.service, found.kind, found.id) for found in first.violations}
    second.violations = [v for v in second.violations if (v.invariant, v.service, v.kind, v.id) in objects]
    return second


def look(settings: Settings, patience: Patience) -> Report:
    """One look. A service that has stored nothing yet is left out."""
    report, known = Report(), domains()
    home = settings.home_path
    with ExitStack() as stack:
        books: dict[str, Books] = {}
        for service, domain in known.items():
            url = _url(settings, service)
            if url is not None:
                books[service] = Books(service, url, domain.METADATA)
                stack.callback(books[service].close)
                domain.check(books[service], report, patience)
                report.saw("services", service)
        if (home / "artifacts").is_dir():
            store = ArtifactStore(home / "artifacts")
            check_artifacts(store, (found for service in books for found in known[service].artifacts(books[service])), report)
            if "deploy" in books:
                known["deploy"].check_bundles(books["deploy"], store, report)
        if "deploy" in books:
            known["deploy"].check_processes(books["deploy"], home, report)
        if "resource" in books:
            _check_reservations(books, known, report, patience)
        if {"model", "train"} <= books.keys():
            _check_training(books, known, report)
        if {"model", "eval"} <= books.keys():
            _check_evaluation(books, known, report)
        if {"model", "deploy"} <= books.keys():
            _check_release(books, known, report)
    return report


def _url(settings: Settings, service: str) -> str | None:
    """None for a service without a store: one that came with an upgrade has none before `migrate`."""
    url = service_url(settings.database_url, settings.home_path, service)
    there = mysql.is_there(url) if settings.database_url else (settings.home_path / "records" / f"{service}.db").exists()
    return url if there else None


# --- what the domains say of each other


def _check_training(books: Mapping[str, Books], known: Mapping[str, ModuleType], report: Report) -> None:
    """The model domain has for every finished training the weights the train domain says it made."""
    version = books["model"].table("model_version")
    for batch in batches(known["train"].trained(books["train"])):
        found = books["model"].by_key(
            version.c.id, [row.model_version_id for row in batch], version.c.train_task_id, version.c.artifact_digest
        )
        for row in batch:
            report.saw("LINEAGE", "trainings in the model domain")
            there = found.get(row.model_version_id)
            if there is None or (there.train_task_id, there.artifact_digest) != (row.id, row.artifact_digest):
                report.wrong("LINEAGE", "train", "train_task", row.id, f"{row.artifact_digest}; the model domain has {_shown(there)}")


def _check_reservations(books: Mapping[str, Books], known: Mapping[str, ModuleType], report: Report, patience: Patience) -> None:
    """I7: a reservation that is kept up is of a task that runs, and where something is bounded what runs has one."""
    resource = known["resource"]
    held, bounded = resource.held_for(books["resource"]), resource.is_bounded(books["resource"])
    for service, domain in known.items():
        for subject in domain.SUBJECTS if service in books else ():
            if subject.reserves is not None:
                _check_held(books[service], subject, held.get(subject.entity, {}), report, patience)
                if bounded:
                    _check_runs(books[service], subject, books["resource"], report, patience)


def _check_held(books: Books, subject: Subject, held: Mapping[tuple[int, int], int], report: Report, patience: Patience) -> None:
    """held: task and epoch -> when its reservation was last kept up."""
    table = subject.table
    found = books.by_key(table.c.id, [id for id, _ in held], table.c.status, table.c.epoch, table.c.update_time)
    for (id, epoch), kept in held.items():
        report.saw("I7", "reservations of tasks")
        task = found.get(id)
        runs = task is not None and task.status in RULES.held and task.epoch == epoch
        if not runs and (task is None or kept > task.update_time + patience.lease):
            report.wrong("I7", books.service, subject.entity, id, f"its reservation of epoch {epoch} is kept up, and it does not run so")


def _check_runs(books: Books, subject: Subject, resource: Books, report: Report, patience: Patience) -> None:
    assert subject.reserves is not None
    table, reservation = subject.table, resource.table("reservation")
    running = (subject.reserves, table.c.status.in_([int(status) for status in RULES.held]), table.c.lease_until > patience.now)
    for row in books.rows(sa.select(table.c.id, table.c.epoch, table.c.start_time).where(*running)):
        report.saw("I7", "tasks that run")
        holder = f"{subject.entity}/{row.id}/{row.epoch}"
        has = any(True for _ in resource.rows(sa.select(reservation.c.id).where(reservation.c.holder == holder)))
        if not has and row.start_time + patience.lease < patience.now:
            report.wrong("I7", books.service, subject.entity, row.id, f"it runs in epoch {row.epoch} and never reserved anything")


def _check_evaluation(books: Mapping[str, Books], known: Mapping[str, ModuleType], report: Report) -> None:
    evidence = books["model"].table("evidence")
    for batch in batches(known["eval"].evaluated(books["eval"])):
        found = books["model"].by_key(evidence.c.eval_task_id, [row.id for row in batch], evidence.c.digest, evidence.c["items"])
        for row in batch:
            report.saw("LINEAGE", "evaluations in the model domain")
            there = found.get(row.id)
            if there is None or tuple(there)[1:] != (row.target_digest, tuple(row)[2]):
                report.wrong("LINEAGE", "eval", "eval_task", row.id, f"{tuple(row)[1:]}; the model domain has {_shown(there)}")


def _check_release(books: Mapping[str, Books], known: Mapping[str, ModuleType], report: Report) -> None:
    """An order's weights are its version's, and its evaluation exists."""
    version = books["model"].table("model_version")
    for batch in batches(known["deploy"].released(books["deploy"])):
        found = books["model"].by_key(version.c.id, [row.model_version_id for row in batch], version.c.artifact_digest)
        tasks = _tasks(books, [row.eval_task_id for row in batch if row.eval_task_id])
        for row in batch:
            report.saw("LINEAGE", "orders in the model domain")
            there = found.get(row.model_version_id)
            if there is None or there.artifact_digest != row.artifact_digest:
                report.wrong("LINEAGE", "deploy", "work_order", row.id, f"{row.artifact_digest}; the model domain has {_shown(there)}")
            if tasks is not None and row.eval_task_id and row.eval_task_id not in tasks:
                report.wrong("LINEAGE", "deploy", "work_order", row.id, f"evaluation {row.eval_task_id} does not exist")


def _tasks(books: Mapping[str, Books], ids: list[int]) -> dict[Any, Any] | None:
    return books["eval"].by_key(books["eval"].table("eval_task").c.id, ids) if "eval" in books else None


def _shown(row: Any) -> str:
    return "nothing" if row is None else ", ".join(str(value) for value in row)


def counted(report: Report) -> Iterator[tuple[str, str, int, int]]:
    """(invariant, what was looked at, how much, violations) by invariant; the violations stand with its first line."""
    wrong = {invariant: sum(v.invariant == invariant for v in report.violations) for invariant, _ in report.looked}
    for (invariant, what), count in sorted(report.looked.items(), key=lambda item: (_rank(item[0][0]), item[0][1])):
        yield invariant, what, count, wrong.pop(invariant, 0)


def _rank(invariant: str) -> tuple[int, str]:
    number = invariant[1:]
    return (int(number), "") if number.isdecimal() else (99, invariant)
