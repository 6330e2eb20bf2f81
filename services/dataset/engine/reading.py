"""Reads pages of what is stored: records of a version, and what a task left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason, not_found
from libs.common.store.storage import sha256_of
from libs.data.blobs import Blob, check_blobs
from libs.data.kinds import classification, term
from libs.data.records import Record, canonical, content_of, is_pair
from libs.data.versions import read_manifest, read_part, read_records

LOOKED_BYTES = 32 << 20  # of records that one page of a search looks through
PAGE_BYTES = 4 << 20  # of one answer: whatever the records hold, the message stays below the frame limit


def records(folder: Path, start: int, limit: int) -> tuple[list[Record], int | None]:
    """Up to ``limit`` records from position ``start`` on, and where the next page starts (None: at the end). Raises CHECKSUM_MISMATCH."""
    return _page(_sound(folder, start), start, limit)


def matching(folder: Path, start: int, limit: int, text: str, field: str) -> tuple[list[Record], int | None]:
    """The same for records that hold a text, in one field or in any, whatever its case; at most LOOKED_BYTES are looked through."""
    found: list[Record] = []
    wanted, looked, shown, after = text.casefold(), 0, 0, start
    for record in _sound(folder, start):
        line = canonical(content_of(record))
        if (found and (len(found) == limit or shown > PAGE_BYTES)) or looked > LOOKED_BYTES:
            return found, after
        looked, after = looked + len(line), after + 1
        if wanted in _said(record, field, line).casefold():
            found.append(record)
            shown += len(line)
    return found, None


def _said(record: Record, field: str, line: str) -> str:
    value = record.get(field, "") if field else line
    return value if isinstance(value, str) else canonical({"": value})


def blob_piece(folder: Path, digest: str, offset: int, most: int) -> tuple[Blob, bytes]:
    """What the manifest says of a blob, and its bytes from ``offset`` on. Raises NOT_FOUND for one that the version has not, and
    CHECKSUM_MISMATCH at its beginning where it is damaged."""
    blob = next((each for each in read_manifest(folder).blobs if each.digest == digest), None)
    if blob is None:
        raise not_found("blob", digest[:80])
    if offset == 0:
        check_blobs(folder, (blob,))
    with (folder / blob.name).open("rb") as handle:
        handle.seek(offset)
        return blob, handle.read(most)


def dropped(folder: Path, start: int, limit: int, rule: str | None) -> tuple[list[dict[str, Any]], int | None]:
    """The same for left-out records, of one rule or of all; positions count all of them."""
    found: list[dict[str, Any]] = []
    for position, line in enumerate(_dropped(folder)):
        if position < start or (rule is not None and line["rule"] != rule):
            continue
        if len(found) == limit:
            return found, position
        found.append(line)
    return found, None


def kind_of(folder: Path) -> str:
    """Of the first record: "image" and "audio" name a blob, "question_answer" asks and answers, "preference_pair" has two answers,
    "lexicon" is of terms, "classification" has a text and its label; else "documents"."""
    first = next(iter(read_records(folder)), {})
    if (medium := next((name for name in ("image", "audio") if isinstance(first.get(name), dict)), "")) and "text" not in first:
        return medium
    asks = "instruction" in first and "output" in first
    if asks:
        return "question_answer"
    if is_pair(first):
        return "preference_pair"
    return next((kind.name for kind in (term.KIND, classification.KIND) if kind.claims(first)), "documents")


def _sound(folder: Path, start: int) -> Iterator[Record]:
    """Records from ``start`` on. A part is checked before its first record is given out, as a page seldom reads it to its end."""
    for file in read_manifest(folder).files:
        if start >= file.records:
            start -= file.records
            continue
        path = folder / file.name
        if path.is_file() and sha256_of(path) != file.sha256:
            raise PlatformError(422, Reason.CHECKSUM_MISMATCH, field="input", limit="the bytes that were published", file=file.name)
        yield from islice(read_part(folder, file), start, None)
        start = 0


def _page(stream: Iterator[Record], start: int, limit: int) -> tuple[list[Record], int | None]:
    found: list[Record] = []
    size = 0
    for record in islice(stream, limit + 1):
        size += len(json.dumps(record))
        if found and (len(found) == limit or size > PAGE_BYTES):
            return found, start + len(found)
        found.append(record)
    return found, None


def _dropped(folder: Path) -> Iterator[dict[str, Any]]:
    for part in sorted(folder.glob("part-*.jsonl")):
        with part.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
