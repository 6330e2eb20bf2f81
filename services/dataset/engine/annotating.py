"""Records as items for people, and what people said as the records of the next version.

The labels go into the record, under the names of the template's fields: they are what the record says from then on. Who said what, and
when, is no part of a record's identity (docs/decisions/0020): it stands beside, one line per record, in the stream ``answers``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from libs.common import durable
from libs.data.records import Record, canonical
from libs.data.versions import part_name, read_manifest, read_records
from libs.people.template import Template
from services.dataset.engine import publishing
from services.dataset.engine.ledger import Drop, rejection
from services.dataset.engine.shards import Unit, write_stream

VERSION = 1  # of the rule, in the lines of what was left out
SHARD_BYTES = 8 << 20
ANSWERS = "answers"  # beside the output, and no stream of records


@dataclass(frozen=True)
class Settled:
    """What people said about one record. number: its place in the version, 1 and up. answer: {} where there is none. why: then, why not.
    told: who answered what, and when."""

    number: int
    answer: Mapping[str, Any]
    why: str = ""
    told: Mapping[str, Any] | None = None


class Known(NamedTuple):
    """A record whose answer is known. number: its place in the version, or behind its end where it is not in it."""

    number: int
    content: Mapping[str, Any]
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class Items:
    """The records of a version as people see them. known_in: a version whose records have their answers; None = nothing is known. A record
    of the version that says what a known one says is known, too: it is hidden among the others, and not asked for its own sake."""

    folder: Path
    template: Template
    known_in: Path | None = None

    def asked(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """(number, what is shown) of those nobody knows the answer to."""
        answers = self._answers()
        for number, record in enumerate(read_records(self.folder), 1):
            shown = self.template.shown(record)
            if canonical(shown) not in answers:
                yield number, shown

    def known(self) -> Iterator[Known]:
        if self.known_in is None:
            return
        answers = self._answers()
        for number, record in enumerate(chain(read_records(self.folder), read_records(self.known_in)), 1):
            shown = self.template.shown(record)
            if (answer := answers.pop(canonical(shown), None)) is not None:
                yield Known(number, shown, answer)

    def answer_of(self) -> Callable[[Record], Mapping[str, Any] | None]:
        """The known answer of a record of the version."""
        answers = self._answers()
        return lambda record: answers.get(canonical(self.template.shown(record)))

    def _answers(self) -> dict[str, dict[str, Any]]:
        """What is shown -> its answer."""
        if self.known_in is None:
            return {}
        names = [field.name for field in self.template.fields]
        return {
            canonical(self.template.shown(record)): {name: record[name] for name in names if record.get(name) not in (None, "")}
            for record in read_records(self.known_in)
        }


def conclude(items: Items, settled: Callable[[int], Iterable[Settled]], rule: str, work: Path) -> dict[str, Any]:
    """The next version, in ``work / "out"``, and who said what in ``work / ANSWERS``. settled: what people said about the records behind a
    number, in their order. rule: what left out those without an answer.

    Returns records, bytes, content_hash, ledger. Raises NO_RECORDS_LEFT.
    """
    if (finished := publishing.begin(work, {"engine": "annotating", "input": read_manifest(items.folder).facts()})) is not None:
        return finished
    _write_answers(work, settled(0))
    stage = publishing.stage_of(work, 0)
    marks = write_stream(stage, lambda cursor: _units(items, settled(cursor or 0), cursor or 0, rule), SHARD_BYTES)
    return publishing.publish(work, [(stage, marks)])


def _units(items: Items, settled: Iterable[Settled], after: int, rule: str) -> Iterator[Unit]:
    known, said = items.answer_of(), iter(settled)
    following = next(said, None)
    for number, record in enumerate(read_records(items.folder, after), after + 1):
        if following is not None and following.number == number:
            yield _unit(number, record, following.answer, following.why, rule)
            following = next(said, None)
        else:
            yield _unit(number, record, known(record) or {}, "no answer", rule)


def _unit(number: int, record: Record, answer: Mapping[str, Any], why: str, rule: str) -> Unit:
    if not answer:
        return Unit(number, rejection=rejection(record, rule, VERSION, Drop(why)))
    return Unit(number, kept={**record, **answer}, changed_by=(f"{rule}@{VERSION}",))


def _write_answers(work: Path, settled: Iterable[Settled]) -> None:
    with durable.written(work / ANSWERS / part_name(0)) as out:
        for each in settled:
            if each.told is not None:
                out.write((canonical({"number": each.number, **each.told}) + "\n").encode())
