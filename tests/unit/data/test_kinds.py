"""Every kind of record says by its schema what its validator takes, and shows itself in one line."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from libs.data.kinds import RECORD_KINDS, kind_of

CASES: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("documents", {"text": "a page"}, None, "a page"),
    ("documents", {"title": "The title", "text": "x" * 500}, None, "The title"),
    ("documents", {"text": " "}, "text", ""),
    ("documents", {"question": "?"}, "text", ""),
    ("question_answer", {"instruction": "q", "output": "a", "input": None}, None, "q → a"),
    ("question_answer", {"instruction": "q", "output": ""}, "output", "q → "),
    ("question_answer", {"output": "a"}, "instruction", " → a"),
    ("question_answer", {"instruction": "q", "output": 3}, "output", "q → 3"),
    ("preference_pair", {"prompt": "q", "chosen": "good", "rejected": "bad"}, None, "q → good | bad"),
    (
        "preference_pair",
        {"prompt": [{"role": "user", "content": "q"}], "chosen": [{"from": "gpt", "value": "a"}], "rejected": "b"},
        None,
        "q → a | b",
    ),
    ("preference_pair", {"chosen": "a", "rejected": "b"}, "prompt", "→ a | b"),
    ("preference_pair", {"prompt": "q", "chosen": [], "rejected": "b"}, "chosen", "q →  | b"),
    ("preference_pair", {"prompt": "q", "chosen": ["a"], "rejected": "b"}, "chosen", "q → a | b"),
    ("preference_pair", {"prompt": "q", "chosen": "a", "rejected": " "}, "rejected", "q → a |"),
    ("question_answer", {"instruction": "q", "output": "a", "chosen": "x", "rejected": "y"}, None, "q → a"),
    ("classification", {"text": "a nice day", "label": "weather"}, None, "a nice day → weather"),
    ("classification", {"text": "好天气", "label": 1}, None, "好天气 → 1"),
    ("classification", {"text": "a nice day", "label": " "}, "label", "a nice day →"),
    ("classification", {"text": "", "label": "weather"}, "text", "→ weather"),
    ("classification", {"text": "x", "label": "w" * 201}, "label", "x → " + "w" * 39 + "…"),
    ("classification", {"image": {"blob": "image/abc"}, "label": "cat"}, None, "image → cat"),
    ("question_answer", {"instruction": "q", "output": "a", "text": "t", "label": "x"}, None, "q → a"),
    ("documents", {"text": "several", "label": ["a", "b"]}, None, "several"),
    ("conversation", {"messages": [{"role": "user", "content": "hello\nyou"}]}, None, "hello you"),
    ("conversation", {"conversations": [{"from": "human", "value": "第一句"}, {"from": "gpt", "value": "第二句"}]}, None, "第一句"),
]


@pytest.mark.parametrize(("name", "fields", "lacking", "preview"), CASES)
def test_validator_and_schema_agree(name: str, fields: dict[str, Any], lacking: str | None, preview: str) -> None:
    kind = kind_of(fields)
    assert (kind.name, kind.lacking(fields)) == (name, lacking)
    assert jsonschema.Draft202012Validator(kind.schema).is_valid(fields) is (lacking is None)
    assert kind.preview(fields).strip() == preview.strip()


def test_a_preview_is_one_short_line() -> None:
    for kind in RECORD_KINDS.values():
        shown = kind.preview({"text": "w \n" * 500, "instruction": "q\n" * 500, "output": "a " * 500})
        assert len(shown) <= 130
        assert "\n" not in shown


def test_every_schema_is_one() -> None:
    for kind in RECORD_KINDS.values():
        jsonschema.Draft202012Validator.check_schema(kind.schema)
        assert kind.en.isascii()
        assert not kind.zh.isascii()
