"""files: a zip of the pictures and recordings that records name, in folders called by their labels, every byte as it came."""

from __future__ import annotations

from typing import BinaryIO

from services.dataset.engine.exports import ExportFormat, Version, Written
from services.dataset.engine.exports._zipped import Zip, comes_back, held


def write(version: Version, out: BinaryIO) -> Written:
    count = same = 0
    with Zip(version, out) as archive:
        for each in held(version):
            archive.blob(each.name, each.blob)
            count += 1
            same += comes_back(each)
    return Written(count, same)


KIND = ExportFormat(name="files", extension="zip", media_type="application/zip", write=write, place=4)
