"""A step that throws most of the data away asks first: it fails, says what it would have dropped and why, and how to allow it.

Looked at before anything is published, whatever the step is: a rule of cleaning, bad rows of an import, a conversion, leaks of a split.
Exact copies do not count: nothing is lost with them. A handful of records does not count either: whoever works on so few sees what happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.data.options import option
from libs.data.records import Record
from libs.data.versions import read_part
from services.dataset.engine.ledger import Ledger
from services.dataset.engine.operators.deduplicate import EXACT
from services.dataset.engine.shards import DROPPED, Mark, Stage

MOST = 0.5  # share of the records that may go unasked
FEW = 20  # dropped records that nobody is asked about
_SHOWN_REASONS, _SHOWN_EXAMPLES, _EXAMPLE = 3, 3, 100
Reasons = Counter[tuple[str, str]]  # (rule, reason) -> records


def allowed() -> Any:
    """The option of every step that may leave records out."""
    return option(
        MOST,
        0.0,
        1.0,
        unit="0..1",
        en="a step that leaves out more than this share asks first",
        zh="剔除占比超过此值时先征求确认",
    )


def ask_first(ledger: Ledger, stages: Sequence[tuple[Stage, Sequence[Mark]]], allowed: float) -> None:
    """Raises TOO_MANY_DROPPED when more than ``allowed`` of the records that came in would go."""
    if not _too_many(ledger.dropped.total(), ledger.entered, allowed):
        return
    reasons, examples = told(stages)
    lost = reasons.total()
    if _too_many(lost, ledger.entered, allowed):
        share = min(1.0, -(-100 * lost // ledger.entered) / 100)  # rounded up, so that allowing what is said is enough
        limit = f"at most {allowed:.0%} of {ledger.entered} records dropped, not {lost}: {summary(reasons)}"
        facts: dict[str, Any] = {"share": share, "examples": examples, "ledger": ledger.to_json()}
        raise PlatformError(422, Reason.TOO_MANY_DROPPED, field="options.allow_drop_share", limit=limit, **facts)


def _too_many(lost: int, of: int, allowed: float) -> bool:
    return lost >= FEW and lost > allowed * of


def told(stages: Sequence[tuple[Stage, Sequence[Mark]]]) -> tuple[Reasons, list[dict[str, Any]]]:
    """(how many records each reason of each rule would take, exact copies aside; the first of them)."""
    reasons: Reasons = Counter()
    examples: list[dict[str, Any]] = []
    for line in _dropped(stages):
        reasons[line["rule"], line["reason"]] += 1
        if len(examples) < _SHOWN_EXAMPLES:
            examples.append({"rule": line["rule"], "reason": line["reason"], "excerpt": line["excerpt"][:_EXAMPLE]})
    return reasons, examples


def _dropped(stages: Sequence[tuple[Stage, Sequence[Mark]]]) -> Iterator[Record]:
    for stage, marks in stages:
        for index, mark in enumerate(marks):
            if DROPPED in mark.parts:
                lines = read_part(stage.part(DROPPED, index).parent, mark.parts[DROPPED])
                yield from (line for line in lines if line["reason"] != EXACT)


def summary(reasons: Reasons) -> str:
    """``Remove_Low_Quality 1095 (words_too_few 1090, symbols 5)``."""
    rules: Counter[str] = Counter()
    for (rule, _), count in reasons.items():
        rules[rule] += count
    return ", ".join(f"{rule} {count} ({_most(reasons, rule)})" for rule, count in rules.most_common())


def _most(reasons: Reasons, rule: str) -> str:
    mine = Counter({reason: count for (each, reason), count in reasons.items() if each == rule})
    shown = ", ".join(f"{reason[:60]} {count}" for reason, count in mine.most_common(_SHOWN_REASONS))
    return shown + (", …" if len(mine) > _SHOWN_REASONS else "")
