"""An answer from a knowledge base: its sentences, where each of them stands, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field

from idl.enums import AnswerOutcome as AnswerOutcome
from idl.enums import RefusalCause as RefusalCause
from services.app.domain.passage import Passage


@dataclass(frozen=True)
class Citation:
    """number: as the sentences name it, from 1. hash: of that piece of the document version."""

    number: int
    document_id: int
    document_version_id: int
    document: str
    document_number: int
    start: int
    stop: int
    hash: str
    headings: list[str]
    text: str


@dataclass(frozen=True)
class AnswerSentence:
    """supported: whether a passage says so."""

    text: str
    citations: list[int]
    supported: bool


@dataclass(frozen=True)
class KnowledgeAnswer:
    """passages: the nearest ones, also of a refusal. share: of the question, in the best of them. model: that was asked; "": none."""

    outcome: AnswerOutcome
    cause: RefusalCause
    text: str
    sentences: list[AnswerSentence]
    citations: list[Citation]
    passages: list[Passage] = field(default_factory=list)
    share: float = 0.0
    threshold: float = 0.0
    model: str = ""
