"""Real questions for the parity check, taken evenly over a test version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from libs.common.errors import PlatformError, Reason
from libs.data.kinds import asked_of
from libs.data.prompt import PromptError
from libs.data.rows import read_rows


def sample(folder: Path, records: int, count: int) -> list[str]:
    """Up to ``count`` questions of a version with ``records`` records, in order. Raises PlatformError 422 NO_TEST_RECORDS, ROW_INVALID."""
    stride = max(1, records // count)
    found: list[str] = []
    for number, question in enumerate(_questions(folder)):
        if number % stride == 0:
            found.append(question)
            if len(found) == count:
                break
    if not found:
        raise PlatformError(422, Reason.NO_TEST_RECORDS, field="dataset_version_id", limit="at least one record")
    return found


def _questions(folder: Path) -> Iterator[str]:
    for row in read_rows(folder):
        try:
            yield asked_of(row.values, folder)[0]
        except PromptError as error:
            raise row.bad(error.field, error.limit) from None
