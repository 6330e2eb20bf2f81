"""Sends a file to the platform in parts: what was cut goes on where it stopped, also in another run of the program."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from libs.client.failure import ApiError, Json

if TYPE_CHECKING:
    from libs.client.groups.dataset import DatasetCalls

Told = Callable[[int, int], None]
"""Called with the bytes that have arrived and those of the whole file."""

CHUNK = 1 << 20
PAUSE_SECONDS = 0.3  # before a failed part is tried again
LOOKED_AT = 100  # own uploads among which an unfinished one is looked for


def upload(calls: DatasetCalls, path: Path, name: str, told: Told, patience: float) -> Json:
    """The finished upload. patience: seconds without a byte arriving after which it gives up. Raises ApiError, OSError."""
    size, digest = path.stat().st_size, _sha256(path)
    found = _unfinished(calls, name, size, digest) or calls.create_upload(name, size, sha256=digest)
    with path.open("rb") as file:
        moved = time.monotonic()
        while True:
            before = int(found["received"])
            told(before, size)
            try:
                if before == size:
                    return calls.finish_upload(found["id"])
                file.seek(before)
                found = calls.write_upload(found["id"], before, file.read(int(found["part_bytes"])))
                if int(found["received"]) <= before:
                    raise ApiError(
                        {"code": 500, "reason": "UPLOAD_INCOMPLETE", "message": f"{name}: the platform took no byte of the last part."}
                    )
                moved = time.monotonic()
            except ApiError as error:
                if not _passing(error) or time.monotonic() - moved > patience:
                    raise
                time.sleep(PAUSE_SECONDS)
                found = _asked(calls, found)


def _passing(error: ApiError) -> bool:
    """Whether it may go on: a restart, a busy moment, or a part that arrived though its answer did not."""
    return error.retryable or error.reason == "UPLOAD_INCOMPLETE"


def _asked(calls: DatasetCalls, known: Json) -> Json:
    """How far it is; what was known where nothing answers."""
    try:
        return calls.get_upload(known["id"])
    except ApiError as error:
        if not error.retryable:
            raise
        return known


def _unfinished(calls: DatasetCalls, name: str, size: int, digest: str) -> Json | None:
    same = {"name": name, "bytes": str(size), "sha256": digest, "status": "RECEIVING"}
    mine = calls.list_uploads(limit=LOOKED_AT)
    return next((each for each, _ in zip(mine, range(LOOKED_AT), strict=False) if same.items() <= each.items()), None)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
