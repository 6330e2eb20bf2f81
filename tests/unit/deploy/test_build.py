"""From trained weights to packaged bytes by a real worker process that was killed twice on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from libs.common.errors import PlatformError, Reason
from libs.data.prompt import chat_of, from_text
from services.deploy.domain.order import WorkOrderStatus
from services.deploy.engine import bundle
from services.deploy.worker.questions import sample
from tests.unit.deploy.conftest import Built
from tests.unit.deploy.stand import Stand, engine_children, path_of, serving_processes
from tests.unit.deploy.world import EVAL_CONFIG_ID, VERSIONS

S = WorkOrderStatus


def test_killed_builds_go_on_by_themselves(built: Built) -> None:
    assert built.killed == ["CONVERTING", "VERIFYING"]
    stand = Stand(built.home)
    names = ["PENDING", "CONVERTING", "VERIFYING", "PACKAGING", "EVALUATING", "AWAITING_APPROVAL", "CANCELLED"]
    assert path_of(built.order.id, stand) == names
    assert not engine_children(built.home)
    assert not serving_processes(built.home)
    assert not list((built.home / "work" / "deploy" / "orders").iterdir())
    stand.close()


def test_every_stage_left_its_evidence(built: Built) -> None:
    evidence, order = built.order.evidence, built.order
    assert 0 <= evidence["parity"]["max_abs_diff"] < 1e-4
    assert evidence["parity"]["passed"] is True
    assert evidence["parity"]["questions"] == 6
    assert (evidence["export"]["opset"], evidence["export"]["bytes"] > 0) == (23, True)
    assert evidence["package"]["digest"] == evidence["evaluation"]["digest"] == evidence["gate"]["digest"] == order.digest
    assert evidence["evaluation"]["items"] == 12
    assert (evidence["gate"]["verdict"], evidence["evaluation"]["reused"], order.error) == ("PASS", False, {})


def test_the_neighbours_were_told_once_each(built: Built) -> None:
    stand = Stand(built.home)
    packages = [call for call in stand.world.calls("RecordPackage") if call["work_order_id"] == built.order.id]
    assert {(call["digest"], call["key"]) for call in packages} == {(built.order.digest, f"work-order-{built.order.id}-package")}
    tasks = [task for task in stand.world.state()["tasks"].values() if task["digest"] == built.order.digest]
    assert [(t["facts"]["work_order_id"], t["facts"]["eval_config_id"], t["facts"]["model_version_id"]) for t in tasks] == [
        (built.order.id, EVAL_CONFIG_ID, VERSIONS[0])
    ]
    stand.close()


def test_the_bundle_is_what_its_digest_says(built: Built) -> None:
    stand = Stand(built.home)
    folder = stand.artifacts.open(built.order.bundle_uri) / "bundle"
    assert bundle.verify(folder, built.order.digest) == built.order.digest
    assert json.loads((folder / "serving.json").read_bytes())["max_new_tokens"] == 12
    stand.close()


# --- real questions


def write(folder: Path, *parts: list[str]) -> Path:
    for number, lines in enumerate(parts):
        (folder / f"part-{number:05d}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def row(text: str, extra: str | None = None) -> str:
    return json.dumps({"instruction": text, "input": extra, "output": "x"}, ensure_ascii=False)


def test_questions_are_taken_evenly(tmp_path: Path) -> None:
    folder = write(tmp_path, [row(f"问{number}") for number in range(6)], ["", row("a", "b"), *[row(f"问{n}") for n in range(7, 12)]])
    assert sample(folder, 12, 4) == ["问0", "问3", "a\nb", "问9"]
    assert len(sample(folder, 12, 100)) == 12


def test_questions_bring_their_system_prompt_and_earlier_turns(tmp_path: Path) -> None:
    row = {"instruction": "c?", "output": "c", "system": "s", "history": [["a?", "b"]]}
    (question,) = sample(write(tmp_path, [json.dumps(row)]), 1, 1)
    assert from_text(question) == chat_of(row)
    assert [turn["content"] for turn in from_text(question)] == ["s", "a?", "b", "c?"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["not json"], Reason.ROW_INVALID),
        (["[1]"], Reason.ROW_INVALID),
        (['{"output": "x"}'], Reason.ROW_INVALID),
        (['{"instruction": 3}'], Reason.ROW_INVALID),
        (['{"instruction": "\\ud800"}'], Reason.ROW_INVALID),
        (["[" * 100_000], Reason.ROW_INVALID),
        ([""], Reason.NO_TEST_RECORDS),
    ],
)
def test_a_row_that_is_no_question_is_named(tmp_path: Path, lines: list[str], reason: Reason) -> None:
    with pytest.raises(PlatformError) as caught:
        sample(write(tmp_path, lines), 1, 5)
    assert (caught.value.code, caught.value.reason) == (422, reason)
    if reason == Reason.ROW_INVALID:
        assert (caught.value.details["file"], caught.value.details["row"]) == ("part-00000.jsonl", 1)
