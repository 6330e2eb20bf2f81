"""A knowledge base: documents of one purpose, searched together."""

from __future__ import annotations

from dataclasses import dataclass

from idl.enums import KnowledgeSecrecy as KnowledgeSecrecy

MOST_DOCUMENTS = 20_000
"""Of one base."""
MOST_CHUNKS = 200_000
THRESHOLD = 0.4
"""So much of a question must be in a passage, unless its base says otherwise: what it lets through is measured in docs/decisions/0043."""


@dataclass(frozen=True)
class KnowledgeBase:
    """secrecy: of the base; its documents may be more secret, never less. revision: moves with each change of what it holds.
    threshold: so much of a question must be in a passage, or it is not answered. model: that writes answers; "": passages are quoted."""

    id: int
    project_space_id: int
    name: str
    desc: str = ""
    secrecy: KnowledgeSecrecy = KnowledgeSecrecy.PUBLIC
    revision: int = 0
    user_id: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0
    threshold: float = THRESHOLD
    model: str = ""


@dataclass(frozen=True)
class BaseSeen:
    """A base as somebody sees it: documents and chunks are those within the clearance."""

    id: int
    project_space_id: int
    name: str
    desc: str
    secrecy: KnowledgeSecrecy
    revision: int
    documents: int
    chunks: int
    user_id: int
    create_time: int
    update_time: int
    version: int
    threshold: float
    model: str


def seen(base: KnowledgeBase, documents: int, chunks: int) -> BaseSeen:
    return BaseSeen(documents=documents, chunks=chunks, **vars(base))
