"""One Docker engine and one build of the images for all tests here."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.needs import in_ci
from tests.support import docker
from tests.support.docker import Docker


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    if lacking := docker.missing():
        assert not in_ci(), f"CI needs {lacking}"
        pytest.skip(f"needs {lacking}")
    with docker.engine(tmp_path_factory.mktemp("docker")) as engine:
        yield engine


@pytest.fixture(scope="session")
def images(engine: Docker) -> Docker:
    """An engine that has modelyard/services:test and modelyard/serving:test, of this working tree."""
    engine.run("docker/build", seconds=1500, TAG="test", PYTHON=sys.executable)
    return engine


@pytest.fixture(scope="session")
def stores(images: Docker) -> None:
    """modelyard/mariadb:test and modelyard/zookeeper:test are there, too."""
    images.run("docker/build", "parts", seconds=1500, TAG="test", PYTHON=sys.executable)
