"""rouge_l: how much of the expected answer stands in the answer in its order, without case and punctuation; CJK text by the character."""

from __future__ import annotations

from libs.metrics import Metric, Scored
from libs.metrics._mean import Mean, with_interval
from libs.metrics._rows import longest_common
from libs.metrics.exact_match import exact_match
from libs.metrics.token_f1 import tokens

NAME = "rouge_l"


def rouge_l(expected: str, output: str) -> float:
    """Harmonic mean of precision and recall of the longest common subsequence of tokens, 0..1 (Lin 2004, section 3.1). Where one side has
    no token, that of exact match."""
    wanted, given = tokens(expected), tokens(output)
    if not wanted or not given:
        return float(exact_match(expected, output))
    return 2 * longest_common(wanted, given) / (len(wanted) + len(given))


def each(item: Scored) -> float:
    return rouge_l(item.expected, item.output)


KIND = Metric(
    name=NAME,
    tally=lambda: Mean(NAME, each),
    makes=with_interval(NAME),
    en="how much of the expected answer stands in the answer in its order, 0..1",
    zh="参考答案按原有顺序出现在回答中的程度（0..1）",
    by_name=True,
    each=each,
)
