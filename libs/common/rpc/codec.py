"""Messages to bytes and back, through thriftpy2's compiled codec.

Foreign bytes are decoded only after ``frames.check`` and only from a source that ends: the codec's memory buffer does not notice the end of
its data and would fill an over-declared string with whatever the process has in memory. Text is decoded strictly, so bytes that are not
UTF-8 are an error with the field's name instead of ``bytes`` in a string field.
"""

from __future__ import annotations

import io
import struct
from typing import Any

from thriftpy2.protocol.cybin import TCyBinaryProtocol  # type: ignore[attr-defined]  # compiled: mypy cannot look inside
from thriftpy2.thrift import TApplicationException, TDecodeException
from thriftpy2.transport.buffered.cybuffered import TCyBufferedTransport
from thriftpy2.transport.memory.cymemory import TCyMemoryBuffer

from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc import frames
from libs.common.rpc.contract import Method, exception_head
from libs.common.rpc.fields import first_fault
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.plans import Plans, StructPlan
from libs.common.rpc.wire_error import from_wire

_REQ, _SUCCESS, _ERROR, _END = b"\x0c\x00\x01", b"\x0c\x00\x00", b"\x0c\x00\x01", b"\x00"
_size = struct.Struct(">I").pack
_number = struct.Struct(">i").pack
_APPLICATION_EXCEPTION = Plans(4).of(TApplicationException)


def encode_struct(value: Any) -> bytes:
    """The bytes of one struct. Raises PlatformError 400 WRONG_TYPE naming the field whose value does not fit its type."""
    buffer = TCyMemoryBuffer()
    try:
        TCyBinaryProtocol(buffer).write_struct(value)
    except TDecodeException as error:
        raise invalid(error.field, Reason.WRONG_TYPE, limit=error.type_repr, struct=error.struct_name) from None
    except Exception as error:
        raise invalid(type(value).__name__, Reason.WRONG_TYPE, limit="a struct of the contract", cause=type(error).__name__) from error
    data: bytes = buffer.getvalue()
    return data


def encode_call(method: Method, number: int, req: Any, limits: RpcLimits) -> bytes:
    """The frame of a call. Raises WRONG_TYPE, or 413 TOO_LARGE for what no server would accept."""
    if not isinstance(req, method.req_class):
        raise invalid("req", Reason.WRONG_TYPE, limit=method.req_class.__name__, sent=type(req).__name__)
    return _frame(method.call_head, number, _REQ, encode_struct(req), limits)


def encode_reply(method: Method, number: int, resp: Any, limits: RpcLimits) -> bytes:
    """The frame of a good answer. Raises WRONG_TYPE or TOO_LARGE."""
    return _frame(method.reply_head, number, _SUCCESS, encode_struct(resp), limits)


def encode_error(method: Method, number: int, wire: Any, limits: RpcLimits) -> bytes:
    """The frame of the declared error."""
    return _frame(method.reply_head, number, _ERROR, encode_struct(wire), limits)


def encode_exception(name: bytes, number: int, kind: int, message: str) -> bytes:
    """The frame of an answer outside the contract: ``kind`` is a number of Thrift's TApplicationException."""
    head, body = exception_head(name), encode_struct(TApplicationException(kind, message))
    return b"".join((_size(len(head) + 4 + len(body)), head, _number(number), body))


def _frame(head: bytes, number: int, opening: bytes, body: bytes, limits: RpcLimits) -> bytes:
    size = len(head) + 8 + len(body)
    if size > limits.max_frame_bytes:
        raise PlatformError(413, Reason.TOO_LARGE, field="message", limit=f"{limits.max_frame_bytes} bytes", bytes=size)
    return b"".join((_size(size), head, _number(number), opening, body, _END))


def decode_call(method: Method, data: bytes, pos: int, limits: RpcLimits) -> Any:
    """The request in the message body at ``pos``.

    Raises BAD_FRAME (close the connection), or WRONG_TYPE, NOT_UTF8, MISSING_FIELD (answer it).
    """
    if not frames.check(data, pos, method.args, limits):
        raise _fault(data, pos, method.args)
    if data[pos : pos + 3] == _REQ:
        return _decode(data, pos + 3, method.req_class(), method.args, pos)
    args = _decode(data, pos, method.args_class(), method.args, pos)
    if args.req is None:
        raise invalid("req", Reason.MISSING_FIELD, limit="required")
    return args.req


def decode_reply(method: Method, kind: int, data: bytes, pos: int, limits: RpcLimits) -> Any:
    """The answer in the message body at ``pos``: the response struct, or the PlatformError the server declared (returned, not raised).

    Raises PlatformError 502 when the bytes are no answer to ``method``: BAD_FRAME, WRONG_TYPE or NOT_UTF8.
    """
    try:
        if kind == frames.REPLY:
            return _decode_result(method, data, pos, limits)
        if kind == frames.EXCEPTION:
            if not frames.check(data, pos, _APPLICATION_EXCEPTION, limits):
                raise _fault(data, pos, _APPLICATION_EXCEPTION)
            return _application_error(method, _decode(data, pos, TApplicationException(), _APPLICATION_EXCEPTION, pos))
    except PlatformError as error:
        error.code = 502
        raise
    raise PlatformError(502, Reason.BAD_FRAME, limit="a reply", what="message type")


def _decode_result(method: Method, data: bytes, pos: int, limits: RpcLimits) -> Any:
    if not frames.check(data, pos, method.result, limits):
        raise _fault(data, pos, method.result)
    opening = data[pos : pos + 3]
    if opening == _SUCCESS:
        return _decode(data, pos + 3, method.resp_class(), method.result, pos)
    if opening == _ERROR:
        return from_wire(_decode(data, pos + 3, method.error_class(), method.result, pos))
    result = _decode(data, pos, method.result_class(), method.result, pos)
    if result.error is not None:
        return from_wire(result.error)
    if result.success is None:
        raise frames.bad_frame("no result", limit=method.resp_class.__name__)
    return result.success


def _application_error(method: Method, answer: Any) -> PlatformError:
    if answer.type == TApplicationException.UNKNOWN_METHOD:
        return PlatformError(501, Reason.UNKNOWN_METHOD, field="method", limit="a method of this server", what=method.name)
    return PlatformError(500, Reason.INTERNAL, thrift_type=answer.type, thrift_message=answer.message)


def _fault(data: bytes, pos: int, plan: StructPlan) -> PlatformError:
    return first_fault(data, pos, plan) or frames.bad_frame("type")


def _decode(data: bytes, pos: int, target: Any, plan: StructPlan, start: int) -> Any:
    """Fills ``target`` from ``pos``; ``plan`` and ``start`` are of the whole body, to name a field from its root."""
    source = io.BytesIO(data)
    source.seek(pos)
    room = 1024 if len(data) < 1024 else min(len(data), 65536)
    try:
        # strict reading and writing, text decoded, and decoded strictly
        return TCyBinaryProtocol(TCyBufferedTransport(source, room), True, True, True, True).read_struct(target)
    except UnicodeDecodeError:
        raise _fault(data, start, plan) from None
    except Exception as error:
        raise frames.bad_frame("undecodable", limit=type(error).__name__) from None
