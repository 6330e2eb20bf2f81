"""A child process that runs one engine entry point, so that its crash, its memory and its libraries are its own.

Parent and child speak JSON lines over a pipe of their own (stdout stays free for libraries, it goes to ``engine.log``). The child
leads a process group: killing it kills what it started. It never outlives its parent: its stdin is a pipe that ends with the parent, and
then it kills its own group.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason, invalid

ENTRY = re.compile(r"services\.[a-z]+\.engine(\.[a-z_]+)*:[a-z_]+")
EXIT_FAILED = 70


class Child:
    """One running engine. ``messages`` yields what it reports until its pipe ends; then ``wait`` tells how it ended."""

    def __init__(self, entry: str, job: Mapping[str, Any], work: Path, environ: Mapping[str, str]) -> None:
        if not ENTRY.fullmatch(entry):
            raise invalid("entry", limit="services.<domain>.engine.<module>:<function>", value=entry)
        work.mkdir(parents=True, exist_ok=True)
        reading, writing = os.pipe()
        with (work / "engine.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "libs.common.tasks.child", entry, str(work), str(writing)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(writing,),
                start_new_session=True,
                env={**os.environ, **environ},
            )
        os.close(writing)
        self._reports = os.fdopen(reading, "r", encoding="utf-8", errors="replace")
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(job, ensure_ascii=True).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it died at once; wait() tells

    def messages(self) -> Iterator[dict[str, Any]]:
        """{"progress": [done, total, text]} | {"metric": [step, {name: value}]} | {"done": result} | {"error": facts}."""
        for line in self._reports:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # a line cut short by a kill
            if isinstance(message, dict):
                yield message

    def kill(self) -> None:
        """Ends the whole process group at once."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def wait(self) -> int:
        """The exit status, after everything the child had left behind in its group is gone."""
        code = self.process.wait()
        self.kill()
        if self.process.stdin is not None:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        self._reports.close()
        return code


class PipeReporter:
    """The engine's ``Reporter`` on the child's side."""

    def __init__(self, handle: int) -> None:
        self._out = os.fdopen(handle, "w", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def send(self, **message: Any) -> None:
        with self._lock:
            self._out.write(json.dumps(message) + "\n")

    def progress(self, done: int, total: int, message: str = "") -> None:
        self.send(progress=[done, total, message])

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.send(metric=[step, dict(values)])


def _die_with_parent() -> None:
    while sys.stdin.buffer.raw.read(4096):  # type: ignore[attr-defined]
        pass
    os.killpg(0, signal.SIGKILL)


def main(entry: str, work: str, handle: str) -> int:
    from libs.common.tasks.lifecycle import error_facts

    report = PipeReporter(int(handle))
    job = json.loads(_first_line())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    module, _, function = entry.partition(":")
    try:
        result = getattr(importlib.import_module(module), function)(job, Path(work), report)
    except PlatformError as error:
        report.send(error={**error_facts(error), "retryable": error.retryable})
        return EXIT_FAILED
    except MemoryError:
        report.send(error={**error_facts(PlatformError(422, Reason.OUT_OF_MEMORY)), "retryable": False})
        return EXIT_FAILED
    except Exception as error:
        traceback.print_exc()
        report.send(error={**error_facts(PlatformError(500, Reason.INTERNAL, cause=f"{type(error).__name__}: {error}"[:300])), "retryable": True})
        return EXIT_FAILED
    report.send(done=result)
    return 0


def _first_line() -> bytes:
    """The job, read byte by byte so that nothing of stdin is buffered away from the watcher."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"\n", b""):
        line += byte
    return bytes(line)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
