"""Real questions for the parity check, taken evenly over a test version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from libs.common.errors import PlatformError, Reason
from libs.data.prompt import PromptError, chat_of, to_text

_PART = re.compile(r"part-\d{5,9}\.jsonl")


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
    # By length first: after part-99999 comes part-100000.
    parts = sorted((path for path in folder.iterdir() if _PART.fullmatch(path.name)), key=lambda path: (len(path.name), path.name))
    for path in parts:
        with path.open("rb") as lines:
            for row, line in enumerate(lines, start=1):
                if line.strip():
                    yield _question(line, path.name, row)


def _question(line: bytes, file: str, row: int) -> str:
    try:
        values = json.loads(line)
        return to_text(chat_of(values))
    except PromptError as error:
        raise PlatformError(422, Reason.ROW_INVALID, field=error.field, limit=str(error), file=file, row=row) from None
    except (ValueError, RecursionError, AttributeError):
        raise PlatformError(422, Reason.ROW_INVALID, field="instruction", limit="a question-answer record", file=file, row=row) from None
