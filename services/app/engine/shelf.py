"""Indexes that were used lately, each of what one clearance sees of one base, brought up to date when they are asked."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.app.engine.index import Entry, KnowledgeIndex, WordIndex

KEPT = 16
"""Indexes in memory; the one that was used longest ago goes first, and is made anew when it is asked for."""
Held = Mapping[int, int]
"""document -> its version."""
Entries = Callable[[list[int]], Iterable[Entry]]
"""The pieces of documents."""


@dataclass
class _Kept:
    index: KnowledgeIndex
    revision: int = -1
    held: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Shelf:
    """make: an empty index, whichever kind of them the platform uses."""

    def __init__(self, make: Callable[[], KnowledgeIndex] = WordIndex) -> None:
        self._make, self._lock = make, threading.Lock()
        self._kept: OrderedDict[tuple[int, int], _Kept] = OrderedDict()

    def index(self, base: int, level: int, revision: int, held: Callable[[], Held], entries: Entries) -> KnowledgeIndex:
        """That of a base at a revision, of documents up to a secrecy level. held: what it must have; asked only where something changed."""
        kept = self._of(base, level)
        with kept.lock:
            if kept.revision != revision:
                self._refresh(kept, dict(held()), entries)
                kept.revision = revision
        return kept.index

    def _of(self, base: int, level: int) -> _Kept:
        with self._lock:
            if (base, level) not in self._kept:
                self._kept[base, level] = _Kept(self._make())
            self._kept.move_to_end((base, level))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[base, level]

    def _refresh(self, kept: _Kept, held: dict[int, int], entries: Entries) -> None:
        old = [document for document, version in kept.held.items() if held.get(document) != version]
        new = [document for document, version in held.items() if kept.held.get(document) != version]
        kept.index.drop(old)
        kept.held = {document: version for document, version in kept.held.items() if document not in set(old)}
        kept.index.put(entries(new))
        kept.held = held
