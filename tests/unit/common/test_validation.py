"""Every field of every request of the contract: each way to break it is refused with code, field and limit; what is in bounds passes."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import idl
from idl import limits
from idl.limits import Bytes, Items, Number, Text
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.validation import parse_object, validate
from libs.common.rpc.wire import BINARY, BOOL, DOUBLE, LIST, MAP, SET, STRING, STRUCT, spec_fields
from tests.support.outcome import outcome
from tests.support.requests import Leaf, at, example, leaves, put, request_structs

REQUESTS = request_structs()
I64 = 1 << 63
CONTROLS = "\x1b\x07\x08\x7f\x9b\x85"  # what a terminal acts on; 9b begins a sequence like ESC and [
BROKEN_JSON = {
    "no JSON": ("nonsense", Reason.INVALID_ARGUMENT),
    "cut short": ('{"a": ', Reason.INVALID_ARGUMENT),
    "a list": ("[]", Reason.WRONG_TYPE),
    "null": ("null", Reason.WRONG_TYPE),
    "NaN": ('{"a": NaN}', Reason.INVALID_ARGUMENT),
    "infinity": ('{"a": [-Infinity]}', Reason.INVALID_ARGUMENT),
    "an exponent no double has": ('{"a": 1e999}', Reason.INVALID_ARGUMENT),
    "a whole number beyond 64 bits": ('{"a": 9223372036854775808}', Reason.TOO_LARGE),
    "thousands of digits": ('{"a": ' + "9" * 5000 + "}", Reason.INVALID_ARGUMENT),
    "a key twice": ('{"a": {"b": 1, "b": 2}}', Reason.INVALID_ARGUMENT),
    "33 levels": ('{"a": ' + "[" * 32 + "]" * 32 + "}", Reason.TOO_LARGE),
    "30 000 levels": ('{"a": ' + "[" * 30_000 + "]" * 30_000 + "}", Reason.TOO_LARGE),
    "a hidden NUL": ('{"a": "\\u0000"}', Reason.INVALID_ARGUMENT),
    "a hidden NUL in a key": ('{"\\u0000": 1}', Reason.INVALID_ARGUMENT),
    "half a surrogate pair": ('{"a": "\\ud800"}', Reason.NOT_UTF8),
}


def broken(struct: Any, leaf: Leaf) -> Iterator[tuple[Any, Reason]]:
    """Values that must be refused at ``leaf``, with the reason."""
    if leaf.required:
        yield None, Reason.MISSING_FIELD
    limit = leaf.limit
    if leaf.enum is not None:
        yield max(leaf.enum) + 1, Reason.UNKNOWN_ENUM
        yield -1, Reason.UNKNOWN_ENUM
    elif leaf.kind == STRING:
        assert isinstance(limit, Text)
        yield "好" * (limit.high + 1), Reason.TOO_LARGE
        yield b"\xff" * max(limit.low, 1), Reason.NOT_UTF8  # what the codec makes of bytes that are no text
        yield "\ud800" * max(limit.low, 1), Reason.NOT_UTF8
        if limit.low:
            yield "a" * (limit.low - 1), Reason.TOO_SMALL
        if limit.json:
            yield from BROKEN_JSON.values()
        yield "\0" * max(limit.low, 1), Reason.INVALID_ARGUMENT
        for character in CONTROLS if limit.form != "raw" and not limit.json else "":
            yield character * max(limit.low, 1), Reason.INVALID_ARGUMENT
        for character in "\n\r\t\u2028\u202e\u2066" if limit.form == "line" else "":
            yield character * max(limit.low, 1), Reason.INVALID_ARGUMENT
    elif leaf.kind == BINARY:
        assert isinstance(limit, Bytes)
        yield b"\0" * (limit.high + 1), Reason.TOO_LARGE
        if limit.low:
            yield b"\0" * (limit.low - 1), Reason.TOO_SMALL
    elif leaf.kind in (LIST, SET, MAP):
        assert isinstance(limit, Items)
        held = at(example(struct), leaf.path)
        too_many = {f"k{n}": held["k"] for n in range(limit.high + 1)} if leaf.kind == MAP else [held[0]] * (limit.high + 1)
        yield too_many, Reason.TOO_LARGE
        if limit.low:
            yield {} if leaf.kind == MAP else [], Reason.TOO_SMALL
    elif leaf.kind == DOUBLE:
        assert isinstance(limit, Number)
        for value in (math.nan, math.inf, -math.inf):
            yield value, Reason.INVALID_ARGUMENT
        yield math.nextafter(limit.high, math.inf), Reason.TOO_LARGE
        yield math.nextafter(limit.low, -math.inf), Reason.TOO_SMALL
    elif leaf.kind != BOOL:
        assert isinstance(limit, Number)
        yield int(limit.high) + 1, Reason.TOO_LARGE
        yield int(limit.low) - 1, Reason.TOO_SMALL
        yield -I64, Reason.TOO_SMALL


def refusal(request: Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        validate(request)
    return caught.value


@pytest.mark.parametrize("method", REQUESTS)
def test_the_complete_request_passes(method: str) -> None:
    validate(example(REQUESTS[method]))


@pytest.mark.parametrize("method", REQUESTS)
def test_every_field_refuses_every_way_to_break_it(method: str) -> None:
    struct, tried = REQUESTS[method], 0
    for leaf in leaves(struct):
        for value, reason in broken(struct, leaf):
            error = refusal(put(example(struct), leaf.path, value))
            assert (error.code, error.reason, error.field) == (400, reason, leaf.dotted), (leaf, value)
            assert error.limit, "a refusal names the limit"
            assert not error.retryable
            tried += 1
    assert tried > 20


@pytest.mark.parametrize("method", REQUESTS)
def test_what_is_optional_may_be_absent(method: str) -> None:
    request = example(REQUESTS[method])
    for leaf in leaves(REQUESTS[method]):
        if not leaf.required and len(leaf.path) == 1:
            setattr(request, leaf.name, None)
    request.base = None
    validate(request)


@pytest.mark.parametrize("method", REQUESTS)
def test_no_name_is_anything_but_a_line(method: str) -> None:
    """Whatever stands in lists: a field that is new here says so in ``idl/limits.py``."""
    for leaf in leaves(REQUESTS[method]):
        if leaf.kind == STRING and leaf.enum is None and (leaf.name in ("account", "title") or leaf.name.endswith("name")):
            assert isinstance(leaf.limit, Text)
            assert leaf.limit.form == "line", leaf.dotted


def test_text_keeps_its_lines_and_a_row_of_the_trail_keeps_what_was_sent() -> None:
    validate(put(example(REQUESTS["model.CreateProject"]), ("desc",), "first\n\tsecond\r\n第三 \u200d😀 \u202eרtl"))
    validate(put(example(REQUESTS["model.CreateProject"]), ("name",), "模型 é 😀 \u200d v1.0 (a/b)"))
    validate(put(example(REQUESTS["identity.RecordAudit"]), ("events", "[]", "object"), "/models/\x1b[2J\r\n"))
    validate(put(example(REQUESTS["identity.SignIn"]), ("password",), "\x1b\t"))


def test_an_unknown_enum_is_told_its_members() -> None:
    error = refusal(put(example(REQUESTS["dataset.CreateDataset"]), ("type",), 424242))
    assert error.limit == "one of Image=1, Text=2, Video=3, Audio=4, Multimodal=5"
    assert error.details == {"value": "424242"}


def test_a_broken_map_key_is_named() -> None:
    request = example(REQUESTS["model.RecordEvaluation"])
    for key in ("", "x" * 101, "a\0", b"\xff"):
        request.metrics = {key: 0.5}
        error = refusal(request)
        assert error.field == "metrics key"
        assert error.limit


def test_a_broken_element_is_named_by_its_position() -> None:
    request = example(REQUESTS["model.CreateVersion"])
    request.dataset_version_ids = [1, 2, 0]
    assert refusal(request).field == "dataset_version_ids[2]"
    gate = example(REQUESTS["model.SetGate"])
    gate.rules = [*gate.rules, example(idl.load("model").GateRule)]
    gate.rules[1].bound = math.nan
    assert refusal(gate).field == "rules[1].bound"


def test_bounds_people_rely_on() -> None:
    """Written out, so that a slip in the table of limits shows."""
    project = example(REQUESTS["model.CreateProject"])
    for name, passes in (("", False), ("x" * 100, True), ("好" * 100, True), ("x" * 101, False)):
        project.name = name
        assert _passes(project) is passes
    found = example(REQUESTS["model.GetProject"])
    for id, passes in ((0, False), (1, True), (I64 - 1, True), (-5, False)):
        found.id = id
        assert _passes(found) is passes
    evaluated = example(REQUESTS["model.RecordEvaluation"])
    for value, passes in ((0.93, True), (-1.0, True), (math.nan, False), (math.inf, False), (1e300, False)):
        evaluated.metrics = {"exact_match": value}
        assert _passes(evaluated) is passes, "a metric that is no number would pass a gate, and could never be read again"
    listed = example(REQUESTS["model.ListProjects"])
    for limit, passes in ((0, False), (1, True), (500, True), (501, False)):
        listed.page.limit = limit
        assert _passes(listed) is passes


def _passes(request: Any) -> bool:
    return outcome(lambda: validate(request)) is None


# --- any value at all, against the table


def value_of(leaf: Leaf) -> st.SearchStrategy[Any]:
    if leaf.kind == STRING:
        return st.text(max_size=30) | st.sampled_from(["x" * 71, "x" * 1001, "x" * 65_537, "{}", '{"a":1}'])
    if isinstance(leaf.limit, Bytes):
        return st.binary(max_size=30)
    if leaf.kind == DOUBLE:
        return st.floats()
    if leaf.kind == BOOL:
        return st.booleans()
    return st.integers(-I64, I64 - 1) | st.integers(-3, 10_000)


def in_bounds(leaf: Leaf, value: Any) -> bool:
    limit = leaf.limit
    if leaf.enum is not None:
        return value in leaf.enum
    if isinstance(value, bool):
        return True
    if isinstance(limit, Text):
        whole = "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
        return (
            limit.low <= len(value) <= limit.high and whole and of_form(limit, value) and (not limit.json or not value or value[0] == "{")
        )
    if isinstance(limit, Bytes):
        return limit.low <= len(value) <= limit.high
    assert isinstance(limit, Number)
    return math.isfinite(value) and limit.low <= value <= limit.high


def of_form(limit: Text, value: str) -> bool:
    """Written down by category of character, not by the ranges the code has."""
    if limit.form == "raw" or limit.json:
        return True
    turned = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    if limit.form == "line":
        return not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(c) in turned for c in value)
    return not any(unicodedata.category(c) == "Cc" and c not in "\t\n\r" for c in value)


SCALARS = [(method, leaf) for method, struct in REQUESTS.items() for leaf in leaves(struct) if leaf.kind not in (LIST, SET, MAP)]


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_any_value_passes_exactly_when_it_is_in_bounds(data: st.DataObject) -> None:
    method, leaf = data.draw(st.sampled_from(SCALARS))
    value = data.draw(value_of(leaf))
    request = put(example(REQUESTS[method]), leaf.path, value)
    if in_bounds(leaf, value):
        validate(request)
    else:
        error = refusal(request)
        assert (error.code, error.field) == (400, leaf.dotted)
        assert error.limit


# --- JSON inside text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.dictionaries(st.text(max_size=4), JSON, max_size=4).map(json.dumps) | JSON.map(json.dumps))
def test_accepted_json_can_be_stored_and_sent(text: str) -> None:
    found = outcome(lambda: parse_object(text, "config_json"))
    if isinstance(found, PlatformError):
        assert (found.code, found.field) == (400, "config_json")
        assert found.limit
        return
    assert msgspec.json.decode(text) == found  # what the door hands to the verb
    assert msgspec.json.decode(msgspec.json.encode(found)) == found  # what the store keeps
    found_text = json.dumps(found, ensure_ascii=False)
    assert found_text.encode().decode() == found_text
    assert "\0" not in found_text


@pytest.mark.parametrize("name", BROKEN_JSON)
def test_broken_json_is_named(name: str) -> None:
    text, reason = BROKEN_JSON[name]
    with pytest.raises(PlatformError) as caught:
        parse_object(text, "options_json")
    assert (caught.value.reason, caught.value.field) == (reason, "options_json")


def test_32_levels_are_taken() -> None:
    assert parse_object('{"a": ' + "[" * 31 + "]" * 31 + "}", "x")


# --- the table of limits itself


def test_every_name_of_the_table_is_a_field_of_the_contract() -> None:
    known: set[str] = set()
    for file in idl.FILES:
        for struct in vars(idl.load(file)).values():
            if hasattr(struct, "thrift_spec"):
                names = {name for name, _, _ in spec_fields(struct)}
                known |= names | {f"{struct.__name__}.{name}" for name in names}
                known |= {name.removesuffix("s") for name, kind, _ in spec_fields(struct) if kind in (LIST, MAP)}  # elements
    assert set(limits.FIELDS) - known == set()


@pytest.mark.parametrize("method", REQUESTS)
def test_every_field_has_a_bound_of_its_kind(method: str) -> None:
    for leaf in leaves(REQUESTS[method]):
        if leaf.enum is not None or leaf.kind == BOOL:
            continue
        kinds = {**dict.fromkeys((LIST, SET, MAP), Items), STRING: Text, BINARY: Bytes}
        assert isinstance(leaf.limit, kinds.get(leaf.kind, Number)), leaf
        low, high = (getattr(leaf.limit, f.name) for f in fields(leaf.limit) if f.name in ("low", "high"))
        assert low <= high
        assert leaf.kind != STRUCT
