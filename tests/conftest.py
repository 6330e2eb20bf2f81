"""Shared by all tests: one running platform per run, and the order fast tests first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.platform import Platform, running

ORDER = ("unit", "contract", "faults", "integration", "images", "e2e")


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform all integration tests share. A test that kills a part of it waits until it is back."""
    with running(tmp_path_factory.mktemp("platform")) as up:
        yield up


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast folders first; within a folder, what is marked slow last."""

    def place(item: pytest.Item) -> tuple[int, bool]:
        folder = next((number for number, name in enumerate(ORDER) if f"/tests/{name}/" in str(item.path)), len(ORDER))
        return folder, item.get_closest_marker("slow") is not None

    items.sort(key=place)
