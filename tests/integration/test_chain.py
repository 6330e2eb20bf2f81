"""The whole chain on a small real input, through HTTP: data → training → evaluation → release → a streamed answer that says who spoke."""

from __future__ import annotations

import json
import os
import re
import signal
from typing import Any

import httpx
import openai
import pytest

from libs.client.sdk import ApiError, Json, Modelyard
from tests.support.chain import LEARNS, dataset_step, succeeded
from tests.support.platform import Platform
from tests.support.until import until

RULES_OFF = "a toy of a few seconds"


@pytest.fixture(scope="module")
def chain(platform: Platform, parts: tuple[Json, Json]) -> dict[str, Any]:
    """A model that went all the way to ONLINE."""
    train, test = parts
    with platform.client() as client, platform.client(user=2) as approver:
        model = client.models.create("chain")
        gate = client.models.gate(model["id"])
        rules = [{"metric": "exact_match", "comparator": "AT_LEAST", "bound": 0.5, "min_items": "10"}]
        client.models.set_gate(model["id"], enabled=True, expected_version=gate["version"], rules=rules)
        config = client.train.create_config(model["id"], "tiny", options=LEARNS)
        task = client.train.create_task(config["id"], train["id"])["train_task"]
        trained = succeeded(client.train.wait(task["id"], seconds=240))
        eval_config = client.eval.create_config(model["id"], "unseen phrasings", test["id"])
        evaluation = client.eval.create_task(eval_config["id"], trained["model_version_id"])["eval_task"]
        evaluated = succeeded(client.eval.wait(evaluation["id"], seconds=240))
        assert evaluated["verdict"] == "PASS", evaluated["metrics"]
        deployment = client.deploy.create_config(model["id"], "local", config={"eval_config_id": eval_config["id"]})
        order = client.deploy.create_order(deployment["id"], trained["model_version_id"], "first")
        order = client.deploy.wait(order["id"], frozenset({"AWAITING_APPROVAL"}), seconds=240)
        assert order["status"] == "AWAITING_APPROVAL", order["error"]
        with pytest.raises(ApiError) as caught:  # nobody approves a release of their own
            client.deploy.approve(order["id"], order["version"])
        assert caught.value.reason == "FORBIDDEN"
        approver.deploy.approve(order["id"], order["version"], "fine")
        order = client.deploy.wait(order["id"], seconds=240)
        assert order["status"] == "ONLINE", order["error"]
        return {
            "model": model,
            "train": train,
            "test": test,
            "task": trained,
            "eval": evaluated,
            "order": order,
            "eval_config": eval_config,
        }


def test_the_model_answers_from_a_knowledge_base(platform: Platform, chain: dict[str, Any]) -> None:
    """Its words are checked against the passages whatever it says; what people wrote is answered without it."""
    with platform.client() as client:
        base = client.knowledge.create("of the chain", model="chain", threshold=0.1)
        added = client.knowledge.add_dataset(base["id"], chain["test"]["id"])
        record = next(client.datasets.records(chain["test"]["id"]))
        assert (int(added["added"]), client.knowledge.get(base["id"])["documents"]) == (int(chain["test"]["records"]), added["added"])
        written = client.knowledge.ask(base["id"], record["instruction"])
        assert (written["outcome"], written["text"], written["model"]) == ("PAIR", record["output"], "")
        asked = client.knowledge.ask(base["id"], "json.dumps")
        assert asked["model"] == "chain"
        assert (asked["outcome"], asked["cause"]) in [("MODEL", "NONE"), ("REFUSED", "UNSUPPORTED")]
        assert all(each["supported"] == bool(each["citations"]) for each in asked["sentences"])


def test_the_digest_that_was_evaluated_is_the_digest_that_answers(platform: Platform, chain: dict[str, Any]) -> None:
    order = chain["order"]
    with platform.client() as client:
        judged = client.eval.task(order["eval_task_id"])
        assert (judged["target_kind"], judged["target_digest"]) == ("ENDPOINT", order["digest"])
        record = next(client.datasets.records(chain["test"]["id"]))
        answer = client.chat("chain", record["instruction"])
        text = answer.text()
        assert answer.digest == order["digest"]
        assert answer.version == "1"
        stored = {item["input"]: item["output"] for item in client.eval.items(order["eval_task_id"])}
        assert text == stored[record["instruction"]]  # the live answer is the evaluated answer
        verdict = client.models.verdict(chain["task"]["model_version_id"], order["digest"])
        assert (verdict["verdict"], verdict["digest"]) == ("PASS", order["digest"])


