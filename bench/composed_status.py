"""One page of truth about a model: our composed status (one call, four services) against MLflow's server (three calls), and against the
bare prototype of the same call."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench import prototype
from bench.measure import Figure, load, show
from bench.mlflow_peer import serving
from libs.client import supervisor
from tests.support.chain import TINY, questions, succeeded
from tests.support.platform import Platform, running
from tests.support.ports import free_port

ROUNDS, SECONDS = 3, "3"


def main(environments: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with running(scratch / "home") as platform:
            path = prepare(platform)
            state = supervisor.read_state(platform.settings)
            assert state is not None
            ours = [part["pid"] for part in state["parts"] if part["name"] == "gateway" or part["name"].endswith("-serve")]
            port = free_port()
            with serving(environments / "mlflow", scratch, port) as (peer, paths), prototype.running(scratch) as (bare, gate, page):
                for connections in ("1", "32"):
                    rounds: list[dict[str, Figure]] = []
                    for _ in range(ROUNDS):
                        asked = ["http", "127.0.0.1", str(platform.settings.gateway_port), connections, SECONDS, path]
                        turn = {"modelyard": load(ours, asked, platform.headers()["authorization"])}
                        turn["mlflow, 3 calls"] = load([peer], ["http", "127.0.0.1", str(port), connections, SECONDS, *paths])
                        turn["prototype"] = load(bare, ["http", "127.0.0.1", str(gate), connections, SECONDS, page])
                        rounds.append(turn)
                    show(f"composed model status, {connections} connections", rounds, "modelyard", ["mlflow, 3 calls", "prototype"])


def prepare(platform: Platform) -> str:
    """A model with a trained and evaluated version. Returns the path of its status."""
    with platform.client() as client:
        train, test = questions(client, "bench")
        model = client.models.create("领域模型")
        config = client.train.create_config(model["id"], "tiny", options=TINY)
        task = succeeded(client.train.wait(client.train.create_task(config["id"], train["id"])["train_task"]["id"]))
        judge = client.eval.create_config(model["id"], "unseen", test["id"])
        succeeded(client.eval.wait(client.eval.create_task(judge["id"], task["model_version_id"])["eval_task"]["id"]))
        status = client.models.status(model["id"])
        assert status["missing"] == [], status
        return f"/api/v1/models/{model['id']}/status"
