"""A model service on a real store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from services.model.repository import METADATA
from services.model.service import ModelService
from tests.support.checkpoints import arrivals
from tests.support.ram import ram_folder
from tests.support.stores import open_store


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def migrated() -> Iterator[Path]:
    """A store as the migrations leave it, made once."""
    with ram_folder() as folder:
        open_store(folder, "model", METADATA).close()
        yield folder / "records"


@pytest.fixture
def service(clock: ManualClock, migrated: Path) -> Iterator[ModelService]:
    with ram_folder() as folder:
        shutil.copytree(migrated, folder / "records")
        db = open_store(folder, "model", METADATA, clock)
        yield ModelService(db, arrivals=arrivals(folder))
        db.close()
