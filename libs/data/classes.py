"""What a labelled record asks and which label is expected: the one way from record to question, for training, evaluation and release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason, invalid
from libs.data import pictures
from libs.data.blobs import KEY, name_of
from libs.data.prompt import PromptError

CLASSIFICATION = "classification"
LABEL, TEXT, PICTURE = "label", "text", "image"
MOST_LABEL = 200  # characters
MOST_LABELS = 1000  # of one model


def kind_in(version_kind: str) -> str:
    """Which records a version holds: of pictures those with labels are what a classifier learns from and is judged by."""
    return CLASSIFICATION if version_kind == PICTURE else version_kind


def labelled_of(record: Mapping[str, Any], folder: Path | None = None) -> tuple[str, str]:
    """(text, or picture as a data URL; label) of a record. folder: of its version, where pictures lie. Raises PromptError."""
    if folder is not None and isinstance(record.get(PICTURE), dict):
        return _picture(record[PICTURE], folder), label_of(record)
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


def _picture(said: Mapping[str, Any], folder: Path) -> str:
    try:
        return pictures.asked((folder / name_of(said.get(KEY, ""))).read_bytes())
    except (OSError, PlatformError) as error:
        raise PromptError(PICTURE, f"a picture that can be read ({type(error).__name__})") from None


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
