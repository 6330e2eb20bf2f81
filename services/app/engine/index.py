"""The port ``KnowledgeIndex``: pieces by what they say, the nearest first; and what stands behind it today.

``WordIndex`` is SQLite's own full-text index (BM25) in memory: no file to lose, no process beside the service, written in C. It is made
from the records and can be thrown away at any moment. Embeddings are another adapter, for when there is an encoder to deploy.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.app.engine.words import spelled

MOST_WORDS = 64
"""Different words of a question that are looked for: the rarest."""


class Entry(NamedTuple):
    """chunk: its id. document: whose it is. text: what it is found by, headings and all."""

    chunk: int
    document: int
    text: str


class Found(NamedTuple):
    """score: higher is nearer, comparable within one search. share: of the question's words that are in it, by how rare each is."""

    chunk: int
    score: float
    share: float


class KnowledgeIndex(Protocol):
    def put(self, entries: Iterable[Entry]) -> None:
        """Takes pieces in."""

    def drop(self, documents: Iterable[int]) -> None:
        """Forgets the pieces of documents."""

    def search(self, question: str, want: int) -> list[Found]:
        """The nearest pieces, the best first; none that has no word of the question."""


@dataclass(frozen=True)
class _Asked:
    """The question's words with their weights, the rarest first."""

    weights: dict[str, float]

    @property
    def match(self) -> str:
        return " OR ".join(f'"{word}"' for word in self.weights)

    def share(self, said: str) -> float:
        there = set(said.split())
        whole = sum(self.weights.values())
        return sum(weight for word, weight in self.weights.items() if word in there) / whole if whole else 0.0


class WordIndex:
    """Of what one clearance sees of one base. Several threads may ask it; they take turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._db.execute("CREATE VIRTUAL TABLE piece USING fts5(said, tokenize = 'unicode61 remove_diacritics 2')")
        self._of: dict[int, list[int]] = {}  # document -> its pieces
        self._pieces = 0
        self._db.execute("CREATE VIRTUAL TABLE known USING fts5vocab(piece, 'row')")

    def put(self, entries: Iterable[Entry]) -> None:
        taken = [(entry.document, entry.chunk, " ".join(spelled(entry.text))) for entry in entries]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO piece (rowid, said) VALUES (?, ?)", [row[1:] for row in taken])
            self._db.execute("COMMIT")
            self._pieces += len(taken)
            for document, chunk, _ in taken:
                self._of.setdefault(document, []).append(chunk)

    def drop(self, documents: Iterable[int]) -> None:
        with self._lock:
            gone = [(chunk,) for document in documents for chunk in self._of.pop(document, ())]
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM piece WHERE rowid = ?", gone)
            self._db.execute("COMMIT")
            self._pieces -= len(gone)

    def search(self, question: str, want: int) -> list[Found]:
        with self._lock:
            asked = self._asked(question)
            if not asked.weights:
                return []
            query = "SELECT rowid, said, rank FROM piece WHERE piece MATCH ? ORDER BY rank, rowid LIMIT ?"
            rows = self._db.execute(query, (asked.match, want)).fetchall()
        return [Found(chunk, -rank, asked.share(said)) for chunk, said, rank in rows]

    def _asked(self, question: str) -> _Asked:
        """What no piece has weighs most, so that a question about something else is known to be one."""
        weights = {word: _weight(self._pieces, self._pieces_with(word)) for word in dict.fromkeys(spelled(question))}
        return _Asked(dict(sorted(weights.items(), key=lambda each: -each[1])[:MOST_WORDS]))

    def _pieces_with(self, word: str) -> int:
        row: Sequence[int] | None = self._db.execute("SELECT doc FROM known WHERE term = ?", (word,)).fetchone()
        return int(row[0]) if row else 0


def _weight(pieces: int, having: int) -> float:
    return math.log(1 + (pieces - having + 0.5) / (having + 0.5))
