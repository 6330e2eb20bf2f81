"""A web server of our own that misbehaves as it is told: it cuts answers, sends elsewhere, and changes what it holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """cuts: after how many bytes the next answers end early. etag: "" for none."""

    data: bytes = b""
    etag: str = '"one"'
    status: int = 200
    location: str = ""
    length: str = ""
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True


@dataclass
class Site:
    """asked: (path, range) of every request so far."""

    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, path: str, data: bytes = b"", **facts: object) -> str:
        self.pages[path] = Page(data, **facts)  # type: ignore[arg-type]
        return self.url(path)


@contextmanager
def serving() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, self.headers.get("Range", "")))
            page = site.pages.get(self.path.partition("?")[0], Page(status=404))
            start = _start(page, self.headers.get("Range", ""), self.headers.get("If-Range", ""))
            self.send_response(206 if start else page.status)
            if page.location:
                self.send_header("Location", page.location)
            if page.etag:
                self.send_header("ETag", page.etag)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(page.data) - 1}/{len(page.data)}")
            rest = page.data[start:]
            self.send_header("Content-Length", page.length or str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: page.cuts.pop(0)] if page.cuts else rest)

        def log_message(self, *_: object) -> None:
            """Nobody listens."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _start(page: Page, range: str, mark: str) -> int:
    if not page.ranges or not range or mark != page.etag:
        return 0
    return int(range.removeprefix("bytes=").rstrip("-"))
