"""Weights in the safetensors format, read and written without torch: a header that says where each tensor lies, then the tensors.

Decides what a sound file is: the header is JSON of a bounded size, every tensor has a known type and as many bytes as its shape says, and
they fill the file one behind the other. So nothing is read, and no memory asked for, on the word of a stranger.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1}
_MOST_HEADER = 100_000_000
_HEAD = struct.Struct("<Q")
_CHUNK = 1 << 22
_METADATA = "__metadata__"
_PICKLED = (b"PK", *(b"\x80" + bytes([protocol]) for protocol in range(2, 6)))  # and torch's zip of pickles


class NotSafetensors(ValueError):
    """Why a file is none, for people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor. start, end: of its bytes in the file; 0 and 0 of one that is yet to be written."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int = 0
    end: int = 0

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * SIZES[self.dtype]


def read_header(file: BinaryIO, size: int) -> tuple[dict[str, Entry], dict[str, str]]:
    """(tensors by name in the order they lie, metadata) of an open file of ``size`` bytes. Raises NotSafetensors."""
    file.seek(0)
    head = file.read(_HEAD.size)
    length = _HEAD.unpack(head)[0] if len(head) == _HEAD.size else size
    sound = 2 <= length <= min(_MOST_HEADER, size - _HEAD.size)
    if not sound and head.startswith(_PICKLED):  # a length may begin with the same bytes
        raise NotSafetensors("it is pickled, which runs code when it is read: save the weights as safetensors")
    if not sound:
        raise NotSafetensors("it does not begin with a header of this format, or ends within it")
    header = _parsed(file.read(length))
    metadata = header.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise NotSafetensors("its metadata is not texts by name")
    entries = sorted((_entry(name, said, _HEAD.size + length) for name, said in header.items()), key=lambda entry: (entry.start, entry.end))
    at = _HEAD.size + length
    for entry in entries:
        if entry.start != at or entry.end - entry.start != entry.bytes:
            raise NotSafetensors(f"tensor {entry.name[:100]} does not lie where its shape says")
        at = entry.end
    if at != size:
        raise NotSafetensors(f"it has {size} bytes, its tensors end at {at}: it is cut short or damaged")
    return {entry.name: entry for entry in entries}, metadata


def chunks(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The bytes of one tensor, in pieces of whole numbers. Raises NotSafetensors where the file ends before."""
    file.seek(entry.start)
    left = entry.end - entry.start
    while left:
        piece = file.read(min(left, _CHUNK))
        if not piece or len(piece) % SIZES[entry.dtype]:
            raise NotSafetensors(f"it ends within tensor {entry.name[:100]}")
        left -= len(piece)
        yield piece


def write(file: BinaryIO, entries: Iterable[Entry], data: Callable[[str], Iterable[bytes]], metadata: Mapping[str, str]) -> None:
    """A whole file. data: the bytes of a tensor by its name. The same tensors and metadata give the same bytes: wide numbers first, so
    that each lies where its size divides the place, then by name."""
    ordered = sorted(entries, key=lambda entry: (-SIZES[entry.dtype], entry.name))
    header: dict[str, Any] = {_METADATA: dict(sorted(metadata.items()))}
    at = 0
    for entry in ordered:
        header[entry.name] = {"dtype": entry.dtype, "shape": list(entry.shape), "data_offsets": [at, at + entry.bytes]}
        at += entry.bytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(_HEAD.pack(len(text)) + text)
    for entry in ordered:
        for piece in data(entry.name):
            file.write(piece)


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise NotSafetensors("its header is not JSON") from None
    if not isinstance(found, dict):
        raise NotSafetensors("its header is not an object")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    return found


def _entry(name: str, said: Any, base: int) -> Entry:
    try:
        dtype, shape, (start, end) = said["dtype"], said["shape"], said["data_offsets"]
        whole = all(type(number) is int and 0 <= number < 1 << 60 for number in (*shape, start, end))
        if dtype not in SIZES or not whole or len(shape) > 8:
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise NotSafetensors(f"its header does not describe tensor {name[:100]}") from None
    return Entry(name, dtype, tuple(shape), base + start, base + end)
