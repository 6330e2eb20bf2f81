"""The images as the Docker engine runs them: who they run as, what they hold, how they end; and the whole chain inside containers."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from libs.client.sdk import ApiError, Modelyard
from tests.support.chain import released
from tests.support.docker import ROOT, Docker, composed, facts
from tests.support.people import People
from tests.support.until import until

# The first build downloads and compiles; afterwards its layers are there.
pytestmark = [pytest.mark.images, pytest.mark.timeout(2400)]

SERVICES, SERVING = "modelyard/services:test", "modelyard/serving:test"
LOCKED = ["--rm", "--read-only", "--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp"]
FILES = [ROOT / "docker" / "compose.yaml"]
WORKERS = {f"{service}-work" for service in ("dataset", "train", "eval", "deploy")}
PROCESSES = {"identity", "resource", "model", "dataset", "train", "eval", "deploy", "app", "gateway"} | WORKERS


@pytest.mark.parametrize("image", [SERVICES, SERVING])
def test_an_image_runs_as_nobody_special_and_can_be_asked_how_it_is(images: Docker, image: str) -> None:
    config = facts(images, image)["Config"]
    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"][:2] == ["CMD", "python"]
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert images.run("docker", "run", *LOCKED, "--entrypoint", "id", image, "-u") == "10001"


@pytest.mark.parametrize("image", [SERVICES, SERVING])
def test_nothing_in_an_image_installs_or_becomes_anybody_else(images: Docker, image: str) -> None:
    look = "find / -xdev -type f -perm /6000; command -v apt apt-get aptitude su sudo; true"
    assert images.run("docker", "run", *LOCKED, "--entrypoint", "sh", image, "-c", look) == ""


def test_the_serving_image_holds_what_serving_needs_and_no_more(images: Docker) -> None:
    """It starts on a read-only root, refuses a bundle that is not there in one sentence, and carries no torch and no driver."""
    options = "--bundle /bundle --expect-digest sha256:0 --model m --model-version 1"
    script = f'python -m services.deploy.engine.serving {options} 2>&1; echo "exit $?"'
    said = images.run("docker", "run", *LOCKED, "--entrypoint", "sh", SERVING, "-c", script)
    assert "manifest.json" in said  # what it misses first
    assert said.endswith("exit 3")
    look = "import importlib.util as u; print([n for n in ('torch','sqlalchemy','pymysql','thriftpy2','grpc','onnx') if u.find_spec(n)])"
    assert images.run("docker", "run", *LOCKED, "--entrypoint", "python", SERVING, "-c", look) == "[]"


def test_nothing_of_the_checkout_but_the_code_is_in_the_image(images: Docker) -> None:
    listed = images.run("docker", "run", *LOCKED, "--entrypoint", "ls", SERVICES, "/opt/code").split()
    assert {name for name in listed if "dist-info" not in name} == {"bin", "gateway", "idl", "libs", "ready.py", "services"}


@pytest.mark.slow
def test_the_chain_answers_inside_containers(images: Docker) -> None:
    settings = {"MODELYARD_IMAGE": SERVICES, "MODELYARD_PUBLISHED_PORT": "", "MODELYARD_ENGINE_THREADS": "1"}
    with composed(images, FILES, "modelyard-test", **settings) as words:
        boxes = Boxes(images, words, settings)
        assert boxes.running() == PROCESSES
        boxes.chain_answers("boxed")
        assert "model.db" in boxes.within("model", "ls", "/var/lib/modelyard/records")
        boxes.all_drain()


@pytest.mark.slow
@pytest.mark.usefixtures("stores")
def test_the_chain_answers_with_mariadb_and_zookeeper_in_containers(images: Docker, tmp_path: Path) -> None:
    password = secrets.token_urlsafe(16)
    (tmp_path / "database-password").write_text(password)
    url = f"mysql+pymysql://modelyard:{password}@mariadb/modelyard_{{service}}"
    (tmp_path / "modelyard.toml").write_text(f'database_url = "{url}"\nzookeeper = "zookeeper:2181/modelyard"\n')
    settings = {
        "MODELYARD_IMAGE": SERVICES,
        "MODELYARD_MARIADB_IMAGE": "modelyard/mariadb:test",
        "MODELYARD_ZOOKEEPER_IMAGE": "modelyard/zookeeper:test",
        "MODELYARD_PUBLISHED_PORT": "",
        "MODELYARD_ENGINE_THREADS": "1",
        "MODELYARD_SECRETS": str(tmp_path),
    }
    with composed(images, [*FILES, ROOT / "docker" / "compose.stores.yaml"], "modelyard-stores-test", **settings) as words:
        boxes = Boxes(images, words, settings)
        assert boxes.running() == PROCESSES | {"mariadb", "zookeeper"}
        assert boxes.state("migrate")["ExitCode"] == 0
        boxes.chain_answers("stored")
        client = ["mariadb", "--host=127.0.0.1", "--user=modelyard", "--skip-column-names"]
        found = boxes.within("mariadb", "env", f"MYSQL_PWD={password}", *client, "--execute", WHERE)
        assert found.split() == ["1"]  # the records are there and nowhere else:
        assert "records" not in boxes.within("model", "ls", "/var/lib/modelyard").split()
        boxes.all_drain()


WHERE = "SELECT COUNT(*) FROM modelyard_model.model_project WHERE name = 'stored'"


@dataclass(frozen=True)
class Boxes:
    """The containers of one compose project. words: what a command of its begins with; settings: what it was started with."""

    docker: Docker
    words: list[str]
    settings: dict[str, str]

    def _all(self) -> dict[str, dict[str, Any]]:
        found = [facts(self.docker, name) for name in self.docker.run(*self.words, "ps", "--quiet", **self.settings).split()]
        return {box["Config"]["Labels"]["com.docker.compose.service"]: box for box in found}

    def state(self, service: str) -> dict[str, Any]:
        return dict(self._all()[service]["State"])

    def running(self) -> set[str]:
        return {service for service, box in self._all().items() if box["State"]["Running"]}

    def within(self, service: str, *command: str) -> str:
        """The stdout of a command inside a container."""
        return self.docker.run(*self.words, "exec", "-T", service, *command, **self.settings)

    def chain_answers(self, name: str) -> None:
        """All become healthy, one port is published, the first owner is made once, and a model goes from pages to an answer."""
        until(self._healthy, 300, "a container is not healthy")
        published = [port for box in self._all().values() for port, hosts in (box["NetworkSettings"]["Ports"] or {}).items() if hosts]
        assert published == ["8080/tcp"]  # the gateway's only
        address = "http://" + self.docker.run(*self.words, "port", "gateway", "8080", **self.settings)
        first = json.loads(self.within("identity", "python", "-m", "services.identity", "first").splitlines()[-1])
        assert json.loads(self.within("identity", "python", "-m", "services.identity", "first").splitlines()[-1]) == {}
        with Modelyard(address, timeout=60) as nobody, pytest.raises(ApiError) as refused:
            nobody.models.create(name)
        assert refused.value.code == 401
        with Modelyard(address, token=first["access_token"], space=1, timeout=60) as owner:
            approver = People().token(owner, 2, 1)
            with Modelyard(address, token=approver, space=1, timeout=60) as other:
                chain = released(owner, other, name, seconds=900)
            record = next(owner.datasets.records(chain["test"]["id"]))
            answer = owner.chat(name, record["instruction"])
            assert answer.text()
            assert answer.digest == chain["order"]["digest"]

    def _healthy(self) -> bool:
        return all(box["State"]["Health"]["Status"] == "healthy" for box in self._all().values() if box["State"]["Running"])

    def all_drain(self) -> None:
        """SIGTERM ends every process of ours by itself."""
        self.docker.run(*self.words, "stop", "--timeout", "60", seconds=300, **self.settings)
        codes = {service: box["State"]["ExitCode"] for service, box in self._all().items() if service in PROCESSES}
        assert set(codes.values()) == {0}, codes