def test_the_status_joins_all_domains(platform: Platform, chain: dict[str, Any]) -> None:
    with platform.client() as client:
        status = client.models.status(chain["model"]["id"])
    assert status["missing"] == []
    assert status["model"]["project"]["status"] == "ONLINE"
    assert status["train"]["latest_task"]["id"] == chain["task"]["id"]
    assert status["eval"]["latest_task"]["target_digest"] == chain["order"]["digest"]
    assert status["deploy"]["latest_order"]["status"] == "ONLINE"
    [slot] = status["deploy"]["slots"]
    assert [(w["digest"], w["weight"]) for w in slot["weights"]] == [(chain["order"]["digest"], 100)]


def test_nobody_is_told_where_a_model_is_served(platform: Platform, chain: dict[str, Any]) -> None:
    """Whatever a viewer reads of a release holds no address and no key: only the gateway is told, and it carries the questions there."""
    with platform.client() as client:
        key = client.keys.create("a viewer", roles=["viewer"])["secret"]
    with Modelyard(platform.settings.gateway_address, token=key) as viewer:
        model = chain["model"]["id"]
        slots, status = list(viewer.deploy.slots(model)), viewer.models.status(model)
        answers = [*viewer.deploy.resolve_model(model), viewer.deploy.order(chain["order"]["id"]), viewer.eval.task(chain["eval"]["id"])]
        answers.append(viewer.eval.task(chain["order"]["eval_task_id"]))
    [instance] = [each for each in slots[0]["instances"] if each["state"] == "READY"]
    assert int(instance["pid"]) > 0, "it is really served"
    told = json.dumps([slots, status, answers])
    assert re.findall(r"https?://[^\"]*|\"(?:target_)?key\"", told) == []
    assert not [each for each in (instance, *answers) if each.get("address") or each.get("target_address")]


def test_lineage_leads_from_the_package_back_to_the_data(platform: Platform, chain: dict[str, Any]) -> None:
    with platform.client() as client:
        edges = client.models.lineage(chain["task"]["model_version_id"])
    found = {(edge["from_kind"], edge["relation"], edge["to_kind"]): (edge["from_id"], edge["to_id"]) for edge in edges}
    assert found["artifact", "PACKAGED_FROM", "artifact"] == (chain["order"]["digest"], chain["task"]["artifact_digest"])
    assert found["model_version", "TRAINED_ON", "dataset_version"][1] == chain["train"]["id"]
    assert found["model_version", "TRAINED_BY", "train_task"][1] == chain["task"]["id"]


def test_an_openai_client_talks_to_the_door(platform: Platform, chain: dict[str, Any]) -> None:
    record: Json = {}
    with platform.client() as client:
        record = next(client.datasets.records(chain["test"]["id"]))
        key = client.keys.create("an OpenAI client")["secret"]
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=platform.settings.gateway_address + "/v1", api_key="none").models.list()
    door = openai.OpenAI(base_url=platform.settings.gateway_address + "/v1", api_key=key)
    assert "chain" in [model.id for model in door.models.list()]
    messages: Any = [{"role": "user", "content": record["instruction"]}]
    whole = door.chat.completions.create(model="chain", messages=messages, temperature=0)
    pieces = [
        chunk.choices[0].delta.content or ""
        for chunk in door.chat.completions.create(model="chain", messages=messages, temperature=0, stream=True)
        if chunk.choices
    ]
    assert len(pieces) > 2
    assert "".join(pieces) == whole.choices[0].message.content
    with pytest.raises(openai.NotFoundError):
        door.chat.completions.create(model="nobody", messages=messages)
    with pytest.raises(openai.BadRequestError):
        door.chat.completions.create(model="chain", messages=messages, max_tokens=-1)


def told(platform: Platform, model: str, **body: Any) -> httpx.Response:
    asked = {"model": model, "messages": [{"role": "user", "content": "x"}], "max_tokens": 2, **body}
    url = f"{platform.settings.gateway_address}/v1/chat/completions"
    return httpx.post(url, json=asked, headers=platform.headers(), trust_env=False, timeout=60)


