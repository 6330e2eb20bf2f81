"""A template takes exactly the answers it asks for, and says of every other what is wrong and where."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.people.template import Template
from libs.people.template_reading import read_template
from tests.support.outcome import outcome

BODY: dict[str, Any] = {
    "instructions": "判断情感",
    "shows": ["text"],
    "fields": [
        {"name": "label", "kind": "choice", "labels": [{"value": "good", "key": "1"}, {"value": "bad", "title": "负面", "key": "2"}]},
        {"name": "why", "kind": "text", "at_least": 2, "at_most": 10, "when": {"field": "label", "values": ["bad"]}},
        {"name": "topics", "kind": "choices", "required": False, "at_most": 2, "labels": [{"value": v} for v in "abc"]},
        {"name": "strength", "kind": "scale", "required": False, "at_most": 7},
        {"name": "more", "kind": "text", "required": False, "when": {"field": "strength", "values": [7]}},
    ],
    "examples": [{"record": {"text": "so nice"}, "answer": {"label": "good"}, "note": "clear"}],
}
TEMPLATE = read_template(BODY)


def test_an_answer_as_it_is_stored() -> None:
    said = {"topics": ["c", "a", "c"], "why": "  too late ", "label": "bad", "strength": 7, "more": "x"}
    stored = TEMPLATE.check(said)
    assert stored == {"label": "bad", "why": "too late", "topics": ["a", "c"], "strength": 7, "more": "x"}
    assert list(stored) == ["label", "why", "topics", "strength", "more"]
    assert TEMPLATE.check(stored) == stored


@pytest.mark.parametrize(
    ("answer", "reason", "field", "limit"),
    [
        ([], Reason.WRONG_TYPE, "answer", "an object"),
        ({}, Reason.MISSING_FIELD, "answer.label", "required"),
        ({"label": None}, Reason.MISSING_FIELD, "answer.label", "required"),
        ({"label": "ugly"}, Reason.UNKNOWN_ENUM, "answer.label", "one of good, bad"),
        ({"label": ["good"]}, Reason.UNKNOWN_ENUM, "answer.label", "one of good, bad"),
        ({"label": {"good": 1}}, Reason.UNKNOWN_ENUM, "answer.label", "one of good, bad"),
        ({"label": "good", "gold": True}, Reason.INVALID_ARGUMENT, "answer.gold", "one of label, more, strength, topics, why"),
        ({"label": "bad"}, Reason.MISSING_FIELD, "answer.why", "required"),
        ({"label": "bad", "why": " \n"}, Reason.MISSING_FIELD, "answer.why", "required"),
        ({"label": "bad", "why": "x"}, Reason.TOO_SMALL, "answer.why", "2..10"),
        ({"label": "bad", "why": "x" * (1 << 20)}, Reason.TOO_LARGE, "answer.why", "2..10"),
        ({"label": "bad", "why": 7}, Reason.WRONG_TYPE, "answer.why", "text"),
        ({"label": "bad", "why": "a\x00b"}, Reason.INVALID_ARGUMENT, "answer.why", "text without control characters"),
        ({"label": "bad", "why": "a\ud800b"}, Reason.INVALID_ARGUMENT, "answer.why", "text without control characters"),
        ({"label": "good", "why": "why not"}, Reason.INVALID_ARGUMENT, "answer.why", "absent unless label is bad"),
        ({"label": "good", "topics": "a"}, Reason.WRONG_TYPE, "answer.topics", "a list"),
        ({"label": "good", "topics": ["a", "z"]}, Reason.UNKNOWN_ENUM, "answer.topics[1]", "one of a, b, c"),
        ({"label": "good", "topics": ["a", "b", "c"]}, Reason.TOO_LARGE, "answer.topics", "0..2"),
        ({"label": "good", "strength": 0}, Reason.TOO_SMALL, "answer.strength", "1..7"),
        ({"label": "good", "strength": True}, Reason.WRONG_TYPE, "answer.strength", "integer"),
        ({"label": "good", "strength": 6.0}, Reason.WRONG_TYPE, "answer.strength", "integer"),
        ({"label": "good", "strength": 6, "more": "x"}, Reason.INVALID_ARGUMENT, "answer.more", "absent unless strength is 7"),
    ],
)
def test_what_it_does_not_ask_for_is_refused(answer: Any, reason: Reason, field: str, limit: str) -> None:
    found = outcome(lambda: TEMPLATE.check(answer))
    assert isinstance(found, PlatformError), found
    assert (found.reason, found.field, found.limit, found.code) == (reason, field, limit, 400)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["good", "bad", "a", "", "x" * 30]) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["label", "why", "topics", "strength", "more", "z"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_is_submitted_is_refused_with_a_name_or_stored_within_the_template(answer: Any) -> None:
    before = copy.deepcopy(answer)
    found = outcome(lambda: TEMPLATE.check(answer))
    assert repr(answer) == repr(before), "the caller's answer was changed"
    if isinstance(found, PlatformError):
        assert found.code == 400
        assert found.field is not None
        return
    assert TEMPLATE.check(found) == found
    assert found["label"] in ("good", "bad")
    assert ("why" in found) == (found["label"] == "bad")


def changed(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BODY), **changes}


def with_field(at: int, **changes: Any) -> dict[str, Any]:
    body = changed()
    body["fields"][at] |= changes
    return body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "template"),
        (changed(colour="red"), "template.colour"),
        (changed(fields=[]), "template.fields"),
        (changed(fields={}), "template.fields"),
        (changed(fields=[7]), "template.fields[0]"),
        (changed(instructions=7), "template.instructions"),
        (changed(instructions="x" * 20_001), "template.instructions"),
        (changed(shows=[7]), "template.shows[0]"),
        (changed(examples=[{"record": {}}]), "template.examples[0]"),
        (changed(examples=[{"record": {}, "answer": {"label": "ugly"}}]), "template.examples[0].answer.label"),
        (with_field(0, kind="guess"), "template.fields[0].kind"),
        (with_field(0, name="Label"), "template.fields[0].name"),
        (with_field(0, name="id"), "template.fields[0].name"),
        (with_field(1, name="label"), "template.fields[1].name"),
        (with_field(0, labels=[]), "template.fields[0].labels"),
        (with_field(0, labels=[{"value": "a"}]), "template.fields[0].labels"),
        (with_field(0, labels=[{"value": "a"}, {"value": "a"}]), "template.fields[0].labels[1].value"),
        (with_field(0, labels=[{"value": "a", "key": "1"}, {"value": "b", "key": "1"}]), "template.fields[0].labels[1].key"),
        (with_field(0, labels=[{"value": "a"}, {"value": ""}]), "template.fields[0].labels[1].value"),
        (with_field(1, labels=[{"value": "a"}, {"value": "b"}]), "template.fields[1].labels"),
        (with_field(1, when={"field": "label"}), "template.fields[1].when"),
        (with_field(1, when={"field": "topics", "values": ["a"]}), "template.fields[1].when.field"),
        (with_field(1, when={"field": "label", "values": ["ugly"]}), "template.fields[1].when.values"),
        (with_field(1, at_least=11), "template.fields[1].at_least"),
        (with_field(1, colour="red"), "template.fields[1].colour"),
    ],
)
def test_a_mistake_in_a_template_is_named_with_its_place(body: Any, field: str) -> None:
    found = outcome(lambda: read_template(body))
    assert isinstance(found, PlatformError), found
    assert (found.field, found.code) == (field, 400)


def test_what_people_see_of_a_record() -> None:
    record = {"id": "x", "source": "f", "text": "t", "secret": 1}
    assert TEMPLATE.shown(record) == {"text": "t"}
    assert Template(TEMPLATE.fields).shown(record) == {"text": "t", "secret": 1}
