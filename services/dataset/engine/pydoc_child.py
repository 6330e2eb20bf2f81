"""Renders pydoc pages in a process of its own: read one JSON order per line, answer one JSON line each. Standard library only.

Run as a plain file by ``pydoc_pages``, with a clean environment. Every page is rendered in a fork of this process: each module is
imported into the same fresh state (so the page does not depend on what was rendered before), and one that hangs, crashes or prints
hurts only its fork. Two things on a page are not the interpreter's and become constants: memory addresses and the kernel's release.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import pydoc
import re
import select
import signal
import sys
import time
import warnings

ADDRESS = re.compile(r"(\b(?:at|handle)(?: |&nbsp;)(?:0x)?)[0-9a-fA-F]{8,16}\b")
COMMON = ("asyncio", "ctypes", "email.message", "http.client", "logging", "multiprocessing.pool", "ssl", "unittest.mock", "xml.dom.minidom")
FAILED = re.compile(r"<title>Pydoc: Error")


def page(url: str, module: str | None) -> str:
    """The page that pydoc's own server gives for ``url``. Raises whatever importing ``module`` raises, LookupError for an error page."""
    if module is not None:
        importlib.import_module(module)
    text = str(pydoc._url_handler(url, "text/html"))  # type: ignore[attr-defined]
    if FAILED.search(text):
        raise LookupError("pydoc knows no such page")
    return ADDRESS.sub(r"\g<1>0", text)


def write(path: str, text: str) -> int:
    """Writes beside and renames, by itself: this process has the standard library only. Returns the size in bytes."""
    data = text.encode("utf-8", "replace")
    with open(path + ".tmp", "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(path + ".tmp", path)
    return len(data)


def render_in_fork(order: dict[str, str], answer: int) -> None:
    """The life of one fork: render, write, report through ``answer``, leave. Never returns."""
    try:
        os.setpgid(0, 0)
        result: dict[str, object] = {"bytes": write(order["path"], page(order["url"], order.get("module")))}
    except BaseException as error:  # a module may raise SystemExit on import
        result = {"why": f"{type(error).__name__}: {error}"[:200]}
    os.write(answer, json.dumps(result).encode())
    os._exit(0)  # no exit handlers: tkinter, readline and others have some


def render(order: dict[str, str], seconds: float) -> dict[str, object]:
    """One order in a fork of its own: ``{"bytes": n}``, or ``{"why": text}`` when there is no page."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        render_in_fork(order, write_end)
    os.close(write_end)
    data, deadline = b"", time.monotonic() + seconds
    while not data.endswith(b"}"):
        ready, _, _ = select.select([read_end], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(read_end, 4096) if ready else b""
        if not chunk:
            break
        data += chunk
    late = not data and time.monotonic() >= deadline
    os.close(read_end)
    end(child)
    if data:
        return dict(json.loads(data))
    return {"why": f"no page within {seconds:g} s"} if late else {"why": "the import ended the process"}


def end(child: int) -> None:
    """Ends the fork with everything it started, and collects it."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    os.waitpid(child, 0)


def warm_up() -> None:
    """Loads what most pages need once, so that the forks do not load it hundreds of times."""
    for name in COMMON:
        try:
            importlib.import_module(name)
        except ImportError:  # built without it
            continue
    page("keyword.html", "keyword")


def main() -> None:
    """Serves orders from standard input until it closes (also when the parent dies)."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_RDWR)
    orders = io.TextIOWrapper(os.fdopen(os.dup(0), "rb"), encoding="utf-8")
    for stream in (0, 1, 2):  # what a module prints or asks for goes nowhere
        os.dup2(silence, stream)
    warnings.simplefilter("ignore")
    pydoc.platform.platform = lambda *_, **__: sys.platform  # type: ignore[attr-defined]
    seconds = float(sys.argv[1])
    warm_up()
    for line in orders:
        answers.write(json.dumps(render(json.loads(line), seconds)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