def described(platform: Platform, name: str = "") -> Any:
    url = f"{platform.settings.gateway_address}/v1/models" + (f"/{name}" if name else "")
    return httpx.get(url, headers=platform.headers(), trust_env=False, timeout=60).json()


def test_a_model_answers_under_all_its_names(platform: Platform, chain: dict[str, Any]) -> None:
    with platform.client() as client:
        project = client.models.get(chain["model"]["id"])
        project = client.models.update(project["id"], project["version"], name="renamed chain")
        champion = client.models.create_alias(project["id"], "champion", 1)
        names = ["chain", "renamed chain", "chain@1", "renamed chain@latest", "champion", project["id"], chain["task"]["model_version_id"]]
        for name in names:
            answer = told(platform, name)
            assert answer.status_code == 200, (name, answer.text)
            if name != "chain":  # which was asked a moment ago: what it stands for is believed for as long
                assert answer.json()["model"] == "renamed chain"  # what it is called now
            assert answer.headers["x-modelyard-digest"] == chain["order"]["digest"]
        card = described(platform, "champion")
        assert (card["id"], card["object"]) == ("renamed chain@1", "model")
        assert card["versions"] == [{"version": 1, "digest": chain["order"]["digest"], "weight": 100}]
        client.models.create_version(project["id"])
        unserved = told(platform, "chain@2").json()["error"]
        assert (unserved["code"], unserved["param"], unserved["limit"]) == ("model_not_found", "model", "online now: 1")
        client.models.delete_alias(champion["id"], champion["version"])
        project = client.models.get(project["id"])
        client.models.update(project["id"], project["version"], name="chain")
        assert [alias["name"] for alias in client.models.aliases(project["id"])] == ["renamed chain"]


def test_every_model_that_is_online_is_listed_however_many_there_are(platform: Platform, chain: dict[str, Any]) -> None:
    with platform.client() as client:
        for number in range(52):
            client.models.create(f"newer {number}")
    assert [card["id"] for card in described(platform)["data"]] == ["chain"]
    assert described(platform, "chain")["id"] == "chain"
    for name in ("newer 1", "nobody", "nobody@1"):
        error = described(platform, name)["error"]
        assert (error["code"], error["param"]) == ("model_not_found", "model")


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({"model": "nobody"}, 404, "model_not_found", "model"),
        ({"model": None}, 400, "missing_field", "model"),
        ({"model": "x" * 500}, 400, "invalid_argument", "model"),
        ({"temperature": 9}, 400, "too_large", "temperature"),
        ({"messages": [{"role": "user", "content": "many " * 300}]}, 400, "context_length_exceeded", "messages"),
        ({"messages": [{"role": "user", "content": "many " * 30_000}]}, 400, "context_length_exceeded", "messages"),
    ],
)
def test_the_gateway_and_the_process_refuse_in_one_shape(
    platform: Platform, chain: dict[str, Any], body: Json, status: int, code: str, param: str
) -> None:
    answer = told(platform, **{"model": "chain", **body})
    error = answer.json()["error"]
    assert {"message", "type", "code", "param"} <= set(error)
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)


def test_a_model_whose_process_restarts_is_not_gone(platform: Platform, chain: dict[str, Any]) -> None:
    """503 with a time to wait, never "deploy one first"."""
    with platform.client() as client:
        [slot] = client.deploy.slots(chain["model"]["id"])
        [instance] = [each for each in slot["instances"] if each["state"] == "READY"]
        os.kill(int(instance["pid"]), signal.SIGKILL)
    refusals: list[httpx.Response] = []

    def answers() -> bool:
        answer = told(platform, "chain")
        refusals.extend([answer] if answer.status_code != 200 else [])
        return answer.status_code == 200

    assert not answers()
    assert described(platform, "chain")["id"] == "chain"
    until(answers, 60)
    for refused in refusals:
        assert (refused.status_code, refused.json()["error"]["type"]) == (503, "server_error")
        assert int(refused.headers["retry-after"]) >= 1


