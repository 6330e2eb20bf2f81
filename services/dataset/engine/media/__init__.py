"""The media that can be imported, one file each: what its bytes must be to be taken, and the facts that the manifest says of them.

Bytes of strangers: what a file is, its bytes say and not its name; each is decoded to its end before it is taken, within bounds that its
header is held to before anything is unpacked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from libs.data.registry import Kind, kinds_in
from services.dataset.engine.rows import Fault


@dataclass(frozen=True, slots=True)
class Bounds:
    """pixels: of one image. seconds: of one recording."""

    pixels: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Medium:
    """What a file turned out to be. facts: numbers for the manifest."""

    media_type: str
    facts: dict[str, int | float]


@dataclass(frozen=True, kw_only=True)
class MediaFormat(Kind):
    """signs: what its files begin with, at which byte. read: the whole file, from its beginning; a fault where it is not to be taken.
    field: of a record that names such a blob."""

    extensions: tuple[str, ...]
    signs: tuple[tuple[int, bytes], ...]
    read: Callable[[BinaryIO, Bounds], Medium | Fault]
    field: str


MEDIA: dict[str, MediaFormat] = kinds_in(__name__, MediaFormat)
EXTENSIONS = {extension for format in MEDIA.values() for extension in format.extensions}


def medium_of(head: bytes) -> MediaFormat | None:
    """What a file is by its first bytes."""
    return next((each for each in MEDIA.values() if any(head[at : at + len(sign)] == sign for at, sign in each.signs)), None)
