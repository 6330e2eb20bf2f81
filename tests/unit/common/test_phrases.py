"""Limits in Chinese: the forms the checks write, each with its numbers kept."""

from __future__ import annotations

import pytest

from libs.common.errors import Reason, invalid
from libs.common.words.messages import sentence
from libs.common.words.phrases import chinese


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("required", "必填"),
        ("at most 100 characters", "最多 100 个字符"),
        ("at least 8 characters", "至少 8 个字符"),
        ("at most 1000 items", "最多 1000 项"),
        ("at most 9223372036854775807", "最大 9223372036854775807"),
        ("at least 1", "最小 1"),
        ("1..4096", "1 到 4096 之间"),
        ("one of Image=1, Text=2", "以下之一：Image=1, Text=2"),
        ("between 1 and 65535, not 70000", "1 到 65535 之间，不能是 70000"),
        ("something nobody translated", "something nobody translated"),
    ],
)
def test_a_limit_in_chinese(limit: str, expected: str) -> None:
    assert chinese(limit) == expected


def test_a_sentence_has_no_english_left() -> None:
    error = invalid("name", Reason.TOO_LARGE, "at most 100 characters")
    assert sentence(error, "zh") == "name 过大：最多 100 个字符。"
    assert "at most 100 characters" in sentence(error, "en")
