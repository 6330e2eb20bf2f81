"""Cleaning: an ordered list of rules over a dataset version, each record kept, changed, or dropped with its reason.

Rules are the seed's sub-types. Those that look at one record at a time are chained; ``Deduplicate`` must have seen every record before it
can judge one, so each use of it cuts the list into passes. A record keeps its input id through all passes, so that the ledger, the drops
(``id`` and ``kept_id``) and the changes speak of the version that was cleaned; its new id is given when it is written out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from libs.common import durable
from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.common.work.engine import Reporter
from libs.data.options import read_options
from libs.data.records import Record, record_id
from libs.data.versions import Manifest, PartFile, read_manifest, read_part
from services.dataset.engine import publishing, shards
from services.dataset.engine.consent import allowed
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.ledger import rejection, sift
from services.dataset.engine.operators import OPERATORS, deduplicate
from services.dataset.engine.operators.deduplicate import DeduplicateOptions, Signer, decide, drop_of, write_decisions
from services.dataset.engine.references import FOLDERS, Folders
from services.dataset.engine.shards import Mark, ShardWriter, Stage, working_processes

MAX_RULES = 50


@dataclass(frozen=True, slots=True)
class CleaningOptions:
    """What a cleaning is told beside its rules."""

    allow_drop_share: float = allowed()
    processes: int = working_processes()


@dataclass(frozen=True, slots=True)
class Pass:
    """One way through all shards: leave out what was decided before, apply operators, then perhaps collect signatures."""

    number: int
    rules: tuple[tuple[int, str, Mapping[str, Any]], ...]  # (position in the job's list, name, options)
    before: DeduplicateOptions | None
    after: DeduplicateOptions | None


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``input`` (folder of a version), ``rules`` ([{"rule": name, "options": {…}}, …]), ``options`` (CleaningOptions), perhaps
    ``references`` (folders of other versions that rules name, by id).

    Returns records, bytes, content_hash, ledger. Raises INVALID_ARGUMENT naming ``rules[i]…``, CHECKSUM_MISMATCH, NO_RECORDS_LEFT,
    TOO_MANY_DROPPED.
    """
    refuse_unknown(job, ("input", "rules", "options", FOLDERS))
    folder, options = Path(job_field(job, "input", str)), read_options(CleaningOptions, job.get("options"))
    passes = plan(job.get("rules"))
    manifest = read_manifest(folder)
    if (finished := publishing.begin(work, {"engine": "cleaning", "rules": job["rules"], "input": manifest.facts()})) is not None:
        return finished
    return Cleaning(folder, manifest, passes, work, options, report, job.get(FOLDERS) or {}).run()


def plan(rules: Any) -> list[Pass]:
    """The passes of a list of rules. Builds every operator once, so that a bad option is an error before any work."""
    if rules is None:
        raise missing("rules")
    if not isinstance(rules, list) or not 0 < len(rules) <= MAX_RULES:
        raise invalid("rules", limit=f"a list of 1 to {MAX_RULES} rules")
    passes: list[Pass] = []
    before: DeduplicateOptions | None = None
    pending: list[tuple[int, str, Mapping[str, Any]]] = []
    for position, entry in enumerate(rules):
        name, options = _checked_rule(entry, f"rules[{position}]")
        path = f"rules[{position}].options"
        if name != deduplicate.RULE:
            OPERATORS[name].build(options, path)
            pending.append((position, name, options))
            continue
        after = read_options(DeduplicateOptions, options, path)
        passes.append(Pass(len(passes), tuple(pending), before, after))
        before, pending = after, []
    return [*passes, Pass(len(passes), tuple(pending), before, None)]


def _checked_rule(entry: Any, path: str) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(entry, Mapping):
        raise invalid(path, Reason.WRONG_TYPE, "an object with 'rule' and 'options'")
    for key in entry:
        if key not in ("rule", "options"):
            raise invalid(f"{path}.{key}", limit="rule, options")
    if not isinstance(entry.get("rule"), str) or entry["rule"] not in OPERATORS:
        raise invalid(f"{path}.rule", Reason.UNKNOWN_ENUM, "one of " + ", ".join(OPERATORS))
    return entry["rule"], entry.get("options") or {}


