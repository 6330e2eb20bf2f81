"""An error tells the same on both ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.common.rpc import codec
from libs.common.rpc.wire_error import from_wire, to_wire
from tests.unit.rpc.peer import idl


@given(
    code=st.integers(100, 599),
    reason=st.sampled_from(Reason),
    field=st.none() | st.text(max_size=30),
    limit=st.none() | st.text(max_size=30),
    retryable=st.booleans(),
    details=st.dictionaries(st.text(st.characters(categories=["Ll"]), min_size=1).map("x".__add__), st.text(max_size=30), max_size=4),
)
@settings(max_examples=150, deadline=None)
def test_an_error_survives_the_wire(
    code: int, reason: Reason, field: str | None, limit: str | None, retryable: bool, details: dict[str, str]
) -> None:
    error = PlatformError(code, reason, field=field, limit=limit, retryable=retryable, **details)
    wire = to_wire(error, idl().PlatformError)
    assert codec.encode_struct(wire)
    back = from_wire(wire)
    assert (back.code, back.reason, back.retryable) == (code, reason, retryable)
    assert (back.field, back.limit, back.details) == (field, limit, details)


def test_the_message_is_a_sentence_in_english() -> None:
    wire = to_wire(PlatformError(404, Reason.NOT_FOUND, kind="model", id="7"), idl().PlatformError)
    assert wire.message.startswith("There is no model 7 in this project space. ")


def test_other_values_travel_as_json_and_nothing_is_long() -> None:
    details = to_wire(PlatformError(400, Reason.TOO_LARGE, ids=[1, 2], flag=True, text="字" * 5000), idl().PlatformError).details
    assert (details["ids"], details["flag"]) == ("[1, 2]", "true")
    assert len(details["text"]) == 2000


@pytest.mark.parametrize("reason", [0, 999_999, None])
def test_a_reason_of_a_later_release_is_kept_as_a_number(reason: int | None) -> None:
    error = from_wire(idl().PlatformError(code=418, reason=reason, retryable=True, details=None))
    assert (error.code, error.reason, error.retryable, error.details) == (418, Reason.INTERNAL, True, {"reason_number": str(reason)})
