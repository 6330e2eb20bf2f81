"""The composed status with nothing in it: a bare ASGI gateway over our RPC, four services that read one row by key with the driver alone.

What the product adds to it (identity, validation, latest-task reads, the gate's verdict, metrics, errors for people) is what its figures
may be worse by. ``python -m bench.prototype serve PORT FILE`` and ``… gate PORT SERVICE_PORT…`` are its processes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

import idl
from bench.single_rpc import project
from libs.common.coord.discovery import Address
from libs.common.rpc.aclient import AsyncRpcClient
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.wire import spec_fields
from tests.support.ports import free_port

SERVICES, ROWS, SECONDS = 4, 5000, 0.8
FIELDS = [name for name, _, _ in spec_fields(idl.load("model").ModelProject)]
COLUMNS = ", ".join(f'"{name}"' for name in FIELDS)


@contextmanager
def running(scratch: Path) -> Iterator[tuple[list[int], int, str]]:
    """(pids, port of its gateway, path to ask for)."""
    store = scratch / "prototype.db"
    fill(store)
    ports = [free_port() for _ in range(SERVICES)]
    started = [_start("serve", str(port), str(store)) for port in ports]
    gate = free_port()
    started.append(_start("gate", str(gate), *map(str, ports)))
    try:
        yield [process.pid for process in started], gate, "/status/77"
    finally:
        for process in started:
            process.terminate()
            process.wait()


def fill(store: Path) -> None:
    """The rows every service reads, each as wide as a model project."""
    row = project().project
    with sqlite3.connect(store) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute(f"CREATE TABLE thing ({COLUMNS}, PRIMARY KEY (id))")
        values = [getattr(row, name) for name in FIELDS[1:]]
        marks = ", ".join("?" * len(FIELDS))
        conn.executemany(f"INSERT INTO thing VALUES ({marks})", [[id, *values] for id in range(ROWS)])
    conn.close()


def serve(port: int, store: str) -> None:
    from libs.common.rpc.server import RpcServer

    types = idl.load("model")
    conn = sqlite3.connect(store, check_same_thread=False)
    query = f"SELECT {COLUMNS} FROM thing WHERE id = ?"

    def get(req: Any, _info: Any) -> Any:
        row = conn.execute(query, (req.id,)).fetchone()
        return types.GetProjectResp(project=types.ModelProject(**dict(zip(FIELDS, row, strict=True))))

    server = RpcServer(idl.service("model"), {"GetProject": get}, port=port, inline={"GetProject"}).start()
    print("ready", flush=True)
    server.wait()


def gate(port: int, services: list[int]) -> None:
    import uvicorn

    types = idl.load("model")
    clients: list[AsyncRpcClient] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if not clients:
            clients.extend(AsyncRpcClient(idl.service("model"), lambda to=to: [Address("127.0.0.1", to)]) for to in services)  # type: ignore[misc]
        id, deadline = int(scope["path"].rpartition("/")[2]), Deadline.after(SECONDS)
        asked = [client.call("GetProject", types.GetProjectReq(id=id), deadline, idempotent=True) for client in clients]
        found = [{name: getattr(answer.project, name) for name in FIELDS} for answer in await asyncio.gather(*asked)]
        body = msgspec.json.encode(found)
        head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            print("ready", flush=True)

    Server(uvicorn.Config(app, port=port, loop="uvloop", http="httptools", log_level="warning", access_log=False, lifespan="off")).run()


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", "bench.prototype", *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


if __name__ == "__main__":
    role, port, *rest = sys.argv[1:]
    if role == "serve":
        serve(int(port), rest[0])
    else:
        gate(int(port), [int(to) for to in rest])
