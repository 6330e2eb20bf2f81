"""A classifier of pictures through HTTP: folders of digits → training → evaluation → release → labels of a picture that is sent."""

from __future__ import annotations

import random

from libs.client.sdk import picture
from tests.support.chain import dataset_step, succeeded
from tests.support.digits import drawn, png, write_folders
from tests.support.platform import Platform

NAME = "drawn digits"


def test_from_folders_of_pictures_to_labels(platform: Platform) -> None:
    write_folders(platform.settings.import_path / str(platform.space(1)) / "digits", 60, seed=4)
    with platform.client() as client, platform.client(user=2) as approver:
        dataset = client.datasets.create(NAME, type="Image")
        [whole] = dataset_step(client, dataset, "Importing", "Media_Import", None, {"paths": ["digits"]})
        assert (whole["kind"], whole["records"]) == ("image", "600")
        train, test = dataset_step(client, dataset, "Splitting", "Train_Test_Split", whole, {"options": {"test_fraction": 0.2}})
        model = client.models.create(NAME)
        gate = client.models.gate(model["id"])
        rules = [{"metric": "accuracy", "comparator": "AT_LEAST", "bound": 0.9, "min_items": "50"}]
        client.models.set_gate(model["id"], enabled=True, expected_version=gate["version"], rules=rules)
        options = {"width": 16, "learning_rate": 3e-3, "epochs": 14}
        config = client.train.create_config(model["id"], "small", method="classify", options=options)
        task = succeeded(client.train.wait(client.train.create_task(config["id"], train["id"])["train_task"]["id"], seconds=240))
        assert client.models.version(task["model_version_id"])["family"] == "image_classifier"
        judged = client.eval.create_config(model["id"], "the other fifth", test["id"])
        deployment = client.deploy.create_config(model["id"], "local", config={"eval_config_id": judged["id"]})
        order = client.deploy.create_order(deployment["id"], task["model_version_id"], "first")
        order = client.deploy.wait(order["id"], frozenset({"AWAITING_APPROVAL"}), seconds=240)
        assert order["status"] == "AWAITING_APPROVAL", order["error"]
        evaluated = client.eval.task(order["eval_task_id"])
        assert evaluated["metrics"]["accuracy"] >= 0.9
        assert len(evaluated["classes"]["labels"]) == 10
        approver.deploy.approve(order["id"], order["version"], "fine")
        order = client.deploy.wait(order["id"], seconds=240)
        assert order["status"] == "ONLINE", order["error"]
        dice = random.Random(11)
        found = client.classify(NAME, [picture(png(drawn(digit, dice).resize((160, 160)))) for digit in "0123456789"])
        assert sum(each["label"] == digit for each, digit in zip(found, "0123456789", strict=True)) >= 8
