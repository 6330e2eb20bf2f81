"""An upload: a file on its way to where its space imports from, declared first and checked at the end.

Its name is a label for people. Where its bytes lie follows from what they are, so that no name can lead anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from idl.enums import UploadStatus as UploadStatus
from libs.common.errors import invalid
from libs.common.machine import Machine

_S = UploadStatus
MACHINE = Machine(
    "upload",
    UploadStatus,
    [
        (_S.RECEIVING, "FINISH", _S.COMPLETE),
        (_S.RECEIVING, "REFUSE", _S.REFUSED),  # not what was declared
        *[(state, "DISCARD", _S.DISCARDED) for state in (_S.RECEIVING, _S.COMPLETE)],
        *[(state, "EXPIRE", _S.EXPIRED) for state in (_S.RECEIVING, _S.COMPLETE)],
    ],
)
LIVING = (UploadStatus.RECEIVING, UploadStatus.COMPLETE)
PER_PERSON, PER_SPACE = 8, 32  # unfinished at once
PART_BYTES = 4 << 20  # as the contract says of WriteUploadReq.data
ROOM = ".uploads"  # hidden: whoever imports a whole folder does not mean it
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Upload:
    """bytes: as declared. sha256: as declared, else "" until it is found. received: how far it is, known to the disk alone. path: what a
    file import calls it, "" until it is complete. expire_time: when it is swept, milliseconds."""

    id: int
    project_space_id: int
    user_id: int
    name: str
    bytes: int
    sha256: str = ""
    status: UploadStatus = UploadStatus.RECEIVING
    received: int = 0
    path: str = ""
    expire_time: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0

    @property
    def part_bytes(self) -> int:
        return PART_BYTES


def checked_hash(text: str) -> str:
    """Raises INVALID_ARGUMENT for what is no SHA-256."""
    if text and not _HASH.fullmatch(text.lower()):
        raise invalid("sha256", limit="64 hexadecimal digits")
    return text.lower()


def path_of(sha256: str, extension: str) -> str:
    """What a file import calls a finished upload. extension: of a format that can be imported, or ""."""
    return f"{ROOM}/{sha256}" + (f".{extension}" if extension else "")
