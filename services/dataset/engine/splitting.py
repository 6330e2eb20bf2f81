"""Train–test split by groups that must not be torn apart, and the proof that no test question occurs in the training part.

group_by "template" holds whole phrasings out, "subject" whole subjects, "question" whole questions with all their repetitions, "record"
single records; "auto" takes phrasings where every record has one and each language several, and else questions, which any data has. Which
groups are held out depends on the seed and the names of the groups, not on order or sharding. A leak is a record of the training part whose
normalised question (``records.question_key``) is asked in the test part too.

What augmentation made goes where its family goes, whatever it asks itself: the group of the record that was there first decides, or, where
a step took that away, the one with the smallest lot among those that were made of it.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from libs.common import durable
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.work.engine import Reporter
from libs.data.options import deciding, option, read_options
from libs.data.records import PARENT, Record, family_of, question_key, question_of
from libs.data.versions import PartFile, read_manifest, read_part
from services.dataset.engine import publishing, shards
from services.dataset.engine.consent import allowed
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.ledger import Drop, rejection
from services.dataset.engine.shards import ShardWriter, Stage, working_processes

RULE, VERSION = "Train_Test_Split", 1
TRAIN, TEST = "train", "test"
GroupBy = Literal["auto", "template", "subject", "question", "record"]
_SHOWN = 5  # leaks that an error names


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """held_out names the groups of the test part; without it ``test_fraction`` of the groups are drawn (per language for templates)."""

    group_by: GroupBy = option("auto", en="what stays together in one part", zh="按什么分组，同组不拆分")
    held_out: tuple[str, ...] = option(
        (), 0, 100_000, en="names of the groups of the test part; empty: drawn", zh="测试部分的组名；空表示抽取"
    )
    test_fraction: float = option(
        0.2, 0.0001, 0.9999, en="share of the groups that become the test part", zh="划入测试部分的组占比", unit="0..1"
    )
    seed: int = option(1, 0, 2**63 - 1, en="fixes what is drawn", zh="随机种子")
    on_leak: Literal["error", "drop"] = option(
        "error",
        en="what happens when both parts ask the same: an error, or the record of the training part goes",
        zh="两部分有相同问题时：报错，或剔除训练部分的记录",
    )
    allow_drop_share: float = allowed()
    processes: int = working_processes()


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``input`` (folder of a version), ``options`` (SplitOptions). Outputs: ``work/out/train`` and ``work/out/test``.

    Returns {"train": {records, bytes, content_hash}, "test": {…}, "ledger", "group_by", "held_out"}. Raises SPLIT_LEAK (422) naming
    questions, ROW_INVALID for a record without its group, INVALID_ARGUMENT for a held-out name that does not occur, NO_RECORDS_LEFT,
    TOO_MANY_DROPPED.
    """
    refuse_unknown(job, ("input", "options"))
    folder, options = Path(job_field(job, "input", str)), read_options(SplitOptions, job.get("options"))
    if options.group_by == "record" and options.held_out:
        raise invalid("options.held_out", limit="empty when group_by is record")
    manifest = read_manifest(folder)
    facts = deciding(SplitOptions, asdict(options))
    if (finished := publishing.begin(work, {"engine": "splitting", "options": facts, "input": manifest.facts()})) is not None:
        return finished
    options = replace(options, group_by=settled(folder, manifest.files, options))
    plan = Plan.of(folder, manifest.files, options)
    stage = publishing.stage_of(work, 0)
    count = len(manifest.files)
    work_one = partial(split_shard, folder, manifest.files, plan, stage.folder)
    marks = shards.map_shards(stage, count, work_one, options.processes, lambda done: report.progress(done, count, "split"))
    _prove(stage, len(marks), plan)
    told = {"group_by": options.group_by, "held_out": sorted(plan.names)}
    return publishing.publish(work, [(stage, marks)], (TRAIN, TEST), allow=options.allow_drop_share, source=folder, **told)


def settled(folder: Path, files: tuple[PartFile, ...], options: SplitOptions) -> GroupBy:
    """What "auto" means for this version."""
    if options.group_by != "auto":
        return options.group_by
    if options.held_out:
        return "template"
    found: defaultdict[str, set[str]] = defaultdict(set)
    for record in _all(folder, files):
        name = record.get("template")
        if not isinstance(name, str) or not name:
            return "question"
        found[str(record.get("lang", ""))].add(name)
    return "template" if all(len(names) > 1 for names in found.values()) else "question"


