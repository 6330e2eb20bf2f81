"""The formats in which regions of pictures come, one file each: which of the files say them, and what they say of which picture.

Pictures are found by the names that such files use: the longest end of a picture's path that is known. A name that fits two pictures, or
none, is said and never guessed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from libs.common.errors import Reason
from libs.data.registry import Kind, kinds_in
from services.dataset.engine.rows import Fault

Region = dict[str, Any]
Size = tuple[int, int]  # width, height
Said = Mapping[str, bytes]  # file -> what it holds


class Known(ABC):
    """What the files of one import say."""

    names: Iterable[str]  # of pictures, as the files call them

    def unmet(self, met: set[str]) -> list[str]:
        """What is said of pictures that are not there."""
        return sorted(set(self.names) - met)

    @abstractmethod
    def regions(self, name: str, size: Size) -> list[Region] | Fault:
        """Of the picture ``name``; a fault where what is said of it is no regions."""


@dataclass(frozen=True, kw_only=True)
class RegionFormat(Kind):
    """extensions: of files that say regions. read: all of them; raises PlatformError naming the file for one that makes no sense."""

    extensions: tuple[str, ...]
    read: Callable[[Said], Known]


class Matched:
    """Which picture is meant by which name."""

    def __init__(self, known: Known, pictures: Iterable[str]) -> None:
        self._known, names = known, set(known.names)
        self._by: dict[str, str] = {}
        self._twice: set[str] = set()
        for picture in pictures:
            name = next((end for end in _ends(picture) if end in names), None)
            if name is not None:
                self._twice |= {name} if name in self._by.values() else set()
                self._by[picture] = name
        self.lacking = known.unmet(set(self._by.values()))

    def regions(self, picture: str, size: Size) -> list[Region] | Fault | None:
        """None where nothing is said of it."""
        name = self._by.get(picture)
        if name is None:
            return None
        return _ambiguous(name) if name in self._twice else self._known.regions(name, size)


def _ends(path: str) -> Iterable[str]:
    parts = PurePosixPath(path).parts
    return ("/".join(parts[start:]) for start in range(len(parts)))


def _ambiguous(name: str) -> Fault:
    return Fault(Reason.ROW_INVALID, "a name that one picture has", f"two pictures are called {name[:100]}")


FORMATS: dict[str, RegionFormat] = kinds_in(__name__, RegionFormat)
