"""The process around the server: what it refuses to start on, how it says it is ready, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.deploy.engine import bundle
from tests.support.collector import collecting
from tests.unit.deploy_engine.conftest import Bundle
from tests.unit.deploy_engine.model import PAIRS
from tests.unit.deploy_engine.process import KEY, ServerProcess, command, environment, until

START_S = 30.0


def start(folder: Path, digest: str, *more: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to be refused."""
    arguments = command(folder, digest, *more)
    return subprocess.run(arguments, env=environment(), stdin=subprocess.PIPE, capture_output=True, text=True, timeout=START_S)


def test_ready_is_exactly_one_line(packed: Bundle) -> None:
    with ServerProcess(packed.folder, packed.digest) as server:
        assert server.ready == {"port": server.ready["port"], "pid": server.process.pid, "digest": packed.digest}
        assert server.answer(PAIRS[0][0]) == PAIRS[0][1]
        assert server.process.stdin is not None
        assert server.process.stdout is not None
        server.process.stdin.close()
        assert server.wait() == 0
        assert server.process.stdout.read() == b""


def test_another_digest_is_not_served(packed: Bundle) -> None:
    ended = start(packed.folder, "sha256:" + "0" * 64)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert len(ended.stderr.splitlines()) == 1
    assert packed.digest in ended.stderr


@pytest.mark.parametrize("name", [bundle.MODEL, bundle.MANIFEST])
def test_a_flipped_byte_is_not_served(packed: Bundle, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(packed.folder, folder)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 3] ^= 4
    (folder / name).write_bytes(content)
    ended = start(folder, packed.digest)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert name in ended.stderr


def test_a_bundle_whose_model_does_not_fit_is_not_served(exported: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(exported, source)
    config = json.loads((source / "config.json").read_bytes())
    (source / "config.json").write_text(json.dumps(config | {"n_layer": 5}))
    digest = bundle.pack(source, tmp_path / "bundle", {"engine": "onnxruntime-cb"})
    ended = start(tmp_path / "bundle", digest)
    assert (ended.returncode, ended.stdout) == (5, "")
    assert "model.onnx" in ended.stderr


def test_a_taken_port_is_refused(packed: Bundle, server: ServerProcess) -> None:
    ended = start(packed.folder, packed.digest, "--port", str(server.ready["port"]))
    assert (ended.returncode, ended.stdout) == (4, "")
    assert str(server.ready["port"]) in ended.stderr
    assert server.answer(PAIRS[0][0]) == PAIRS[0][1]


@pytest.fixture
def streaming(endless_server: ServerProcess) -> Iterator[tuple[ServerProcess, Iterator[str]]]:
    """A server in the middle of a long answer."""
    body = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 2000, "stream": True}
    with endless_server.client.stream("POST", "/v1/chat/completions", json=body) as response:
        lines = response.iter_lines()
        next(lines)
        yield endless_server, lines


def whole(lines: Iterator[str]) -> list[str]:
    return [line for line in lines if line]


def finish_reason(events: list[str]) -> str:
    assert events[-1] == "data: [DONE]"
    return str(json.loads(events[-2][6:])["choices"][0]["finish_reason"])


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "end of stdin"])
def test_a_drain_turns_readiness_off_first_and_lets_streams_finish(streaming: tuple[ServerProcess, Iterator[str]], how: str) -> None:
    server, lines = streaming
    assert server.process.stdin is not None
    if how == "end of stdin":
        server.process.stdin.close()
    else:
        server.process.send_signal(getattr(signal, how))
    until(lambda: server.client.get("/readyz").status_code == 503)
    assert server.client.get("/healthz").status_code == 200
    until(lambda: server.chat("y", max_tokens=1).status_code == 503)  # after the linger, refused in words
    refused = server.chat("y", max_tokens=1).json()["error"]
    assert refused["code"] == "unavailable"
    assert finish_reason(whole(lines)) == "length"
    assert server.wait() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.address}/healthz", trust_env=False)


def test_requests_while_readiness_turns_off_are_still_answered(packed: Bundle) -> None:
    """A router needs a moment to see it; nobody it still sends may fail."""
    with ServerProcess(packed.folder, packed.digest, "--linger-s", "1") as server:
        server.process.send_signal(signal.SIGTERM)
        until(lambda: server.client.get("/readyz").status_code == 503)
        assert server.answer(PAIRS[0][0]) == PAIRS[0][1]
        assert server.wait() == 0


