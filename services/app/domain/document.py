"""Documents of a knowledge base: what one said at one time, and the pieces of what it says now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from idl.enums import DocumentKind as DocumentKind
from idl.enums import KnowledgeSecrecy


@dataclass(frozen=True)
class KnowledgeDocument:
    """number, document_version_id, hash, characters, chunks: of its newest version. dataset_id, dataset_version_id: where its record came
    from; 0: it was added itself."""

    id: int
    base_id: int
    project_space_id: int
    name: str
    kind: DocumentKind
    secrecy: KnowledgeSecrecy
    number: int
    document_version_id: int
    hash: str
    characters: int
    chunks: int
    dataset_id: int = 0
    dataset_version_id: int = 0
    user_id: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class DocumentVersion:
    """What a document said at one time. It stays when the document says something else: citations name it."""

    id: int
    document_id: int
    base_id: int
    project_space_id: int
    number: int
    text: str
    hash: str
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class Chunk:
    """A piece of the newest version of a document: [start, stop) of its text. answer: where the answer of a pair begins, 0 of others."""

    id: int
    document_id: int
    document_version_id: int
    base_id: int
    project_space_id: int
    position: int
    start: int
    stop: int
    answer: int
    headings: list[str]
    hash: str
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class DocumentText:
    """What a document said in one version, as people read it."""

    document_version_id: int
    number: int
    text: str
    hash: str
    chunks: list[Chunk] = field(default_factory=list)
    create_time: int = 0


@dataclass(frozen=True)
class QuestionPair:
    question: str
    answer: str


def hash_of(text: str) -> str:
    """``sha256:…`` of a text."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
