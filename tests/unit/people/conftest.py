"""An office of people on a real store, with a clock that stands still; on MariaDB too where a test says ``both_stores``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from tests.support.ram import ram_folder
from tests.unit.people.office import Office


@pytest.fixture
def folder() -> Iterator[Path]:
    with ram_folder() as path:
        yield path


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """Where the store of the test is: "" = in its folder."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    found: str = request.getfixturevalue("mysql_address")
    return found.replace("{service}", "office")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "address" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_stores"):
        metafunc.parametrize("address", ["sqlite", "mysql"], indirect=True)


@pytest.fixture
def office(folder: Path, clock: ManualClock, address: str) -> Iterator[Office]:
    opened = Office(folder, clock, address)
    yield opened
    opened.db.close()
