"""The console for people: the files `make console` built, served as they are, and the policy their browser keeps.

``/`` and every address of a page answer the one HTML file, which is asked for each time; the files it names carry their hash and are kept
for ever. Nothing inline runs and nothing foreign is fetched: the policy has no exception (docs/decisions/0018).
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from libs.common.errors import PlatformError, Reason

FOLDER = Path(__file__).parent / "static"
PROGRAMS = ("/api/", "/v1/", "/assets/")  # a wrong address below these is a program's mistake: it hears so in JSON
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
FOR_EVER = "public, max-age=31536000, immutable"
MARK = b'<meta name="modelyard-openid" content="" />'
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Modelyard</title><h1>Modelyard 模型工坊</h1>
<p>The console was not built on this machine: run <code>make console</code> and start again. Everything else works: <a
href="/api/openapi.json">/api/openapi.json</a>, <code>modelyard --help</code>.</p>
<p lang="zh">本机尚未构建控制台：请运行 <code>make console</code> 后重新启动。其余功能均可使用。</p></html>
"""


class Console:
    """folder: what was built. openid: whether the sign-in page offers the outside provider."""

    def __init__(self, openid: bool, folder: Path = FOLDER) -> None:
        self._folder, self._openid = folder, openid

    def wants(self, request: Request) -> bool:
        """Whether a path nobody routes is an address a person opened."""
        if request.method not in ("GET", "HEAD") or f"{request.url.path}/".startswith(PROGRAMS):
            return False
        return "text/html" in request.headers.get("accept", "")

    async def page(self, request: Request) -> Response:
        """The one HTML file, for every address of a page."""
        request.scope["modelyard.route"] = "/"
        index = self._folder / "index.html"
        if not index.is_file():
            return Response(NOT_BUILT, 200, {**HEADERS, "cache-control": "no-cache"}, "text/html; charset=utf-8")
        body = index.read_bytes()
        if self._openid:
            body = body.replace(MARK, MARK.replace(b'content=""', b'content="yes"'))
        return Response(body, 200, {**HEADERS, "cache-control": "no-cache"}, "text/html; charset=utf-8")

    async def asset(self, request: Request) -> Response:
        """A file with its hash in its name. Raises 404 for what is not one of them, wherever the path leads."""
        folder = self._folder / "assets"
        found = folder / request.path_params["name"]
        if found.parent != folder or not found.is_file():
            raise PlatformError(404, Reason.ROUTE_NOT_FOUND, field="path", limit="a file of the console", what=request.url.path)
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        return FileResponse(found, 200, {**HEADERS, "cache-control": FOR_EVER}, kind)
