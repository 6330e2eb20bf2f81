"""What several answers say together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.people.aggregate import agrees, decides, join
from libs.people.template_reading import read_template
from tests.unit.people.test_template import BODY, TEMPLATE

QA = read_template({"fields": [{"name": name, "kind": "text", "required": name != "input"} for name in ("instruction", "input", "output")]})


@pytest.mark.parametrize(
    ("labels", "result", "share", "tied"),
    [
        (["good"], "good", 1.0, False),
        (["good", "bad", "good"], "good", 2 / 3, False),
        (["good", "bad"], "good", 0.5, True),
        (["bad", "good", "good", "bad"], "bad", 0.5, True),
    ],
)
def test_the_majority(labels: list[str], result: str, share: float, tied: bool) -> None:
    joined = join(TEMPLATE, [{"label": label} | ({"why": "so so"} if label == "bad" else {}) for label in labels])
    assert (joined.answer["label"], joined.share, joined.tied) == (result, share, tied)


def test_what_depends_on_a_label_counts_among_those_who_chose_it() -> None:
    said: list[dict[str, Any]] = [{"label": "bad", "why": "late"}, {"label": "good"}, {"label": "bad", "why": "late!"}]
    assert join(TEMPLATE, said).answer == {"label": "bad", "why": "late"}
    assert join(TEMPLATE, [*said, {"label": "good"}, {"label": "good"}]).answer == {"label": "good"}


def test_each_label_that_more_than_half_chose_and_the_middle_of_a_scale() -> None:
    said = [
        {"label": "good", "topics": topics, "strength": strength} for topics, strength in ((["a", "b"], 1), (["a"], 4), (["a", "c"], 7))
    ]
    joined = join(TEMPLATE, said)
    assert joined.answer == {"label": "good", "topics": ["a"], "strength": 4}
    assert joined.share == pytest.approx(1 / 3)


def test_of_texts_the_one_that_is_most_like_all() -> None:
    said = [{"instruction": "ask", "output": text} for text in ("Berlin", "Berlin.", "Rome")]
    joined = join(QA, said)
    assert joined.answer == {"instruction": "ask", "output": "Berlin"}
    assert 0 < joined.share < 1


@given(st.lists(st.sampled_from(["good", "bad"]), min_size=1, max_size=9))
def test_the_result_is_an_answer_that_the_template_takes(labels: list[str]) -> None:
    answers = [TEMPLATE.check({"label": label} | ({"why": "so so"} if label == "bad" else {"topics": ["b"]})) for label in labels]
    joined = join(TEMPLATE, answers)
    assert TEMPLATE.check(joined.answer) == joined.answer
    assert joined.share == max(labels.count(label) for label in labels) / len(labels)
    assert joined.tied == (labels.count("good") == labels.count("bad"))


def test_agreeing_is_about_what_the_other_says() -> None:
    assert agrees(TEMPLATE, {"label": "bad", "why": "late"}, {"label": "bad"})
    assert not agrees(TEMPLATE, {"label": "good"}, {"label": "bad"})
    assert not agrees(TEMPLATE, {"label": "bad", "why": "late"}, {"why": "so late"})
    assert agrees(TEMPLATE, {"label": "bad", "why": "so late!"}, {"why": "so late"}, similar=0.8)
    assert not agrees(TEMPLATE, {"label": "bad"}, {"label": "bad", "why": "late"}, similar=0.8)


def test_what_decides() -> None:
    assert decides(TEMPLATE, {"label": "bad", "why": "late"}) == {"label": "bad"}
    assert decides(QA, {"instruction": "a", "output": "b"}) == {"instruction": "a", "output": "b"}
    assert len(BODY["fields"]) == len(TEMPLATE.fields)
