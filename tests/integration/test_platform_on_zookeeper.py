"""The platform with one setting more, MODELYARD_ZOOKEEPER: found through it, served by several instances, alive without it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from libs.client.sdk import ApiError
from libs.common.clock import SystemClock
from libs.common.coord.coordination import Coordination, open_coordination
from libs.common.coord.discovery import Address
from libs.common.settings import load
from libs.ops.supervisor import child_environ
from tests.support.chain import TINY, questions, succeeded
from tests.support.platform import Platform, running
from tests.support.ports import free_base
from tests.support.until import until
from tests.support.zookeeper import Servers, ensemble

RUNNING = ("model", "dataset", "train", "eval", "deploy")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with ensemble(tmp_path_factory.mktemp("zookeeper")) as up:
        yield up


@pytest.fixture(scope="module")
def on_zookeeper(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    home = tmp_path_factory.mktemp("on-zookeeper") / "home"
    with running(home, zookeeper=servers.address, zookeeper_session_seconds="2") as up:
        yield up


@pytest.fixture(scope="module")
def view(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coordination]:
    """What an outsider sees in the ensemble."""
    environ = {
        "MODELYARD_HOME": str(tmp_path_factory.mktemp("outsider")),
        "MODELYARD_ZOOKEEPER": servers.address,
        "MODELYARD_ZOOKEEPER_SESSION_SECONDS": "2",
    }
    opened = open_coordination(load(environ), "outsider", SystemClock())
    yield opened
    opened.close()


def address(platform: Platform, service: str) -> Address:
    return Address("127.0.0.1", platform.settings.thrift_port(service))


@contextmanager
def second_instance(platform: Platform, service: str) -> Iterator[tuple[subprocess.Popen[bytes], Address]]:
    """Another process of a service beside the one of the supervisor, on the same records."""
    ports = {"MODELYARD_THRIFT_PORT_BASE": str(free_base(7)), "MODELYARD_HEALTH_PORT_BASE": str(free_base(17))}
    ports["MODELYARD_GRPC_HEALTH_PORT_BASE"] = str(free_base(18) + 1)
    environ = {**child_environ(), **platform.environ, **ports}
    process = subprocess.Popen([sys.executable, "-m", f"services.{service}", "serve"], env=environ, stdin=subprocess.PIPE)
    try:
        yield process, Address("127.0.0.1", load({"MODELYARD_THRIFT_PORT_BASE": ports["MODELYARD_THRIFT_PORT_BASE"]}).thrift_port(service))
    finally:
        process.kill()
        process.communicate()


def test_all_services_and_the_gateway_are_found(on_zookeeper: Platform, view: Coordination) -> None:
    for service in RUNNING:
        until(lambda service=service: list(view.discovery.addresses(service)) == [address(on_zookeeper, service)])
    assert list(view.discovery.addresses("gateway")) == [Address("127.0.0.1", on_zookeeper.settings.gateway_port)]
    with on_zookeeper.client() as client:
        model = client.models.create("on-zookeeper")["id"]
        assert client.models.status(model)["missing"] == []


def test_a_killed_service_comes_back_into_the_view(on_zookeeper: Platform, view: Coordination) -> None:
    with on_zookeeper.client() as client:
        model = client.models.create("killed-service")["id"]
        pid = on_zookeeper.kill("train-serve")
        on_zookeeper.wait_ready("train-serve", other_than=pid)
        until(lambda: client.models.status(model)["missing"] == [])
        until(lambda: list(view.discovery.addresses("train")) == [address(on_zookeeper, "train")])


def test_two_instances_of_a_service_carry_each_other(on_zookeeper: Platform, view: Coordination) -> None:
    """One is killed, then the other is stopped: the status never lacks its part."""
    with on_zookeeper.client() as client, second_instance(on_zookeeper, "model") as (second, where):
        model = client.models.create("two-instances")["id"]
        both = {where, address(on_zookeeper, "model")}
        until(lambda: set(view.discovery.addresses("model")) == both)
        for _ in range(20):
            assert client.models.status(model)["missing"] == []
        pid = on_zookeeper.kill("model-serve")
        for _ in range(50):
            assert client.models.status(model)["missing"] == []
        on_zookeeper.wait_ready("model-serve", other_than=pid)
        until(lambda: set(view.discovery.addresses("model")) == both)
        second.terminate()
        while second.poll() is None:
            assert client.models.status(model)["missing"] == []
        assert second.returncode == 0
        until(lambda: list(view.discovery.addresses("model")) == [address(on_zookeeper, "model")])
        assert client.models.status(model)["missing"] == []


@pytest.mark.timeout(300)
def test_the_chain_goes_on_while_the_ensemble_is_away(on_zookeeper: Platform, servers: Servers, view: Coordination) -> None:
    with on_zookeeper.client() as client:
        before = client.models.create("before-the-outage")["id"]
        servers.kill()
        until(lambda: not view.session.connected)  # type: ignore[attr-defined]
        during = client.models.create("during-the-outage")["id"]
        for model in (before, during):
            assert client.models.status(model)["missing"] == []
        train, _ = questions(client, "outage")
        config = client.train.create_config(during, "tiny", options=TINY)
        task = client.train.create_task(config["id"], train["id"])["train_task"]
        succeeded(client.train.wait(task["id"], seconds=120))
        # A service that dies meanwhile comes back: it reads, is found where it was, and says what it cannot do yet.
        pid = on_zookeeper.kill("model-serve")
        on_zookeeper.wait_ready("model-serve", other_than=pid, seconds=60)
        until(lambda: client.models.status(during)["missing"] == [])
        with pytest.raises(ApiError) as caught:
            client.models.create("without-a-worker-number")
        assert (caught.value.code, caught.value.reason) == (503, "UNAVAILABLE")
        for server in servers.servers:
            server.start()
        servers.wait()
        for service in RUNNING:
            until(lambda service=service: list(view.discovery.addresses(service)) == [address(on_zookeeper, service)])

        until(lambda: numbered(on_zookeeper))
        after = client.models.create("after-the-outage")["id"]
        assert client.models.status(after)["missing"] == []


def numbered(platform: Platform) -> bool:
    """Whether a write that was refused for want of a worker number is taken now."""
    with platform.client() as client:
        try:
            client.models.create(f"probe-{os.urandom(4).hex()}")
        except ApiError as error:
            if error.code != 503:
                raise
            return False
        return True
