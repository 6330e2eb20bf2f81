"""The kinds of records, one file each: what a record of the kind must have, how it is checked, and how it is shown in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.data.registry import LAST, kinds_in

Fields = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RecordKind:
    """name: what a version of such records is called. schema: of one record, as JSON schema. claims: whether fields are meant to be of this
    kind, asked in order of place. lacking: the field that keeps them from being a record of it, None for one that is. preview: one record
    in a few words. asks: (what a record of a version's folder asks, as one text; what is
    expected), None for a kind no model is judged by; raises PromptError. en, zh: what a record must have."""

    name: str
    schema: Mapping[str, Any]
    claims: Callable[[Fields], bool]
    lacking: Callable[[Fields], str | None]
    preview: Callable[[Fields], str]
    en: str
    zh: str
    asks: Callable[[Fields, Path | None], tuple[str, str]] | None = None
    place: int = LAST


def empty_text(value: Any) -> bool:
    """Whether a field says nothing."""
    return not isinstance(value, str) or not value.strip()


def one_line(text: Any, most: int = 120) -> str:
    """A text as a preview shows it."""
    flat = " ".join(str(text).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


RECORD_KINDS: dict[str, RecordKind] = kinds_in(__name__, RecordKind)


JUDGING: tuple[str, ...] = tuple(kind.name for kind in RECORD_KINDS.values() if kind.asks)
"""Kinds of records that models are judged by."""


def asked_of(fields: Fields, folder: Path | None = None) -> tuple[str, str]:
    """(question as one text, expected answer) of a record that judges a model. folder: of its version. Raises PromptError."""
    asks = kind_of(fields).asks or RECORD_KINDS["question_answer"].asks
    assert asks is not None
    return asks(fields, folder)


def kind_of(fields: Fields) -> RecordKind:
    """The first kind that claims the fields; the last claims all."""
    return next(kind for kind in RECORD_KINDS.values() if kind.claims(fields))
