"""A plan on a sample of a version: what each step would leave out and change, and each record before the first and after the last step.

The real engines, on a small version of their own; nobody is asked how much may go. A step that cannot work on so few records (a split of
one group) says why, and the look ends there. The same plan on the same version gives the same answer, to the byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import Reporter
from libs.data.records import PARENT, Record, content_of
from libs.data.versions import read_records
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.sampling import SAMPLE_BYTES, SHOWN, as_version, bound, cut, differing, spread
from services.dataset.engine.shards import CHANGES, DROPPED, OUT
from services.dataset.engine.steps import folder_of, run_step
from services.dataset.engine.thumbnail import pictured

ALLOW = "allow_drop_share"
SHOWN_MADE = 10
_ENDS = (Reason.NO_RECORDS_LEFT, Reason.INVALID_ARGUMENT, Reason.SPLIT_LEAK, Reason.ROW_INVALID)  # of so few records, or of these


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``input``, ``steps`` as of the real run, ``records``: of how many the sample is.

    Returns steps (kind, ledger, changed, problem), dropped, changed and made (the first of each), records, whole.
    """
    refuse_unknown(job, ("input", "steps", "records", "memory_bytes"))
    bound(job)
    source = Path(job_field(job, "input", str))
    sample, whole = spread(source, job_field(job, "records", int), SAMPLE_BYTES)
    look = _Look(sample)
    folder = as_version(sample, work / "sample", source)
    for place, step in enumerate(job_field(job, "steps", list)):
        here = folder_of(work, place)
        try:
            result = run_step(unasked(step), folder, here, report, f"steps[{place}]")
        except PlatformError as error:
            if error.reason not in _ENDS:
                raise
            look.ended(step["kind"], here, error)
            break
        look.passed(step["kind"], here, result)
        folder = here / OUT
    return {**look.told(_outputs(folder)), "records": len(sample), "whole": whole}


def unasked(step: Mapping[str, Any]) -> dict[str, Any]:
    """The step as it runs where much may go."""
    options = step["arguments"]["options"]
    return {**step, "arguments": {**step["arguments"], "options": {**options, **({ALLOW: 1.0} if ALLOW in options else {})}}}


def _outputs(folder: Path) -> Iterator[tuple[Path, Record]]:
    """Of a version, or of the parts of a split, each with the folder it is in."""
    parts = [folder] if (folder / "manifest.json").exists() else sorted(path for path in folder.iterdir() if path.is_dir())
    return ((part, record) for part in parts for record in read_records(part))


class _Look:
    """Follows the sampled records through the steps."""

    def __init__(self, sample: Sequence[Record]) -> None:
        self._before = {record["id"]: record for record in sample}
        self._now = {id: id for id in self._before}
        self._touched: dict[str, list[str]] = {id: [] for id in self._before}
        self._steps: list[dict[str, Any]] = []
        self._dropped: list[dict[str, Any]] = []

    def passed(self, kind: str, work: Path, result: Mapping[str, Any]) -> None:
        self._steps.append({"kind": kind, "ledger": result["ledger"], "changed": self._follow(kind, work), "problem": ""})
        self._leave(work)

    def ended(self, kind: str, work: Path, error: PlatformError) -> None:
        """At a step that did not get through: what it would have left out is seen, what came before it stays."""
        problem = f"{error.reason.name}: {error.limit or error.field or ''}"
        self._steps.append({"kind": kind, "ledger": error.details.get("ledger", {}), "changed": 0, "problem": problem[:500]})
        self._leave(work)

    def told(self, outputs: Iterator[tuple[Path, Record]]) -> dict[str, Any]:
        found = {record["id"]: (part, record) for part, record in outputs}
        after = {id: record for id, (_, record) in found.items()}
        changed = [self._change(id, after[now]) for id, now in self._now.items() if self._touched[id] and now in after]
        known = set(self._now.values())
        made = [_made(*each) for each in islice((each for id, each in found.items() if id not in known), SHOWN_MADE)]
        return {"steps": self._steps, "dropped": self._dropped[:SHOWN], "changed": changed[:SHOWN], "made": made}

    def _change(self, id: str, after: Record) -> dict[str, Any]:
        return {"id": id, "rules": self._touched[id], "changes": differing(self._before[id], after)}

    def _follow(self, kind: str, work: Path) -> int:
        """How many records the step changed."""
        fate = {line["id"]: line["new_id"] for line in _lines(work / CHANGES)}
        for id, now in self._now.items():
            if now in fate:
                self._now[id] = fate[now]
                self._touched[id].append(kind)
        return len(fate)

    def _leave(self, work: Path) -> None:
        room = max(0, SHOWN - len(self._dropped))
        self._dropped += [{**line, "step": len(self._steps)} for line in islice(_lines(work / DROPPED), room)]


def _made(folder: Path, record: Record) -> Record:
    """What it says, of whom it was made where that is known, and a small picture of its own where it has one."""
    shown: Record = cut(content_of(record) | ({PARENT: record[PARENT]} if PARENT in record else {}))
    return shown | pictured(folder, record)


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for part in sorted(folder.glob("part-*.jsonl")):
        with part.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)
