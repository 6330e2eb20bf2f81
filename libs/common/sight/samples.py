"""What a scrape shows of a process and of the artifacts: loops, bytes. ``Metrics`` says when it is read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from libs.common.sight.health import Health
from libs.common.sight.metrics import Metrics

WALK_SECONDS = 60.0  # between two walks through all artifacts


def watch_process(metrics: Metrics, health: Health) -> None:
    """The loops of a process."""
    metrics.live(lambda: [("modelyard_pulse_silent_seconds", (name,), pulse.silent) for name, pulse in health.pulses.items()])


def watch_artifacts(metrics: Metrics, root: Path, whole: bool) -> None:
    """Room for artifacts; with ``whole`` also their bytes, which one process of the platform tells for all."""
    metrics.live(lambda: [("modelyard_artifact_disk_free_bytes", (), shutil.disk_usage(root).free)])
    if whole:
        metrics.sample(lambda: [("modelyard_artifact_bytes", (), _bytes_below(root))], WALK_SECONDS)


def _bytes_below(root: Path) -> int:
    total = 0
    for folder, _, files in os.walk(root):
        for file in files:
            try:
                total += os.stat(os.path.join(folder, file), follow_symlinks=False).st_size
            except FileNotFoundError:  # moved on meanwhile
                continue
    return total
