"""accuracy: of a test of labels, the share of records that got the right one."""

from __future__ import annotations

from functools import partial

from libs.metrics import CLASSES, Metric
from libs.metrics.exact_match import ExactMatch

KIND = Metric(
    name="accuracy",
    tally=partial(ExactMatch, "accuracy"),
    makes=("accuracy", "accuracy.low", "accuracy.high", "accuracy.<language>"),
    en="share of records that get the right label; low, high: interval of 95 %; by language too",
    zh="标签正确的记录占比；low、high 为 95% 区间；并按语言给出",
    place=5,
    each=lambda item: float(item.exact_match),
    yes_or_no=True,
    of=(CLASSES,),
)
