"""exact_match: the share of answers that are the expected one. Folded texts are compared (``libs.common.folding``: full-width forms become
plain ones, 10² stays 10², H₂O is not H2O), every run of white space one space, none at the ends; case and punctuation count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from libs.common.folding import fold_spaces
from libs.metrics import Metric, Scored
from libs.stats.shares import wilson

MOST_LANGUAGES = 50  # that are reported one by one, the most frequent ones


def normalise(text: str) -> str:
    """The form in which two answers are compared: folded, white space too, ends stripped, case kept."""
    return fold_spaces(text)


def exact_match(expected: str, output: str) -> bool:
    return normalise(expected) == normalise(output)


def language_of(tags: Mapping[str, str]) -> str:
    """The two-letter language of an item, "" when it names none: only such a code can stand in a metric's name."""
    code = tags.get("lang", "").split("-")[0].lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def most_frequent(languages: Counter[str]) -> list[tuple[str, int]]:
    return sorted(languages.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_LANGUAGES]


class ExactMatch:
    """Over all answers, with the interval of 95 %, and by language. name: what the figures are called."""

    def __init__(self, name: str = "exact_match") -> None:
        self._name = name
        self._count = self._matches = 0
        self._languages: Counter[str] = Counter()
        self._language_matches: Counter[str] = Counter()

    def add(self, item: Scored) -> None:
        self._count += 1
        self._matches += item.exact_match
        if code := language_of(item.tags):
            self._languages[code] += 1
            self._language_matches[code] += item.exact_match

    def figures(self) -> dict[str, float]:
        if not self._count:
            return {}
        low, high = wilson(self._matches, self._count)
        by_language = {f"{self._name}.{code}": self._language_matches[code] / count for code, count in most_frequent(self._languages)}
        return {self._name: self._matches / self._count, f"{self._name}.low": low, f"{self._name}.high": high, **by_language}


KIND = Metric(
    name="exact_match",
    tally=ExactMatch,
    makes=("exact_match", "exact_match.low", "exact_match.high", "exact_match.<language>"),
    en="share of answers that are the expected one; low, high: interval of 95 %; by language too",
    zh="与参考答案一致的回答占比；low、high 为 95% 区间；并按语言给出",
    place=1,
    each=lambda item: float(item.exact_match),
    yes_or_no=True,
)
