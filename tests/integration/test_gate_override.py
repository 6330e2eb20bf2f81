"""A refusing gate over HTTP: explained, overridden by two people, visible while it lasts, and what was true before; on both stores."""

from __future__ import annotations

import time
from typing import Any

import pytest

from libs.client.sdk import ApiError, Json, Modelyard
from tests.support.chain import TINY, succeeded
from tests.support.platform import Platform

HOUR = 3_600_000
UNREACHABLE = [{"metric": "exact_match", "comparator": "AT_LEAST", "bound": 1.0, "min_items": "5"}]


@pytest.fixture(scope="module")
def refused(platform: Platform, parts: tuple[Json, Json]) -> Json:
    """A model too small to reach its bound, its deployment config, and the order that the gate refused."""
    train, test = parts
    with platform.client() as client:
        model = client.models.create("override")
        gate = client.models.gate(model["id"])
        client.models.set_gate(model["id"], enabled=True, expected_version=gate["version"], rules=UNREACHABLE, max_age_hours=48)
        config = client.train.create_config(model["id"], "tiny", options={**TINY, "epochs": 1})
        task = succeeded(client.train.wait(client.train.create_task(config["id"], train["id"])["train_task"]["id"], seconds=240))
        judge = client.eval.create_config(model["id"], "unseen phrasings", test["id"])
        deployment = client.deploy.create_config(model["id"], "local", config={"eval_config_id": judge["id"]})
        order = client.deploy.wait(client.deploy.create_order(deployment["id"], task["model_version_id"], "first")["id"], seconds=240)
        assert (order["status"], order["error"]["reason"]) == ("FAILED", "GATE_NOT_PASSED")
        return {"model": model, "version": task["model_version_id"], "deployment": deployment, "order": order}


def forbidden(call: Any) -> None:
    with pytest.raises(ApiError) as caught:
        call()
    assert (caught.value.code, caught.value.reason) == (403, "FORBIDDEN")


def test_every_rule_says_what_it_lacks(platform: Platform, refused: Json) -> None:
    with platform.client() as client:
        found = client.models.explain(refused["version"])
    assert (found["verdict"]["digest"], found["verdict"]["verdict"]) == (refused["order"]["digest"], "FAIL")
    assert found["max_age_hours"] == 48
    [rule, leak] = found["rules"]
    assert (rule["result"]["lack"], leak["result"]["lack"]) == ("MISSED", "NOTHING")
    assert rule["evidence"]["eval_task_id"] == refused["order"]["eval_task_id"]
    assert rule["step"]["en"].startswith("exact match 0")
    assert rule["step"]["zh"].startswith("完全匹配率 0")
    assert leak["step"] == {"en": "", "zh": ""}


def ordered(client: Modelyard, refused: Json, name: str) -> Json:
    created = client.deploy.create_order(refused["deployment"]["id"], refused["version"], name)
    return client.deploy.wait(created["id"], frozenset({"AWAITING_APPROVAL"}), seconds=240)


def test_two_people_let_it_pass_and_everybody_sees_it(platform: Platform, refused: Json) -> None:
    with platform.client() as first, platform.client(user=2) as second:
        digest, end = refused["order"]["digest"], int(time.time() * 1000) + HOUR
        asked = first.models.request_override(refused["version"], digest, "a fire", end)
        forbidden(lambda: first.models.confirm_override(asked["id"], asked["version"]))
        live = second.models.confirm_override(asked["id"], asked["version"], comment="seen")
        assert (live["status"], live["user_id"] != live["confirmer_id"]) == ("LIVE", True)
        again = ordered(second, refused, "of who confirmed")  # who confirmed it orders nothing by it
        assert (again["status"], again["error"]["reason"]) == ("FAILED", "GATE_NOT_PASSED")
        order = ordered(first, refused, "by two people")
        assert (order["status"], order["override_id"]) == ("AWAITING_APPROVAL", asked["id"]), order["error"]
        second.deploy.approve(order["id"], order["version"], "fine")
        order = first.deploy.wait(order["id"], seconds=240)
        assert order["status"] == "ONLINE", order["error"]
        status = first.models.status(refused["model"]["id"])
        assert [each["id"] for each in status["model"]["overrides"]] == [asked["id"]]
        [serving] = status["deploy"]["overridden"]
        assert (serving["work_order_id"], serving["ended"], serving["override_id"]) == (order["id"], False, asked["id"])
        told = [event["event"] for event in first.models.events("gate_override", asked["id"])]
        assert told == ["CREATE", "CONFIRM"]
        past = first.models.status(refused["model"]["id"], as_of=int(live["update_time"]) - 1)
        assert (past["model"]["overrides"], past["missing"]) == ([], [])
        assert all(slot["weights"] == [] for slot in past["deploy"]["slots"])
        now = first.models.status(refused["model"]["id"], as_of=int(time.time() * 1000))
        assert [each["digest"] for slot in now["deploy"]["slots"] for each in slot["weights"]] == [digest]
        assert now["model"]["status"] == "ONLINE"
        with pytest.raises(ApiError) as caught:
            first.call("GET", f"/models/{refused['model']['id']}/status", query={"as_of": "yesterday"})
        assert (caught.value.code, caught.value.field) == (400, "as_of")


def test_the_command_line_says_the_same(platform: Platform, refused: Json) -> None:
    said = platform.run("--lang", "en", "model", "explain", "override@1").stdout
    assert "exact match >= 1" in said
    assert "a fire" in said
    assert "serves past the gate" in (lambda done: done.stdout + done.stderr)(platform.run("--lang", "en", "model", "status", "override"))
    past = platform.run("model", "status", "override", "--at", "0m").stdout
    assert "v1 100%" in past
    assert "a fire" in past
