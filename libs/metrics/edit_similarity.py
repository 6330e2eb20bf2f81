"""edit_similarity: how few characters of an answer would have to change to make it the expected one, folded as for exact match. For code,
names and formulas, where a word that is nearly right is no word."""

from __future__ import annotations

from libs.common.folding import fold_spaces
from libs.metrics import Metric, Scored
from libs.metrics._mean import Mean, with_interval
from libs.metrics._rows import distance

NAME = "edit_similarity"


def edit_similarity(expected: str, output: str) -> float:
    """1 - (edits / characters of the longer one), 0..1."""
    wanted, given = fold_spaces(expected), fold_spaces(output)
    longer = max(len(wanted), len(given))
    return 1 - distance(wanted, given) / longer if longer else 1.0


def each(item: Scored) -> float:
    return edit_similarity(item.expected, item.output)


KIND = Metric(
    name=NAME,
    tally=lambda: Mean(NAME, each),
    makes=with_interval(NAME),
    en="1 less the share of characters that would have to change, 0..1",
    zh="1 减去需改动字符的占比（0..1）",
    by_name=True,
    each=each,
)
