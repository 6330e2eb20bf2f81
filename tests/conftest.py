"""Shared by all tests: one running platform per run, and the order fast tests first."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.evidence import evidence as evidence  # a fixture every test may ask for
from tests.support.platform import Platform, running
from tests.support.zookeeper import ensemble

# A shell that starts the tests in the background lets them, and every process they start, ignore Ctrl-C; some tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

ORDER = ("unit", "contract", "faults", "integration", "e2e")


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform all integration tests share. A test that kills a part of it waits until it is back."""
    with running(tmp_path_factory.mktemp("platform")) as up:
        yield up


@pytest.fixture(scope="session")
def zookeeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a ZooKeeper that no test harms: the one MODELYARD_TEST_ZOOKEEPER names, or a server of our own."""
    if named := os.environ.get("MODELYARD_TEST_ZOOKEEPER"):
        yield named
    else:
        with ensemble(tmp_path_factory.mktemp("zookeeper")) as servers:
            yield servers.address


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast folders first; within a folder, what is marked slow last."""

    def place(item: pytest.Item) -> tuple[int, bool]:
        folder = next((number for number, name in enumerate(ORDER) if f"/tests/{name}/" in str(item.path)), len(ORDER))
        return folder, item.get_closest_marker("slow") is not None

    items.sort(key=place)
