"""Remove_Low_Quality: every rule by name, with the score that crossed its threshold."""

from __future__ import annotations

import pytest

from services.dataset.engine.ledger import Drop
from services.dataset.engine.low_quality import LowQuality, LowQualityOptions, grams, repeated_share

WORDS = [f"{first}{second}" for first in ("plan", "tree", "river", "stone", "light") for second in ("ing", "ed", "er", "s", "ful", "less")]
PROSE = "The quick answer to a question is that words have meaning. " + " ".join(WORDS)
CHINESE = "数据清洗的目的是去除网页中的标签与重复内容，使得后续训练得到干净的语料。好的规则应当说明每一条记录为何被丢弃，并给出分数与阈值。"


def judge(text: str, **options: float) -> Drop | None:
    record = {"id": "1", "text": text}
    verdict = LowQuality(LowQualityOptions(**options)).judge(record)  # type: ignore[arg-type]
    if isinstance(verdict, Drop):
        return verdict
    assert verdict is record
    return None


@pytest.mark.parametrize("text", [PROSE, CHINESE, CHINESE + " json.dumps(obj)", "\n".join([PROSE, "x = 1", "x = 1"])])
def test_good_texts_stay(text: str) -> None:
    assert judge(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("too short", "words_too_few"),
        ("", "words_too_few"),
        ("the and of " + "a " * 40, "words_too_short"),
        (PROSE + " " + "x" * 3000, "words_too_long"),
        (PROSE + " #" * 30, "symbols"),
        (PROSE + " !?=+/&%$" * 60, "punctuation"),
        ("the of and " + "1234 " * 60, "alphabetic_words"),
        (" ".join(WORDS), "stop_words"),
        ("\n".join([PROSE] + ["the same line again and again to be sure"] * 30), "repeated_lines"),
        (PROSE + " words that have been said to be so of old" * 60, "repeated_text"),
        ("数据", "han_too_few"),
        (CHINESE + "……" * 20, "symbols"),
        (CHINESE + "，。！？" * 40, "punctuation"),
        (CHINESE + "\n同样的一行内容" * 30, "repeated_lines"),
        (CHINESE + "重复的内容总是这样" * 60, "repeated_text"),
    ],
)
def test_bad_texts_go_with_reason_score_and_threshold(text: str, reason: str) -> None:
    verdict = judge(text)
    assert verdict is not None
    assert verdict.reason == reason
    assert verdict.score is not None
    assert verdict.threshold is not None
    assert verdict.score != verdict.threshold


def test_thresholds_are_inclusive_and_are_options() -> None:
    words = len(PROSE.split())
    assert judge(PROSE, min_words=words, max_words=words) is None
    assert judge(PROSE, min_words=words + 1) == Drop("words_too_few", words, words + 1)
    assert judge(PROSE, max_words=words - 1) == Drop("words_too_many", words, words - 1)
    assert judge(" ".join(WORDS), min_stop_words=0) is None


def test_repetition_by_hand() -> None:
    assert repeated_share([]) == 0
    assert repeated_share(["a", "b", "a", "a"]) == 0.5
    assert grams("abcdef", 5) == [tuple("abcde"), tuple("bcdef")]
    assert grams("abc", 5) == []
