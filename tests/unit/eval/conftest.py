"""One tiny model for the whole folder, as loading torch is the slow part; and a fresh world per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.eval.material import QUESTIONS, model_answers, record, write_model, write_version
from tests.unit.eval.world import World

NEW_TOKENS = 8


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "weights")


@pytest.fixture(scope="session")
def half_right(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A test version whose even records expect exactly what the model says, its odd ones something else. Two parts."""
    said = model_answers(model_folder, QUESTIONS, NEW_TOKENS)
    assert all(answer.strip() for answer in said)
    rows = [record(number, QUESTIONS[number], said[number] if number % 2 == 0 else "It calls.") for number in range(len(QUESTIONS))]
    return write_version(tmp_path_factory.mktemp("version") / "half", rows, parts=2)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()
