"""jsonl: one record per line in its canonical form, id and source included. It holds all that a record says."""

from __future__ import annotations

from typing import BinaryIO

from libs.data.records import line_as_is
from services.dataset.engine.exports import ExportFormat, Version, Written


def write(version: Version, out: BinaryIO) -> Written:
    count = 0
    for record in version.records():
        out.write(line_as_is(record))
        count += 1
    return Written(count, count)


KIND = ExportFormat(name="jsonl", extension="jsonl", media_type="application/x-ndjson", write=write, place=1)
