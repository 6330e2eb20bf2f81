"""Imports what lies at http(s) addresses: fetched first, archives unpacked, then read by the import of files or of media as it is.

What was fetched is written down with the version: address, length, time, SHA-256, and the marks the other side gave. Who imports again says
with ``sha256`` what it was, and a source that changed is refused before a record of it is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from libs.common.outside import Outside
from libs.common.work.engine import Reporter
from services.dataset.engine import importing, media_importing, unpacking
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.links import Bounds, Fetched, fetch
from services.dataset.engine.unpacking import Room

SECONDS = 6 * 3600.0  # for one file
UNPACKED = 64 << 30  # bytes of one archive
_SIGNS = re.compile(r"[^\w.+-]+", re.ASCII)


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``links`` ([{"url", "sha256"}, …]), ``media`` (read by the import of media), ``options`` of that import, ``outside``
    (the guard).

    Returns what the import returns, and ``links``: what was fetched. Raises what the import raises, ADDRESS_REFUSED, CHECKSUM_MISMATCH,
    INVALID_PATH, UNAVAILABLE.
    """
    refuse_unknown(job, ("links", "media", "options", "outside"))
    engine = media_importing if job_field(job, "media", bool) else importing
    links, options, guard = job_field(job, "links", list), job_field(job, "options", dict), Outside(**job_field(job, "outside", dict))
    sources, there = work / "sources", work / "fetched"
    fetched = []
    for place, link in enumerate(links):
        each = _fetched(link, there / f"{place:03d}", guard, options, report, f"links[{place}].url")
        _placed(there / f"{place:03d}", each, sources / f"{place:03d}", options, media=engine is media_importing)
        fetched.append(each)
    paths = [f"{place:03d}" for place in range(len(links))]
    result = engine.run({"root": str(sources), "paths": paths, "options": options}, work, report)
    return {**result, "links": [each.to_json() for each in fetched]}


def _fetched(link: Mapping[str, Any], folder: Path, guard: Outside, options: Mapping[str, Any], report: Reporter, field: str) -> Fetched:
    """Raises CHECKSUM_MISMATCH for a source that is not what it was."""
    url = link["url"]
    made = fetch(url, folder / name_of(url), guard, Bounds(options["max_file_bytes"], SECONDS), report, field)
    if link.get("sha256") and link["sha256"] != made.sha256:
        limit = f"the file that was meant ({link['sha256']})"
        raise PlatformError(422, Reason.CHECKSUM_MISMATCH, field=field, limit=limit, file=url, found=made.sha256)
    return made


def _placed(folder: Path, fetched: Fetched, target: Path, options: Mapping[str, Any], media: bool) -> None:
    """What is imported of a link: a folder with its file, or with what its archive holds; the import of media reads a zip as it is."""
    if target.exists():
        return
    file, beside = folder / name_of(fetched.url), folder / ".ready"
    kind = unpacking.kind_of(file)
    durable.remove(beside)
    beside.mkdir()
    if kind and not (media and kind == "zip"):
        unpacking.unpack(file, beside, Room(options["max_files"], options["max_file_bytes"], UNPACKED), kind)
    else:
        os.link(file, beside / file.name)
    durable.sync_tree(beside)
    target.parent.mkdir(exist_ok=True)
    beside.rename(target)


def name_of(url: str) -> str:
    """What a file is called below the root: the last part of the path, in plain signs."""
    last = PurePosixPath(unquote(urlsplit(url).path)).name
    return _SIGNS.sub("_", last).strip(".")[-100:] or "file"
