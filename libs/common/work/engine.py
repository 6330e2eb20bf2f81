"""The one shape of heavy work: what a worker gives an engine and what it gets back.

An engine entry point is ``run(job, work, report) -> result``:

- ``job``: JSON values only (the frozen snapshot plus local input paths the worker resolved).
- ``work``: a folder that belongs to the task and survives a crash; the next attempt gets the same folder. Checkpoints live
  here; finished outputs are written under ``work / "out"`` (the worker publishes them).
- ``report``: a ``Reporter``.
- result: JSON values.

Engines know no database, no Thrift and no task states. Bad input is raised as ``libs.common.errors.PlatformError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Reporter(Protocol):
    """How running work tells how far it is. Cheap to call: the receiver throttles."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """``done`` of ``total`` units are finished; ``message`` is a short stage name."""

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        """Live metrics of one step. Idempotent by (step, name): reporting a step again after a resume changes nothing."""


class SilentReporter:
    """Keeps what was reported; for tests and for running an engine by hand."""

    def __init__(self) -> None:
        self.progressed: list[tuple[int, int, str]] = []
        self.metrics: dict[int, dict[str, Any]] = {}

    def progress(self, done: int, total: int, message: str = "") -> None:
        self.progressed.append((done, total, message))

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.metrics.setdefault(step, {}).update(values)