@dataclass(frozen=True, slots=True)
class Plan:
    """Who goes where. thresholds: per stratum, groups with a draw up to this number are held out; families: keys of those that are;
    questions: hashes of test questions."""

    options: SplitOptions
    names: frozenset[str]  # held-out groups by name (few: templates, or what the caller listed)
    thresholds: Mapping[str, int]
    families: array[int]
    questions: array[int]

    @classmethod
    def of(cls, folder: Path, files: tuple[PartFile, ...], options: SplitOptions) -> Plan:
        """Reads the version twice: once for the groups, once for the questions of the test part."""
        names, thresholds, families = _drawn(folder, files, options)
        plan = cls(options, names, thresholds, array("Q", sorted(families)), array("Q"))
        asked = {question_hash(record) for record in _all(folder, files) if plan.is_test(record)}
        return replace(plan, questions=array("Q", sorted(asked)))

    def is_test(self, record: Record) -> bool:
        if family := family_of(record):
            return _among(self.families, _key(family))
        group = group_of(record, self.options)
        if self.options.held_out:
            return group in self.names
        return draw(group, self.options.seed) <= self.thresholds[_stratum(record, self.options)]

    def leaks(self, record: Record) -> bool:
        """Whether a training record asks what the test part asks."""
        return _among(self.questions, question_hash(record))


def _among(numbers: array[int], number: int) -> bool:
    """Of sorted ones."""
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number


def group_of(record: Record, options: SplitOptions) -> str:
    """The group of a record; subjects are compared like questions. Raises ROW_INVALID when it has none."""
    if options.group_by == "record":
        return str(record["id"])
    if options.group_by == "question":
        return question_key(question_of(record))
    name = record.get(options.group_by)
    if not isinstance(name, str) or not name:
        facts = {"file": str(record.get("source", "")), "row": record["id"]}
        raise PlatformError(
            422,
            Reason.ROW_INVALID,
            field=options.group_by,
            limit=f"a text '{options.group_by}' in every record, or group_by=question",
            **facts,
        )
    return question_key(name) if options.group_by == "subject" else name


def draw(group: str, seed: int) -> int:
    """A 64-bit number for a group: the lot it draws under this seed."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{group}".encode(), digest_size=8).digest(), "big")


def question_hash(record: Record) -> int:
    """64 bits for what a record asks, normalised."""
    return int.from_bytes(hashlib.blake2b(question_key(question_of(record)).encode(), digest_size=8).digest(), "big")


def _stratum(record: Record, options: SplitOptions) -> str:
    """Templates are drawn per language, so that the test part speaks all of them."""
    return str(record.get("lang", "")) if options.group_by == "template" else ""


def _all(folder: Path, files: tuple[PartFile, ...]) -> Iterator[Record]:
    return (record for file in files for record in read_part(folder, file))


class _Groups:
    """The groups of a version by their lots. leads: of each family who decides for it: (whether it was made, its lot, its stratum)."""

    def __init__(self, records: Iterator[Record], options: SplitOptions) -> None:
        self.lots: defaultdict[str, set[int]] = defaultdict(set)
        self.names: dict[int, str] = {}
        self.leads: dict[int, tuple[bool, int, str]] = {}
        for record in records:
            self._add(record, options)
        for _, lot, stratum in self.leads.values():
            self.lots[stratum].add(lot)

    def _add(self, record: Record, options: SplitOptions) -> None:
        group, stratum = group_of(record, options), _stratum(record, options)
        lot = draw(group, options.seed)
        if options.group_by == "template":
            self.names[lot] = group
        if family := family_of(record):
            key, mine = _key(family), (PARENT in record, lot, stratum)
            self.leads[key] = min(self.leads.get(key, mine), mine)
        else:
            self.lots[stratum].add(lot)

    def families(self, held: Callable[[int, str], bool]) -> list[int]:
        """Keys of those whose leader's lot, of its stratum, is held out."""
        return [key for key, (_, lot, stratum) in self.leads.items() if held(lot, stratum)]


