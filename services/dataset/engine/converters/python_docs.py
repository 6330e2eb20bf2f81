"""python_docs: pages of Python's documentation to question–answer records.

Every page is searched for documented names (``python_docs``); of those with a clean, short first sentence up to
``max_subjects`` are taken, well-known names first, then evenly over the modules; each is asked in every phrasing (``templates``).
Nothing is ambiguous: two subjects that read the same are one, and a second subject with the same answer is left out. Everything found and
not used is dropped with its reason, so ``in + added = out + Σ dropped``: a page with k names adds k - 1, a subject with t phrasings t - 1.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from libs.common.errors import Reason, invalid
from libs.common.work.engine import Reporter
from libs.data.options import deciding, option
from libs.data.records import Record, question_key
from libs.data.versions import PartFile, read_manifest, read_part
from services.dataset.engine import publishing, shards
from services.dataset.engine.converters import Converter
from services.dataset.engine.ledger import Drop, rejection
from services.dataset.engine.python_docs import Kind, answer_of, found_in, module_of
from services.dataset.engine.python_subjects import FIRST, MODULES
from services.dataset.engine.shards import OUT, Mark, ShardWriter, Stage, Unit, shard_size, ticker, working_processes
from services.dataset.engine.templates import TEMPLATES, Template, templates

VERSION = 1
_KIND_ORDER: tuple[Kind, ...] = ("module", "function", "class", "method")


@dataclass(frozen=True, slots=True)
class PythonDocsOptions:
    """What to ask about and how."""

    modules: tuple[str, ...] = option(
        MODULES, 1, 5000, en="dotted names of the modules; empty: all of the standard library", zh="模块名列表；空表示整个标准库"
    )
    first: tuple[str, ...] = option(
        FIRST, 0, 100_000, en="subjects that are taken before all others, in this order", zh="优先采用的主题，按此顺序"
    )
    max_subjects: int = option(200, 1, 1_000_000, en="most subjects", zh="主题数上限")
    min_words: int = option(4, 1, 100, en="shortest answer", zh="回答的最短长度", unit="words")
    max_words: int = option(16, 1, 200, en="longest answer", zh="回答的最大长度", unit="words")
    templates: tuple[str, ...] = option((), 0, 1000, en="ids of the phrasings; empty: all", zh="问法编号；空表示全部")
    languages: tuple[str, ...] = option((), 0, 10, en="languages of the questions; empty: all", zh="问题的语言；空表示全部")
    shard_bytes: int = shard_size()
    processes: int = working_processes()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject with its answer. id and source are those of the page."""

    id: str
    subject: str
    module: str
    kind: Kind
    answer: str
    source: str


def checked(options: PythonDocsOptions) -> PythonDocsOptions:
    for name, given, known in (
        ("templates", options.templates, {each.id for each in TEMPLATES}),
        ("languages", options.languages, {each.lang for each in TEMPLATES}),
    ):
        for position, value in enumerate(given):
            if value not in known:
                raise invalid(f"options.{name}[{position}]", Reason.UNKNOWN_ENUM, "one of " + ", ".join(sorted(known)))
    if not templates(options.templates, options.languages):
        raise invalid("options.templates", limit="at least one template in one of the languages")
    return options


def run(folder: Path, options: PythonDocsOptions, work: Path, report: Reporter) -> dict[str, Any]:
    """Returns records, bytes, content_hash, ledger, ``subjects``. Raises CHECKSUM_MISMATCH, NO_RECORDS_LEFT."""
    manifest = read_manifest(folder)
    facts = deciding(PythonDocsOptions, asdict(options))
    if (finished := publishing.begin(work, {"engine": "conversion", "options": facts, "input": manifest.facts()})) is not None:
        return finished
    finding, asking = publishing.stage_of(work, 0), publishing.stage_of(work, 1)
    total = len(manifest.files) + 1
    work_one = partial(find_shard, folder, manifest.files, options, finding.folder)
    marks = shards.map_shards(finding, len(manifest.files), work_one, options.processes, ticker(report, total))
    chosen, left = choose(list(_candidates(finding, marks)), options)
    phrasings = templates(options.templates, options.languages)
    asked = shards.write_stream(asking, partial(_units, chosen, left, phrasings), options.shard_bytes)
    report.progress(total, total, "convert")
    return publishing.publish(work, [(finding, marks), (asking, asked)], subjects=len(chosen))


def find_shard(folder: Path, files: tuple[PartFile, ...], options: PythonDocsOptions, stage: Path, index: int) -> None:
    """Finds the candidates on the pages of shard ``index``."""
    listed = frozenset(options.modules)
    with ShardWriter(Stage(stage), index, rehash=False) as writer:
        for record in read_part(folder, files[index]):
            writer.ledger.entered += 1
            lines = 0
            for candidate, rejected in _found(record, listed, options):
                lines += 1
                if rejected is not None:
                    writer.drop(rejected)
                elif candidate is not None:
                    writer.keep(asdict(candidate))
            writer.ledger.added += lines - 1
        writer.finish()


