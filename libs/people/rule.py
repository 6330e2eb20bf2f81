"""The rule of a job: how many different people an item gets, and how their work is spread, checked and looked at again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from libs.common.errors import invalid
from libs.data.options import option


@dataclass(frozen=True, slots=True)
class Rule:
    """Declared once, frozen with the job."""

    people: int = option(1, 1, 15, en="different people who answer each item", zh="每条由多少位不同的人作答")
    cap: int | None = option(None, 1, 1_000_000, en="most items one person answers", zh="每人最多作答条数", none=("no bound", "不限"))
    at_once: int = option(5, 1, 50, en="most items one person holds at once", zh="每人同时最多持有条数")
    lead: int | None = option(
        None,
        1,
        1000,
        en="how many items somebody may be ahead of whoever works with them and has fewest",
        zh="领先于同时工作者中条数最少者的最大条数",
        none=("everybody at their own speed", "各按各的速度"),
    )
    lease_seconds: int = option(
        600, 10, 86_400, en="how long an item stays with somebody who says nothing", zh="无动作时条目保留时长", unit="s"
    )
    shuffled: bool = option(
        True, en="whether items come in an order of their own, not in that of the data", zh="是否打乱顺序，不按数据原有顺序"
    )
    inspect_percent: float = option(0.0, 0, 100, en="share of items that an inspector looks at", zh="交由质检员复核的条目占比", unit="%")
    agree_percent: float = option(
        50.0,
        0,
        100,
        en="items whose answers agree less go to an inspector, where there are any",
        zh="一致度低于此值的条目交给质检员（如有）",
        unit="%",
    )
    gold_percent: float = option(
        0.0, 0, 50, en="share of items whose answer is known, hidden among the others", zh="混入的已知答案题占比", unit="%"
    )
    gold_misses: int | None = option(
        None,
        1,
        1000,
        en="known answers somebody may miss before they get no more items",
        zh="答错多少道已知答案题后不再分配",
        none=("they go on", "不限制"),
    )
    gold_similarity: float = option(80.0, 1, 100, en="how like the known text a text must be", zh="文本与已知答案的最低相似度", unit="%")
    skips: int = option(3, 1, 15, en="people who skip an item before it is given to nobody else", zh="多少人跳过后不再分配该条", unit="")

    def check(self, annotators: int | None, inspectors: int | None, gold: int) -> None:
        """Raises INVALID_ARGUMENT for a rule that could never be met. annotators, inspectors: how many there are, None = as many as come.
        gold: items with a known answer."""
        if annotators is not None and annotators < self.people:
            raise invalid("rule.people", limit=f"at most the {annotators} people of the pools")
        if self.inspect_percent and inspectors == 0:
            raise invalid("rule.inspect_percent", limit="0 without inspectors")
        if self.gold_percent and not gold:
            raise invalid("rule.gold_percent", limit="0 without items whose answer is known")


def draw(seed: str, *what: object) -> int:
    """A number that nobody can foresee and everybody with the seed draws alike."""
    text = ":".join(map(str, (seed, *what)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def sampled(percent: float, count: int) -> Iterator[bool]:
    """Which of ``count`` in a row are taken, so that at every moment the share is as exact as it can be."""
    taken = 0
    for number in range(1, count + 1):
        due = round(percent * number / 100, 9) >= taken + 1
        taken += due
        yield due


def gold_is_due(seed: str, person_id: int, nth: int, percent: float) -> bool:
    """Whether the ``nth`` item somebody is given is one with a known answer: one in each stretch of 100 / percent, at a place that only the
    seed knows."""
    if not percent:
        return False
    stretch = round(100 / percent)
    return draw(seed, person_id, nth // stretch) % stretch == nth % stretch
