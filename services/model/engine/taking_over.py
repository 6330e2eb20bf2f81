"""A checkpoint of others becomes an artifact of ours, in a process of its own: neither its size nor its damage reaches the service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from libs.common.work.engine import Reporter
from libs.models.causal_lm import foreign


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """Engine entry. job: ``root`` (the space's import folder), ``folder`` below it, or ``files`` ({name: path below it}). Writes
    ``work/out``.

    Returns and raises what ``foreign.take_over`` does.
    """
    shown = -1

    def tick(done: int, total: int) -> None:
        nonlocal shown
        if (percent := 100 * done // max(1, total)) != shown:
            shown = percent
            report.progress(percent, 100, "check and copy")

    source = foreign.Source.of(Path(job["root"]), job["folder"], job["files"])
    return foreign.take_over(source, work / "out", tick)
