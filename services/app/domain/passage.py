"""A passage: a piece of a document that was found, and what of it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TextSpan:
    """[start, stop) in characters."""

    start: int
    stop: int


@dataclass(frozen=True)
class Passage:
    """score: BM25. share: of the question's words found in it, each by how rare it is. hits: those words in ``text``.
    answer: where the answer of a pair begins in ``text``, 0 of others."""

    document_id: int
    document_version_id: int
    document: str
    number: int
    start: int
    stop: int
    hash: str
    headings: list[str]
    text: str
    score: float
    share: float
    hits: list[TextSpan] = field(default_factory=list)
    answer: int = 0
