"""The server the RPC tests talk to, in this process or as one of its own: ``python -m tests.unit.rpc.peer '{"threads": 4}'``."""

from __future__ import annotations

import functools
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from libs.common.coord.discovery import Address
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.rpc import codec, frames
from libs.common.rpc.contract import methods_of
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.limits import RpcLimits
from libs.common.rpc.server import CallInfo, RpcServer, stop_on_signals
from libs.common.sight import logs

ROOT = Path(__file__).parents[3]


@functools.cache
def idl() -> Any:
    import thriftpy2

    return thriftpy2.load(str(Path(__file__).with_name("sample.thrift")), module_name="sample_thrift")


def record(chinese: int = 24) -> Any:
    """A model record of about 450 bytes; ``chinese``: characters of its description."""
    return idl().Record(
        id=1 << 40, name="工业缺陷检测模型", desc="模" * chinese, path="/models/vision/defect/v3/checkpoint",
        framework="torch", infer_framework="onnx", metrics_url="http://metrics.example/d/abcdef", status=1,
        code_repo_url="https://git.example/vision/defect.git", hdfs_dir="hdfs://cluster/models/vision/defect/3",
        version=3, mark_delete=False, create_time=1_700_000_000_000, update_time=1_700_000_100_000, owner="张三",
    )  # fmt: skip


class Handlers:
    """``calls`` counts handler starts, by method."""

    def __init__(self, server_id: int = 0) -> None:
        self.server_id = server_id
        self.calls: dict[str, int] = {}
        self.gate = threading.Event()
        self.gate.set()
        self._record = record()

    def _count(self, method: str) -> None:
        self.calls[method] = self.calls.get(method, 0) + 1

    def ping(self, req: Any, info: CallInfo) -> Any:
        self._count("Ping")
        budget = req.base.budget_ms if req.base is not None else None
        return idl().PingResp(text=req.text or "", budget_ms=budget, calls=sum(self.calls.values()))

    def echo(self, req: Any, info: CallInfo) -> Any:
        return idl().EchoResp(value=req.value)

    def work(self, req: Any, info: CallInfo) -> Any:
        self._count("DoWork")
        if req.sleep_ms:
            time.sleep(req.sleep_ms / 1000)
        self.gate.wait(30)
        return idl().WorkResp(tenant=req.tenant, nonce=req.nonce, server_id=self.server_id)

    def get(self, req: Any, info: CallInfo) -> Any:
        return idl().GetResp(record=self._record)

    def fail(self, req: Any, info: CallInfo) -> Any:
        self._count("Fail")
        how = req.how
        if how == "declared":
            raise PlatformError(409, Reason.ILLEGAL_TRANSITION, field="status", limit="a, b", state="X", ids=[1, 2], text="中文")
        if how == "not_found":
            raise not_found("model", 7)
        if how == "relayed":
            raise PlatformError(503, Reason.UNAVAILABLE, retryable=True, started="no")
        if how == "undeclared":
            raise ZeroDivisionError("secret-in-the-message")
        if how == "exit":
            raise SystemExit(3)
        if how == "none":
            return None
        if how == "wrong_type":
            return idl().PingResp(text="x")
        if how == "wrong_field":
            return idl().FailResp(number="not a number")
        if how == "overflow":
            return idl().FailResp(number=1 << 70)
        if how == "unencodable":
            raise PlatformError(400, Reason.INVALID_ARGUMENT, field="\ud800", value="\udfff")
        if how == "code":
            raise PlatformError("many", Reason.INVALID_ARGUMENT)  # type: ignore[arg-type]
        return idl().FailResp(number=1)

    def table(self) -> dict[str, Any]:
        return {"Ping": self.ping, "Echo": self.echo, "DoWork": self.work, "Fail": self.fail, "Get": self.get}


@contextmanager
def serving(handlers: Handlers | None = None, **options: Any) -> Iterator[SimpleNamespace]:
    """A server in a thread of this process: ``.server``, ``.handlers``, ``.told`` (what ``on_call`` heard), ``.resolve``."""
    handlers = handlers or Handlers()
    told: list[tuple[str, float, int]] = []
    options.setdefault("inline", ("Ping", "Get"))
    server = RpcServer(idl().Sample, handlers.table(), on_call=lambda *call: told.append(call), **options).start()
    try:
        yield SimpleNamespace(server=server, handlers=handlers, told=told, resolve=lambda: [server.address], address=server.address)
    finally:
        handlers.gate.set()
        server.close()