class Cleaning:
    """One run over one version."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        passes: Sequence[Pass],
        work: Path,
        options: CleaningOptions,
        report: Reporter,
        references: Folders,
    ) -> None:
        self._folder, self._files, self._passes, self._work = folder, manifest.files, passes, work
        self._processes, self._allow, self._report = options.processes, options.allow_drop_share, report
        self._references = references

    def run(self) -> dict[str, Any]:
        stages = self.passed()
        try:
            return publishing.publish(self._work, stages, allow=self._allow, source=self._folder)
        except PlatformError as error:
            if error.reason == Reason.NO_RECORDS_LEFT:
                error.field = "rules"
            raise

    def passed(self) -> list[tuple[Stage, list[Mark]]]:
        """All passes, done; nothing is published."""
        stages = []
        for each in self._passes:
            stage = publishing.stage_of(self._work, each.number)
            marks = shards.map_shards(stage, len(self._files), partial(clean_shard, self._order(each)), self._processes, self._tick(each))
            stages.append((stage, marks))
            if each.after is not None:
                self._decide(stage, each.after)
        return stages

    def _order(self, each: Pass) -> ShardOrder:
        previous = publishing.stage_of(self._work, each.number - 1).folder if each.number else None
        last = each.number == len(self._passes) - 1
        stage = publishing.stage_of(self._work, each.number).folder
        return ShardOrder(self._folder, self._files, each, previous, stage, last, self._references)

    def _tick(self, each: Pass) -> Callable[[int], None]:
        total = len(self._passes) * len(self._files)
        return lambda done: self._report.progress(each.number * len(self._files) + done, total, f"clean, pass {each.number + 1}")

    def _decide(self, stage: Stage, options: DeduplicateOptions) -> None:
        path = stage.folder / "decisions.json"
        if not path.exists():
            stems = [_stem(stage, index) for index in range(len(self._files))]
            write_decisions(path, decide(stems, options), stems)


@dataclass(frozen=True, slots=True)
class ShardOrder:
    """All that a process needs to do one shard of one pass: paths and options, no open things."""

    folder: Path
    files: tuple[PartFile, ...]
    each: Pass
    previous: Path | None  # the stage before; None: the input version itself
    stage: Path
    last: bool
    references: Folders


def clean_shard(order: ShardOrder, index: int) -> None:
    """Does shard ``index``: its kept records, drops and changes, and its signatures where a deduplication follows."""
    stage = Stage(order.stage)
    operators = [OPERATORS[name].build(options, f"rules[{position}].options") for position, name, options in order.each.rules]
    for operator in operators:
        operator.reads(order.references)
    signer = Signer(order.each.after.near) if order.each.after is not None else None
    with ShardWriter(stage, index, rehash=order.last) as writer:
        for record, changed, verdict in _rows(order, index):
            writer.ledger.entered += 1
            if verdict is not None:
                writer.drop(verdict)
                continue
            kept, rejected, rules = sift(operators, record)
            changed = [*changed, *rules]
            if rejected is not None:
                writer.drop(rejected)
            elif kept is not None:
                if signer is not None:
                    signer.add(kept)
                _write(writer, order, kept, changed)
        if signer is not None:
            signer.write(_stem(stage, index))
        writer.finish()


def _write(writer: ShardWriter, order: ShardOrder, record: Record, changed: list[str]) -> None:
    if order.last:
        writer.keep(record, changed_by=changed if changed and record_id(record) != record["id"] else ())
    else:
        writer.keep({"id": record["id"], "changed": changed, "record": record})


def _rows(order: ShardOrder, index: int) -> Iterator[tuple[Record, list[str], dict[str, Any] | None]]:
    """(record, rules that changed it so far, its rejection by the deduplication before this pass)."""
    if order.previous is None:
        yield from ((record, [], None) for record in read_part(order.folder, order.files[index]))
        return
    previous = Stage(order.previous)
    mark = previous.mark(index)
    assert mark is not None
    assert order.each.before is not None
    repeats = {each["row"]: each for each in durable.read_json(previous.folder / "decisions.json")[index]}
    for row, line in enumerate(read_part(previous.part(shards.OUT, index).parent, mark.parts[shards.OUT])):
        verdict = None
        if row in repeats:
            drop = drop_of(repeats[row], order.each.before.threshold)
            verdict = rejection(line["record"], deduplicate.RULE, deduplicate.VERSION, drop)
        yield line["record"], line["changed"], verdict


def _stem(stage: Stage, index: int) -> Path:
    return stage.folder / "signatures" / f"{index:05d}"
