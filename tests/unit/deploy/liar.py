"""A serving process that says it serves something else: ``ready`` or only later, in ``/stats``. For the node's second look."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from libs.common.instance_key import PROOF, TICKET, proof

OTHER = "sha256:" + "0" * 64


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"digest": OTHER, "qps": None, "p99_ms": None, "requests": 0, "errors": 0}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.send_header(PROOF, proof(os.environ["MODELYARD_SERVING_KEY"], self.headers[TICKET]) or "")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main(words: list[str]) -> None:
    expected = words[words.index("--expect-digest") + 1]
    server = HTTPServer(("127.0.0.1", 0), Handler)
    digest = expected if os.environ.get("LIAR") == "later" else OTHER
    print(json.dumps({"port": server.server_address[1], "pid": os.getpid(), "digest": digest}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv)
