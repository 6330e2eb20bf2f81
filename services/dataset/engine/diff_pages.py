"""Pages of what ``version_diff`` found: the records themselves, before and after, with the fields that differ."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from libs.data.records import Record, content_of
from libs.data.versions import read_manifest
from services.dataset.engine.reading import PAGE_BYTES
from services.dataset.engine.sampling import cut, differing
from services.dataset.engine.version_diff import FOUND

KINDS = ("changed", "removed", "added")  # in the order of a page


@dataclass(frozen=True, slots=True)
class Difference:
    """change: one of KINDS. before, after: the record's content, cut as it is shown, None where there is none. fields: (name, before,
    after) of those that differ, from shortly before the first character that does."""

    change: str
    before: Record | None
    after: Record | None
    fields: list[dict[str, str]]


class Versions:
    """Two versions whose records are read by their place."""

    def __init__(self, old: Path, new: Path) -> None:
        self._folders = (old, new)
        self._files = [read_manifest(folder).files for folder in self._folders]

    def at(self, side: int, part: int, at: int) -> Record:
        with (self._folders[side] / self._files[side][part].name).open("rb") as lines:
            lines.seek(at)
            found: Record = msgspec.json.decode(lines.readline())
        return found

    def difference(self, kind: str, place: tuple[int, ...]) -> Difference:
        if kind == "changed":
            old, new = self.at(0, *place[:2]), self.at(1, *place[2:])
            return Difference(kind, cut(content_of(old)), cut(content_of(new)), differing(old, new))
        shown = cut(content_of(self.at(int(kind == "added"), *place)))
        return Difference(kind, None, shown, []) if kind == "added" else Difference(kind, shown, None, [])


def page(work: Path, versions: Versions, start: int, limit: int, kind: str = "") -> tuple[list[Difference], int | None]:
    """Up to ``limit`` differences from position ``start`` on, of one kind or of all, and where the next page starts (None: at the end)."""
    found: list[Difference] = []
    size = 0
    for each, place in _places(work / FOUND, start, limit + 1, [kind] if kind else list(KINDS)):
        shown = versions.difference(each, place)
        size += len(msgspec.json.encode([shown.before, shown.after, shown.fields]))
        if found and (len(found) == limit or size > PAGE_BYTES):
            return found, start + len(found)
        found.append(shown)
    return found, None


def _places(store: Path, start: int, most: int, kinds: list[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    with closing(sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True)) as found:
        for kind in kinds:
            count = found.execute(f"SELECT COUNT(*) FROM {kind}").fetchone()[0]  # noqa: S608 - one of KINDS
            rows = found.execute(f"SELECT * FROM {kind} WHERE rowid > ? ORDER BY rowid LIMIT ?", (start, most)).fetchall()  # noqa: S608
            yield from ((kind, row) for row in rows)
            start, most = max(0, start - count), most - len(rows)
