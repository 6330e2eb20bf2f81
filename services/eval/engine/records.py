"""Reads the question-answer records of a test version, one at a time.

A version is a folder with ``part-00000.jsonl`` …, one JSON object a line: ``id``, ``instruction``, ``output``, perhaps ``input``,
``system`` and ``history``, and labels. The artifact store has checked the bytes already; decided here is what a usable row is. A bad row
stops the evaluation with its file and row: a test that leaves rows out measures something else than it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.data.prompt import Chat, PromptError, answer_of, chat_of, from_text, to_text

MAX_ID = 100
MAX_CHARACTERS = 500_000  # of one text: an item must fit into one message of the contract
LABELS = ("lang", "subject", "template", "source")
_PART = re.compile(r"part-\d{5,9}\.jsonl")
_MAX_LABEL = 500


@dataclass(frozen=True, slots=True)
class TestRecord:
    """One question with the answer that is expected. question: as ``libs.data.prompt`` writes the record's chat. tags: those of ``LABELS``
    the row has."""

    __test__ = False  # pytest takes classes called Test… for its own

    id: str
    question: str
    answer: str
    tags: dict[str, str]

    @property
    def chat(self) -> Chat:
        """What the target is asked."""
        return from_text(self.question)


def count_records(folder: Path) -> int:
    """How many rows the version has. Raises NO_TEST_RECORDS when there is none."""
    rows = sum(1 for path in _parts(folder) for _ in _lines(path))
    if rows == 0:
        raise PlatformError(422, Reason.NO_TEST_RECORDS, field="dataset_version_id", limit="at least one record")
    return rows


def read_records(folder: Path) -> Iterator[TestRecord]:
    """All records, in order of part and row. Raises PlatformError 422 ROW_INVALID or FILE_NOT_UTF8 with ``file`` and ``row`` (from 1)."""
    for path in _parts(folder):
        for row, line in _lines(path):
            yield _parse(line, path.name, row)


def read_pairs(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(id, question, answer) of records that a model was trained on, of any length and with or without an id; what a training leaves out,
    because there is nothing to ask in it, is left out here too. Raises PlatformError 422.
    """
    for path in _parts(folder):
        for row, line in _lines(path):
            values = _values(line, path.name, row)
            try:
                yield str(values.get("id") or ""), to_text(chat_of(values)), answer_of(values)
            except PromptError as error:
                if not error.empty:
                    raise _bad_row(path.name, row, error.field, error.limit) from None


def _parts(folder: Path) -> list[Path]:
    # By length first: after part-99999 comes part-100000.
    return sorted((path for path in folder.iterdir() if _PART.fullmatch(path.name)), key=lambda path: (len(path.name), path.name))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as lines:  # bytes, so that a bad row can be named
        for row, line in enumerate(lines, start=1):
            if line.strip():
                yield row, line


def _values(line: bytes, file: str, row: int) -> dict[str, Any]:
    try:
        values = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise PlatformError(422, Reason.FILE_NOT_UTF8, file=file, row=row) from None
    except (ValueError, RecursionError):
        raise _bad_row(file, row, "row", "one JSON object") from None
    if not isinstance(values, dict):
        raise _bad_row(file, row, "row", "one JSON object")
    return values


def _parse(line: bytes, file: str, row: int) -> TestRecord:
    values = _values(line, file, row)
    id = values.get("id")
    if not isinstance(id, str) or not id.strip() or not _clean(id):
        raise _bad_row(file, row, "id", "text that is not empty")
    if len(id) > MAX_ID:
        raise _bad_row(file, row, "id", f"at most {MAX_ID} characters")
    try:
        question, answer = to_text(chat_of(values)), answer_of(values)
    except PromptError as error:
        raise _bad_row(file, row, error.field, error.limit) from None
    for field, text in (("instruction", question), ("output", answer)):
        if len(text) > MAX_CHARACTERS:
            raise _bad_row(file, row, field, f"at most {MAX_CHARACTERS} characters")
    tags = {
        label: str(values[label])[:_MAX_LABEL]
        for label in LABELS
        if isinstance(values.get(label), (str, int, float)) and _clean(values[label])
    }
    return TestRecord(id, question, answer, tags)


def _clean(value: Any) -> bool:
    """Whether UTF-8 can hold it: JSON admits half a surrogate pair, nothing behind it does."""
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return False
    return True


def _bad_row(file: str, row: int, key: str, limit: str) -> PlatformError:
    return PlatformError(422, Reason.ROW_INVALID, field=key, limit=f"{key} must be {limit}", file=file, row=row)
