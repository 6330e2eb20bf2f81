"""What a service must look like to be served or called, and the budget every call carries."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from thriftpy2.thrift import TPayload, TType

from libs.common.errors import PlatformError, Reason
from libs.common.rpc.contract import methods_of
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.plans import Plans
from tests.unit.rpc.peer import idl


@pytest.mark.parametrize("service", ["Plain", "Void"])
def test_a_service_of_another_shape_is_refused(service: str) -> None:
    with pytest.raises(PlatformError) as caught:
        methods_of(getattr(idl(), service), 32)
    assert caught.value.reason == Reason.INVALID_SETTING
    assert str(caught.value.field).startswith(service)


def test_inherited_methods_are_served_too() -> None:
    assert set(methods_of(idl().Sample, 32)) == {"Ping", "Echo", "DoWork", "Fail", "Get"}


def test_recursive_types_are_refused() -> None:
    class Node(TPayload):
        thrift_spec: ClassVar[dict[int, tuple[Any, ...]]] = {}

    Node.thrift_spec[1] = (TType.STRUCT, "child", Node, False)
    with pytest.raises(PlatformError) as caught:
        Plans(32).of(Node)
    assert (caught.value.reason, caught.value.field) == (Reason.INVALID_SETTING, "Node")


def test_the_budget_is_written_to_a_copy() -> None:
    method = methods_of(idl().Sample, 32)["Ping"]
    base = idl().Base(log_id="l", user_id=7)
    req = idl().PingReq(text="t", base=base)
    sent = method.budgeted(req, 1.5)
    assert (sent.text, sent.base.log_id, sent.base.user_id, sent.base.budget_ms) == ("t", "l", 7, 1500)
    assert base.budget_ms is None
    assert req.base is base
    assert method.budgeted(idl().PingReq(), 0.0001).base.budget_ms == 1
    assert method.budgeted(idl().PingReq(), 1e9).base.budget_ms == 2**31 - 1


@pytest.mark.parametrize("option", ["max_frame_bytes", "max_items", "idle_seconds", "linger_seconds"])
def test_limits_are_above_zero(option: str) -> None:
    with pytest.raises(PlatformError) as caught:
        RpcLimits(**{option: 0})
    assert caught.value.field == option


def test_a_client_retires_connections_before_the_server_does() -> None:
    with pytest.raises(PlatformError) as caught:
        RpcLimits(idle_seconds=5, pool_idle_seconds=5)
    assert caught.value.field == "pool_idle_seconds"
