"""What an evaluation can report, one metric a file. The eval domain measures with them, and the gate of the model domain admits rules on
exactly what they report, so they are neither's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from libs.data.registry import Kind, kinds_in

LEAK = "leak"
"""Measured by every evaluation: the share of the test that repeats what the model was trained on. Absent where that is not known."""

RATED = ("human_score", "human_score.low", "human_score.high", "human_alpha", "human_agreement")
"""What people say of the outputs of a run together. One rating brings all of them, or lacks one that does not follow from it."""

GAIN = ".gain"
"""Behind the name of a metric: how much better a release is than what served when it was evaluated, item by item on the same test."""

GAIN_COVERAGE = "gain.coverage"
"""Of a release that was compared: the share of the test that both answered."""

ANSWERS, CLASSES = "question_answer", "classification"
"""Kinds of records that models are judged by (``libs.data.kinds``)."""

CONFIDENCE = "confidence"
"""The tag of an answer that says with which probability it was given."""

LANGUAGE = "<language>"  # stands for two letters in the name of a figure


class Scored(Protocol):
    """One answer that did not fail, as it is stored. nll: nats per token of the expected answer, the mean of ``answer_tokens``, which are 0
    where the loss was not measured. latency_ms: of an endpoint the whole answer, of weights its share of the batch."""

    @property
    def expected(self) -> str: ...
    @property
    def output(self) -> str: ...
    @property
    def exact_match(self) -> bool: ...
    @property
    def token_f1(self) -> float: ...
    @property
    def nll(self) -> float: ...
    @property
    def answer_tokens(self) -> int: ...
    @property
    def latency_ms(self) -> float: ...
    @property
    def tags(self) -> Mapping[str, str]: ...


class Tally(Protocol):
    """Takes the answers one by one. figures: nothing where there was nothing to measure, so that no gate takes it for a number."""

    def add(self, item: Scored) -> None: ...
    def figures(self) -> dict[str, float]: ...


@dataclass(frozen=True, kw_only=True)
class Metric(Kind):
    """tally: a new one for each evaluation. makes: the names of its figures, ``<language>`` for two letters. loss: the expected answers are
    scored for it. en, zh: what it says. each: what one answer scores, None where that was not measured; two evaluations are compared by
    it, and not at all where a metric has none. yes_or_no: it is 0 or 1. less_is_better: of two scores. of: kinds of records it can be
    measured on. by_name: measured only where it is asked for, as it says little of most tests, unless they are of its first kind."""

    tally: Callable[[], Tally]
    en: str
    zh: str
    loss: bool = False
    each: Callable[[Scored], float | None] | None = None
    yes_or_no: bool = False
    less_is_better: bool = False
    of: tuple[str, ...] = (ANSWERS,)
    by_name: bool = False

    def usual(self, kind: str) -> bool:
        """Whether a test of such records measures it without being asked to."""
        return kind in self.of and (not self.by_name or (len(self.of) > 1 and kind == self.of[0]))


METRICS: dict[str, Metric] = kinds_in(__name__, Metric)
GAINS: tuple[str, ...] = tuple(
    f"{metric.name}{GAIN}{bound}" for metric in METRICS.values() if metric.each for bound in ("", ".low", ".high")
)
"""Of what has a score per answer: positive is better, also where less is."""
FIGURES: tuple[str, ...] = (*(figure for metric in METRICS.values() for figure in metric.makes), LEAK, *RATED, *GAINS, GAIN_COVERAGE)
"""All that can be reported, by an engine or by people."""

_NAMES = re.compile("|".join(re.escape(figure).replace(re.escape(LANGUAGE), "[a-z]{2}") for figure in FIGURES))


def is_figure(name: str) -> bool:
    """Whether an evaluation could ever report it."""
    return _NAMES.fullmatch(name) is not None
