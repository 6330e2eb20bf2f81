"""A child process that runs one engine entry point, so that its crash, its memory and its libraries are its own.

Parent and child speak JSON lines over a pipe of their own (stdout stays free for libraries, it goes to ``engine.log``). The child
leads a process group: killing it kills what it started, and so does its own end. It never outlives its parent: its stdin is a pipe
that ends with the parent, and then it kills its own group. Two engines never work in one folder at once: the second waits for the
lock of the first.
"""

from __future__ import annotations

import fcntl
import importlib
import io
import json
import math
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason, cause_of, disk_full, invalid

ENTRY = re.compile(r"services\.[a-z]+\.engine(\.[a-z_]+)*:[a-z_]+")
EXIT_FAILED = 70
_CHUNK = 1 << 16
_LINE_MAX = 1 << 24  # bytes of one message
_COUNT_MAX = (1 << 63) - 1
_SAID_BYTES = 4096  # of what a child printed last
_PRINTED_BYTES = 1 << 18  # of what it printed since somebody asked
_TOLD_SECONDS = 1.0  # between two metrics that a child notes in its log


class Child:
    """One running engine. ``messages`` yields what it reports until it is gone; then ``wait`` tells how it ended.

    ``entries``: the entry points that may run.
    """

    def __init__(
        self, entry: str, job: Mapping[str, Any], work: Path, environ: Mapping[str, str], entries: re.Pattern[str] = ENTRY
    ) -> None:
        if not entries.fullmatch(entry):
            raise invalid("entry", limit="services.<domain>.engine.<module>:<function>", value=entry)
        work.mkdir(parents=True, exist_ok=True)
        self._log = work / "engine.log"
        with self._log.open("ab") as log:
            self._log_start = self._printed = log.tell()
            self._reports, writing = os.pipe()
            try:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "libs.common.work.child", entry, str(work), str(writing)],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    pass_fds=(writing,),
                    start_new_session=True,
                    env={**os.environ, **environ},
                )
            except BaseException:
                os.close(self._reports)
                raise
            finally:
                os.close(writing)
        self._lock, self._reaped = threading.Lock(), False
        self._watcher = threading.Thread(target=self._end_group, name="child", daemon=True)
        self._watcher.start()
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(job, ensure_ascii=True).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it died at once; wait() tells

    def messages(self) -> Iterator[dict[str, Any]]:
        """{"progress": [done, total, text]} | {"metric": [step, {name: value}]} | {"done": result} | {"error": facts}.

        A line that is none of these is left out: cut short by a kill, or written by somebody else.
        """
        rest = b""
        while chunk := self._read():
            *lines, rest = (rest + chunk).split(b"\n")
            yield from filter(None, map(_message, lines))
            rest = rest if len(rest) <= _LINE_MAX else b""

    def _read(self) -> bytes:
        """The next bytes of the pipe; none at its end, or once the child is gone and only what escaped its group still holds the pipe."""
        poll = select.poll()
        poll.register(self._reports, select.POLLIN)
        while True:
            gone = not self._watcher.is_alive()
            if poll.poll(200):
                return os.read(self._reports, _CHUNK)
            if gone:
                return b""

    def said(self) -> str:
        """The end of what it printed, a few kilobytes; "" when that is nothing or gone."""
        try:
            with self._log.open("rb") as log:
                log.seek(max(self._log_start, log.seek(0, os.SEEK_END) - _SAID_BYTES))
                return log.read().decode(errors="replace").strip()
        except OSError:
            return ""

    def printed(self) -> bytes:
        """What it printed since this was last asked; of very much the end. Nothing where that is gone."""
        try:
            with self._log.open("rb") as log:
                log.seek(max(self._printed, log.seek(0, os.SEEK_END) - _PRINTED_BYTES))
                found = log.read()
                self._printed = log.tell()
                return found
        except OSError:
            return b""

    def kill(self) -> None:
        """Ends the whole process group at once."""
        with self._lock:
            if not self._reaped:  # afterwards its number may be somebody else's
                try:
                    os.killpg(self.process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def _end_group(self) -> None:
        """What a child leaves running would hold its memory and our pipe for ever: it goes when the child goes."""
        try:
            os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)  # not reaped yet, so that its number stays its own
        except ChildProcessError:
            return
        self.kill()

    def wait(self) -> int:
        """The exit status, after everything the child had left behind in its group is gone. Call once, after ``messages``."""
        self._watcher.join()
        with self._lock:
            code = self.process.wait()
            self._reaped = True
        if self.process.stdin is not None:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        os.close(self._reports)
        return code


