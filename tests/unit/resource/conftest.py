"""A resource service on a real store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from libs.common.clock import ManualClock
from services.resource.repository import METADATA
from services.resource.service import ResourceService
from tests.support.ram import ram_folder
from tests.support.stores import open_store


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def service(clock: ManualClock) -> Iterator[ResourceService]:
    with ram_folder() as folder:
        db = open_store(folder, "resource", METADATA, clock)
        yield ResourceService(db)
        db.close()