def test_a_drain_gives_up_after_its_time_and_says_so(endless: Bundle) -> None:
    with ServerProcess(endless.folder, endless.digest, "--drain-s", "0.1", "--linger-s", "0") as server:
        body = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 4000, "stream": True}
        with server.client.stream("POST", "/v1/chat/completions", json=body) as response:
            lines = response.iter_lines()
            next(lines)
            server.process.send_signal(signal.SIGTERM)
            events = whole(lines)
        assert json.loads(events[-1][6:])["error"]["code"] == "unavailable"  # cut in words, not in silence
        assert server.wait() == 1


def test_a_detached_server_does_not_need_a_parent(packed: Bundle) -> None:
    with ServerProcess(packed.folder, packed.digest, "--detached") as server:
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.answer(PAIRS[0][0]) == PAIRS[0][1]
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() == 0


def test_a_server_does_not_outlive_a_killed_parent(packed: Bundle) -> None:
    """The parent is killed with -9 and can tell nobody: the end of the pipe has to be enough."""
    code = (
        "import json, subprocess, sys, time\n"
        "child = subprocess.Popen(json.loads(sys.argv[1]), stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "sys.stdout.write(child.stdout.readline().decode()); sys.stdout.flush(); time.sleep(60)\n"
    )
    arguments = json.dumps(command(packed.folder, packed.digest))
    parent = subprocess.Popen([sys.executable, "-c", code, arguments], env=environment(), stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = json.loads(parent.stdout.readline())["pid"]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: _ended(child))


def _ended(pid: int) -> bool:
    """Gone, or a zombie that its new parent has not collected yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_restart_can_take_the_same_port_at_once(packed: Bundle) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    for _ in range(2):
        with ServerProcess(packed.folder, packed.digest, "--port", port, "--linger-s", "0") as server:
            assert server.answer(PAIRS[0][0]) == PAIRS[0][1]
            os.kill(server.process.pid, signal.SIGTERM)
            assert server.wait() == 0


def test_restarts_under_load_fail_nobody_who_was_accepted(packed: Bundle) -> None:
    """Clients ask without pause while the server drains: each gets an answer, a refusal in words, or no connection at all."""
    outcomes: list[object] = []
    ended = threading.Event()
    with ServerProcess(packed.folder, packed.digest) as server:

        def ask() -> None:
            shown = {"authorization": f"Bearer {KEY}"}
            with httpx.Client(base_url=server.address, headers=shown, trust_env=False, timeout=START_S) as client:
                while not ended.is_set():
                    try:
                        response = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": PAIRS[0][0]}]})
                    except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError) as error:
                        outcomes.append(type(error))
                        return
                    good = response.status_code == 200 and response.json()["choices"][0]["message"]["content"] == PAIRS[0][1]
                    outcomes.append(200 if good else response.status_code)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: outcomes.count(200) > 10)
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        ended.set()
        for thread in threads:
            thread.join(START_S)
    assert {outcome for outcome in outcomes if isinstance(outcome, int)} <= {200, 503}
    assert len([outcome for outcome in outcomes if not isinstance(outcome, int)]) <= len(threads)


def test_a_refusal_is_one_line_and_traffic_is_a_span_below_the_callers(packed: Bundle) -> None:
    trace, above = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with collecting() as collector, ServerProcess(packed.folder, packed.digest, otlp=collector.address) as server:
        named = {"x-request-id": "find-me", "traceparent": f"00-{trace}-{above}-01"}
        assert server.client.post("/v1/chat/completions", content=b"{", headers=named).status_code == 400
        assert server.client.get("/nowhere", headers={"x-request-id": "find-me-too"}).status_code == 404
        assert server.answer(PAIRS[0][0]) == PAIRS[0][1]
        until(lambda: bool(collector.of_trace(trace)))
        span = collector.of_trace(trace)[0]
        assert (span.process, span.name, span.parent) == ("serving", "POST /v1/chat/completions", above)
        assert span.facts["http.response.status_code"] == 400
        lines = [json.loads(line) for line in server.log().splitlines()]
        shown = [(line["log_id"], line["event"], line["code"], line["reason"]) for line in lines]
        assert shown == [("find-me", "refused", 400, "BODY_INVALID"), ("find-me-too", "refused", 404, "ROUTE_NOT_FOUND")]
        assert (lines[0]["trace_id"], lines[0]["span_id"]) == (trace, span.id)
