"""What a network may do between the gateway, the services and their callers: every service stands behind a proxy of ours.

I8: with a domain slow, hung, cut, dripping or refusing, the composed status is 200 inside its deadline, names the part and has the others.
I4 and I1: a reply that is lost, cut at any byte or doubled costs no second effect and gives nobody another call's answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import combinations

import pytest

from libs.client.sdk import Modelyard
from libs.common.errors import PlatformError, Reason
from tests.faults.sweep import whole
from tests.support.evidence import Evidence
from tests.support.outcome import outcome
from tests.support.platform import Platform
from tests.support.proxy import STRAIGHT, Proxy, Way
from tests.support.stage import Stage
from tests.support.until import until

PARTS = ("model", "train", "eval", "deploy")
WAYS = {
    "slow": Way(delay=5.0),
    "hung": Way(black_hole=True),
    "cut": Way(cut_after=12),
    "dripping": Way(drip=0.3),
    "refusing": Way(refuse=True),
}
SLACK_SECONDS = 2.0
"""What a busy machine may add to a deadline; an answer that waited for the broken part would take far longer."""


class Network:
    """A stage whose services are only reached through ``proxies``."""

    def __init__(self, stage: Stage, proxies: dict[str, Proxy]) -> None:
        self.stage, self.proxies = stage, proxies
        self.platform = Platform(stage.settings, stage.environ)
        with self.client() as client:
            self.model_id = str(client.models.create("proxied")["id"])

    def client(self) -> Modelyard:
        return self.platform.client()

    def break_(self, way: Way, *parts: str) -> None:
        for part in parts:
            self.proxies[part].way = way
            if way.refuse:
                self.proxies[part].cut_all()

    def mend(self) -> None:
        """Until every part answers again. What is still held back inside a proxy goes with its connection."""
        self.break_(STRAIGHT, *self.proxies)
        for proxy in self.proxies.values():
            proxy.cut_all()
        with self.client() as client:
            until(lambda: client.models.status(self.model_id)["missing"] == [], 30, "it did not recover")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    proxies = {part: Proxy() for part in PARTS}
    peers = ",".join(f"{part}=127.0.0.1:{proxy.port}" for part, proxy in proxies.items())
    names = (*(f"{part}-serve" for part in PARTS), "gateway")
    stage = Stage(tmp_path_factory.mktemp("proxied") / "home", names, peers=peers)
    for part, proxy in proxies.items():
        proxy.target = stage.settings.thrift_port(part)
    try:
        stage.start_all()
        yield Network(stage, proxies)
    finally:
        for proxy in proxies.values():
            proxy.close()
        stage.close()


PAIRS = list(combinations(PARTS[1:], 2))
BROKEN = [(name, (part,)) for name in WAYS for part in PARTS] + [("hung", pair) for pair in PAIRS]
if not whole():  # each way once, each part at least once
    BROKEN = [(name, (PARTS[number % len(PARTS)],)) for number, name in enumerate(WAYS)] + [("hung", PAIRS[0])]


@pytest.mark.parametrize(("way", "parts"), BROKEN, ids=[f"{name}-{'-'.join(parts)}" for name, parts in BROKEN])
def test_a_broken_part_is_named_and_the_others_answer(network: Network, way: str, parts: tuple[str, ...], evidence: Evidence) -> None:
    wrong, worst, tries = 0, 0.0, 2
    network.break_(WAYS[way], *parts)
    with network.client() as client:
        for _ in range(tries):
            began = time.monotonic()
            status = client.models.status(network.model_id)
            worst = max(worst, time.monotonic() - began)
            wrong += set(status["missing"]) != set(parts)
            wrong += any(status[part]["state"] != ("unavailable" if part in parts else "ok") for part in PARTS)
            wrong += any(not status[part]["message"] for part in status["missing"])
            wrong += "model" not in parts and status["model"]["project"]["name"] != "proxied"
    limit = network.stage.settings.status_seconds
    wrong += worst > limit + SLACK_SECONDS
    figures = {"worst_ms": round(worst * 1000), "deadline_ms": round(limit * 1000)}
    evidence("I8", f"composed status, a domain {way}", tries=tries, violations=wrong, **figures)
    network.mend()
    assert wrong == 0, status


# --- lost, cut and doubled replies


@pytest.fixture(params=range(0, 400, 23 if whole() else 92), ids=lambda n: f"after {n} bytes")
def cut(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_a_reply_cut_at_any_byte_costs_no_second_effect(network: Network, cut: int, evidence: Evidence) -> None:
    """The caller repeats by itself, as it has a key: the first attempts lose their replies, then the network is well again."""
    proxy, key, name = network.proxies["model"], f"cut-after-{cut:04}", f"cut-{cut}"
    before, proxy.way = proxy.cut, Way(cut_after=cut)
    mended = threading.Event()

    def mend() -> None:
        until(lambda: proxy.cut > before or mended.is_set(), 20)
        proxy.way = STRAIGHT

    mender = threading.Thread(target=mend)
    mender.start()
    first = until(lambda: _created(network, key, name), 30)
    mended.set()
    mender.join()
    again = network.stage.call("model", "CreateProject", key, name=name).project
    found = network.stage.call("model", "FindProject", name=name).project
    wrong = (again.id != first) + (found.id != first)
    evidence("I4", "replies cut after N bytes, over TCP", tries=1, violations=wrong)
    assert wrong == 0


def _created(network: Network, key: str, name: str) -> int | None:
    """The id, or None where the call failed in a way that leaves its result open."""
    found = outcome(lambda: network.stage.call("model", "CreateProject", key, name=name).project.id)
    if isinstance(found, PlatformError):
        assert found.reason in (Reason.CONNECTION_LOST, Reason.UNAVAILABLE), found
        return None
    return int(found)


def test_requests_that_arrive_twice_take_effect_once(network: Network, evidence: Evidence) -> None:
    """A doubled request brings a second answer nobody asked for: it is never taken for the next call's."""
    network.proxies["model"].way = Way(double=True)
    wrong, tries = 0, 20
    for n in range(tries):
        key, name = f"doubled-{n:04}", f"doubled-{n}"
        id = until(lambda key=key, name=name: _created_twice(network, key, name), 30)  # type: ignore[misc]
        seen = outcome(lambda name=name: network.stage.call("model", "FindProject", name=name).project)  # type: ignore[misc]
        wrong += not isinstance(seen, PlatformError) and (seen.id, seen.name) != (id, name)
    network.mend()
    ids = {network.stage.call("model", "FindProject", name=f"doubled-{n}").project.name for n in range(tries)}
    wrong += ids != {f"doubled-{n}" for n in range(tries)}
    evidence("I1", "requests doubled on the wire", tries=tries, violations=wrong)
    evidence("I4", "requests doubled on the wire", tries=tries, violations=wrong)
    assert wrong == 0


def _created_twice(network: Network, key: str, name: str) -> int | None:
    found = outcome(lambda: network.stage.call("model", "CreateProject", key, name=name).project)
    if isinstance(found, PlatformError):  # a leftover answer is refused as no answer to this call
        assert found.reason in (Reason.CONNECTION_LOST, Reason.UNAVAILABLE, Reason.BAD_FRAME), found
        return None
    assert found.name == name
    return int(found.id)
