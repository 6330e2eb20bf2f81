"""Invariant I10: a model that was trained on its test does not pass the gate, whichever way the test came into its training.

The real worker, engine and model service, and a gate that asks for less than the model reaches. The ways: the whole a test was split from,
the same records brought again under other ids and in other files, near copies of them, and what its base was trained on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.model.domain.version import ModelVersion, ModelVersionStatus
from tests.support.evidence import Evidence
from tests.support.stores import caller
from tests.unit.eval.material import model_answers, record, write_model, write_version
from tests.unit.eval.test_worker import Bench
from tests.unit.eval.world import World

TOKENS = 8
TEST, TRAINING, OTHER = 700, 650, 651
ASKED = [
    f"Please say in one or two short sentences what module{number}.call does with a mapping whose keys are not strings"
    for number in range(12)
]


class Yard:
    """A platform with a model and a test, half of whose answers the model gives. ``rows``: the records of that test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.world = folder, World(folder)
        self.bench = Bench(self.world, folder)
        self.model = write_model(folder / "weights", block_size=96)
        said = model_answers(self.model, ASKED, TOKENS)
        self.rows = [record(number, ASKED[number], said[number] if number % 2 == 0 else "It calls.") for number in range(len(ASKED))]
        self.world.gate(("exact_match", 0.5))
        self.config = self.world.config(options={"max_new_tokens": TOKENS}, metrics=["exact_match"])
        self.version(TEST, self.rows)

    def version(self, id: int, rows: list[dict[str, Any]], **facts: Any) -> int:
        uri, _ = self.world.artifacts.publish(write_version(self.folder / f"rows-{id}-{len(self.world.dataset.versions)}", rows))
        return self.world.dataset.add(id, uri=uri, **facts)

    def trained(self, *datasets: int) -> ModelVersion:
        return self.world.trained(*self.world.artifacts.publish(self.model), datasets=datasets)

    def on_a_base(self, *datasets: int) -> ModelVersion:
        """A version that was trained on nothing of its own, from a base that was trained on these."""
        base, models = self.trained(*datasets), self.world.models
        version = models.create_version(
            caller(service="train"), project_id=self.world.project, dataset_version_ids=[], base_version_id=base.id
        )
        models.start_training(caller(), id=version.id, train_task_id=901)
        uri, digest = self.world.artifacts.publish(self.model)
        return models.record_trained(caller(), id=version.id, train_task_id=901, artifact_uri=uri, artifact_digest=digest)


def split_from_the_whole(yard: Yard) -> ModelVersion:
    yard.version(TRAINING, yard.rows, part="whole")
    yard.version(TEST, yard.rows, parent_version_id=TRAINING)
    return yard.trained(TRAINING)


def brought_again(yard: Yard) -> ModelVersion:
    rows = [{**row, "id": f"{900 + number:032x}"} for number, row in enumerate(reversed(yard.rows))]
    return yard.trained(yard.version(TRAINING, [record(99, "Something else?", "Yes."), *rows], part="train"))


def near_copies(yard: Yard) -> ModelVersion:
    rows = [
        {**row, "id": f"{800 + number:032x}", "instruction": "Now " + row["instruction"].lower()} for number, row in enumerate(yard.rows)
    ]
    return yard.trained(yard.version(TRAINING, rows, part="train"))


def one_of_two_versions(yard: Yard) -> ModelVersion:
    clean = yard.version(OTHER, [record(99, "Something else?", "Yes.")], part="train")
    return yard.trained(clean, yard.version(TRAINING, yard.rows[:3], part="train"))


def what_its_base_saw(yard: Yard) -> ModelVersion:
    return yard.on_a_base(yard.version(TRAINING, yard.rows, part="whole"))


WAYS = (split_from_the_whole, brought_again, near_copies, one_of_two_versions, what_its_base_saw)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.world.close()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_whichever_way_the_test_came_into_training_the_gate_says_no(yard: Yard, way: Any, evidence: Evidence) -> None:
    done = yard.bench.attempt(yard.world.task(way(yard), yard.config))
    passed = done.verdict == "PASS" or yard.bench.version(done).status == ModelVersionStatus.QUALIFIED
    evidence("I10", "models trained on their test", tries=1, violations=int(passed))
    assert done.metrics["exact_match"] >= 0.5, "its score alone would do"
    assert done.metrics["leak"] > 0
    assert done.verdict == "FAIL"
    assert yard.bench.version(done).status == ModelVersionStatus.REJECTED
    assert done.overlap["examples"], "and it is shown which"


def test_a_model_trained_on_something_else_passes(yard: Yard) -> None:
    """The control: the same score, the same gate."""
    clean = yard.version(TRAINING, [record(99, "Something else?", "Yes.")], part="train")
    done = yard.bench.attempt(yard.world.task(yard.trained(clean), yard.config))
    assert (done.metrics["leak"], done.verdict) == (0.0, "PASS")