def _found(
    record: Record, listed: frozenset[str], options: PythonDocsOptions
) -> Iterator[tuple[Candidate | None, Mapping[str, Any] | None]]:
    """At least one line per page: candidates and rejections."""
    module = module_of(record)
    if module is None or module not in listed:
        reason = "not_a_module_page" if module is None else "module_not_listed"
        yield None, rejection(record, reason, VERSION, Drop(f"module {module}" if module else "not a page of a module"))
        return
    source = str(record.get("source", ""))
    for found in found_in(record["text"], module):
        answer = answer_of(found, options.min_words, options.max_words)
        if isinstance(answer, Drop):
            place = {"id": record["id"], "source": f"{source}#{found.subject}", "text": found.doc.strip()}
            yield None, rejection(place, answer.reason, VERSION, Drop(found.subject, answer.score, answer.threshold))
        else:
            yield Candidate(record["id"], found.subject, module, found.kind, answer, source), None


def _candidates(stage: Stage, marks: Sequence[Mark]) -> Iterator[Candidate]:
    for index, mark in enumerate(marks):
        for line in read_part(stage.part(OUT, index).parent, mark.parts[OUT]):
            yield Candidate(**line)


def choose(candidates: Sequence[Candidate], options: PythonDocsOptions) -> tuple[list[Candidate], list[tuple[Candidate, str]]]:
    """(chosen subjects, [(other candidate, why not)]). Deterministic: the order of the candidates does not matter.

    First those named in ``options.first``, then one from each module in turn.
    """
    chosen: list[Candidate] = []
    left: list[tuple[Candidate, str]] = []
    subjects: set[str] = set()
    answers: set[str] = set()
    for candidate in _in_turn(candidates, options):
        subject, answer = question_key(candidate.subject), question_key(candidate.answer)
        if subject in subjects:
            left.append((candidate, "subject_repeated"))
        elif answer in answers:
            left.append((candidate, "answer_repeated"))
        elif len(chosen) >= options.max_subjects:
            left.append((candidate, "over_max_subjects"))
        else:
            chosen.append(candidate)
            subjects.add(subject)
            answers.add(answer)
    return chosen, left


def _in_turn(candidates: Sequence[Candidate], options: PythonDocsOptions) -> Iterator[Candidate]:
    wanted = {subject: place for place, subject in enumerate(options.first)}
    modules = {module: place for place, module in enumerate(options.modules)}
    shelves: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        shelves[candidate.module].append(candidate)
    turn: list[tuple[int, int, int, Candidate]] = []
    for module, shelf in shelves.items():
        for place, candidate in enumerate(sorted(shelf, key=_rank)):
            first = wanted.get(candidate.subject)
            turn.append((first, 0, 0, candidate) if first is not None else (len(wanted), place, modules[module], candidate))
    return (candidate for *_, candidate in sorted(turn, key=lambda each: (*each[:3], _rank(each[3]))))


def _rank(candidate: Candidate) -> tuple[int, str, str]:
    """Modules before functions before classes before methods; inside a kind an order that favours no letter."""
    spread = hashlib.sha256(candidate.subject.encode()).hexdigest()
    return _KIND_ORDER.index(candidate.kind), spread, candidate.answer


def _units(
    chosen: Sequence[Candidate], left: Sequence[tuple[Candidate, str]], phrasings: Sequence[Template], cursor: int | None
) -> Iterator[Unit]:
    """Every record and rejection in order, numbered; from number ``cursor`` on."""
    start = cursor or 0
    for number in range(start, len(chosen) * len(phrasings)):
        candidate, phrasing = chosen[number // len(phrasings)], phrasings[number % len(phrasings)]
        yield Unit(number + 1, ask(candidate, phrasing), extra=number % len(phrasings) > 0)
    made = len(chosen) * len(phrasings)
    for number in range(max(start - made, 0), len(left)):
        candidate, why = left[number]
        place = {"id": candidate.id, "source": f"{candidate.source}#{candidate.subject}", "text": candidate.answer}
        yield Unit(made + number + 1, rejection=rejection(place, why, VERSION, Drop(candidate.subject)))


def ask(candidate: Candidate, phrasing: Template) -> Record:
    """One question–answer record."""
    return {
        "instruction": phrasing.ask(candidate.subject),
        "input": "",
        "output": candidate.answer,
        "lang": phrasing.lang,
        "subject": candidate.subject,
        "template": phrasing.id,
        "source": candidate.source,
    }


KIND = Converter(name="python_docs", options=PythonDocsOptions, run=run, check=checked, needs=("data",), makes=("whole",), place=50)
