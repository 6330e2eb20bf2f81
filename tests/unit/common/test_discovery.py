"""Static discovery: everything on this host, unless the setting says otherwise."""

from __future__ import annotations

import pytest

from libs.common.discovery import Address, StaticDiscovery
from libs.common.errors import PlatformError
from libs.common.settings import SERVICES, load


def test_the_default_is_this_host() -> None:
    settings = load({"MODELYARD_THRIFT_PORT_BASE": "7000"})
    found = StaticDiscovery(settings)
    assert [found.addresses(service) for service in SERVICES] == [[Address("127.0.0.1", 7001 + number)] for number in range(len(SERVICES))]
    assert list(found.addresses("unknown")) == []


def test_a_peer_elsewhere() -> None:
    found = StaticDiscovery(load({"MODELYARD_PEERS": "model=host-a:1, eval=[::1]:2,"}))
    assert found.addresses("model") == [Address("host-a", 1)]
    assert found.addresses("eval") == [Address("[::1]", 2)]
    assert found.addresses("train") == [Address("127.0.0.1", 9103)]
    found.register("model", Address("x", 1))
    found.unregister("model", Address("host-a", 1))
    assert found.addresses("model") == [Address("host-a", 1)]


def test_a_service_listed_twice_has_two_instances() -> None:
    found = StaticDiscovery(load({"MODELYARD_PEERS": "model=a:1,eval=c:3,model=b:2"}))
    assert found.addresses("model") == [Address("a", 1), Address("b", 2)]
    assert found.addresses("eval") == [Address("c", 3)]


@pytest.mark.parametrize("peers", ["model", "model=", "model=host", "model=host:x", "nobody=host:1", "model=:1", "=host:1"])
def test_a_peer_that_is_none_is_named(peers: str) -> None:
    with pytest.raises(PlatformError) as caught:
        StaticDiscovery(load({"MODELYARD_PEERS": peers}))
    assert (caught.value.field, caught.value.details["value"]) == ("MODELYARD_PEERS", peers)
