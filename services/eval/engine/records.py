"""Reads the records of a test version, one at a time: whatever their kind is, each asks something and expects something.

A row has an ``id``, what its kind needs (``libs.data.kinds``), and labels. Decided here is what a usable one is. A bad
row stops the evaluation with its file and row: a test that leaves rows out measures something else than it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.data.kinds import asked_of
from libs.data.prompt import Chat, PromptError, from_text, to_text
from libs.data.rows import Row, count_rows, read_rows
from libs.data.templates import Template

MAX_ID = 100
MAX_CHARACTERS = 500_000  # of one text: an item must fit into one message of the contract
LABELS = ("lang", "subject", "template", "source")
_MAX_LABEL = 500


@dataclass(frozen=True, slots=True)
class TestRecord:
    """One question with the answer that is expected. question: of a chat as ``libs.data.prompt`` writes it. tags: those of ``LABELS``
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
    rows = count_rows(folder)
    if rows == 0:
        raise PlatformError(422, Reason.NO_TEST_RECORDS, field="dataset_version_id", limit="at least one record")
    return rows


def read_records(folder: Path, words: Template | None = None) -> Iterator[TestRecord]:
    """All records, in order of part and row, asked in the words of a prompt if there is one. Raises PlatformError 422 ROW_INVALID or
    FILE_NOT_UTF8 with ``file`` and ``row`` (from 1)."""
    return (_test_record(row, folder, words) for row in read_rows(folder))


def read_pairs(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(id, question, answer) of records that a model was trained on, of any length and with or without an id; what a training leaves out,
    because there is nothing to ask in it, is left out here too. Raises PlatformError 422.
    """
    for row in read_rows(folder):
        try:
            yield str(row.values.get("id") or ""), *asked_of(row.values, folder)
        except PromptError as error:
            if not error.empty:
                raise row.bad(error.field, error.limit) from None


def _test_record(row: Row, folder: Path, words: Template | None) -> TestRecord:
    id = row.values.get("id")
    if not isinstance(id, str) or not id.strip() or not _clean(id):
        raise row.bad("id", "text that is not empty")
    if len(id) > MAX_ID:
        raise row.bad("id", f"at most {MAX_ID} characters")
    try:
        question, answer = asked_of(row.values, folder)
        question = question if words is None else to_text(words.chat(row.values))
    except PromptError as error:
        raise row.bad(error.field, error.limit) from None
    for field, text in (("instruction", question), ("output", answer)):
        if len(text) > MAX_CHARACTERS:
            raise row.bad(field, f"at most {MAX_CHARACTERS} characters")
    tags = {
        label: str(row.values[label])[:_MAX_LABEL]
        for label in LABELS
        if isinstance(row.values.get(label), (str, int, float)) and _clean(row.values[label])
    }
    return TestRecord(id, question, answer, tags)


def _clean(value: Any) -> bool:
    """Whether UTF-8 can hold it: JSON admits half a surrogate pair, nothing behind it does."""
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return False
    return True
