"""Records a training cannot use. Decides what is told of them and how many are too many: a run that quietly saw a tenth of its data is a
failure that looks like a success.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason

REASONS = TOO_LONG, EMPTY_TURN = "too_long", "empty_turn"
LISTED = 50  # by place in the result; the whole list lies beside it
FOLDER, FILE = "left_out", "left_out.jsonl"
EXCERPT = 100  # characters of a question, to know it again


@dataclass(frozen=True, slots=True)
class LeftOut:
    """reason: ``TOO_LONG`` or ``EMPTY_TURN``. row: from 1. tokens: of the whole record, 0 where it has none. excerpt: how what is asked
    begins, "" for a record that asks nothing."""

    reason: str
    file: str
    row: int
    tokens: int = 0
    excerpt: str = ""


def facts(left: Sequence[LeftOut], total: int) -> dict[str, Any]:
    """What the result says. total: records that were read, with those left out."""
    counts = Counter(each.reason for each in left)
    return {
        "left_out": len(left),
        "left_out_share": len(left) / total if total else 0.0,
        **{reason: counts[reason] for reason in (TOO_LONG, EMPTY_TURN)},
        "left_out_records": [asdict(each) for each in left[:LISTED]],
    }


def write(left: Sequence[LeftOut], work: Path) -> None:
    """The whole list, in a folder of its own under ``work`` that is published with the end of the task; none where nothing was left out."""
    if left:
        folder = work / FOLDER
        folder.mkdir(exist_ok=True)
        (folder / FILE).write_text("".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in left), encoding="utf-8")


def read(folder: Path, start: int, limit: int, reason: str | None) -> tuple[list[LeftOut], int | None]:
    """Up to ``limit`` of a published list from position ``start`` on, of one reason or of all, and where to go on (None: that was all)."""
    found: list[LeftOut] = []
    with (folder / FILE).open(encoding="utf-8") as lines:
        for position, line in islice(enumerate(lines), start, None):
            each = LeftOut(**json.loads(line))
            if reason is None or each.reason == reason:
                if len(found) == limit:
                    return found, position
                found.append(each)
    return found, None


def check(left: Sequence[LeftOut], total: int, most: float, block_size: int) -> None:
    """Raises TOO_MANY_LEFT_OUT when more than the share ``most`` of ``total`` records cannot be used."""
    if len(left) <= most * total:
        return
    counts = Counter(each.reason for each in left)
    raise PlatformError(
        422,
        Reason.TOO_MANY_LEFT_OUT,
        field="options.max_left_out",
        limit=f"{most:g}",
        count=len(left),
        total=total,
        block_size=block_size,
        longest=max((each.tokens for each in left), default=0),
        too_long=counts[TOO_LONG],
        empty_turn=counts[EMPTY_TURN],
        first="; ".join(f"{each.file}, row {each.row}: {each.reason}" for each in left[:5]),
    )