class Process:
    """A server process; ``options`` are those of ``RpcServer``, with ``limits`` as a dict."""

    def __init__(self, **options: Any) -> None:
        command = [sys.executable, "-m", "tests.unit.rpc.peer", json.dumps(options)]
        self.popen = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.popen.stdout is not None
        self.pid = self.popen.pid
        self.address = Address("127.0.0.1", int(self.popen.stdout.readline()))

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def peak_bytes(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024

    def alive(self) -> bool:
        return self.popen.poll() is None

    def stop(self) -> None:
        if self.alive():
            self.popen.kill()
        self.popen.wait()
        assert self.popen.stdout is not None
        self.popen.stdout.close()


class Wire:
    """A connection that sends whatever it is told: what a stranger, or a client of another make, would do."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection(address, timeout=10)
        self._methods = methods_of(idl().Sample, 32)
        self._kept = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def call(self, method: str, number: int, req: Any) -> None:
        self.send(codec.encode_call(self._methods[method], number, req, RpcLimits()))

    def frame(self) -> bytes | None:
        """The next frame without its length; None when the peer closed."""
        while len(self._kept) < 4 or len(self._kept) < 4 + int.from_bytes(self._kept[:4], "big"):
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._kept += data
        end = 4 + int.from_bytes(self._kept[:4], "big")
        frame, self._kept = self._kept[4:end], self._kept[end:]
        return frame

    def answer(self, method: str) -> tuple[int, Any]:
        """(sequence number, response or PlatformError) of the next frame."""
        frame = self.frame()
        assert frame is not None, "the connection was closed"
        kind, _, number, pos = frames.header(frame, 0, RpcLimits())
        return number, codec.decode_reply(self._methods[method], kind, frame, pos, RpcLimits())

    def closed(self, seconds: float = 10.0) -> bool:
        """Whether the peer closes within ``seconds``, whatever it sends before."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(1 << 20):
                pass
        except TimeoutError:
            return False
        except ConnectionResetError:
            return True
        return True

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def scripted(script: Callable[[socket.socket, int], None]) -> Iterator[Address]:
    """A peer that runs ``script(connection, number of the connection)`` in a thread per connection: servers that lie, drip or vanish."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    opened: list[socket.socket] = []

    def run(connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError):
            script(connection, number)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                opened.append(connection)
                threads.append(threading.Thread(target=run, args=(connection, len(threads)), daemon=True))
                threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield Address(*listener.getsockname())
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in opened:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in (acceptor, *threads):
            thread.join(5)


def read_frame(connection: socket.socket) -> bytes:
    """One frame without its length; b"" at the end."""
    data = b""
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    return data[4:]


def reply(frame: bytes, *, number: int | None = None, name: bytes | None = None, text: str = "") -> bytes:
    """The Ping answer to the call in ``frame``, or one to another call."""
    _, asked, asked_number, _ = frames.header(frame, 0, RpcLimits())
    method = methods_of(idl().Sample, 32)["Ping"]
    data = codec.encode_reply(method, asked_number if number is None else number, idl().PingResp(text=text), RpcLimits())
    return data if name is None else data.replace(asked, name)


def soon(seconds: float = 10.0) -> Deadline:
    """A deadline no healthy call meets."""
    return Deadline.after(seconds)


def until(reached: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Polls until ``reached`` is true; fails when it never is."""
    end = time.monotonic() + seconds
    while not (found := reached()):
        assert time.monotonic() < end, "never happened"
        time.sleep(0.005)
    return found


def main() -> None:
    logs.setup("peer")
    options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    limits = RpcLimits(**options.pop("limits", {}))
    drain_seconds = options.pop("drain_seconds", 10.0)
    handlers = Handlers(server_id=options.pop("server_id", 0))
    options.setdefault("inline", ["Ping", "Get"])
    server = RpcServer(idl().Sample, handlers.table(), limits=limits, **options).start()
    stop_on_signals(server, drain_seconds)
    print(server.port, flush=True)
    server.wait()


if __name__ == "__main__":
    main()
