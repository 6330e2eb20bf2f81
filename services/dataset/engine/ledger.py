"""Where every record went: an operator answers keep or drop, and the counting and saving of rejects live here, once.

The law, checked on every shard and on every task: ``in + added = out + Σ dropped``. ``added`` is 0 except where one input becomes
several outputs (a document with several questions), so elsewhere it reads ``in = out + Σ dropped(rule)``. A violation is our error, not the
caller's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from libs.data.records import Record, text_of
from services.dataset.engine.job import internal

EXCERPT = 200  # characters of a dropped record that are kept for people


@dataclass(frozen=True, slots=True)
class Drop:
    """The answer "not this one". score and threshold: what was measured and what it had to meet; kept_id: the record it repeats."""

    reason: str
    score: float | None = None
    threshold: float | None = None
    kept_id: str | None = None


class Operator(ABC):
    """One cleaning rule over one record. ``version`` rises when the same options would decide differently."""

    rule: ClassVar[str]
    version: ClassVar[int] = 1

    def reads(self, _versions: Mapping[str, str]) -> None:
        """Told before the first record in which folders the other versions lie that its options name, by id."""
        return

    @abstractmethod
    def judge(self, record: Record) -> Record | Drop:
        """The record (the same object where nothing changed, a new one where something did), or why it is dropped."""


@dataclass
class Ledger:
    """Counts of one shard or of a whole task. ``entered``: records read; ``left``: records written."""

    entered: int = 0
    left: int = 0
    added: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def check(self) -> None:
        """Raises INTERNAL when a record vanished or appeared."""
        if self.entered + self.added != self.left + self.dropped.total():
            raise internal("ledger", ledger=self.to_json())

    def followed_by(self, later: Ledger) -> Ledger:
        """This stage and the one that read what it wrote, as one."""
        if self.left != later.entered:
            raise internal("ledger", written=self.left, read=later.entered)
        return Ledger(self.entered, later.left, self.added + later.added, self.dropped + later.dropped)

    def __add__(self, other: Ledger) -> Ledger:
        """Two shards of one stage."""
        return Ledger(self.entered + other.entered, self.left + other.left, self.added + other.added, self.dropped + other.dropped)

    def to_json(self) -> dict[str, Any]:
        counts: dict[str, Any] = {"in": self.entered, "out": self.left, "dropped": dict(sorted(self.dropped.items()))}
        return {**counts, "added": self.added} if self.added else counts

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Ledger:
        return cls(values["in"], values["out"], values.get("added", 0), Counter(values["dropped"]))


def total(ledgers: Sequence[Ledger]) -> Ledger:
    """The shards of one stage as one ledger."""
    return sum(ledgers, Ledger())


def rejection(record: Mapping[str, Any], rule: str, version: int, drop: Drop) -> dict[str, Any]:
    """The line that a dropped record leaves behind."""
    line = {
        "id": record["id"],
        "rule": rule,
        "rule_version": version,
        "reason": drop.reason,
        "score": drop.score,
        "threshold": drop.threshold,
        "source": record.get("source", ""),
        "excerpt": text_of(record)[:EXCERPT],
    }
    return {**line, "kept_id": drop.kept_id} if drop.kept_id is not None else line


def sift(operators: Sequence[Operator], record: Record) -> tuple[Record | None, dict[str, Any] | None, list[str]]:
    """One record through a chain: (what is left of it, or None; its rejection, or None; the rules that changed it, as ``name@version``)."""
    changed: list[str] = []
    for operator in operators:
        verdict = operator.judge(record)
        if isinstance(verdict, Drop):
            return None, rejection(record, operator.rule, operator.version, verdict), changed
        if verdict is not record:
            changed.append(f"{operator.rule}@{operator.version}")
            record = verdict
    return record, None, changed
