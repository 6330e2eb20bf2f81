"""A small real chain for tests: documentation of a few modules, a handful of subjects, a model that trains in seconds."""

from __future__ import annotations

from typing import Any

from libs.client.sdk import Json, Modelyard

MODULES = ["json", "math", "textwrap", "heapq", "bisect", "shutil", "statistics"]
SUBJECTS = 12
TINY = {"epochs": 14, "batch_size": 16, "d_model": 64, "n_layer": 2, "n_head": 2, "vocab_size": 1024, "checkpoint_every_steps": 5}
LEARNS = {**TINY, "epochs": 24, "d_model": 96, "checkpoint_every_steps": 100}  # answers five of six unseen questions right


def succeeded(task: Json) -> Json:
    assert task["status"] == "SUCCEEDED", task["error"]
    return task


def dataset_step(client: Modelyard, dataset: Json, type: str, sub_type: str, source: Json | None, config: Json, **facts: Any) -> list[Json]:
    made = client.datasets.create_task(
        dataset["id"], type, sub_type, sub_type, input_version_id=source["id"] if source else None, config=config, **facts
    )
    task = succeeded(client.datasets.wait(made["dataset_task"]["id"], seconds=120))
    return [client.datasets.version(id) for id in task["output_version_ids"]]


def questions(client: Modelyard, name: str) -> tuple[Json, Json]:
    """The train and the test version of a new dataset ``name``."""
    dataset = client.datasets.create(name)
    [pages] = dataset_step(client, dataset, "Importing", "Pydoc_Import", None, {"options": {"modules": MODULES, "topics": False}})
    rules = [{"rule": "Strip_Html"}, {"rule": "Remove_Low_Quality"}, {"rule": "Deduplicate"}]
    [clean] = dataset_step(client, dataset, "Cleaning", "Custom_Cleaning", pages, {"rules": rules})
    convert = {"converter": "python_docs", "options": {"max_subjects": SUBJECTS}}
    [asked] = dataset_step(client, dataset, "Conversion", "Format_Conversion", clean, convert)
    split = {"options": {"group_by": "template", "test_fraction": 0.25}}
    train, test = dataset_step(client, dataset, "Splitting", "Train_Test_Split", asked, split)
    return train, test


def released(client: Modelyard, approver: Modelyard, name: str, seconds: float = 240) -> Json:
    """seconds: for each of its long steps. Facts of a model that went all the way to ONLINE: model, train and test version, task, order."""
    train, test = questions(client, name)
    model = client.models.create(name)
    gate = client.models.gate(model["id"])
    rules = [{"metric": "exact_match", "comparator": "AT_LEAST", "bound": 0.2, "min_items": "5"}]
    client.models.set_gate(model["id"], enabled=True, expected_version=gate["version"], rules=rules)
    config = client.train.create_config(model["id"], "tiny", options=LEARNS)
    task = succeeded(client.train.wait(client.train.create_task(config["id"], train["id"])["train_task"]["id"], seconds=seconds))
    eval_config = client.eval.create_config(model["id"], "unseen phrasings", test["id"])
    deployment = client.deploy.create_config(model["id"], "local", config={"eval_config_id": eval_config["id"]})
    order = client.deploy.create_order(deployment["id"], task["model_version_id"], "first")
    order = client.deploy.wait(order["id"], frozenset({"AWAITING_APPROVAL"}), seconds=seconds)
    assert order["status"] == "AWAITING_APPROVAL", order["error"]
    approver.deploy.approve(order["id"], order["version"], "fine")
    order = client.deploy.wait(order["id"], seconds=seconds)
    assert order["status"] == "ONLINE", order["error"]
    return {"model": model, "train": train, "test": test, "task": task, "order": order}


def evaluated(client: Modelyard, name: str, train: Json, test: Json, rules: list[Json], items: int, **people: Any) -> Json:
    """A run over a few items of a new model that was hardly trained. people: who rates its outputs, as a config says it."""
    model = client.models.create(name)
    gate = client.models.gate(model["id"])
    client.models.set_gate(model["id"], enabled=True, expected_version=gate["version"], rules=rules)
    config = client.train.create_config(model["id"], "tiny", options={**TINY, "epochs": 2})
    trained = succeeded(client.train.wait(client.train.create_task(config["id"], train["id"])["train_task"]["id"], seconds=240))
    judged = client.eval.create_config(model["id"], name, test["id"], options={"limit_items": items, "max_new_tokens": 8}, **people)
    run = client.eval.create_task(judged["id"], trained["model_version_id"])["eval_task"]
    return succeeded(client.eval.wait(run["id"], seconds=240))
