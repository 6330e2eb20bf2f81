"""Runs the steps of a plan one after the other, each by its own engine in a folder of its own, and keeps one account of all of them.

A killed run goes on in the step it was in: finished steps know their results. Steps in front whose outputs are there already are not run;
what they left out and changed is taken over, so that the account is always that of the whole plan:
``in + added = out + Σ dropped``, each drop with the number of its step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

from libs.common import durable
from libs.common.errors import PlatformError
from libs.common.work.engine import Reporter
from libs.data.blobs import link_or_copy
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.ledger import Ledger
from services.dataset.engine.publishing import LEDGER
from services.dataset.engine.shards import CHANGES, DROPPED, OUT

STEPS = "steps"
Facts = dict[str, Any]


def folder_of(work: Path, place: int) -> Path:
    """Where a step works. place: counted from 0."""
    return work / STEPS / f"{place:02d}"


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> Facts:
    """job: ``input`` (folder of the version that the first step to run reads), ``steps`` (as ``plan.Step.to_json``), ``before`` (facts of
    the steps in front that need not run: ``{"kind", "hash", "ledger", "dropped", "changes"}``, the last two folders or "").

    Returns what its last step returns, with ``ledger`` over all steps, ``steps`` (``{"kind", "hash", "ledger", "reused"}``) and ``folder``,
    where below ``work`` the output is. Raises what a step raises, its field below ``steps[i]``.
    """
    refuse_unknown(job, ("input", "steps", "before"))
    steps: list[Facts] = job_field(job, "steps", list)
    before: list[Facts] = job.get("before") or []
    folder, done, result = Path(job_field(job, "input", str)), [{**each, "reused": True} for each in before], {}
    try:
        for place in range(len(before), len(steps)):
            result = run_step(steps[place], folder, folder_of(work, place), Within(report, place, len(steps)), f"steps[{place}]")
            folder = folder_of(work, place) / OUT
            sides = {side: str(folder_of(work, place) / side) for side in (DROPPED, CHANGES)}
            done.append({"kind": steps[place]["kind"], "hash": steps[place]["hash"], "ledger": result["ledger"], "reused": False, **sides})
    except PlatformError:
        _gather(work, [*done, {DROPPED: str(folder_of(work, len(done)) / DROPPED)}])  # what would go can then be read
        raise
    ledger = total(done)
    _gather(work, done)
    durable.write_json(work / DROPPED / LEDGER, ledger.to_json())
    told = [{key: each[key] for key in ("kind", "hash", "ledger", "reused")} for each in done]
    return {
        **result,
        "ledger": {**ledger.to_json(), "steps": [_counted(each) for each in told]},
        "steps": told,
        "folder": f"{STEPS}/{len(steps) - 1:02d}/{OUT}",
    }


def run_step(step: Mapping[str, Any], folder: Path, work: Path, report: Reporter, path: str) -> Facts:
    """One step over the version in ``folder``."""
    module, _, name = step["entry"].partition(":")
    work.mkdir(parents=True, exist_ok=True)
    try:
        result: Facts = getattr(import_module(module), name)({"input": str(folder), **step["arguments"]}, work, report)
    except PlatformError as error:
        error.field = f"{path}.{error.field}" if error.field else path
        error.details["step"] = step["kind"]
        raise
    return result


def total(done: Sequence[Facts]) -> Ledger:
    """Steps that read what the one before wrote, as one account. Raises INTERNAL where they do not meet."""
    ledger = reduce(Ledger.followed_by, [Ledger.from_json(each["ledger"]) for each in done])
    ledger.check()
    return ledger


def _counted(step: Facts) -> Facts:
    return {"kind": step["kind"], **step["ledger"]}


def _gather(work: Path, done: Sequence[Facts]) -> None:
    """Drops of all steps in one folder, each line with its step; changes in a folder per step, for whoever follows a record through."""
    for side in (DROPPED, CHANGES):
        durable.remove(work / side)
    for number, each in enumerate(done, start=1):
        for index, part in enumerate(_parts(each.get(DROPPED))):
            _numbered(part, work / DROPPED / f"part-{number:02d}{index:05d}.jsonl", number)
        for part in _parts(each.get(CHANGES)):
            target = work / CHANGES / f"{number:02d}" / part.name
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(part, target)


def _parts(folder: str | None) -> list[Path]:
    return sorted(Path(folder).glob("part-*.jsonl")) if folder else []


def _numbered(source: Path, target: Path, number: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as lines, durable.written(target) as handle:
        for line in lines:
            handle.write(b'{"step":%d,' % number + line[1:])


class Within(Reporter):
    """Progress of one step as that of the whole: each step counts the same."""

    def __init__(self, report: Reporter, place: int, steps: int) -> None:
        self._report, self._place, self._steps = report, place, steps

    def progress(self, done: int, total: int, message: str = "") -> None:
        share = int(1000 * min(done, total) / total) if total else 0
        self._report.progress(self._place * 1000 + share, self._steps * 1000, f"step {self._place + 1} of {self._steps}: {message}")

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self._report.metric(step, values)
