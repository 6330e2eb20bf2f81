"""Limits and causes in Chinese: every one the product can name, each with its numbers kept."""

from __future__ import annotations

import re

import pytest

from gateway.errors import error_body
from libs.common.errors import Reason, busy, invalid, unavailable
from libs.common.openai_errors import openai_error
from libs.common.words.messages import sentence, told
from libs.common.words.phrases import chinese
from tests.support.limits import limits

CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORDS = re.compile(r"\b(?:the|an|of|at|most|least|must|not|is|are|and|in|with|that|which|for|by|from|than|it|its|one|no)\b")
SAYS_NOTHING = re.compile(
    r"[\W\d_]*|[A-Z_]+|\S*[^\w\s,]\S*|[\w-]+(?:, [\w-]+)+|[a-z]+-[a-z]+|modelyard_\w+|modelyard\[.+\]|"
    r"7 ON \S+|Resp Method\(.*"
)
"""The same in every language: numbers, names of settings, addresses, lists of values, a signature."""


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


def test_every_limit_and_cause_the_product_names_has_its_chinese() -> None:
    """Read from the source, so that a new check without its Chinese fails here."""
    named = {(fact, text): place for place, fact, texts in limits() for text in texts or ()}
    assert len(named) > 350, "the places are found"
    lacking = [
        f"{place}: {text!r} -> {chinese(text)!r}"
        for (_, text), place in named.items()
        if not SAYS_NOTHING.fullmatch(text) and (not CHINESE.search(chinese(text)) or WORDS.search(chinese(text)))
    ]
    assert lacking == []


def test_what_the_source_does_not_tell_is_little() -> None:
    """A limit that is built where no reader of the source finds it would escape the test above."""
    hidden = [place for place, _, texts in limits() if texts is None]
    assert len(hidden) < len(list(limits())) / 6


def test_an_answer_in_chinese_has_its_limit_in_chinese() -> None:
    error = invalid("name", Reason.TOO_LARGE, "at most 100 characters")
    assert error_body(error, "zh", "r")["limit"] == openai_error(error, "zh")["error"]["limit"] == "最多 100 个字符"
    assert error_body(error, "en", "r")["limit"] == openai_error(error)["error"]["limit"] == "at most 100 characters"


def test_causes_and_parts_are_said_in_chinese_too() -> None:
    assert sentence(unavailable("database"), "zh").startswith("数据库 暂不可用")
    assert sentence(busy("sign-in", "10 attempts in 5 minutes"), "zh") == "登录 繁忙（5 分钟内 10 次尝试），请稍后重试。"
    assert told({"why": "row too long", "value": "name", "row": 3}, "zh") == {"why": "行过长", "value": "name", "row": 3}
