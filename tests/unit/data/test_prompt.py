"""The prompt join: everything that is part of the question is asked, and its text stands for exactly one chat."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.data.prompt import PromptError, answer_of, chat_of, from_text, preference_of, to_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CHATS = st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), TEXT), max_size=4).map(
    lambda turns: [{"role": role, "content": content} for role, content in turns]
)


def test_system_prompt_and_earlier_turns_are_part_of_the_question() -> None:
    record = {
        "instruction": "And its postcode?",
        "input": "",
        "output": "1000",
        "system": "Answer with a number only.",
        "history": [["We talk about Basel.", "Fine."], ["再问一次", "好"]],
    }
    assert [(turn["role"], turn["content"]) for turn in chat_of(record)] == [
        ("system", "Answer with a number only."),
        ("user", "We talk about Basel."),
        ("assistant", "Fine."),
        ("user", "再问一次"),
        ("assistant", "好"),
        ("user", "And its postcode?"),
    ]
    assert answer_of(record) == "1000"


@pytest.mark.parametrize("without", [{}, {"input": None, "system": None, "history": None}, {"input": "", "system": " ", "history": []}])
def test_a_lone_question_is_its_own_text(without: dict[str, Any]) -> None:
    chat = chat_of({"instruction": "什么？", **without})
    assert chat == [{"role": "user", "content": "什么？"}]
    assert to_text(chat) == "什么？"


def test_input_follows_the_instruction() -> None:
    assert to_text(chat_of({"instruction": "Translate", "input": "cat"})) == "Translate\ncat"


@pytest.mark.parametrize(
    ("change", "field", "empty"),
    [
        ({"instruction": None}, "instruction", False),
        ({"instruction": " \n"}, "instruction", True),
        ({"instruction": "\ud800"}, "instruction", False),
        ({"input": 3}, "input", False),
        ({"system": ["x"]}, "system", False),
        ({"system": "\ud800"}, "system", False),
        ({"history": "q"}, "history", False),
        ({"history": [["q"]]}, "history", False),
        ({"history": [["q", None]]}, "history", False),
        ({"history": [["q", " "]]}, "history", True),
        ({"history": [{"q": 1, "a": 2}]}, "history", False),
        ({"history": [["q", "\udfff"]]}, "history", False),
    ],
)
def test_a_record_that_cannot_be_asked_is_named(change: dict[str, Any], field: str, empty: bool) -> None:
    with pytest.raises(PromptError) as caught:
        chat_of({"instruction": "a", "output": "b", **change})
    assert (caught.value.field, caught.value.empty) == (field, empty)


def test_a_preference_is_read_however_it_is_told() -> None:
    asked = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
    question = to_text(asked)
    assert preference_of({"prompt": "Hi", "chosen": "Hello!", "rejected": "What?"}) == ("Hi", "Hello!", "What?")
    told = {"chosen": [{"from": "gpt", "value": "Hello!"}], "rejected": [*asked, {"role": "assistant", "content": "What?"}]}
    assert preference_of({"prompt": asked, **told}) == (question, "Hello!", "What?")


@pytest.mark.parametrize(
    ("change", "field", "empty"),
    [
        ({"prompt": " "}, "prompt", True),
        ({"prompt": []}, "prompt", False),
        ({"prompt": [{"role": "assistant", "content": "Hi"}]}, "prompt", False),
        ({"chosen": ""}, "chosen", True),
        ({"chosen": 3}, "chosen", False),
        ({"rejected": [{"role": "user", "content": "No"}]}, "rejected", False),
        ({"rejected": [{"role": "user", "content": "Other"}, {"role": "assistant", "content": "No"}]}, "rejected", False),
        ({"rejected": [{"role": "assistant", "content": " "}]}, "rejected", True),
        ({"rejected": [{"role": "assistant", "content": None}]}, "rejected", False),
    ],
)
def test_a_preference_that_cannot_be_learned_is_named(change: dict[str, Any], field: str, empty: bool) -> None:
    with pytest.raises(PromptError) as caught:
        preference_of({"prompt": "Hi", "chosen": "Hello!", "rejected": "What?", **change})
    assert (caught.value.field, caught.value.empty) == (field, empty)


@given(before=CHATS, question=TEXT)
def test_a_text_stands_for_one_chat(before: list[dict[str, str]], question: str) -> None:
    chat = [*before, {"role": "user", "content": question}]
    assert from_text(to_text(chat)) == chat


@given(before=CHATS, question=TEXT)
def test_a_question_that_looks_like_a_chat_stays_a_question(before: list[dict[str, str]], question: str) -> None:
    typed = json.dumps([*before, {"role": "user", "content": question}], ensure_ascii=False, separators=(",", ":"))
    asked = chat_of({"instruction": typed}) if typed.strip() else []
    assert asked == [{"role": "user", "content": typed}]
    assert from_text(to_text(asked)) == asked


@given(TEXT)
def test_any_other_text_is_a_question(text: str) -> None:
    assert from_text(text) == [{"role": "user", "content": text}]


@pytest.mark.parametrize(
    "text",
    [
        '[{"role":"user"}]',
        '[{"role":"tool","content":"x"}]',
        '[{"role":"assistant","content":"x"}]',
        '[{"role":"user","content":"x"} ]',
        '[{"role":' + "[" * 100_000,
    ],
)
def test_what_is_nearly_a_chat_is_a_question(text: str) -> None:
    assert from_text(text) == [{"role": "user", "content": text}]
