"""Toy tasks on a real store, with a clock that stands still or the machine's; on MariaDB too where a test says ``both_stores``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.clock import ManualClock, SystemClock
from libs.common.work.lifecycle import TaskLifecycle
from tests.support.ram import ram_folder
from tests.support.toy import ToyTask, open_toys

LIVE_LEASE_SECONDS = 3.0  # long enough for a busy machine; killed workers of their own process have a shorter one


@pytest.fixture
def folder() -> Iterator[Path]:
    with ram_folder() as path:
        yield path


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """Where the store of the test is: "" = in its folder. A test or module marked ``both_stores`` runs once per store."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    found: str = request.getfixturevalue("mysql_address")
    return found.replace("{service}", "toys")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "address" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_stores"):
        metafunc.parametrize("address", ["sqlite", "mysql"], indirect=True)


@pytest.fixture
def toys(folder: Path, clock: ManualClock, address: str) -> Iterator[TaskLifecycle[ToyTask]]:
    opened = open_toys(folder, clock, address=address)
    yield opened
    opened.db.close()


@pytest.fixture
def live(folder: Path) -> Iterator[TaskLifecycle[ToyTask]]:
    """The same store on real time, for workers that run."""
    opened = open_toys(folder, SystemClock(), worker=1001, lease_seconds=LIVE_LEASE_SECONDS)
    yield opened
    opened.db.close()
