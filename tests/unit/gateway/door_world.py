"""A gateway on a socket, the three services its ``/v1`` door asks, and instances that misbehave as the question says: in this process."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
import uvloop

import idl
from gateway.app import App, build
from libs.common.coord.discovery import StaticDiscovery
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.rpc.server import RpcServer
from libs.common.settings import Settings

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
GONE = (OSError, asyncio.IncompleteReadError)
HELLO = b"5\r\nhello\r\n"
PATH = "/v1/chat/completions"


class Answer(NamedTuple):
    """whole: it came to the end that its own framing promised."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool

    @property
    def error(self) -> Any:
        return json.loads(self.body)["error"]


class Instance:
    """A serving process. seen: questions; left: of them, those whose asker went before the answer was whole; sent: bytes of a flood."""

    def __init__(self) -> None:
        self.port = self.connections = self.seen = self.left = self.sent = 0
        self.last: dict[str, str] = {}
        self.go_on = asyncio.Event()

    async def open(self) -> Instance:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def close(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(*GONE):
            while True:
                self.last, body = await read_message(reader)
                self.seen += 1
                kind = json.loads(body)["messages"][0]["content"]
                try:
                    if await getattr(self, "_" + kind)(reader, writer, body):
                        break
                except GONE:
                    self.left += 1
                    break
        writer.close()

    # each is what an instance may do with a question; true where its connection ends with it

    async def _well(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nx-modelyard-digest: sha256:ab\r\n"
            b"set-cookie: a=b\r\nserver: inside\r\n\r\n{}"
        )

    async def _size(self, _reader: Any, writer: asyncio.StreamWriter, body: bytes) -> None:
        said = str(len(body)).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(said), said))

    async def _race(self, reader: Any, writer: asyncio.StreamWriter, body: bytes) -> bool:
        await self._well(reader, writer, body)
        await writer.drain()
        await asyncio.sleep(0.003)
        return True

    async def _busy(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nbusy")

    async def _elsewhere(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:%d/inside\r\ncontent-length: 0\r\n\r\n" % self.port)

    async def _close(self, *_: Any) -> bool:
        return True

    async def _garbage(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> bool:
        writer.write(b"220 this is no web server\r\n")
        return True

    async def _hang(self, reader: asyncio.StreamReader, *_: Any) -> bool:
        await reader.readexactly(1)
        return True

    async def _steps(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(STREAM + HELLO)
        await self.go_on.wait()
        writer.write(b"5\r\nworld\r\n0\r\n\r\n")

    async def _silent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _body: bytes) -> bool:
        writer.write(STREAM + HELLO)
        await reader.readexactly(1)
        return True

    async def _cut(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> bool:
        writer.write(STREAM + HELLO)
        await writer.drain()
        await asyncio.sleep(0.02)
        return True

    async def _short(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
        return True

    async def _smuggle(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> bool:
        writer.write(STREAM + HELLO)
        await writer.drain()
        await asyncio.sleep(0.02)  # else the head is not believed either
        writer.write(b"zz\r\nnot a size\r\n0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        return True

    async def _flood(self, _reader: Any, writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(STREAM)
        self.sent = 0
        while True:
            writer.write(b"10000\r\n%s\r\n" % (b"x" * 65536))
            await writer.drain()
            self.sent += 65536


class World:
    """models: name -> [(port, weight)]."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.models: dict[str, list[tuple[int, int]]] = {}
        self.app: App

    async def open(self) -> None:
        self.instance, self.other = await Instance().open(), await Instance().open()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.closed = free.getsockname()[1]
        here, there, nobody = self.instance.port, self.other.port, self.closed
        self.models = {"one": [(here, 1)], "two": [(here, 1), (there, 1)], "half": [(nobody, 9), (here, 1)], "none": [(nobody, 1)]}
        answers = {
            "identity": {"ResolveCredential": self._credential},
            "model": {"ResolveName": self._name},
            "deploy": {"ResolveRoutes": self._routes},
        }
        self._services = {name: RpcServer(idl.service(name), handlers).start() for name, handlers in answers.items()}
        peers = ",".join(f"{name}={server.host}:{server.port}" for name, server in self._services.items())
        settings = Settings(home=str(self._home), peers=peers)
        self.app = build(settings, StaticDiscovery(settings))
        bound = socket.create_server(("127.0.0.1", 0))
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = bound.getsockname()[1]
        reception: Any = self.app.gateway.reception.connection
        config = uvicorn.Config(self.app, http=reception, ws="none", log_config=None, access_log=False, server_header=False)
        self._server = uvicorn.Server(config)
        self._server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
        self._serving = asyncio.create_task(self._server.serve(sockets=[bound]))
        await until(lambda: self._server.started)

    async def close(self) -> None:
        self._server.should_exit = True
        await self._serving
        for server in self._services.values():
            server.close()
        self.instance.close()
        self.other.close()

    # -- what the services know

    def _credential(self, req: Any, _info: Any) -> Any:
        if req.token != "good":
            raise PlatformError(401, Reason.CREDENTIAL_ENDED)
        there = idl.load("identity")
        place = there.Place(project_space_id=1, roles=[2], clearance=1)
        return there.ResolveCredentialResp(
            user=there.User(id=7, account="a"), credential="key:7", valid_until=int(time.time() * 1000) + 600_000, places=[place]
        )

    def _name(self, req: Any, _info: Any) -> Any:
        if req.name not in self.models:
            raise not_found("model_project", req.name)
        there, id = idl.load("model"), list(self.models).index(req.name) + 1
        return there.ResolveNameResp(project=there.ModelProject(id=id, name=req.name, status=50, create_time=1), model_version_number=0)

    def _routes(self, req: Any, _info: Any) -> Any:
        there, found = idl.load("deploy"), list(self.models.values())[req.model_id - 1]
        made = [there.Route(address=f"http://127.0.0.1:{port}", digest="d", weight=weight, key="k" * 64) for port, weight in found]
        return there.ResolveRoutesResp(routes=made)

    # -- asking

    def question(self, kind: str, model: str = "one", token: str = "good", more: str = "") -> bytes:
        return self.raw(json.dumps({"model": model, "messages": [{"role": "user", "content": kind}], "more": more}).encode(), token)

    def raw(self, body: bytes, token: str = "good") -> bytes:
        lines = (f"POST {PATH} HTTP/1.1", "host: x", f"authorization: Bearer {token}", "x-request-id: asked-here")
        return "\r\n".join((*lines, f"content-length: {len(body)}", "", "")).encode() + body

    async def connect(self, limit: int = 1 << 16) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, limit=limit)

    async def ask(self, kind: str, model: str = "one", **more: str) -> Answer:
        return await self.send(self.question(kind, model, **more))

    async def send(self, request: bytes) -> Answer:
        reader, writer = await self.connect()
        try:
            writer.write(request)
            return await read_answer(reader)
        finally:
            writer.close()


async def read_message(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    """Headers in lower case, with the first line under "", and the body. Raises IncompleteReadError."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode().split("\r\n")
    headers = {"": first, **{name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}}
    return headers, await reader.readexactly(int(headers.get("content-length", 0)))


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    async with asyncio.timeout(10):
        first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body, whole = bytearray(), False
        with suppress(*GONE, ValueError):
            if "content-length" in headers:
                body += await reader.readexactly(int(headers["content-length"]))
                whole = True
            while not whole:
                size = int((await reader.readuntil(b"\r\n"))[:-2], 16)
                body += (await reader.readexactly(size + 2))[:-2]
                whole = size == 0
        return Answer(int(first.split()[1]), headers, bytes(body), whole)


async def until(reached: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.005)


class Run:
    """Runs what a test awaits on the loop the world lives on."""

    def __init__(self, home: Path) -> None:
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self.world = World(home)
        self._runner.run(self.world.open())

    def __call__(self, test: Awaitable[Any]) -> Any:
        return self._runner.run(test)  # type: ignore[arg-type]

    def close(self) -> None:
        self._runner.run(self.world.close())
        self._runner.close()
