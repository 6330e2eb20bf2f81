"""What a labelled record asks and which label is expected: the one way from record to question, for training, evaluation and release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from libs.common.errors import Reason, invalid
from libs.data.prompt import PromptError

LABEL, TEXT, PICTURE = "label", "text", "image"
MOST_LABEL = 200  # characters
MOST_LABELS = 1000  # of one model


def labelled_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """(text, label) of a record. Raises PromptError."""
    return _said(record, TEXT), label_of(record)


def labels(value: Any) -> bool:
    """Whether a field may be a label: a text, or a whole number, as some files count their classes."""
    return isinstance(value, str) or type(value) is int


def label_of(record: Mapping[str, Any]) -> str:
    value = record.get(LABEL)
    label = _said({LABEL: str(value) if type(value) is int else value}, LABEL).strip()
    if len(label) > MOST_LABEL:
        raise PromptError(LABEL, f"at most {MOST_LABEL} characters")
    return label


def _said(record: Mapping[str, Any], field: str) -> str:
    value = record.get(field)
    if not isinstance(value, str):
        raise PromptError(field, "text that is not empty")
    if not value.strip():
        raise PromptError(field, "text that is not empty", empty=True)
    try:
        value.encode()
    except UnicodeEncodeError:  # JSON admits half a surrogate pair, nothing behind it does
        raise PromptError(field, "UTF-8 text") from None
    return value


def checked_labels(labels: Sequence[Any]) -> tuple[str, ...]:
    """Raises PlatformError 400 for less than two, too many, repeated or odd ones."""
    if not 2 <= len(labels) <= MOST_LABELS:
        raise invalid("labels", Reason.TOO_SMALL if len(labels) < 2 else Reason.TOO_LARGE, limit=f"2..{MOST_LABELS} different labels")
    if len(set(labels)) < len(labels) or not all(isinstance(each, str) and 0 < len(each) <= MOST_LABEL for each in labels):
        raise invalid("labels", limit=f"different texts of 1..{MOST_LABEL} characters")
    return tuple(labels)