def _message(line: bytes) -> dict[str, Any] | None:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        message = json.loads(line, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    match message:
        case {"progress": [int(done), int(total), str()]} if 0 <= done <= _COUNT_MAX and 0 <= total <= _COUNT_MAX:
            return {"progress": message["progress"]}
        case {"metric": [int(step), dict(values)]} if 0 <= step <= _COUNT_MAX and all(isinstance(v, (int, float)) for v in values.values()):
            return {"metric": message["metric"]}
        case {"done": dict(result)}:
            return {"done": result}
        case {"error": {"code": int(), "reason": str(), "retryable": bool()}}:
            return {"error": message["error"]}
    return None


def raised(facts: Mapping[str, Any]) -> PlatformError:
    """The error a child reported, to be raised here."""
    details = facts.get("details", {})
    return PlatformError(facts["code"], Reason[facts["reason"]], field=facts.get("field"), limit=facts.get("limit"), **details)


class PipeReporter:
    """The engine's ``Reporter`` on the child's side. Each new stage, and the metrics of now and then, are lines of the log too."""

    def __init__(self, handle: int) -> None:
        os.set_inheritable(handle, False)
        self._out = os.fdopen(handle, "w", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()
        self._stage, self._noted = "", -math.inf

    def send(self, **message: Any) -> None:
        with self._lock:
            self._out.write(json.dumps(message, allow_nan=False) + "\n")

    def progress(self, done: int, total: int, message: str = "") -> None:
        self.send(progress=[done, total, message])
        if message != self._stage:
            self._stage = message
            note(f"{message} {done}/{total}" if total else message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        """A value that is not finite has no place in JSON and is left out."""
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        self.send(metric=[step, finite])
        if time.monotonic() - self._noted >= _TOLD_SECONDS:
            self._noted = time.monotonic()
            note(f"step {step}  " + "  ".join(f"{name}={value:.6g}" for name, value in finite.items()))


def note(line: str) -> None:
    """A line of an engine's log, with its time."""
    sys.stdout.write(stamped(line, time.time()) + "\n")


def stamped(line: str, seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%SZ ", time.gmtime(seconds)) + line


def _die_with_parent() -> None:
    while os.read(0, _CHUNK):
        pass
    os.killpg(0, signal.SIGKILL)


def _work_alone(work: Path) -> int:
    """Waits until no other engine works in the folder: one of a worker that froze, lost its lease and has not noticed. Returns the lock."""
    handle = os.open(work / "engine.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def main(entry: str, work: str, handle: str) -> int:
    from libs.common.words.messages import error_facts

    for out in (sys.stdout, sys.stderr):  # what is printed is read while the engine runs
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    report = PipeReporter(int(handle))
    job = json.loads(_first_line())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _work_alone(Path(work))  # until this process ends
    module, _, function = entry.partition(":")
    try:
        result = getattr(importlib.import_module(module), function)(job, Path(work), report)
        if not isinstance(result, dict):
            raise TypeError(f"{entry} answered {type(result).__name__}, not dict")
        report.send(done=result)
    except PlatformError as error:
        report.send(error={**error_facts(error), "retryable": error.retryable})
        return EXIT_FAILED
    except MemoryError:
        report.send(error={**error_facts(PlatformError(422, Reason.OUT_OF_MEMORY)), "retryable": False})
        return EXIT_FAILED
    except Exception as error:
        failure = disk_full(error, "work")
        if failure is None:
            traceback.print_exc()
            failure = PlatformError(500, Reason.INTERNAL, cause=cause_of(error))
        report.send(error={**error_facts(failure), "retryable": True})
        return EXIT_FAILED
    return 0


def _first_line() -> bytes:
    """The job. Nothing follows it but the end of the pipe, so whole chunks are read."""
    line = b""
    while not line.endswith(b"\n") and (chunk := os.read(0, _CHUNK)):
        line += chunk
    return line


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
