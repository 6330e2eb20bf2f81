"""A store of things for the tests of the chassis: embedded, and on MariaDB where a test says ``both_stores``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from libs.common.store.database import Database
from tests.support.coordination import Bindings
from tests.support.ram import ram_folder
from tests.support.things import ThingService, open_things


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the store of the test lies."""
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
    return found.replace("{service}", "things")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "address" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_stores"):
        metafunc.parametrize("address", ["sqlite", "mysql"], indirect=True)


@pytest.fixture
def db(folder: Path, clock: ManualClock, address: str) -> Iterator[Database]:
    opened = open_things(folder, clock, address=address)
    yield opened
    opened.close()


@pytest.fixture
def service(db: Database) -> ThingService:
    return ThingService(db)


@pytest.fixture(params=["files", "zookeeper"])
def bindings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bindings]:
    """The same coordination as several processes see it, on files and on ZooKeeper."""
    opened = Bindings(tmp_path, request.getfixturevalue("zookeeper") if request.param == "zookeeper" else "")
    yield opened
    opened.close()
