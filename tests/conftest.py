"""Shared by all tests: one running platform per flavour and run, one database server per run, and the order fast tests first."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests import needs
from tests.support import mariadb
from tests.support.evidence import evidence as evidence  # a fixture every test may ask for
from tests.support.mariadb import MariaDB
from tests.support.platform import Platform, running
from tests.support.ram import ram_folder
from tests.support.zookeeper import ensemble

# A shell that starts the tests in the background lets them, and every process they start, ignore Ctrl-C; some tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

ORDER = ("unit", "contract", "browser", "e2e", "images", "integration", "faults")
"""Fast ones first; then what takes long in one piece, and last the many small pieces that keep every worker busy to the end."""


# What each flavour of the platform needs; a part joins by adding its settings here.
FLAVOURS = ("embedded", "mysql")
SERVERS = {"mysql_server", "mysql_address", "zookeeper", "mysql", "platform"}
"""Fixtures and parameters that start something: `make quick` leaves those tests out."""


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[MariaDB]:
    """The database server all tests share; nobody kills it."""
    lacking = needs.mysql_server()
    if lacking:
        assert not needs.in_ci(), lacking
        pytest.skip(f"needs {lacking}")
    named = os.environ.get("MODELYARD_TEST_MYSQL")
    if named:
        yield MariaDB(named)
        return
    with ram_folder() as folder, mariadb.running(folder) as server:
        yield server


@pytest.fixture
def mysql_address(mysql_server: MariaDB) -> Iterator[str]:
    """An address with {service} in it; its schemas are gone afterwards."""
    address = mysql_server.fresh()
    yield address
    mariadb.drop(address)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The integration suite runs once per flavour, a module with FLAVOURS of its own on those; what kills parts for minutes runs on
    the embedded one."""
    if "platform" in metafunc.fixturenames and "/tests/integration/" in str(metafunc.definition.path):
        metafunc.parametrize("platform", getattr(metafunc.module, "FLAVOURS", FLAVOURS), indirect=True, scope="session")


@pytest.fixture(scope="session")
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform all integration tests share, once per flavour. A test that kills a part of it waits until it is back."""
    with running(tmp_path_factory.mktemp("platform"), **flavour(request)) as up:
        yield up


def flavour(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of a flavour; its servers run."""
    if getattr(request, "param", "embedded") == "embedded":
        return {}
    server: MariaDB = request.getfixturevalue("mysql_server")
    return {"database_url": server.fresh(), "zookeeper": request.getfixturevalue("zookeeper") + "/flavour"}


@pytest.fixture(scope="session")
def zookeeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a ZooKeeper that no test harms: the one MODELYARD_TEST_ZOOKEEPER names, or a server of our own."""
    if named := os.environ.get("MODELYARD_TEST_ZOOKEEPER"):
        yield named
    else:
        with ensemble(tmp_path_factory.mktemp("zookeeper")) as servers:
            yield servers.address


class _ByPlatform(LoadFileScheduling):
    """A file stays on one worker, and so do all files that share a running platform: it starts once per run, not once per file."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if "tests/browser/" in file:
            return "browser"
        flavour = next((name for name in FLAVOURS if f"[{name}" in nodeid), None)
        return f"integration on {flavour}" if flavour and "tests/integration/" in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Of ``--dist loadfile``; others as they are."""
    return _ByPlatform(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast folders first; within a folder one flavour of the platform after the other, and what is marked slow last."""

    def place(item: pytest.Item) -> tuple[int, int, bool]:
        folder = next((number for number, name in enumerate(ORDER) if f"/tests/{name}/" in str(item.path)), len(ORDER))
        callspec = getattr(item, "callspec", None)
        own = FLAVOURS.index(callspec.params["platform"]) if callspec and "platform" in callspec.params else 0
        return folder, own, item.get_closest_marker("slow") is not None

    items.sort(key=place)
    for item in items:
        callspec = getattr(item, "callspec", None)
        if SERVERS & set(getattr(item, "fixturenames", ())) or (callspec and SERVERS & {str(value) for value in callspec.params.values()}):
            item.add_marker("servers")
