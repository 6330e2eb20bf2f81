"""Packing as a child process: the exported model is parsed on the way, and neither its size nor its damage may reach the worker."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from libs.common.work.engine import Reporter
from services.deploy.domain.instance import BUNDLE
from services.deploy.engine import bundle


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """Engine entry. job: ``onnx_path`` (folder of the exported model), ``serving`` (options). Writes ``work/out/bundle``.

    Returns: ``{"digest"}``. Raises as ``bundle.pack``.
    """
    report.progress(0, 1, "pack")
    shutil.rmtree(work / "out", ignore_errors=True)
    (work / "out").mkdir(parents=True)
    digest = bundle.pack(Path(job["onnx_path"]), work / "out" / BUNDLE, job["serving"])
    report.progress(1, 1, "done")
    return {"digest": digest}
