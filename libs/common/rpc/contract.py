"""A thriftpy2 service class seen as what the RPC layer needs of it: one ``Method`` per RPC, built once, all look-ups done.

The shape of an RPC is a law of the platform, ``XxxResp VerbNoun(1: XxxReq req) throws (1: PlatformError error)``, so a message is a fixed
head, one struct and an end. A service of another shape is refused when it is built, not when it is called.
"""

from __future__ import annotations

import struct
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.common.rpc.frames import CALL, EXCEPTION, REPLY
from libs.common.rpc.plans import STRUCT, Plans

BASE_FIELD = 255
"""Number of ``base`` in every request."""


def message_head(kind: int, name: bytes) -> bytes:
    """The bytes of a message up to its sequence number."""
    return struct.pack(">HBBI", 0x8001, 0, kind, len(name)) + name


class Method:
    """One RPC: its name (text, and ``key`` as sent), classes, plans of arguments and result, and ready-made message heads.

    base_class: of the request's field 255, None when it has none.
    """

    __slots__ = (
        *("name", "key", "args", "args_class", "result", "result_class", "req_class", "resp_class", "error_class", "base_class"),
        *("call_head", "reply_head", "empty_base"),
    )

    def __init__(self, service: Any, name: str, plans: Plans) -> None:
        self.name, self.key = name, name.encode()
        self.args_class = getattr(service, name + "_args")
        self.result_class = getattr(service, name + "_result")
        args, result = self.args_class.thrift_spec, self.result_class.thrift_spec
        if _structs(args) != {1: "req"} or _structs(result) != {0: "success", 1: "error"}:
            limit = "Resp Method(1: Req req) throws (1: PlatformError error)"
            raise PlatformError(500, Reason.INVALID_SETTING, field=f"{service.__name__}.{name}", limit=limit)
        self.req_class, self.resp_class, self.error_class = args[1][2], result[0][2], result[1][2]
        base = self.req_class.thrift_spec.get(BASE_FIELD)
        self.base_class = base[2] if base is not None and base[0] == STRUCT else None
        self.empty_base = dict(vars(base[2]())) if self.base_class is not None else {}
        self.args, self.result = plans.of(self.args_class), plans.of(self.result_class)
        self.call_head, self.reply_head = message_head(CALL, self.key), message_head(REPLY, self.key)

    def budgeted(self, req: Any, seconds: float) -> Any:
        """A copy of ``req`` whose base says how much time is left. A copy, because callers share one ``Base`` between concurrent calls."""
        if self.base_class is None or not isinstance(req, self.req_class):
            return req
        base = self.base_class.__new__(self.base_class)
        base.__dict__ = dict(self.empty_base if req.base is None else req.base.__dict__)
        base.budget_ms = max(1, min(int(seconds * 1000), 2**31 - 1))
        copy = self.req_class.__new__(self.req_class)
        copy.__dict__ = {**req.__dict__, "base": base}
        return copy


def methods_of(service: Any, max_depth: int) -> dict[str, Method]:
    """All RPCs of ``service`` by name, inherited ones included. Raises PlatformError INVALID_SETTING: another shape, or recursive types."""
    plans = Plans(max_depth)
    return {name: Method(service, name, plans) for name in service.thrift_services}


def exception_head(name: bytes) -> bytes:
    """Head of an answer that is no declared result (unknown method)."""
    return message_head(EXCEPTION, name)


def _structs(spec: Any) -> dict[int, str]:
    """Number -> name of the fields; a field that is no struct has the name ""."""
    return {number: field[1] if field[0] == STRUCT else "" for number, field in spec.items()}
