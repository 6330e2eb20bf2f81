"""A version is tuned through HTTP by each method: what it was made of is known, and what it learned is measured and evaluated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from libs.client.sdk import ApiError, Json, Modelyard
from tests.support import checkpoints
from tests.support.chain import TINY, dataset_step, succeeded
from tests.support.platform import Platform

SHORT = {"epochs": 1, "batch_size": 16}
WHATEVER_IT_REPEATS = {"metric": "leak", "comparator": "AT_MOST", "bound": 1.0}  # what theirs was trained on nobody knows


@pytest.fixture(scope="module")
def base(platform: Platform, parts: tuple[Json, Json]) -> Json:
    """A version of a small model that has hardly begun."""
    with platform.client() as client:
        model = client.models.create("tuned")
        config = client.train.create_config(model["id"], "first", options={**TINY, "epochs": 2})
        task = client.train.create_task(config["id"], parts[0]["id"])["train_task"]
        return client.models.version(succeeded(client.train.wait(task["id"], seconds=240))["model_version_id"])


def tuned(client: Modelyard, base: Json, method: str, data: Json, valid: Json, **options: Any) -> Json:
    name = f"by {method}"
    config = client.train.create_config(base["project_id"], name, method=method, base_version_id=base["id"], options={**SHORT, **options})
    made = client.train.create_task(config["id"], data["id"], valid_dataset_version_id=valid["id"])
    assert int(made["preview"]["memory_bytes"]) > 4 * int(made["preview"]["parameters"]) > 0
    task = succeeded(client.train.wait(made["train_task"]["id"], seconds=240))
    assert int(made["preview"]["steps"]) == task["result"]["steps"]
    return task


def test_with_adapters_and_then_judged(platform: Platform, base: Json, parts: tuple[Json, Json]) -> None:
    train, test = parts
    with platform.client() as client:
        task = tuned(client, base, "lora", train, train, rank=4)
        assert task["base_version_id"] == base["id"]
        assert task["snapshot"]["base"] == {"digest": base["artifact_digest"]}
        assert 0 < task["result"]["trained_parameters"] < task["result"]["parameters"]
        edges = client.models.lineage(task["model_version_id"])
        assert [edge["to_id"] for edge in edges if edge["relation"] == "BASED_ON"] == [base["id"]]
        judged = client.eval.create_config(base["project_id"], "few", test["id"], options={"limit_items": 5, "max_new_tokens": 8})
        run = client.eval.create_task(judged["id"], task["model_version_id"])["eval_task"]
        assert succeeded(client.eval.wait(run["id"], seconds=240))["metrics"]["token_f1"] >= 0
        again = client.train.create_task(task["train_config_id"], train["id"], valid_dataset_version_id=train["id"], reuse=True)
        assert (again["reused"], again["train_task"]["id"]) == (True, task["id"])


def test_by_preference(platform: Platform, base: Json, parts: tuple[Json, Json], tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    pairs = [{"prompt": f"Say {n}.", "chosen": f"It is {n}.", "rejected": f"No {n}, never."} for n in range(48)]
    file.write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    with platform.client() as client:
        dataset = client.datasets.create("preferences")
        path = client.datasets.upload(file)["path"]
        [version] = dataset_step(client, dataset, "Importing", "File_Import", None, {"paths": [path]})
        assert version["kind"] == "preference_pair"
        with pytest.raises(ApiError) as caught:
            tuned(client, base, "dpo", parts[0], version)
        assert (caught.value.code, caught.value.field) == (400, "train_dataset_version_id")
        task = tuned(client, {**base, "project_id": client.models.create("preferring")["id"]}, "dpo", version, version, learning_rate=3e-3)
        points = list(client.train.metrics(task["id"], names=["margin", "preferred"]))
        curve = [point["value"] for point in points if point["name"] == "margin"]
        assert curve[0] == 0
        assert curve[-1] == task["result"]["margin"] > 0
        assert task["result"]["preferred"] > 0.5


def test_a_folder_of_others_from_tuning_to_an_answer(platform: Platform, parts: tuple[Json, Json], tmp_path: Path) -> None:
    train, test = parts
    folder = checkpoints.folder(tmp_path / "theirs", "Qwen2ForCausalLM", max_position_embeddings=512)
    with platform.client() as client, platform.client(user=2) as approver:
        model = client.models.create("tuned of theirs")
        files = [{"name": path.name, "path": client.datasets.upload(path)["path"]} for path in sorted(folder.iterdir())]
        theirs = client.models.import_checkpoint(model["id"], files=files, source="a maker's page")
        task = tuned(client, theirs, "lora", train, train, target_layers=["q_proj", "v_proj"], max_left_out=1.0)
        version = client.models.version(task["model_version_id"])
        assert (version["layout"], version["base_version_id"]) == ("qwen2", theirs["id"])

        judged = client.eval.create_config(model["id"], "few", test["id"], options={"limit_items": 6, "max_new_tokens": 8})
        gate = client.models.gate(model["id"])
        rules = [{"metric": "exact_match", "comparator": "AT_LEAST", "bound": 0.0, "min_items": "5"}, WHATEVER_IT_REPEATS]
        client.models.set_gate(model["id"], enabled=True, expected_version=gate["version"], rules=rules)
        deployment = client.deploy.create_config(model["id"], "local", config={"eval_config_id": judged["id"], "max_new_tokens": 8})
        order = client.deploy.create_order(deployment["id"], version["id"], "first")
        order = client.deploy.wait(order["id"], frozenset({"AWAITING_APPROVAL"}), seconds=240)
        assert order["status"] == "AWAITING_APPROVAL", order["error"]
        approver.deploy.approve(order["id"], order["version"], "fine")
        order = client.deploy.wait(order["id"], seconds=240)
        assert order["status"] == "ONLINE", order["error"]
        first = next(iter(client.eval.items(order["eval_task_id"])))
        answer = client.chat("tuned of theirs", first["input"], max_tokens=8)
        assert answer.text() == first["output"]
        assert answer.digest == order["digest"]
