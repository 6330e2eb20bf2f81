"""A classifier of texts in two languages through HTTP: labelled data → training → evaluation → release → labels that say who gave them."""

from __future__ import annotations

import csv
from typing import Any

import httpx
import pytest

from libs.client.sdk import ApiError, Json
from tests.support.chain import dataset_step, succeeded
from tests.support.classes import WORDS, rows
from tests.support.platform import Platform

NAME = "subjects"


@pytest.fixture(scope="module")
def halves(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> tuple[Json, Json]:
    """A CSV whose columns have other names, imported and split: in each language one kind of sentence is held out."""
    file = tmp_path_factory.mktemp("texts") / "subjects.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["sentence", "subject of it", "lang", "template"])
        writer.writerows(each.values() for each in rows())
    with platform.client() as client:
        dataset = client.datasets.create(NAME)
        path = client.datasets.upload(file)["path"]
        columns = {"text": "sentence", "label": "subject of it"}
        [whole] = dataset_step(client, dataset, "Importing", "File_Import", None, {"paths": [path], "options": {"columns": columns}})
        assert (whole["kind"], int(whole["records"])) == ("classification", len(rows()))
        split = {"options": {"group_by": "template", "test_fraction": 0.25}}
        train, test = dataset_step(client, dataset, "Splitting", "Train_Test_Split", whole, split)
        return train, test


@pytest.fixture(scope="module")
def online(platform: Platform, halves: tuple[Json, Json]) -> dict[str, Any]:
    """A classifier that went all the way to ONLINE."""
    train, test = halves
    with platform.client() as client, platform.client(user=2) as approver:
        model = client.models.create(NAME)
        gate = client.models.gate(model["id"])
        rules = [{"metric": "accuracy", "comparator": "AT_LEAST", "bound": 0.9, "min_items": "20"}]
        rules += [{"metric": "ece", "comparator": "AT_MOST", "bound": 0.1}]
        client.models.set_gate(model["id"], enabled=True, expected_version=gate["version"], rules=rules)
        config = client.train.create_config(model["id"], "small", method="classify", options={"epochs": 6})
        made = client.train.create_task(config["id"], train["id"], valid_dataset_version_id=train["id"])
        task = succeeded(client.train.wait(made["train_task"]["id"], seconds=120))
        assert int(made["preview"]["steps"]) == task["result"]["steps"]
        assert int(made["preview"]["parameters"]) == task["result"]["parameters"]
        judged = client.eval.create_config(model["id"], "the other quarter", test["id"])
        run = client.eval.create_task(judged["id"], task["model_version_id"])["eval_task"]
        evaluated = succeeded(client.eval.wait(run["id"], seconds=120))
        deployment = client.deploy.create_config(model["id"], "local", config={"eval_config_id": judged["id"]})
        order = client.deploy.create_order(deployment["id"], task["model_version_id"], "first")
        order = client.deploy.wait(order["id"], frozenset({"AWAITING_APPROVAL"}), seconds=240)
        assert order["status"] == "AWAITING_APPROVAL", order["error"]
        approver.deploy.approve(order["id"], order["version"], "fine")
        order = client.deploy.wait(order["id"], seconds=240)
        assert order["status"] == "ONLINE", order["error"]
        return {"model": model, "test": test, "task": task, "eval": evaluated, "order": order}


def test_what_it_learned_is_measured(platform: Platform, online: dict[str, Any]) -> None:
    found, result = online["eval"], online["task"]["result"]
    assert found["metrics"]["accuracy"] >= 0.9
    assert found["metrics"]["accuracy.en"] >= 0.9
    assert found["metrics"]["accuracy.zh"] >= 0.9
    assert found["metrics"]["macro_f1"] >= 0.9
    assert 0 <= found["metrics"]["ece"] <= 0.1
    assert found["verdict"] == "PASS"
    assert set(result["labels"]) == set(WORDS)
    assert result["valid_accuracy"] >= 0.9
    classes = found["classes"]
    assert classes["labels"] == sorted(WORDS)
    assert sum(map(sum, classes["confusion"])) == int(found["items"]) == sum(each["items"] for each in classes["calibration"])
    with platform.client() as client:
        version = client.models.version(online["task"]["model_version_id"])
    assert version["family"] == "text_classifier"


def test_the_package_answers_as_the_weights_do(platform: Platform, online: dict[str, Any]) -> None:
    with platform.client() as client:
        weights = {item["record_id"]: item["output"] for item in client.eval.items(online["eval"]["id"])}
        package = {item["record_id"]: item["output"] for item in client.eval.items(online["order"]["eval_task_id"])}
        assert weights == package
        parity = client.deploy.order(online["order"]["id"])["evidence"]["parity"]
    assert parity["max_abs_diff"] <= parity["tolerance"]
    assert len(parity["shapes"]) >= 3


def test_it_answers_with_labels_and_probabilities(platform: Platform, online: dict[str, Any]) -> None:
    with platform.client() as client:
        first, second = client.classify(NAME, ["The striker scored after a penalty.", "明天有暴雨和大风。"])
        [few] = client.classify(NAME, "央行下调了利率，股价上涨", top=1)
    assert (first["label"], second["label"]) == ("sport", "weather")
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert list(first["probabilities"]) == sorted(first["probabilities"], key=lambda label: -first["probabilities"][label])
    assert few["probabilities"] == {"economy": few["probability"]}
    answer = httpx.post(
        f"{platform.settings.gateway_address}/v1/classify",
        json={"model": f"{NAME}@1", "input": "thunder"},
        headers={**platform.headers(), "x-request-id": "asked-once"},
        trust_env=False,
        timeout=30,
    )
    assert answer.headers["x-modelyard-digest"] == online["order"]["digest"] == answer.json()["system_fingerprint"]
    assert answer.headers["x-modelyard-model-version"] == "1"
    assert answer.json()["id"].startswith("cls-") or answer.headers["x-request-id"] in answer.json()["id"]
    assert "weather" in platform.run("classify", "a heat wave", "--model", NAME).stdout


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "input"),
        ({"input": ""}, 400, "input"),
        ({"input": []}, 400, "input"),
        ({"input": ["a"] * 65}, 400, "input"),
        ({"input": ["a", 3]}, 400, "input[1]"),
        ({"input": "x" * 100_001}, 400, "input"),
        ({"input": "a", "top": 0}, 400, "top"),
        ({"input": "a", "temperature": 0}, 400, "temperature"),
        ({"messages": []}, 400, "messages"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(
    platform: Platform, online: dict[str, Any], body: dict[str, Any], status: int, field: str
) -> None:
    url = f"{platform.settings.gateway_address}/v1/classify"
    answer = httpx.post(url, json={"model": online["model"]["name"], **body}, headers=platform.headers(), trust_env=False, timeout=30)
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, field)


def test_who_asks_it_for_a_chat_is_told(platform: Platform, online: dict[str, Any]) -> None:
    with platform.client() as client, pytest.raises(ApiError) as caught:
        client.chat(online["model"]["name"], "hello").text()
    assert caught.value.code == 404


def test_what_does_not_fit_together_is_refused_before_anything_starts(
    platform: Platform, online: dict[str, Any], halves: tuple[Json, Json], parts: tuple[Json, Json]
) -> None:
    model, version = online["model"]["id"], online["task"]["model_version_id"]
    with platform.client() as client:
        with pytest.raises(ApiError) as caught:
            client.train.create_task(online["task"]["train_config_id"], parts[0]["id"])
        assert (caught.value.code, caught.value.field) == (400, "train_dataset_version_id")
        with pytest.raises(ApiError) as caught:
            client.train.create_config(model, "on it", method="sft", base_version_id=version)
        assert (caught.value.code, caught.value.field) == (400, "base_version_id")
        with pytest.raises(ApiError) as caught:
            client.eval.create_config(model, "odd", halves[1]["id"], metrics=["accuracy", "perplexity"])
        assert (caught.value.code, caught.value.field) == (400, "metrics[1]")
