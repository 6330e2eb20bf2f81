"""Records a training cannot use. Decides what is told of them and how many are too many: a run that quietly saw a tenth of its data is a
failure that looks like a success.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from libs.common.errors import PlatformError, Reason

TOO_LONG, EMPTY_TURN = "too_long", "empty_turn"
LISTED = 50  # by place in the result; the rest is only counted


@dataclass(frozen=True, slots=True)
class LeftOut:
    """reason: ``TOO_LONG`` or ``EMPTY_TURN``. row: from 1. tokens: of the whole record, 0 where it has none."""

    reason: str
    file: str
    row: int
    tokens: int = 0


def facts(left: Sequence[LeftOut], total: int) -> dict[str, Any]:
    """What the result says. total: records that were read, with those left out."""
    counts = Counter(each.reason for each in left)
    return {
        "left_out": len(left),
        "left_out_share": len(left) / total if total else 0.0,
        **{reason: counts[reason] for reason in (TOO_LONG, EMPTY_TURN)},
        "left_out_records": [asdict(each) for each in left[:LISTED]],
    }


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