def _drawn(folder: Path, files: tuple[PartFile, ...], options: SplitOptions) -> tuple[frozenset[str], dict[str, int], list[int]]:
    """(names of held-out groups where they are few, {stratum: largest draw that is held out}, keys of held-out families)."""
    groups = _Groups(_all(folder, files), options)
    if options.held_out:
        names = _listed(groups, options)
        lots = {draw(name, options.seed) for name in names}
        return names, {}, groups.families(lambda lot, _: lot in lots)
    thresholds = {stratum: _threshold(sorted(drawn), options.test_fraction) for stratum, drawn in groups.lots.items()}
    held = {
        groups.names[lot] for stratum, drawn in groups.lots.items() for lot in drawn if lot in groups.names and lot <= thresholds[stratum]
    }
    return frozenset(held), thresholds, groups.families(lambda lot, stratum: lot <= thresholds[stratum])


def _key(family: str) -> int:
    """64 bits for a family."""
    return int.from_bytes(hashlib.blake2b(family.encode(), digest_size=8).digest(), "big")


def _threshold(lots: list[int], fraction: float) -> int:
    """The draw that holds out ``fraction`` of the groups, at least one and never all. Raises INVALID_ARGUMENT for a single group."""
    if len(lots) < 2:
        raise invalid("options.test_fraction", limit="a version with at least two groups", groups=len(lots))
    return lots[min(max(1, round(fraction * len(lots))), len(lots) - 1) - 1]


def _listed(groups: _Groups, options: SplitOptions) -> frozenset[str]:
    as_group: Callable[[str], str] = question_key if options.group_by in ("subject", "question") else str
    there: set[int] = set().union(*groups.lots.values())
    missing = [name for name in options.held_out if draw(as_group(name), options.seed) not in there]
    if missing:
        raise invalid("options.held_out", limit=f"names that occur as {options.group_by}", value=min(missing))
    return frozenset(map(as_group, options.held_out))


def split_shard(folder: Path, files: tuple[PartFile, ...], plan: Plan, stage: Path, index: int) -> None:
    """Writes the records of shard ``index`` to their part. Raises SPLIT_LEAK unless leaks are dropped."""
    shown: list[str] = []
    leaked = 0
    with ShardWriter(Stage(stage), index, (TRAIN, TEST)) as writer:
        for record in read_part(folder, files[index]):
            writer.ledger.entered += 1
            if plan.is_test(record):
                writer.keep(record, TEST)
            elif not plan.leaks(record):
                writer.keep(record, TRAIN)
            elif plan.options.on_leak == "drop":
                writer.drop(rejection(record, RULE, VERSION, Drop("leak", 1, 0)))
            else:
                leaked += 1
                shown += [question_of(record)[:100]] if len(shown) < _SHOWN else []
        if leaked:
            raise _leak(f"{leaked} questions, such as {shown[0]!r}", shown)
        writer.finish()


def _prove(stage: Stage, count: int, plan: Plan) -> None:
    """Reads both parts as they were written and compares them: questions, families, and subjects where they were the groups.

    Once: after that a killed attempt may have moved parts to their final place already.
    """
    if durable.read_json(stage.folder / "proved.json") is not None:
        return
    asked: set[int] = set()
    bound: set[str] = set()
    for record in _written(stage, count, TEST):
        asked.add(question_hash(record))
        bound.update(_bonds(record, plan.options))
    for record in _written(stage, count, TRAIN):
        if question_hash(record) in asked or not bound.isdisjoint(_bonds(record, plan.options)):
            durable.remove(stage.folder)
            raise _leak(question_of(record)[:100], [question_of(record)[:100]])
    durable.write_json(stage.folder / "proved.json", {"questions": len(asked), "bonds": len(bound)})


def _bonds(record: Record, options: SplitOptions) -> Iterator[str]:
    """What ties a record to others that must be on its side; of what was made the family alone."""
    if family := family_of(record):
        yield f"family {family}"
    if options.group_by == "subject" and PARENT not in record:
        yield f"subject {group_of(record, options)}"


def _written(stage: Stage, count: int, stream: str) -> Iterator[Record]:
    for index in range(count):
        mark = stage.mark(index)
        assert mark is not None
        yield from read_part(stage.part(stream, index).parent, mark.parts[stream])


def _leak(limit: str, questions: list[str]) -> PlatformError:
    return PlatformError(422, Reason.SPLIT_LEAK, field="options.group_by", limit=limit, questions=questions)