def test_the_package_answers_as_the_weights_do_item_by_item(platform: Platform, chain: dict[str, Any]) -> None:
    first, second = chain["eval"]["id"], chain["order"]["eval_task_id"]
    with platform.client() as client:
        found = client.eval.compare(first, second)
        assert (found["pairs"], found["left_out"]) == (chain["eval"]["items"], "0")
        exact = found["metrics"][0]
        assert (exact["metric"], exact["first"]) == ("exact_match", pytest.approx(chain["eval"]["metrics"]["exact_match"]))
        assert (exact["difference"], exact["p"], exact["verdict"]) == (0.0, 1.0, "NO_DIFFERENCE_SHOWN")
        assert exact["low"] < 0 < exact["high"]  # with its uncertainty even so
        assert list(client.eval.differences(first, second)) == []
        with pytest.raises(ApiError) as caught:
            client.eval.compare(first, first)
        assert (caught.value.code, caught.value.field) == (400, "second_task_id")
    shown = platform.run("eval", "compare", first, second).stdout
    assert "exact_match" in shown
    assert "NO_DIFFERENCE_SHOWN" in shown


def test_finished_work_is_recognised(platform: Platform, chain: dict[str, Any]) -> None:
    with platform.client() as client:
        again = client.train.create_task(chain["task"]["train_config_id"], chain["train"]["id"], reuse=True)
        assert (again["reused"], again["train_task"]["id"]) == (True, chain["task"]["id"])
        judged = client.eval.create_task(chain["eval_config"]["id"], chain["task"]["model_version_id"], reuse=True)
        assert (judged["reused"], judged["eval_task"]["id"]) == (True, chain["eval"]["id"])


def test_the_test_part_cannot_be_trained_on(platform: Platform, chain: dict[str, Any]) -> None:
    with platform.client() as client, pytest.raises(ApiError) as caught:
        client.train.create_task(chain["task"]["train_config_id"], chain["test"]["id"])
    assert (caught.value.code, caught.value.field) == (400, "train_dataset_version_id")


def test_files_are_imported_and_bad_ones_named(platform: Platform) -> None:
    folder = platform.settings.import_path / str(platform.space(1))
    folder.mkdir(exist_ok=True)
    (folder / "好的.jsonl").write_text(
        "\n".join(json.dumps({"instruction": f"问{n}", "output": f"答{n}"}, ensure_ascii=False) for n in range(3))
    )
    (folder / "bad.jsonl").write_text('{"instruction": "a", "output": "b"}\n{"instruction": "a", ')
    with platform.client(language="zh") as client:
        dataset = client.datasets.create("files")
        [version] = dataset_step(client, dataset, "Importing", "File_Import", None, {"paths": ["好的.jsonl"]})
        assert (version["records"], version["kind"]) == ("3", "question_answer")
        [again] = dataset_step(client, dataset, "Importing", "File_Import", None, {"paths": ["好的.jsonl"]})
        assert again["id"] == version["id"]  # the same content is the same version
        made = client.datasets.create_task(dataset["id"], "Importing", "File_Import", "bad", config={"paths": ["bad.jsonl"]})
        failed = client.datasets.wait(made["dataset_task"]["id"], seconds=60)
        assert (failed["status"], failed["reason"]) == ("FAILED", "INVALID_INPUT")
        assert "bad.jsonl" in failed["error"]["message"]["zh"]
        assert str(failed["error"]["details"]["row"]) == "2"
        for path in ("../secret", "." * 300, "/".join(["a"] * 501)):
            with pytest.raises(ApiError) as caught:
                client.datasets.create_task(dataset["id"], "Importing", "File_Import", "escape", config={"paths": [path]})
            assert (caught.value.code, caught.value.reason, caught.value.field) == (400, "INVALID_PATH", "config.paths[0]")
            assert str(platform.settings.home_path) not in json.dumps(caught.value.facts)


def test_live_progress_is_streamed(platform: Platform, chain: dict[str, Any]) -> None:
    url = f"{platform.settings.gateway_address}/api/v1/train/tasks/{chain['task']['id']}/live"
    text = httpx.get(url, headers=platform.headers(), trust_env=False, timeout=30).text
    assert text.startswith("event: task\n")
    assert "event: metrics\n" in text
    assert text.rstrip().endswith('data: {"status":"SUCCEEDED"}')
