"""A fresh world per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.ram import ram_folder
from tests.unit.app.world import World


@pytest.fixture
def world() -> Iterator[World]:
    with ram_folder() as folder:
        made = World(folder)
        yield made
        made.close()
