"""The audit of a platform: several domains' real records in one home, clean as they are; what one says of another must agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.settings import Settings
from libs.common.store.audit import Patience, Report
from libs.ops.audit import audit, counted, look
from services.deploy.repository import METADATA
from services.deploy.service import DeployService
from services.deploy.service.neighbours import Neighbours
from services.eval.domain.item import EvalItem
from tests.support.stores import caller, open_store
from tests.unit.dataset.world import World as DatasetWorld
from tests.unit.deploy import drive
from tests.unit.deploy.world import VERSIONS
from tests.unit.deploy.world import World as DeployWorld
from tests.unit.eval.world import World as EvalWorld
from tests.unit.train.world import Bench
from tests.unit.train.world import World as TrainWorld

ROOT = Path(__file__).parents[3]


class Home:
    """A home with one training that a worker did, one evaluation and one dataset version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.train = TrainWorld(folder)
        bench = Bench(self.train, folder, light=True)
        self.task = bench.attempt(self.train.task())
        assert self.task.status.name == "SUCCEEDED"
        project = self.train.models.get_project(caller(), id=self.train.project)
        self.train.models.delete_project(caller(expected=project.version), id=project.id)
        self.train.clock.advance(1)  # the next world's model service has the same worker number
        self.eval = EvalWorld(folder, self.train.clock)
        self.eval.task()
        held = self.eval.service.lifecycle.claim("w")
        assert held is not None
        self.eval.service.started(held)
        item = EvalItem(self.eval.db.ids.next(), held.id, 1, 0, "r", "q", "a", "a", True, 1.0, 0.1, 1, 1.0, "", {})
        self.eval.service.keep_result(held, [item], {"exact_match": 1.0}, 0, {})
        self.eval.service.finish(held)
        self.data = DatasetWorld(folder, self.train.clock)
        self.data.filled([{"instruction": "q", "input": "", "output": "a"}])

    def write(self, service: str, statement: str) -> None:
        engine = sa.create_engine(f"sqlite:///{self.folder / 'records' / (service + '.db')}")
        with engine.begin() as conn:
            assert conn.execute(sa.text(statement)).rowcount > 0
        engine.dispose()

    def look(self) -> Report:
        return look(Settings(home=str(self.folder)), Patience(self.train.clock.now_ms()))

    def close(self) -> None:
        for world in (self.train, self.eval, self.data):
            world.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


def test_real_records_are_clean(home: Home) -> None:
    report = home.look()
    assert [v for v in report.violations if "33" * 32 not in v.fact and "44" * 32 not in v.fact] == []
    for what in ("trainings in the model domain", "evaluations in the model domain", "model versions", "dataset tasks", "evidence"):
        assert report.looked["LINEAGE", what] > 0, what
    assert report.looked["I6", "references"] >= 4


