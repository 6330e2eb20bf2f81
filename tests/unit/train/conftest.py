"""A fresh world per test, and benches on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.train.world import Bench, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def bench(world: World, tmp_path: Path) -> Bench:
    """The real engine."""
    return Bench(world, tmp_path, light=False)


@pytest.fixture
def light(world: World, tmp_path: Path) -> Bench:
    """An engine that counts."""
    return Bench(world, tmp_path, light=True)
