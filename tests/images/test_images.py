"""The images as the Docker engine runs them: who they run as, what they hold, how they end; and the whole chain inside containers."""

from __future__ import annotations

import pytest

from libs.client.sdk import Modelyard
from tests.support.chain import released
from tests.support.docker import ROOT, Docker, composed, facts
from tests.support.until import until

pytestmark = pytest.mark.timeout(2400)  # the first build downloads and compiles; afterwards its layers are there

SERVICES, SERVING = "modelyard/services:test", "modelyard/serving:test"
LOCKED = ["--rm", "--read-only", "--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp"]
FILES = [ROOT / "docker" / "compose.yaml"]


@pytest.mark.parametrize("image", [SERVICES, SERVING])
def test_an_image_runs_as_nobody_special_and_can_be_asked_how_it_is(images: Docker, image: str) -> None:
    config = facts(images, image)["Config"]
    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"][:2] == ["CMD", "python"]
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert images.run("docker", "run", *LOCKED, "--entrypoint", "id", image, "-u") == "10001"


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
        names = images.run(*words, "ps", "--quiet", **settings).split()
        assert len(names) == 10

        def healthy() -> bool:
            return all(facts(images, name)["State"]["Health"]["Status"] == "healthy" for name in names)

        until(healthy, 180, "a container is not healthy")
        published = [port for name in names for port, hosts in (facts(images, name)["NetworkSettings"]["Ports"] or {}).items() if hosts]
        assert published == ["8080/tcp"]  # the gateway's only
        address = "http://" + images.run(*words, "port", "gateway", "8080", **settings)
        with Modelyard(address, user=1, space=1, timeout=60) as client, Modelyard(address, user=2, space=1, timeout=60) as approver:
            chain = released(client, approver, "boxed", seconds=900)
            record = next(client.datasets.records(chain["test"]["id"]))
            answer = client.chat("boxed", record["instruction"])
            assert answer.text()
            assert answer.digest == chain["order"]["digest"]
        images.run(*words, "stop", "--timeout", "25", seconds=300, **settings)
        codes = {facts(images, name)["Name"]: facts(images, name)["State"]["ExitCode"] for name in names}
        assert set(codes.values()) == {0}, codes  # SIGTERM drained every one of them
