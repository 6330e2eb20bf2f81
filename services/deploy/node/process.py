"""One serving process: how it is started, when it is ready, how it ended. It ends with us: it watches the pipe it has as stdin."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.deploy.domain.instance import Instance

MODULE = "services.deploy.engine.serving"
EXIT_BUNDLE, EXIT_PORT = 3, 4
KEY = "MODELYARD_SERVING_KEY"
_LOG_BYTES = 1 << 20
_KEPT_BYTES = 16 << 20
_LINE_BYTES = 1 << 16


def command(instance: Instance, bundle: Path, host: str, port: int, drain_seconds: float) -> list[str]:
    return [
        *(sys.executable, "-m", MODULE),
        *("--bundle", str(bundle)),
        *("--expect-digest", instance.digest),
        *("--host", host),
        *("--port", str(port)),
        *("--model", instance.model_name),
        *("--model-version", str(instance.model_version_number)),
        *("--threads", str(instance.threads)),
        *("--drain-s", str(drain_seconds)),
    ]


class ServingProcess:
    """log: its stderr is added there."""

    def __init__(self, words: list[str], log: Path, environ: Mapping[str, str]) -> None:
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as stderr:
            # A session of its own: what stops us by the terminal reaches us only, and we stop it in order.
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                env={**os.environ, **environ},
            )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._line = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    def announced(self) -> dict[str, Any] | None:
        """{"port", "pid", "digest"} once it is ready. Raises ValueError for anything else it may have printed."""
        assert self._process.stdout is not None
        if b"\n" not in self._line and len(self._line) < _LINE_BYTES:
            try:
                self._line += os.read(self._process.stdout.fileno(), _LINE_BYTES)
            except BlockingIOError:
                pass
        line, end, _ = self._line.partition(b"\n")
        if not end:
            return None
        said = json.loads(line)
        if not isinstance(said, dict) or not isinstance(said.get("port"), int):
            raise ValueError("no ready line")
        return said

    def exited(self) -> int | None:
        return self._process.poll()

    def terminate(self) -> None:
        """Asks it to drain and end."""
        if self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """After it has ended."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass

    def last_words(self) -> str:
        """The end of what it wrote to its log."""
        try:
            with self._log.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
                lines = log.read().decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1][:300] if lines else ""


def keep_log(log: Path, into: Path) -> None:
    """Adds the log of a process that has ended to those of all the others: a request id is looked for later than that."""
    try:
        if into.exists() and into.stat().st_size > _KEPT_BYTES:
            into.replace(into.with_suffix(".log.1"))
        with log.open("rb") as ended, into.open("ab") as kept:
            shutil.copyfileobj(ended, kept)
        log.unlink()
    except OSError:  # it never wrote, or the disk is full: the log stays where it is
        return
