"""Stored outputs as items for people, and what people said as figures.

Blind: an item holds what was asked and what was answered, and nothing of who answered. Of a pair it is drawn for each item which of the two
stands on the left; the draw follows from the seed of the job, which nobody is shown, and is taken back when answers are counted.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from libs.people.rule import draw
from libs.people.template import Answer, Template
from libs.stats.shares import wilson
from services.eval.engine.ratings import RatingKind
from services.eval.engine.ratings.pairwise_rating import LEFT, RIGHT

RESAMPLES, SEED = 2000, 1
OURS, THEIRS = "this_run", "other_run"  # what left and right are called once it is known which they were


class Output(Protocol):
    @property
    def position(self) -> int: ...
    @property
    def input(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def output(self) -> str: ...
    @property
    def error(self) -> str: ...


class Agreed(Protocol):
    """How far people agree in one field; None where that is not defined."""

    @property
    def field(self) -> str: ...
    @property
    def percent(self) -> float | None: ...
    @property
    def alpha(self) -> float | None: ...


@dataclass(frozen=True)
class Judged:
    """What people said of one output. answers: (person, answer). result: what they say together, or an inspector said; {} = none. decided:
    by an inspector, otherwise than they say. mirrored: the rated run stood on the right."""

    answers: Sequence[tuple[int, Answer]]
    result: Answer
    decided: bool = False
    mirrored: bool = False


@dataclass
class Said:
    """All that people said of a run. values: of each output that has one, what it counts. labels: field -> value -> answers. items: answers
    by person. worths: what each of a person's counts."""

    values: list[float] = field(default_factory=list)
    answered: int = 0
    labels: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    items: Counter[int] = field(default_factory=Counter)
    worths: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))


def items(ours: Iterable[Output], theirs: Iterable[Output] | None, template: Template, seed: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(number, what is shown) of each output there is something to say about; of two runs, of each that both have."""
    if theirs is None:
        for one in ours:
            if not one.error:
                yield one.position + 1, template.shown({"input": one.input, "expected": one.expected, "output": one.output})
        return
    for one, other in zip(ours, theirs, strict=False):
        if not one.error and not other.error:
            left, right = (other, one) if mirrored(seed, one.position + 1) else (one, other)
            record = {"input": one.input, "expected": one.expected, LEFT: left.output, RIGHT: right.output}
            yield one.position + 1, template.shown(record)


def mirrored(seed: str, number: int) -> bool:
    """Whether the rated run stands on the right."""
    return bool(draw(seed, "side", number) & 1)


def listen(kind: RatingKind, good: Sequence[str], template: Template, judged: Iterable[Judged]) -> Said:
    """Adds up what people said."""
    said = Said()
    counted = [asked.name for asked in template.fields if asked.kind != "text"]
    for each in judged:
        said.answered += bool(each.answers)
        for person, answer in each.answers:
            said.items[person] += 1
            for name in counted:
                for value in _values(answer.get(name)):
                    said.labels[name][_named(kind, name, value, each.mirrored)] += 1
            if kind.field in answer:
                said.worths[person].append(_worth(kind, good, answer, each.mirrored))
        if (value := _value(kind, good, each)) is not None:
            said.values.append(value)
    return said


def figures(said: Said, agreement: Sequence[Agreed], kind: RatingKind) -> dict[str, float]:
    """The metrics of ``libs.metrics.RATED``; what does not follow is left out, so that no gate takes it for a number."""
    if not said.values:
        return {}
    found = {"human_score": math.fsum(said.values) / len(said.values)}
    if len(said.values) > 1:
        found["human_score.low"], found["human_score.high"] = interval(said.values)
    for each in agreement:
        if each.field == kind.field:
            told = {"human_alpha": each.alpha, "human_agreement": each.percent}
            found |= {name: value for name, value in told.items() if value is not None}
    return found


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the mean: Wilson's where each output is simply good or not, else percentiles of the bootstrap over outputs."""
    if set(values) <= {0.0, 1.0}:
        return wilson(sum(value == 1.0 for value in values), len(values))
    import numpy as np

    counts = Counter(values)
    different = np.array(sorted(counts))
    shares = np.array([counts[value] for value in sorted(counts)]) / len(values)
    drawn = np.random.default_rng(SEED).multinomial(len(values), shares, size=RESAMPLES)
    low, high = np.percentile(drawn @ different / len(values), [2.5, 97.5])
    return float(low), float(high)


def _value(kind: RatingKind, good: Sequence[str], each: Judged) -> float | None:
    """What an output counts: as its inspector said, else the mean of its answers, however far apart they are."""
    if not kind.field or (each.decided and kind.field not in each.result):
        return None
    answers = [each.result] if each.decided else [answer for _, answer in each.answers if kind.field in answer]
    worths = [_worth(kind, good, answer, each.mirrored) for answer in answers]
    return math.fsum(worths) / len(worths) if worths else None


def _worth(kind: RatingKind, good: Sequence[str], answer: Answer, mirrored: bool) -> float:
    value = answer[kind.field]
    if kind.pairs and mirrored:  # elsewhere "right" may be a label, and says no side
        value = {LEFT: RIGHT, RIGHT: LEFT}.get(value, value)
    return kind.worth(value, good)


def _values(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [] if said is None else [said]


def _named(kind: RatingKind, name: str, value: Any, mirrored: bool) -> str:
    if not kind.pairs or name != kind.field or value not in (LEFT, RIGHT):
        return str(value)
    return OURS if (value == LEFT) != mirrored else THEIRS
