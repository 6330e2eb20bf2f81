"""The smoke test passes on the right server and fails, with the reason, on every wrong one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from libs.common import instance_key
from libs.common.errors import PlatformError, Reason
from libs.data.prompt import chat_of, to_text
from libs.models.causal_lm import artifact
from libs.models.causal_lm.decode import greedy
from services.deploy.engine import smoke
from tests.unit.deploy_engine.model import PAIRS
from tests.unit.deploy_engine.process import KEY, ServerProcess

PROBES = [{"question": question, "answer": answer} for question, answer in PAIRS]
OTHER = "sha256:" + "1" * 64


def test_the_right_server_passes(server: ServerProcess) -> None:
    result = smoke.check(server.address, KEY, server.digest, PROBES, max_tokens=60)
    assert (result["probes"], result["equal"], result["digest"]) == (len(PAIRS), len(PAIRS), server.digest)
    assert result["slowest_ms"] > 0


def test_a_stored_chat_is_asked_as_the_chat_it_was(server: ServerProcess, trained: Path) -> None:
    """System prompt and earlier turns come along: the answer is the one the trained model gives to the whole chat."""
    chat = chat_of({"instruction": PAIRS[0][0], "system": "说", "history": [["Say nothing", "x"]]})
    model, tokenizer = artifact.load(trained)
    (whole,) = greedy(model, tokenizer, [chat], 20)
    (bare,) = greedy(model, tokenizer, [to_text(chat)], 20)
    assert whole != bare, "the test cannot tell the two apart"
    smoke.check(server.address, KEY, server.digest, [{"question": to_text(chat), "answer": whole}], max_tokens=20)


def failed(address: str, digest: str, probes: list[dict[str, str]] = PROBES) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        smoke.check(address, KEY, digest, probes, timeout_s=5)
    return caught.value


def test_another_digest_fails(server: ServerProcess) -> None:
    error = failed(server.address, OTHER)
    assert (error.code, error.reason, error.details["found"]) == (422, Reason.DIGEST_MISMATCH, server.digest)


@pytest.mark.parametrize("first", [3, 5])
def test_the_first_answer_may_hold_emoji_and_separators(server: ServerProcess, first: int) -> None:
    """U+2028 and U+0085 stand in a stream as they are; an emoji comes in several tokens."""
    assert smoke.check(server.address, KEY, server.digest, [PROBES[first], *PROBES], max_tokens=60)["equal"] == len(PAIRS) + 1


@pytest.mark.parametrize("wrong", [0, len(PROBES) - 1])
def test_one_wrong_answer_fails_and_is_shown(server: ServerProcess, wrong: int) -> None:
    probes = [dict(probe) for probe in PROBES]
    probes[wrong]["answer"] += "!"
    error = failed(server.address, server.digest, probes)
    assert (error.code, error.reason) == (422, Reason.SMOKE_FAILED)
    (shown,) = error.details["unequal"]
    assert (shown["question"], shown["found"]) == PAIRS[wrong]


def test_a_probe_the_server_refuses_fails(server: ServerProcess) -> None:
    error = failed(server.address, server.digest, [{"question": "y " * 200, "answer": ""}])
    assert error.reason == Reason.SMOKE_FAILED
    assert "400" in str(error)


def test_nobody_there_fails() -> None:
    assert failed("http://127.0.0.1:9", OTHER).reason == Reason.SMOKE_FAILED


def test_no_probe_proves_nothing(server: ServerProcess) -> None:
    error = failed(server.address, server.digest, [])
    assert (error.code, error.field) == (400, "probes")


@contextmanager
def impostor(body: bytes, status: int = 200, key: str = KEY) -> Iterator[str]:
    """A server that has the right digest on its lips and nothing behind it. key: it knows."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(200 if self.command == "GET" else status)
            self.send_header("x-modelyard-digest", OTHER)
            self.send_header(instance_key.PROOF, instance_key.proof(key, self.headers[instance_key.TICKET]) or "a guess")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.server_address[1]}"
        finally:
            listener.shutdown()
            thread.join()


WHOLE = json.dumps({"choices": [{"message": {"content": PAIRS[0][1]}}]}).encode()


def test_somebody_without_the_key_fails_whatever_he_says() -> None:
    """Another process on the port of the instance, with the right digest and the right answers."""
    with impostor(WHOLE, key="b" * 64) as address:
        error = failed(address, OTHER, PROBES[:1])
    assert (error.code, error.reason) == (422, Reason.DIGEST_MISMATCH)


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"choices": []}', b"<html>", b'{"choices": [{"message": null}]}'])
def test_an_answer_of_another_shape_fails(body: bytes) -> None:
    with impostor(body) as address:
        assert failed(address, OTHER).reason == Reason.SMOKE_FAILED


def test_a_server_error_fails() -> None:
    with impostor(WHOLE, status=500) as address:
        error = failed(address, OTHER)
    assert error.reason == Reason.SMOKE_FAILED
    assert "500" in str(error)


def test_a_stream_that_breaks_off_fails() -> None:
    """Whole answers are right, the stream never comes to its end."""
    with impostor(WHOLE) as address:
        error = failed(address, OTHER, PROBES[:1])
    assert "stream" in str(error)