LIES = {
    "weights the model domain does not know": ("LINEAGE", "model", "UPDATE model_version SET artifact_digest = 'x'"),
    "evidence that was never handed over": ("LINEAGE", "model", "DELETE FROM evidence"),
    "evidence of another digest": ("LINEAGE", "model", "UPDATE evidence SET digest = 'sha256:0'"),
    "evidence of nothing": ("LINEAGE", "model", "UPDATE evidence SET model_version_id = 7"),
    "a trained version without weights": (
        "LINEAGE",
        "model",
        "UPDATE model_version SET artifact_digest = '', artifact_uri = '' WHERE status = 20",
    ),
    "an item that is gone": ("LINEAGE", "eval", "DELETE FROM eval_item"),
    "a success without versions": ("LINEAGE", "dataset", "UPDATE dataset_task SET output_version_ids = '[]'"),
    "a success whose version is gone": ("LINEAGE", "dataset", "DELETE FROM dataset_version"),
    "a success without an artifact": ("LINEAGE", "train", "UPDATE train_task SET artifact_digest = '', artifact_uri = ''"),
    "an artifact that is nowhere": ("I6", "dataset", "UPDATE dataset_version SET uri = 'artifact://sha256:" + "5" * 64 + "'"),
    "a project of a status its history has not": ("I5", "model", "UPDATE model_project SET status = 50"),
    "a gate nobody switched": (
        "I5",
        "model",
        "INSERT INTO state_event SELECT e.id + 1, 'release_gate', g.id, 1, 1, 4, 'SET', '', 1, '', 1"
        " FROM state_event e, release_gate g ORDER BY e.id DESC LIMIT 1",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_planted_lie_is_found(home: Home, lie: str) -> None:
    invariant, service, statement = LIES[lie]
    before = set(home.look().violations)
    home.write(service, statement)
    assert invariant in {found.invariant for found in set(home.look().violations) - before}


def test_a_damaged_artifact_is_found(home: Home) -> None:
    before = set(home.look().violations)
    file = next(path for path in (home.folder / "artifacts" / "objects").rglob("*") if path.is_file() and path.name != "artifact.json")
    file.write_bytes(file.read_bytes() + b"x")
    assert [found.invariant for found in set(home.look().violations) - before] == ["I6"]


def test_an_order_must_agree_with_its_version(home: Home) -> None:
    world = DeployWorld(home.folder / "world")
    uri = "artifact://sha256:" + "a" * 64
    world.set(versions={str(VERSIONS[0]): {"status": 20, "uri": uri, "digest": uri.removeprefix("artifact://")}})
    db = open_store(home.folder, "deploy", METADATA, home.train.clock)
    service = DeployService(db, Neighbours(world.model, world.eval, world.dataset), 10.0)
    order = drive.order(service, drive.config(service))
    db.close()
    found = [violation for violation in home.look().violations if violation.kind == "work_order" and violation.invariant == "LINEAGE"]
    assert [violation.id for violation in found] == [str(order.id)]


def test_only_what_stays_wrong_counts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, clock = Settings(home=str(home.folder)), home.train.clock
    lasting = len(home.look().violations)
    home.write("eval", "UPDATE eval_task SET lease_until = 5")
    assert len(audit(settings, lambda: Patience(clock.now_ms()), 0.0).violations) == lasting + 1

    def mended(_seconds: float) -> None:
        home.write("eval", "UPDATE eval_task SET lease_until = 0")

    monkeypatch.setattr("libs.ops.audit.time.sleep", mended)
    assert len(audit(settings, lambda: Patience(clock.now_ms()), 0.0).violations) == lasting


def command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "MODELYARD_HOME": str(home), "COLUMNS": "200"}
    words = ("audit", "--settle", "0", *words)
    return subprocess.run(
        [sys.executable, "-m", "libs.client.cli", *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


def test_the_command_exits_1_and_says_what_is_wrong(home: Home) -> None:
    home.write("eval", "DELETE FROM eval_item")
    done = command(home.folder, "--json")
    assert done.returncode == 1, done.stderr
    shown = json.loads(done.stdout)
    assert "its figures are over 1 items, 0 are stored" in {found["fact"] for found in shown["violations"]}
    assert {row["invariant"] for row in shown["looked"]} >= {"I2", "I3", "I4", "I5", "I6", "LINEAGE"}
    told = command(home.folder)
    assert told.returncode == 1
    assert "its figures are over 1 items, 0 are stored" in told.stdout


def test_an_empty_home_is_clean(tmp_path: Path) -> None:
    done = command(tmp_path)
    assert (done.returncode, "Nothing is stored here." in done.stderr) == (0, True)


def test_violations_stand_once_per_invariant() -> None:
    report = Report()
    report.saw("I10", "slots", 3)
    report.saw("I2", "x", 1)
    report.saw("I2", "y", 2)
    report.wrong("I2", "s", "k", 1, "f")
    assert list(counted(report)) == [("I2", "x", 1, 1), ("I2", "y", 2, 0), ("I10", "slots", 3, 0)]
