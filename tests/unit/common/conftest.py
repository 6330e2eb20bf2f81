"""A store of things for the tests of the chassis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from libs.common.database import Database
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
def db(folder: Path, clock: ManualClock) -> Iterator[Database]:
    opened = open_things(folder, clock)
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
