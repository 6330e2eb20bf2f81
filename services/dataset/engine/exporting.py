"""Makes one file of a version, for other tools. An entry point of its own process: what it takes of memory is that process's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import Reporter
from services.dataset.engine.exports import FORMATS, Version
from services.dataset.engine.job import job_field, refuse_unknown

FILE = "export"


def run(job: Mapping[str, Any], work: Path, _report: Reporter) -> dict[str, Any]:
    """job: ``input`` (folder of a version), ``format`` (one of FORMATS), ``spreadsheet``. The file is ``work / FILE``.

    Returns bytes, sha256, records, columns, escaped, same. Raises CHECKSUM_MISMATCH, MISSING_EXTRA.
    """
    refuse_unknown(job, ("input", "format", "spreadsheet"))
    format = FORMATS[job_field(job, "format", str)]
    version = Version(Path(job_field(job, "input", str)), job_field(job, "spreadsheet", bool))
    path = work / FILE
    try:
        with path.open("wb") as out:
            written = format.write(version, out)
    except ImportError as error:
        raise PlatformError(
            422, Reason.MISSING_EXTRA, field="format", limit="modelyard[data]", extra="data", cause=str(error.name)
        ) from None
    facts = {"records": written.records, "same": written.same, "columns": list(written.columns), "escaped": written.escaped}
    with path.open("rb") as made:
        return {**facts, "bytes": path.stat().st_size, "sha256": hashlib.file_digest(made, "sha256").hexdigest()}
