"""A checkpoint made elsewhere, through HTTP: sent, imported, evaluated, released, asked. No library of its maker is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.client.sdk import ApiError, Json, Modelyard
from tests.support import checkpoints
from tests.support.chain import succeeded
from tests.support.platform import Platform

ANY = {"metric": "exact_match", "comparator": "AT_LEAST", "bound": 0.0, "min_items": "5"}
WHATEVER_IT_REPEATS = {"metric": "leak", "comparator": "AT_MOST", "bound": 1.0}


def test_from_a_folder_of_others_to_an_answer(platform: Platform, parts: tuple[Json, Json], tmp_path: Path) -> None:
    test = parts[1]
    folder = checkpoints.folder(tmp_path / "theirs", "LlamaForCausalLM", shards=2)
    with platform.client() as client, platform.client(user=2) as approver:
        model = client.models.create("made elsewhere")
        version = client.models.import_checkpoint(model["id"], files=sent(client, folder), source="a maker's page")
        assert (version["status"], version["layout"], version["source"]) == ("TRAINED", "llama", "a maker's page")

        judged = client.eval.create_config(model["id"], "theirs", test["id"], options={"limit_items": 8, "max_new_tokens": 8})
        rules(client, model["id"], [ANY])
        run = client.eval.create_task(judged["id"], version["id"])["eval_task"]
        measured = succeeded(client.eval.wait(run["id"], seconds=240))
        assert measured["verdict"] == "NO_DATA", "nobody knows what it was trained on: never a silent pass"
        leak = client.models.explain(version["id"])["rules"][-1]
        assert (leak["result"]["lack"], leak["found"]["en"][:9]) == ("UNKNOWN", "not known")
        assert "leak<=1" in leak["step"]["en"]
        assert "leak<=1" in leak["step"]["zh"]

        rules(client, model["id"], [ANY, WHATEVER_IT_REPEATS])
        facts = {"eval_config_id": judged["id"], "max_new_tokens": 8}
        deployment = client.deploy.create_config(model["id"], "local", config=facts)
        order = client.deploy.create_order(deployment["id"], version["id"], "first")
        order = client.deploy.wait(order["id"], frozenset({"AWAITING_APPROVAL"}), seconds=240)
        assert order["status"] == "AWAITING_APPROVAL", order["error"]
        parity = client.deploy.order(order["id"])["evidence"]["parity"]
        assert parity["greedy_equal_share"] == 1
        assert len(parity["shapes"]) > 3
        approver.deploy.approve(order["id"], order["version"], "fine")
        order = client.deploy.wait(order["id"], seconds=240)
        assert order["status"] == "ONLINE", order["error"]

        answer = client.chat("made elsewhere", "What does json.dumps do? <|eot_id|>", max_tokens=8)
        answer.text()
        assert answer.digest == order["digest"]
        first = next(iter(client.eval.items(order["eval_task_id"])))
        assert client.chat("made elsewhere", first["input"], max_tokens=8).text() == first["output"]


def test_what_is_wrong_is_said_and_no_version_is_left(platform: Platform, tmp_path: Path) -> None:
    folder = checkpoints.folder(tmp_path / "odd", num_hidden_layers=1)
    (folder / "config.json").write_text((folder / "config.json").read_text().replace('"num_hidden_layers": 1', '"num_hidden_layers": 2'))
    with platform.client() as client:
        model = client.models.create("odd one")
        with pytest.raises(ApiError) as caught:
            client.models.import_checkpoint(model["id"], files=sent(client, folder))
        assert list(client.models.versions(model["id"])) == []
    assert (caught.value.reason, caught.value.code) == ("CHECKPOINT_REFUSED", 422)
    assert "model.layers.1.input_layernorm.weight" in str(caught.value)


def sent(client: Modelyard, folder: Path) -> list[Json]:
    return [{"name": path.name, "path": client.datasets.upload(path)["path"]} for path in sorted(folder.iterdir())]


def rules(client: Modelyard, model_id: str, wanted: list[Json]) -> None:
    gate = client.models.gate(model_id)
    client.models.set_gate(model_id, enabled=True, expected_version=gate["version"], rules=wanted)
