"""Where the engine of a piece of work runs: a port. The local binding is a child process of the worker (``child.py``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from libs.common.work.child import ENTRY, Child


class Running(Protocol):
    """One engine at work. ``messages`` until it is gone; then ``wait`` tells how it ended."""

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it reports, as ``Child.messages``."""

    def kill(self) -> None:
        """Ends it and all it started, at once. From any thread; what has ended is left alone."""

    def wait(self) -> int:
        """The exit status, once nothing of it is left. Called once, after ``messages``."""

    def said(self) -> str:
        """The end of what it printed."""

    def printed(self) -> bytes:
        """What it printed since this was last asked; of very much the end."""


class Executor(Protocol):
    def start(self, entry: str, job: Mapping[str, Any], work: Path, environ: Mapping[str, str]) -> Running:
        """Runs ``entry(job, work, report)``. What is started must end with this process, whatever way that ends."""


class LocalExecutor:
    """Child processes of this one. ``entries``: the entry points that may run."""

    def __init__(self, entries: re.Pattern[str] = ENTRY) -> None:
        self._entries = entries

    def start(self, entry: str, job: Mapping[str, Any], work: Path, environ: Mapping[str, str]) -> Running:
        return Child(entry, job, work, environ, self._entries)
