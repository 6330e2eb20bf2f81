"""What a test saw of an invariant: tries and violations as one JSON line, from which ``python -m tests.faults.matrix`` makes its table.

A test says it before it asserts, so that a violation stands in the table too. Without ``FAULTS_EVIDENCE`` (a file) nothing is written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

VARIABLE = "FAULTS_EVIDENCE"


@dataclass(frozen=True)
class Line:
    """done: what was done, in a few words. tries: how often. figures: the worst of each, with its unit in its name."""

    invariant: str
    done: str
    tries: int
    violations: int
    figures: dict[str, Any] = field(default_factory=dict)


class Evidence(Protocol):
    def __call__(self, invariant: str, done: str, *, tries: int, violations: int, **figures: Any) -> None: ...


def record(invariant: str, done: str, *, tries: int, violations: int, **figures: Any) -> None:
    path = os.environ.get(VARIABLE)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(Line(invariant, done, tries, violations, figures)), ensure_ascii=False) + "\n")


def read(path: Path) -> Iterator[Line]:
    if path.exists():
        for text in path.read_text(encoding="utf-8").splitlines():
            yield Line(**json.loads(text))


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """``evidence("I4", "lost replies, repeated", tries=5, violations=0)``."""
    return record
