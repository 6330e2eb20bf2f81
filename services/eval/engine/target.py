"""What every target under test has in common: records go in, answers come out in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.eval.engine.journal import NOT_MEASURED
from services.eval.engine.records import TestRecord


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target said to one record. The fields mean what they mean in ``journal.Item``; sure: the probability the answer was given,
    None where there is none."""

    output: str = ""
    nll: float = NOT_MEASURED
    answer_tokens: int = 0
    latency_ms: float = 0.0
    error: str = ""
    sure: float | None = None


Keep = Callable[[Sequence[tuple[TestRecord, Answer]]], None]
"""Takes the next records with their answers, in order, none left out."""


class Target(Protocol):
    def evaluate(self, records: Iterator[TestRecord], skip: int, keep: Keep) -> None:
        """Answers all ``records`` but the first ``skip``, which an earlier attempt kept. Raises PlatformError when the target itself
        fails.
        """
