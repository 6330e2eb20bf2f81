"""One page of truth about a model: our composed status (one call, four services) against MLflow's server (three calls), and against the
bare prototype of the same call."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench import prototype
from bench.measure import Figure, load, show
from bench.mlflow_peer import serving
from libs.ops import supervisor
from tests.support import mariadb, zookeeper
from tests.support.chain import TINY, questions, succeeded
from tests.support.platform import Platform, running
from tests.support.ports import free_port

ROUNDS, SECONDS = 3, "3"
STORES = ("sqlite", "mariadb")


def main(environments: Path) -> None:
    """``STORE=mariadb make bench ARGS=status`` for one store; on MariaDB discovery is ZooKeeper's, and MLflow's records lie there too."""
    for store in [os.environ["STORE"]] if os.environ.get("STORE") else STORES:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as open_:
            scratch, settings, peer_store = Path(folder), {}, ""
            if store == "mariadb":
                (scratch / "mariadb").mkdir()
                (scratch / "zookeeper").mkdir()
                server = open_.enter_context(mariadb.running(scratch / "mariadb"))
                ensemble = open_.enter_context(zookeeper.ensemble(scratch / "zookeeper"))
                settings = {"database_url": server.fresh(), "zookeeper": ensemble.address}
                peer_store = mlflow_store(server)
            measure(environments, scratch, store, settings, peer_store)


def measure(environments: Path, scratch: Path, store: str, settings: dict[str, str], peer_store: str) -> None:
    with running(scratch / "home", **settings) as platform:
        path = prepare(platform)
        state = supervisor.read_state(platform.settings)
        assert state is not None
        ours = [part["pid"] for part in state["parts"] if part["name"] == "gateway" or part["name"].endswith("-serve")]
        port = free_port()
        peer = serving(environments / "mlflow", scratch, port, peer_store)
        with peer as (pid, paths), prototype.running(scratch) as (bare, gate, page):
            for connections in ("1", "32"):
                rounds: list[dict[str, Figure]] = []
                for _ in range(ROUNDS):
                    asked = ["http", "127.0.0.1", str(platform.settings.gateway_port), connections, SECONDS, path]
                    turn = {"modelyard": load(ours, asked, platform.headers()["authorization"])}
                    turn["mlflow, 3 calls"] = load([pid], ["http", "127.0.0.1", str(port), connections, SECONDS, *paths])
                    turn["prototype"] = load(bare, ["http", "127.0.0.1", str(gate), connections, SECONDS, page])
                    rounds.append(turn)
                title = f"composed model status, {store}, {connections} connections (the prototype on SQLite)"
                show(title, rounds, "modelyard", ["mlflow, 3 calls", "prototype"])


def mlflow_store(server: mariadb.MariaDB) -> str:
    """A schema and a user of its own for the peer."""
    with server.root() as conn, conn.cursor() as cursor:
        for statement in (
            "CREATE DATABASE peer CHARACTER SET utf8mb4",
            "CREATE USER 'peer'@'127.0.0.1' IDENTIFIED BY 'peer'",
            "GRANT ALL ON peer.* TO 'peer'@'127.0.0.1'",
        ):
            cursor.execute(statement)
    return f"mysql+pymysql://peer:peer@127.0.0.1:{server.port}/peer"


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
