"""Conversion of a version by one of the registered ``converters``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from libs.common.errors import Reason, invalid
from libs.common.work.engine import Reporter
from services.dataset.engine.converters import CONVERTERS, Converter
from services.dataset.engine.job import job_field, refuse_unknown


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``input`` (folder of a version), ``converter`` (one of CONVERTERS), ``options`` (of its own class).

    Returns what the converter does: records, bytes, content_hash, ledger, and perhaps more. Raises INVALID_ARGUMENT and what it raises.
    """
    refuse_unknown(job, ("input", "converter", "options"))
    folder, converter = Path(job_field(job, "input", str)), named(job_field(job, "converter", str))
    return converter.run(folder, converter.read(job.get("options")), work, report)


def named(name: Any) -> Converter:
    """Raises PlatformError 400 for a converter that is not known."""
    if not isinstance(name, str) or name not in CONVERTERS:
        raise invalid("converter", Reason.UNKNOWN_ENUM, "one of " + ", ".join(CONVERTERS))
    return CONVERTERS[name]
