"""The growing list of evaluated items on disk, and how an attempt goes on where a killed one was.

``out/items.jsonl`` holds one line per item in order of position; a line that was cut short, and all behind it, is thrown away when the
file is opened again. ``out/summary.json`` is written last and means: finished. Both belong to one job, whose fingerprint stands beside
``out``; leftovers of another job are removed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from libs.common import durable

OUT, ITEMS, SUMMARY, JOB = "out", "items.jsonl", "summary.json", "job.json"
NOT_MEASURED = -1.0
SYNC_EVERY = 256  # items a power cut may cost; a kill costs none


@dataclass(frozen=True, slots=True)
class Item:
    """One input with its output and scores.

    position: 0, 1, 2 … in record order. nll: nats per token of the expected answer, -1 when not measured. answer_tokens: tokens ``nll``
    is the mean of, the end token included. error: "" or why there is no output to score.
    """

    position: int
    record_id: str
    input: str
    expected: str
    output: str
    exact_match: bool
    token_f1: float
    nll: float
    answer_tokens: int
    latency_ms: float
    error: str
    tags: dict[str, str]


class Journal:
    """``done``: items that are on disk, which is also the position of the next one."""

    def __init__(self, work: Path, fingerprint: str) -> None:
        self._out = work / OUT
        _take_over(work, fingerprint)
        self.summary: dict[str, Any] | None = _read_json(self._out / SUMMARY)
        path = self._out / ITEMS
        self.done, whole = _whole_lines(path)
        self._file = path.open("ab")
        self._file.truncate(whole)
        self._unsynced = 0

    def append(self, items: Sequence[Item]) -> None:
        """Stores the next items, with one write: they survive the death of this process from here on."""
        assert [item.position for item in items] == list(range(self.done, self.done + len(items))), "items come in order"
        lines = [json.dumps(asdict(item), ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n" for item in items]
        self._file.write("".join(lines).encode())
        self._file.flush()
        self.done += len(items)
        self._unsynced += len(items)
        if self._unsynced >= SYNC_EVERY:
            os.fsync(self._file.fileno())
            self._unsynced = 0

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Flushes everything to disk and marks it finished."""
        os.fsync(self._file.fileno())
        durable.write_json(self._out / SUMMARY, summary)
        self.summary = dict(summary)

    def close(self) -> None:
        self._file.close()


def read_items(out: Path) -> Iterator[Item]:
    """The items of a folder ``out`` in order. Only complete lines may be there: call it on a finished journal, or on one that was just
    opened.
    """
    with (out / ITEMS).open("rb") as lines:
        for line in lines:
            yield Item(**json.loads(line))


def _take_over(work: Path, fingerprint: str) -> None:
    """Makes ``work`` this job's: what another one left there is removed before its name is replaced."""
    if _read_json(work / JOB) != {"fingerprint": fingerprint}:
        shutil.rmtree(work / OUT, ignore_errors=True)
        work.mkdir(parents=True, exist_ok=True)
        durable.write_json(work / JOB, {"fingerprint": fingerprint})
    (work / OUT).mkdir(exist_ok=True)


def _whole_lines(path: Path) -> tuple[int, int]:
    """(items, bytes) of the beginning of ``path`` that is complete and in order."""
    count = size = 0
    if not path.exists():
        return 0, 0
    with path.open("rb") as lines:
        for line in lines:
            if not _is_item(line, count):
                break
            count, size = count + 1, size + len(line)
    return count, size


def _is_item(line: bytes, position: int) -> bool:
    try:
        values = json.loads(line)
    except ValueError:
        return False
    names = [field.name for field in fields(Item)]
    return line.endswith(b"\n") and isinstance(values, dict) and list(values) == names and values["position"] == position


def _read_json(path: Path) -> Any:
    with suppress(ValueError):  # one that was damaged is none
        return durable.read_json(path)
