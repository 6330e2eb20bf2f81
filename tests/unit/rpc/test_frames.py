"""The frame check: every message of the contract passes, everything else is refused or named."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.errors import PlatformError, Reason
from libs.common.rpc import codec, frames
from libs.common.rpc.contract import methods_of
from libs.common.rpc.fields import first_fault
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.plans import MINIMUM, SIZES
from tests.unit.rpc.peer import idl, record
from tests.unit.rpc.values import structs

LIMITS = RpcLimits()
METHODS = methods_of(idl().Sample, LIMITS.max_depth)
ECHO = METHODS["Echo"]
SMALLEST = {
    **{kind: b"\x00" * size for kind, size in SIZES.items()},
    11: b"\x00\x00\x00\x01x",
    12: b"\x00",
    13: b"\x08\x08\x00\x00\x00\x00",
    14: b"\x08\x00\x00\x00\x00",
    15: b"\x08\x00\x00\x00\x00",
}
"""A smallest value of every wire type."""


def field(kind: int, number: int, value: bytes) -> bytes:
    return struct.pack(">bh", kind, number) + value


I32_AT_3 = field(8, 3, b"\x00" * 4)
K = b"\x00\x00\x00\x01k"


def args(*fields: bytes) -> bytes:
    """The body of a call whose request holds ``fields``."""
    return field(12, 1, b"".join(fields) + b"\x00") + b"\x00"


def everything(*fields: bytes) -> bytes:
    return args(field(12, 1, b"".join(fields) + b"\x00"))


def body(method: Any, req: Any) -> bytes:
    frame = codec.encode_call(method, 1, req, LIMITS)
    return frame[frames.header(frame, 4, LIMITS)[3] :]


def refused(data: bytes, plan: Any = ECHO.args, limits: RpcLimits = LIMITS) -> str:
    """What the check says is wrong with the bytes."""
    with pytest.raises(PlatformError) as caught:
        frames.check(data, 0, plan, limits)
    assert (caught.value.code, caught.value.reason) == (400, Reason.BAD_FRAME)
    return str(caught.value.details["what"])


@given(structs(idl().EchoReq))
@settings(max_examples=150, deadline=None)
def test_every_message_of_the_contract_passes(req: Any) -> None:
    data = body(ECHO, req)
    assert frames.check(data, 0, ECHO.args, LIMITS)
    assert first_fault(data, 0, ECHO.args) is None


@given(structs(idl().EchoReq))
@settings(max_examples=100, deadline=None)
def test_a_peer_that_knows_none_of_the_fields_accepts_them_all(req: Any) -> None:
    data = field(12, 7, body(ECHO, req)) + b"\x00"
    assert frames.check(data, 0, ECHO.args, LIMITS)


def test_every_truncation_is_refused() -> None:
    point = idl().Point(x=1.0, y=2.0, label="p")
    value = idl().Everything(
        yes=True, text="文", raw=b"\xff", point=point, texts=["a", "b"], points=[point, point], names={"k": "v"}, places={"q": point},
        groups={"g": [1, 2]}, grid=[[point], []], deep=[{"d": [1]}],
    )  # fmt: skip
    data = body(ECHO, idl().EchoReq(value=value, base=idl().Base(log_id="l", extra={"a": "b"})))
    for end in range(len(data)):
        assert refused(data[:end]) in ("truncated", "depth", "items", "type"), end
        assert refused(field(12, 9, data)[:end], METHODS["Ping"].args)
    assert refused(data + b"\x00") == "trailing bytes"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (everything(field(15, 99, b"\x01\x7f\xff\xff\xff")), "type"),  # 2^31-1 elements of VOID: no bytes, seconds of decoding
        (everything(field(15, 11, b"\x01\x7f\xff\xff\xff")), "type"),  # the same in a known field
        (everything(field(13, 15, b"\x01\x01\x7f\xff\xff\xff")), "type"),
        (everything(field(15, 99, b"\x02\x7f\xff\xff\xff")), "items"),
        (everything(field(15, 11, b"\x0a\x7f\xff\xff\xff")), "items"),
        (everything(field(15, 11, b"\x0a\xff\xff\xff\xff")), "items"),
        (everything(field(15, 11, b"\x0a\x00\x00\x10\x00")), "truncated"),
        (everything(field(15, 99, b"\x0a\x00\x00\x10\x00")), "truncated"),
        (everything(field(15, 13, b"\x0c\x00\x0f\x42\x40" + b"\x00" * 1_000_000)), "items"),  # a million empty structs
        (everything(field(15, 99, b"\x0c\x00\x0f\x42\x40" + b"\x00" * 1_000_000)), "items"),
        (everything(field(11, 99, b"\x40\x00\x00\x00xyz")), "truncated"),  # 1 GiB declared
        (everything(field(11, 7, b"\x40\x00\x00\x00xyz")), "truncated"),
        (everything(field(11, 7, b"\xff\xff\xff\xff")), "truncated"),  # a negative length
        (everything(field(11, 99, b"\x80\x00\x00\x00")), "truncated"),
        (args(b"\x0c\x00\x09" * 130_000), "depth"),
        (args(b"\x0f\x00\x09" + b"\x0f\x00\x00\x00\x01" * 200_000), "depth"),
        (args(b"\x0d\x00\x09" + b"\x08\x0d\x00\x00\x00\x01\x00\x00\x00\x01" * 1000), "depth"),
        (everything(field(9, 99, b"\x00" * 8)), "type"),  # U64: the decoder would step over nothing
        (everything(field(16, 99, b"\x00" * 16)), "type"),
        (everything(field(18, 99, b"\x00\x00\x00\x00")), "type"),
        (everything(field(15, 99, b"\x00\x00\x00\x00\x00")), "type"),
        (b"\x08\x00\x63\x00\x00\x00\x01" * 300_000 + b"\x00", "items"),  # fields without end
        (b"", "truncated"),
    ],
)
def test_hostile_bodies_are_refused(data: bytes, what: str) -> None:
    assert refused(data) == what


def test_the_depth_limit_is_exact() -> None:
    limits = RpcLimits(max_depth=5)

    def nested(levels: int) -> bytes:
        return b"\x0c\x00\x63" * levels + b"\x00" * levels + b"\x00"

    assert frames.check(nested(4), 0, ECHO.args, limits)  # and the arguments themselves are the fifth level
    assert refused(nested(5), limits=limits) == "depth"
    assert refused(b"\x0c\x00\x63" * 4 + field(15, 1, b"\x08\x00\x00\x00\x00") + b"\x00" * 5, limits=limits) == "depth"


def test_the_item_limit_counts_fields_and_elements() -> None:
    limits = RpcLimits(max_items=10)
    assert frames.check(everything(field(15, 11, b"\x0a\x00\x00\x00\x0a" + b"\x00" * 80)), 0, ECHO.args, limits)
    assert refused(everything(field(15, 11, b"\x0a\x00\x00\x00\x0b" + b"\x00" * 88)), limits=limits) == "items"
    assert refused(everything(*[field(8, 4, b"\x00" * 4)] * 10), limits=limits) == "items"
    assert refused(everything(*[field(8, 99, b"\x00" * 4)] * 10), limits=limits) == "items"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "version"),
        (b"\x80\x01\x00\x01\x7f\xff\xff\xffname", "name"),
        (b"\x80\x01\x00\x01\xff\xff\xff\xffname", "name"),
        (b"\x80\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00", "name"),
        (b"\x80\x01\x00\x01\x00\x00\x00\x81" + b"n" * 129 + b"\x00" * 4, "name"),
        (b"\x80\x02\x00\x01\x00\x00\x00\x01n\x00\x00\x00\x01", "version"),
        (b"\x82\x21\x00\x04ping\x00", "version"),
        (b"\x80\x01\x00\x01\x00\x00\x00\x04na", "truncated"),
        (b"\x80\x01", "truncated"),
        (b"", "truncated"),
    ],
)
def test_headers_that_are_none(data: bytes, what: str) -> None:
    with pytest.raises(PlatformError) as caught:
        frames.header(data, 0, LIMITS)
    assert caught.value.details["what"] == what


def test_a_negative_sequence_number_is_kept() -> None:
    assert frames.header(b"\x80\x01\x00\x01\x00\x00\x00\x02ab\xff\xff\xff\xff\x00", 0, LIMITS) == (1, b"ab", -1, 14)


@pytest.mark.parametrize("number", list(idl().Everything.thrift_spec))
def test_a_field_of_another_type_is_named_with_what_it_should_be(number: int) -> None:
    name, value = ECHO.args.fields[1][1].plan.fields[1][1].plan.fields[number]  # type: ignore[union-attr]
    for kind, smallest in SMALLEST.items():
        data = everything(field(kind, number, smallest))
        if kind == value.wire:
            continue
        assert not frames.check(data, 0, ECHO.args, LIMITS)
        fault = first_fault(data, 0, ECHO.args)
        assert fault is not None
        assert (fault.code, fault.reason, fault.field, fault.limit) == (400, Reason.WRONG_TYPE, f"value.{name}", value.type_name)


@pytest.mark.parametrize(
    ("data", "path", "limit", "sent"),
    [
        (everything(field(15, 11, b"\x08\x00\x00\x00\x01\x00\x00\x00\x01")), "value.numbers", "list<i64>", "list<i32>"),
        (everything(field(15, 11, b"\x08\x00\x00\x00\x00")), "value.numbers", "list<i64>", "list<i32>"),
        (everything(field(13, 15, b"\x0b\x08\x00\x00\x00\x00")), "value.names", "map<string,string>", "map<string,i32>"),
        (everything(field(15, 13, b"\x0c\x00\x00\x00\x02" + b"\x00" + I32_AT_3 + b"\x00")), "value.points[1].label", "string", "i32"),
        (everything(field(15, 19, b"\x0f\x00\x00\x00\x01" + b"\x08\x00\x00\x00\x00")), "value.grid[0]", "list<Point>", "list<i32>"),
        (everything(field(13, 17, b"\x0b\x0c\x00\x00\x00\x01" + K + I32_AT_3 + b"\x00")), "value.places[0].label", "string", "i32"),
        (args(field(12, 255, field(8, 1, b"\x00" * 4) + b"\x00")), "base.log_id", "string", "i32"),
        (args(field(11, 1, b"\x00\x00\x00\x00")), "value", "Everything", "string"),
        (field(8, 1, b"\x00" * 4) + b"\x00", "req", "EchoReq", "i32"),
        (args(field(15, 99, b"\x0c\x00\x00\x00\x01" + SMALLEST[12]), field(2, 1, b"\x00")), "value", "Everything", "bool"),
    ],
)  # fmt: skip
def test_wrong_types_inside_are_named_by_their_path(data: bytes, path: str, limit: str, sent: str) -> None:
    assert not frames.check(data, 0, ECHO.args, LIMITS)
    fault = first_fault(data, 0, ECHO.args)
    assert fault is not None
    assert (fault.field, fault.limit, fault.details["sent"]) == (path, limit, sent)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (everything(field(11, 7, b"\x00\x00\x00\x02\xff\xfe")), "value.text"),
        (everything(field(15, 12, b"\x0b\x00\x00\x00\x02\x00\x00\x00\x01a\x00\x00\x00\x01\x80")), "value.texts[1]"),
        (everything(field(13, 15, b"\x0b\x0b\x00\x00\x00\x01\x00\x00\x00\x01\xc0\x00\x00\x00\x01b")), "value.names[0]"),
        (args(field(12, 255, field(13, 6, b"\x0b\x0b\x00\x00\x00\x01" + K + b"\x00\x00\x00\x03\xed\xa0\x80") + b"\x00")), "base.extra[0]"),
    ],
)  # fmt: skip
def test_text_that_is_not_utf8_is_named(data: bytes, path: str) -> None:
    assert frames.check(data, 0, ECHO.args, LIMITS)
    with pytest.raises(PlatformError) as caught:
        codec.decode_call(ECHO, data, 0, LIMITS)
    assert (caught.value.code, caught.value.reason, caught.value.field) == (400, Reason.NOT_UTF8, path)


def test_binary_fields_may_hold_any_bytes() -> None:
    data = everything(field(11, 8, b"\x00\x00\x00\x02\xff\xfe"), field(15, 20, b"\x0b\x00\x00\x00\x01\x00\x00\x00\x01\x80"))
    value = codec.decode_call(ECHO, data, 0, LIMITS).value
    assert (value.raw, value.blobs) == (b"\xff\xfe", [b"\x80"])


def decode_call(frame: bytes) -> Any:
    return codec.decode_call(METHODS["Get"], frame, 0, LIMITS)


def decode_reply(frame: bytes) -> Any:
    return codec.decode_reply(METHODS["Get"], frames.REPLY, frame, 0, LIMITS)


def error_of(act: Callable[[], Any]) -> PlatformError | None:
    try:
        act()
    except PlatformError as error:
        return error
    return None


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_what_the_check_lets_through_decodes(seed: int) -> None:
    rng = random.Random(seed)
    origin = body(METHODS["Get"], idl().GetReq(id=7, base=idl().Base(log_id="x", extra={"k": "v"})))
    reply = codec.encode_reply(METHODS["Get"], 1, idl().GetResp(record=record()), LIMITS)
    reply = reply[frames.header(reply, 4, LIMITS)[3] :]
    for data, plan, decode in ((origin, METHODS["Get"].args, decode_call), (reply, METHODS["Get"].result, decode_reply)) * 50:
        mutated = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            mutated[rng.randrange(len(mutated))] = rng.choice((0, 1, 2, 8, 11, 12, 13, 15, 127, 128, 255, rng.randrange(256)))
        frame = bytes(mutated)
        error = error_of(lambda: frames.check(frame, 0, plan, LIMITS))  # noqa: B023
        if error is not None:
            assert error.reason == Reason.BAD_FRAME
            continue
        fault = first_fault(frame, 0, plan)
        assert fault is None or fault.reason == Reason.NOT_UTF8 if frames.check(frame, 0, plan, LIMITS) else fault is not None
        error = error_of(lambda: decode(frame))  # noqa: B023
        if error is not None:
            assert error.reason in (Reason.NOT_UTF8, Reason.WRONG_TYPE, Reason.MISSING_FIELD) or error.details["what"] == "no result"


def test_the_minimum_sizes_are_those_of_the_smallest_values() -> None:
    assert {kind: len(value) for kind, value in SMALLEST.items() if kind != 11} == {k: v for k, v in MINIMUM.items() if k != 11}
