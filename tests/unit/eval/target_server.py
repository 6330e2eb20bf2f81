"""A small real HTTP server that plays the target under test: the OpenAI routes, answering by script."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from libs.common import instance_key

DIGEST = "sha256:" + "ab" * 32
OTHER_DIGEST = "sha256:" + "cd" * 32
KEY = "k" * 64  # of the instance it plays
LOGPROB = -0.5  # of every character of an answer and of its end
HANG, CUT, FREEZE = object(), object(), object()


class Reply:
    """A scripted answer. digest: None sends no digest header. busy: 429 so many times before. together: waits for as many requests at
    once.
    """

    def __init__(
        self,
        text: str = "",
        status: int = 200,
        body: bytes | None = None,
        digest: str | None = DIGEST,
        busy: int = 0,
        scored: Any = None,
        together: threading.Barrier | None = None,
    ) -> None:
        self.text, self.status, self.body, self.digest, self.busy, self.scored, self.together = (
            text,
            status,
            body,
            digest,
            busy,
            scored,
            together,
        )


class TargetServer:
    """``script``: question -> text | ``Reply`` | HANG | CUT | FREEZE; another question is answered with itself. Use as a context
    manager.
    """

    def __init__(self, script: Mapping[str, Any] | None = None, card: Mapping[str, Any] | None = None) -> None:
        self.script = dict(script or {})
        self.card = {"id": "toy", **(card or {})}
        self.asked: list[str] = []  # questions of chat requests, in order of arrival
        self.bodies: list[dict[str, Any]] = []
        self.release = threading.Event()  # ends every HANG
        self.key = KEY
        self.frozen = False  # from now on nothing is answered at all
        self._times: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> TargetServer:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._http.shutdown()
        self._http.server_close()

    def reply(self, path: str, body: dict[str, Any]) -> Any:
        question = body["messages"][0]["content"]
        scripted = self.script.get(question, question)
        reply = Reply(scripted) if isinstance(scripted, str) else scripted
        with self._lock:
            self.bodies.append(body)
            if path.endswith("/chat/completions"):
                self.asked.append(question)
                self._times[question] += 1
        if path.endswith("/chat/completions"):
            if reply is FREEZE:
                self.frozen = True
            if reply in (HANG, FREEZE):
                self.release.wait(60)
                return None
            if reply is CUT:
                return None
            if reply.together is not None:
                reply.together.wait(10)
            if self._times[question] <= reply.busy:
                return Reply(status=429, body=b"{}")
            if reply.body is None:
                reply.body = json.dumps({"choices": [{"message": {"role": "assistant", "content": reply.text}}]}).encode()
            return reply
        if isinstance(getattr(reply, "scored", None), Reply):
            return reply.scored
        return Reply(body=json.dumps({"choices": [{"logprobs": _scores(body)}]}).encode())


def _scores(body: dict[str, Any]) -> dict[str, Any]:
    """Three tokens of question, then one per character of the answer and its end."""
    answer = body["messages"][1]["content"]
    return {"answer_start": 3, "token_logprobs": [None, -9.0, -9.0, *[LOGPROB] * (len(answer) + 1)]}


def _handler(target: TargetServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if target.frozen:
                target.release.wait(60)
            self._send(Reply(body=json.dumps({"data": [target.card]}).encode()))

        def do_POST(self) -> None:
            reply = target.reply(self.path, json.loads(self.rfile.read(int(self.headers["content-length"]))))
            if reply is None:
                self.close_connection = True
            else:
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            assert reply.body is not None
            try:
                self.send_response(reply.status)
                self.send_header("content-length", str(len(reply.body)))
                if reply.digest is not None:
                    self.send_header("x-modelyard-digest", reply.digest)
                if proof := instance_key.proof(target.key, self.headers.get(instance_key.TICKET, "")):
                    self.send_header(instance_key.PROOF, proof)
                self.end_headers()
                self.wfile.write(reply.body)
            except OSError:
                self.close_connection = True  # the asker was killed or gave up

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler
