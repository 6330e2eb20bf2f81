"""One RPC, a struct of fifteen fields with Chinese text: our client and server against thriftpy2 as it comes (threaded, framed)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import idl
from bench.measure import Figure, cpu_seconds, show
from tests.support.ports import free_port

ROUNDS, SECONDS = 3, 2.0
TEXT = "一个用于测试的垂直领域大模型 " * 4
NOW = 1_700_000_000_000
CONTENDERS = ("modelyard", "thriftpy2")


def project() -> Any:
    types = idl.load("model")
    texts = {"name": "法律问答", "desc": TEXT, "path": "/models/law", "train_framework": "torch", "inference_framework": "onnx"}
    links = {"metrics_url": "http://127.0.0.1/m", "code_repo_url": "git", "hdfs_dir": "/d"}
    numbers = {"id": 1 << 60, "project_space_id": 7, "status": 40, "user_id": 3, "create_time": NOW, "update_time": NOW + 1, "version": 9}
    return types.GetProjectResp(project=types.ModelProject(**texts, **links, **numbers))


def main(_environments: Path) -> None:
    for in_flight in (1, 32):
        rounds = [{name: one(name, in_flight) for name in CONTENDERS} for _ in range(ROUNDS)]
        show(f"single RPC (GetProject), {in_flight} in flight", rounds, "modelyard", ["thriftpy2"])


def one(kind: str, in_flight: int) -> Figure:
    """A server in a process of its own, a client in another one; CPU of both is counted."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "bench.single_rpc", "serve", kind, str(port)], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        before = cpu_seconds([server.pid])
        done = subprocess.run(
            [sys.executable, "-m", "bench.single_rpc", "ask", kind, str(port), str(in_flight)], capture_output=True, text=True, check=True
        )
        seen = json.loads(done.stdout)
        spent = cpu_seconds([server.pid]) - before + seen["cpu"]
        return Figure(seen["per_s"], seen["p50_ms"], seen["p99_ms"], spent / seen["count"] * 1e6, seen["failed"])
    finally:
        server.terminate()
        server.wait()


# --- the two servers


def serve(kind: str, port: int) -> None:
    service = idl.service("model")
    answer = project()
    if kind == "modelyard":
        from libs.common.rpc.server import RpcServer

        server = RpcServer(service, {"GetProject": lambda _req, _info: answer}, port=port, inline={"GetProject"}).start()
        print("ready", flush=True)
        server.wait()
        return
    from thriftpy2.rpc import make_server
    from thriftpy2.transport import TFramedTransportFactory

    class Handler:
        def GetProject(self, req: Any) -> Any:  # noqa: ARG002 - called by name
            return answer

    raw = make_server(service, Handler(), "127.0.0.1", port, trans_factory=TFramedTransportFactory(), client_timeout=None)
    print("ready", flush=True)
    raw.serve()


# --- the two clients


def ask(kind: str, port: int, in_flight: int) -> None:
    times = asyncio_times(port, in_flight) if kind == "modelyard" else thread_times(port, in_flight)
    ordered = sorted(times)
    print(
        json.dumps(
            {
                "count": len(ordered),
                "per_s": len(ordered) / SECONDS,
                "p50_ms": ordered[len(ordered) // 2] * 1000,
                "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
                "failed": 0,
                "cpu": sum(os.times()[:2]),
            }
        )
    )


def asyncio_times(port: int, in_flight: int) -> list[float]:
    """Our gateway's client: all calls multiplexed over a few connections."""
    import uvloop

    from libs.common.coord.discovery import Address
    from libs.common.rpc.aclient import AsyncRpcClient
    from libs.common.rpc.deadline import Deadline

    times: list[float] = []
    request = idl.load("model").GetProjectReq

    async def caller(client: AsyncRpcClient, end: float) -> None:
        while (started := time.perf_counter()) < end:
            found = await client.call("GetProject", request(id=1 << 60), Deadline.after(5))
            times.append(time.perf_counter() - started)
            assert found.project.id == 1 << 60

    async def run() -> None:
        client = AsyncRpcClient(idl.service("model"), lambda: [Address("127.0.0.1", port)])
        await client.call("GetProject", request(id=1 << 60), Deadline.after(5))
        end = time.perf_counter() + SECONDS
        await asyncio.gather(*[caller(client, end) for _ in range(in_flight)])
        await client.close()

    uvloop.run(run())
    return times


def thread_times(port: int, in_flight: int) -> list[float]:
    """thriftpy2's blocking client, one connection and one thread for each call in flight: it cannot share them."""
    from thriftpy2.rpc import make_client
    from thriftpy2.transport import TFramedTransportFactory

    times: list[float] = []
    request = idl.load("model").GetProjectReq

    def caller(end: float) -> None:
        client = make_client(idl.service("model"), "127.0.0.1", port, trans_factory=TFramedTransportFactory(), timeout=5000)
        while (started := time.perf_counter()) < end:
            found = client.GetProject(request(id=1 << 60))
            times.append(time.perf_counter() - started)
            assert found.project.id == 1 << 60
        client.close()

    end = time.perf_counter() + SECONDS
    threads = [threading.Thread(target=caller, args=(end,)) for _ in range(in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        ask(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
