"""Discovery: a static list from one setting, or what registered in ZooKeeper, with the instances of one service used all."""

from __future__ import annotations

import pytest

from libs.common.coord.discovery import Address, StaticDiscovery
from libs.common.coord.zookeeper.session import Ensemble
from libs.common.errors import PlatformError
from libs.common.settings import SERVICES, load
from tests.support.coordination import Bindings
from tests.support.until import until


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


def test_a_service_with_two_instances() -> None:
    found = StaticDiscovery(load({"MODELYARD_PEERS": "model=a:1,eval=b:2,model=a:3"}))
    assert found.addresses("model") == [Address("a", 1), Address("a", 3)]
    assert found.addresses("eval") == [Address("b", 2)]


@pytest.mark.parametrize("peers", ["model", "model=", "model=host", "model=host:x", "nobody=host:1", "model=:1", "=host:1"])
def test_a_peer_that_is_none_is_named(peers: str) -> None:
    with pytest.raises(PlatformError) as caught:
        StaticDiscovery(load({"MODELYARD_PEERS": peers}))
    assert (caught.value.field, caught.value.details["value"]) == ("MODELYARD_PEERS", peers)


def test_whoever_registers_is_seen_and_whoever_leaves_is_not(bindings: Bindings) -> None:
    """On files the list is what the setting says, whoever registers."""
    near, far = bindings.open("near").discovery, bindings.open("far").discovery
    before = list(near.addresses("train"))
    one, two = Address("host-a", 1), Address("host-b", 2)
    near.register("train", one)
    far.register("train", two)
    expected = [one, two] if bindings.on_zookeeper else before
    for view in (near, far, bindings.open("late").discovery):
        until(lambda view=view: list(view.addresses("train")) == expected)
    far.unregister("train", two)
    for view in (near, far):
        until(lambda view=view: list(view.addresses("train")) == ([one] if bindings.on_zookeeper else before))
    far.unregister("train", two)  # a second time is as good as once
    near.unregister("eval", one)
    assert list(near.addresses("nobody")) == []


def test_an_instance_registered_twice_counts_once(bindings: Bindings) -> None:
    """A process that restarted sooner than its former session ended."""
    first, second = bindings.open("first").discovery, bindings.open("second").discovery
    address = Address("host-a", 1)
    first.register("train", address)
    second.register("train", address)
    until(lambda: address in first.addresses("train") or not bindings.on_zookeeper)
    first.unregister("train", address)
    until(lambda: list(first.addresses("train")).count(address) == int(bindings.on_zookeeper))


@pytest.mark.parametrize(
    ("text", "hosts", "root"),
    [
        ("a:2181", "a:2181", "/modelyard"),
        ("a:1, b:2,c:3/", "a:1,b:2,c:3", "/modelyard"),
        ("a:1,b:2/yard/one/", "a:1,b:2", "/yard/one"),
        ("[::1]:2181", "[::1]:2181", "/modelyard"),
    ],
)
def test_the_address_of_an_ensemble(text: str, hosts: str, root: str) -> None:
    assert Ensemble.of(text) == Ensemble(hosts, root)


@pytest.mark.parametrize("text", ["a", "a:", ":1", "a:x", "a:0", "a:65536", "/root", "a:1//b", "a:1/../b", "a:1,b"])
def test_an_address_that_is_none_is_named(text: str) -> None:
    with pytest.raises(PlatformError) as caught:
        Ensemble.of(text)
    assert (caught.value.field, caught.value.details["value"]) == ("MODELYARD_ZOOKEEPER", text)
