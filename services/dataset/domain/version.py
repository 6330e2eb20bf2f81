"""A dataset version: immutable, named by its content. The same content from the same parent is the same version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.dataset.domain.dataset import SecrecyLevel

DOCUMENTS = "documents"
QUESTION_ANSWER = "question_answer"
WHOLE, TRAIN, TEST = "whole", "train", "test"


@dataclass(frozen=True)
class DatasetVersion:
    """content_hash: over the sorted hashes of its records. parent_version_id: 0 = imported. kind: documents,
    question_answer, preference_pair, lexicon, image or audio. part: whole, or the train or test side of a split.
    ledger: {"in", "out", "dropped": {rule: count}} of the task that made it, and of a split "parts": {part: records}."""

    id: int
    dataset_id: int
    project_space_id: int
    number: int
    content_hash: str
    records: int
    bytes: int
    uri: str
    task_id: int
    kind: str
    parent_version_id: int = 0
    part: str = WHOLE
    secrecy: SecrecyLevel = SecrecyLevel.PUBLIC
    ledger: dict[str, Any] = field(default_factory=dict)
    create_time: int = 0
