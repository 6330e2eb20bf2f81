"""Bytes and back: every type survives, thriftpy2 itself reads and writes the same bytes, and what cannot be sent is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from thriftpy2.thrift import TApplicationException
from thriftpy2.utils import deserialize, serialize

from libs.common.errors import PlatformError, Reason
from libs.common.rpc import codec, frames
from libs.common.rpc.contract import methods_of
from libs.common.rpc.limits import RpcLimits
from tests.unit.rpc.peer import idl
from tests.unit.rpc.values import structs

LIMITS = RpcLimits()
METHODS = methods_of(idl().Sample, LIMITS.max_depth)
ECHO, PING = METHODS["Echo"], METHODS["Ping"]


def opened(frame: bytes) -> tuple[int, bytes, int, int]:
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    return frames.header(frame, 4, LIMITS)


@given(structs(idl().EchoReq))
@settings(max_examples=150, deadline=None)
def test_a_call_survives_the_wire(req: Any) -> None:
    frame = codec.encode_call(ECHO, 77, req, LIMITS)
    kind, name, number, pos = opened(frame)
    assert (kind, name, number) == (frames.CALL, b"Echo", 77)
    assert codec.decode_call(ECHO, frame, pos, LIMITS) == req


@given(structs(idl().EchoResp))
@settings(max_examples=100, deadline=None)
def test_an_answer_survives_the_wire(resp: Any) -> None:
    frame = codec.encode_reply(ECHO, -5, resp, LIMITS)
    kind, name, number, pos = opened(frame)
    assert (kind, name, number) == (frames.REPLY, b"Echo", -5)
    assert codec.decode_reply(ECHO, kind, frame, pos, LIMITS) == resp


@given(structs(idl().Everything))
@settings(max_examples=100, deadline=None)
def test_the_bytes_of_a_struct_are_thrifts(value: Any) -> None:
    assert codec.encode_struct(value) == serialize(value)
    assert deserialize(idl().Everything(), codec.encode_struct(value)) == value


def test_arguments_in_another_order_or_with_additions_decode() -> None:
    req = codec.encode_struct(idl().PingReq(text="hi"))
    addition = b"\x08\x00\x07\x00\x00\x00\x01"
    assert codec.decode_call(PING, addition + b"\x0c\x00\x01" + req + b"\x00", 0, LIMITS).text == "hi"
    assert codec.decode_call(PING, b"\x0c\x00\x01" + req + addition + b"\x00", 0, LIMITS).text == "hi"
    resp = codec.encode_struct(idl().PingResp(text="ho"))
    assert codec.decode_reply(PING, frames.REPLY, addition + b"\x0c\x00\x00" + resp + b"\x00", 0, LIMITS).text == "ho"


def test_a_call_without_a_request_is_a_missing_field() -> None:
    with pytest.raises(PlatformError) as caught:
        codec.decode_call(PING, b"\x00", 0, LIMITS)
    assert (caught.value.reason, caught.value.field) == (Reason.MISSING_FIELD, "req")


def test_a_later_contract_is_understood_by_an_earlier_peer_and_back() -> None:
    later = methods_of(idl().SampleNext, LIMITS.max_depth)["Ping"]
    req = idl().PingReqNext(text="t", hints={"a": [idl().Point(x=1.0)]}, table=[[1], []])
    frame = codec.encode_call(later, 1, req, LIMITS)
    assert codec.decode_call(PING, frame, opened(frame)[3], LIMITS) == idl().PingReq(text="t")
    frame = codec.encode_call(PING, 1, idl().PingReq(text="t"), LIMITS)
    assert codec.decode_call(later, frame, opened(frame)[3], LIMITS) == idl().PingReqNext(text="t")


def test_a_contract_that_changed_a_type_is_told_so() -> None:
    other = methods_of(idl().SampleOther, LIMITS.max_depth)["Ping"]
    frame = codec.encode_call(other, 1, idl().PingReqOther(text=7), LIMITS)
    with pytest.raises(PlatformError) as caught:
        codec.decode_call(PING, frame, opened(frame)[3], LIMITS)
    assert (caught.value.reason, caught.value.field, caught.value.limit) == (Reason.WRONG_TYPE, "text", "string")


def test_an_answer_of_another_type_is_the_servers_fault() -> None:
    with pytest.raises(PlatformError) as caught:
        codec.decode_reply(PING, frames.REPLY, b"\x0c\x00\x00\x08\x00\x01\x00\x00\x00\x01\x00\x00", 0, LIMITS)
    assert (caught.value.code, caught.value.reason, caught.value.field) == (502, Reason.WRONG_TYPE, "text")


@pytest.mark.parametrize(
    ("kind", "data", "what"),
    [
        (frames.REPLY, b"\x00", "no result"),
        (frames.CALL, b"\x0c\x00\x00\x00\x00", "message type"),
        (4, b"\x00", "message type"),
        (frames.REPLY, b"\x0c\x00\x00", "truncated"),
    ],
)
def test_answers_that_are_none(kind: int, data: bytes, what: str) -> None:
    with pytest.raises(PlatformError) as caught:
        codec.decode_reply(PING, kind, data, 0, LIMITS)
    assert (caught.value.code, caught.value.reason, caught.value.details["what"]) == (502, Reason.BAD_FRAME, what)


@pytest.mark.parametrize(
    ("kind", "code", "reason"),
    [(TApplicationException.UNKNOWN_METHOD, 501, Reason.UNKNOWN_METHOD), (TApplicationException.INTERNAL_ERROR, 500, Reason.INTERNAL)],
)
def test_answers_outside_the_contract_become_platform_errors(kind: int, code: int, reason: Reason) -> None:
    frame = codec.encode_exception(b"Ping", 3, kind, "no")
    answered, name, number, pos = opened(frame)
    assert (answered, name, number) == (frames.EXCEPTION, b"Ping", 3)
    error = codec.decode_reply(PING, answered, frame, pos, LIMITS)
    assert isinstance(error, PlatformError)
    assert (error.code, error.reason) == (code, reason)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"large": "7"}, "large"),
        ({"large": 1 << 63}, "large"),
        ({"small": 1 << 15}, "small"),
        ({"text": 7}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"numbers": [1, None]}, "numbers"),
        ({"numbers": 7}, "numbers"),
        ({"names": {"a": 1}}, "names"),
        ({"raw": 5}, "raw"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(value: dict[str, Any], field: str) -> None:
    with pytest.raises(PlatformError) as caught:
        codec.encode_call(ECHO, 1, idl().EchoReq(value=idl().Everything(**value)), LIMITS)
    assert (caught.value.code, caught.value.reason, caught.value.field) == (400, Reason.WRONG_TYPE, field)


def test_a_request_of_another_class_is_refused() -> None:
    with pytest.raises(PlatformError) as caught:
        codec.encode_call(PING, 1, idl().EchoReq(), LIMITS)
    assert (caught.value.field, caught.value.limit) == ("req", "PingReq")


def test_what_no_peer_would_accept_is_not_sent() -> None:
    with pytest.raises(PlatformError) as caught:
        codec.encode_call(PING, 1, idl().PingReq(text="x" * 2000), RpcLimits(max_frame_bytes=1000))
    assert (caught.value.code, caught.value.reason) == (413, Reason.TOO_LARGE)
    assert codec.encode_call(PING, 1, idl().PingReq(text="x" * 900), RpcLimits(max_frame_bytes=1000))
