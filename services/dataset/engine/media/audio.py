"""audio: WAV and FLAC."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from libs.common.errors import Reason
from services.dataset.engine.media import Bounds, MediaFormat, Medium
from services.dataset.engine.rows import Fault

TYPES = {"WAV": "audio/wav", "WAVEX": "audio/wav", "FLAC": "audio/flac"}
BLOCK = 1 << 16  # frames that are decoded at once
CHANNELS = 32


def read(handle: BinaryIO, bounds: Bounds) -> Medium | Fault:
    import soundfile

    if _cut(handle):
        return Fault(Reason.FILE_TRUNCATED, "a complete recording", "it ends before it says")
    try:
        with soundfile.SoundFile(handle) as sound:
            if sound.format not in TYPES:
                return Fault(Reason.FORMAT_UNKNOWN, ", ".join(("WAV", "FLAC")), str(sound.format))
            if sound.channels > CHANNELS or sound.frames > bounds.seconds * sound.samplerate:
                return Fault(Reason.FILE_TOO_LARGE, f"at most {bounds.seconds} seconds and {CHANNELS} channels", f"{sound.frames} frames")
            found = sum(len(block) for block in sound.blocks(BLOCK, dtype="int16"))
            if found != sound.frames or not found:
                return Fault(Reason.FILE_TRUNCATED, "a complete recording", f"{found} of {sound.frames} frames")
            facts = {"seconds": round(found / sound.samplerate, 6), "rate": sound.samplerate, "channels": sound.channels}
            return Medium(TYPES[sound.format], facts)
    except (soundfile.LibsndfileError, OSError, ValueError, MemoryError) as error:
        return Fault(Reason.FILE_TRUNCATED, "a complete recording", f"it cannot be decoded ({type(error).__name__})")


def _cut(handle: BinaryIO) -> bool:
    """Whether a WAV file is shorter than it says; the library reads what is there and says nothing."""
    head = handle.read(8)
    size = handle.seek(0, os.SEEK_END)
    handle.seek(0)
    if len(head) < 8 or head[:4] != b"RIFF":
        return False
    said: int = struct.unpack("<I", head[4:])[0]
    return said not in (0, 0xFFFFFFFF) and said + 8 > size + 1  # some writers count the padding of the last chunk


KIND = MediaFormat(
    name="audio",
    extensions=("wav", "flac"),
    signs=((8, b"WAVE"), (0, b"fLaC")),
    read=read,
    field="audio",
    needs=("data",),
    place=2,
)
