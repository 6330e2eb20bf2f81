"""The gateway's ``/v1`` door against the serving process behind it: the same question through it and past it, in turns."""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import idl
from bench.measure import Figure, load
from libs.common.coord.discovery import Address
from libs.common.rpc.client import RpcClient
from libs.common.rpc.deadline import Deadline
from tests.support.chain import released
from tests.support.platform import Platform, running

ROUNDS, SECONDS, PATH = 5, "3", "/v1/chat/completions"
LOADS = (("1", True), ("8", True), ("32", False))
"""Connections, and whether the answer is streamed."""


def main(_environments: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home") as platform:
        with platform.client() as client, platform.client(2) as approver:
            model = released(client, approver, "door")["model"]
        host, port, key = serving(platform, int(model["id"]))
        gateway = str(platform.settings.gateway_port)
        print(f"\n/v1 through the gateway / the serving process asked directly ({ROUNDS} rounds of {SECONDS} s, in turns)")
        for connections, streamed in LOADS:
            body = json.dumps(question(streamed))
            rounds: list[tuple[Figure, Figure]] = []
            for _ in range(ROUNDS):
                through = ["post", "127.0.0.1", gateway, connections, SECONDS, PATH, body]
                past = ["post", host, port, connections, SECONDS, PATH, body]
                signed = platform.headers()["authorization"]
                rounds.append((load([platform.part("gateway")["pid"]], through, signed), load([], past, f"Bearer {key}")))
            show(connections, streamed, rounds)


def serving(platform: Platform, model_id: int) -> tuple[str, str, str]:
    """Host, port and key of the instance that answers for the model."""
    deploy = RpcClient(idl.service("deploy"), lambda: [Address("127.0.0.1", platform.settings.thrift_port("deploy"))])
    ask = idl.load("deploy").ResolveRoutesReq(model_id=model_id, base=platform.base("deploy", "ResolveRoutes"))
    [route] = deploy.call("ResolveRoutes", ask, Deadline.after(10)).routes
    deploy.close()
    address = urlsplit(route.address)
    return str(address.hostname), str(address.port), str(route.key)


def question(streamed: bool) -> dict[str, object]:
    asked = [{"role": "user", "content": "What does json.dumps do?"}]
    return {"model": "door", "messages": asked, "stream": streamed, "max_tokens": 48 if streamed else 16, "temperature": 0}


def show(connections: str, streamed: bool, rounds: list[tuple[Figure, Figure]]) -> None:
    shares = [through.per_s / past.per_s for through, past in rounds]
    failed = sum(through.failed + past.failed for through, past in rounds)

    def middle(which: int, field: str) -> float:
        return statistics.median(getattr(turn[which], field) for turn in rounds)

    print(
        f"  {connections:>2} {'streams' if streamed else 'whole  '}  {statistics.median(shares):.2f} ({min(shares):.2f}-{max(shares):.2f})"
        f"   {middle(0, 'per_s'):.0f} and {middle(1, 'per_s'):.0f}/s   p50 {middle(0, 'p50_ms'):.1f} and {middle(1, 'p50_ms'):.1f} ms"
        f"   gateway {middle(0, 'cpu_us'):.0f} us an answer{f'   FAILED {failed}' if failed else ''}"
    )
