"""Does the test repeat the training data? Same questions in other spellings, near copies, and what only looks alike."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from services.eval.domain.lineage import line_between
from services.eval.engine import overlap
from services.eval.engine.evaluation import run
from services.eval.engine.overlap import NEARLY, SAME, find
from services.eval.engine.records import TestRecord, read_records
from tests.unit.eval.engines import evaluate
from tests.unit.eval.material import write_version
from tests.unit.eval.target_server import DIGEST, TargetServer

LONG = "Please explain in one or two sentences what the function json.dumps does with a dictionary whose keys are not strings at all"
ANSWER = "It turns numbers and truth values into strings and refuses every other kind of key with a type error unless told to skip it"


def record(id: int, question: str, answer: str, extra: str = "") -> dict[str, Any]:
    return {"id": f"{id:032x}", "instruction": question, "input": extra, "output": answer}


def compared(folder: Path, test: list[dict[str, Any]], training: list[dict[str, Any]]) -> overlap.Overlap:
    tested, trained = write_version(folder / "test", test), write_version(folder / "training", training, parts=2)
    return find(read_records(tested), [("77", trained)])


@pytest.mark.parametrize(
    ("asked", "trained", "kind"),
    [
        (("What is 2+2?", "4"), ("What is 2+2?", "4"), SAME),
        (("What is 2+2?", "4"), ("what  is 2+2 ", "four"), SAME),
        (("What is ＡＢＣ？", "x"), ("What is abc?", "y"), SAME),
        (("Was ist caf\u00e9?", "x"), ("Was ist cafe\u0301?", "y"), SAME),
        ((LONG, ANSWER), (LONG.replace("json.dumps", "json.dump"), ANSWER), NEARLY),
        ((LONG, ANSWER), (LONG, ANSWER + " really"), SAME),
        ((LONG, ANSWER), ("Now " + LONG.lower(), ANSWER.replace("a type error", "an error")), NEARLY),
        (
            ("什么是北京的历史和文化发展过程中最重要的三个阶段", "先秦明清现代"),
            ("请问什么是北京的历史和文化发展过程中最重要的三个阶段", "先秦明清现代"),
            NEARLY,
        ),
        (("What is 10²?", "100"), ("What is 102?", "a number"), None),
        (("What is 13² plus one?", "170"), ("What is 132 plus one?", "133"), None),
        (("What is 5+3?", "8"), ("What is 5-3?", "2"), None),
        (("What is C?", "a language"), ("What is C++?", "a language"), None),
        (("Tell me what json.dumps does.", ANSWER), ("What does json.dumps do?", ANSWER), None),  # the same fact, asked in other words
        (("请解释一下 json.dumps 的用途。", ANSWER), ("请告诉我 json.dumps 的功能。", ANSWER), None),
        ((LONG, ANSWER), (LONG.replace("json.dumps", "json.dump"), "Something else entirely, and at some length."), None),
    ],
)
def test_what_repeats_and_what_only_looks_alike(tmp_path: Path, asked: tuple[str, str], trained: tuple[str, str], kind: str | None) -> None:
    found = compared(tmp_path, [record(1, *asked)], [record(2, "Unrelated?", "Yes."), record(3, *trained)])
    assert [repeat.kind for repeat in found.repeats.values()] == ([kind] if kind else [])
    assert found.share == (1.0 if kind else 0.0)
    for repeat in found.repeats.values():
        assert (repeat.position, repeat.record_id, repeat.training_version_id, repeat.training_record_id) == (
            0,
            f"{1:032x}",
            "77",
            f"{3:032x}",
        )


def test_the_context_of_a_question_is_part_of_it(tmp_path: Path) -> None:
    test = [record(1, "Who?", "Anna", "Anna came."), record(2, "Who?", "Bert", "Bert came.")]
    found = compared(tmp_path, test, [record(3, "Who?", "Bert", "Bert came.")])
    assert list(found.repeats) == [1]


def test_how_many_which_and_examples(tmp_path: Path) -> None:
    test = [record(number, f"Question number {number}?", str(number)) for number in range(20)]
    training = [record(100 + number, f"question number {number}", str(number)) for number in range(0, 20, 2)]
    found = compared(tmp_path, test, training)
    facts = found.facts()
    assert (found.share, facts["items"], facts["compared"], facts["same_question"], facts["near_copy"]) == (0.5, 20, 10, 10, 0)
    assert [example["position"] for example in facts["examples"]] == [0, 2, 4, 6, 8]
    assert list(found.repeats) == list(range(0, 20, 2))


def test_near_copies_are_found_in_a_crowd(tmp_path: Path) -> None:
    """Random sentences with one word in twenty-five changed: none is missed, and none of the others is taken for one."""
    dice = random.Random(7)
    words = [f"word{number}" for number in range(400)]

    def sentence() -> list[str]:
        return [dice.choice(words) for _ in range(25)]

    made = [(sentence(), sentence()) for _ in range(300)]
    test = [record(number, " ".join(question), " ".join(answer)) for number, (question, answer) in enumerate(made)]
    training = [record(1000 + number, " ".join(sentence()), " ".join(sentence())) for number in range(1500)]
    for number, (question, answer) in enumerate(made[::3]):
        changed = [*question[:9], "changed", *question[10:]]
        training.insert(number * 11, record(5000 + number, " ".join(changed), " ".join(answer)))
    found = compared(tmp_path, test, training)
    assert list(found.repeats) == list(range(0, 300, 3))
    assert {repeat.kind for repeat in found.repeats.values()} == {NEARLY}


def test_the_cost_grows_no_faster_than_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: comparisons per training record stay bounded where everything resembles everything."""
    counts = {}
    exact = overlap.jaccard
    for size in (200, 800):
        calls = 0

        def counted(a: Any, b: Any) -> float:
            nonlocal calls
            calls += 1
            return exact(a, b)

        monkeypatch.setattr(overlap, "jaccard", counted)
        template = "The order with the number {} was late, the box was wet, what does the customer feel about it now and why is that so?"
        index = overlap._Index(TestRecord(str(n), template.format(n), f"angry {n} because of the weather", {}) for n in range(size))
        index.look("1", [(str(n), template.format(n + 10_000), f"calm {n} whatever the weather may be") for n in range(size)])
        counts[size] = calls
    assert counts[800] <= 2 * overlap.CANDIDATES * 800
    assert counts[800] <= 6 * counts[200]


def test_identical_crowds_are_found_whole(tmp_path: Path) -> None:
    """A thousand near copies of each other on both sides: the bands are crowded, and still every one is found."""
    test = [record(number, f"{LONG} {number}", ANSWER) for number in range(1000)]
    training = [record(5000 + number, f"{LONG} {number + 5000}", ANSWER) for number in range(1000)]
    assert compared(tmp_path, test, training).share == 1.0


# --- in an evaluation


def test_an_evaluation_reports_the_leak_and_marks_the_items(tmp_path: Path) -> None:
    test = [record(number, f"q{number}", f"q{number}") for number in range(10)]
    trained = write_version(tmp_path / "training", [record(100 + number, f"Q{number}?", "x") for number in range(4)])
    with TargetServer() as server:
        job: dict[str, Any] = {
            "records_path": str(write_version(tmp_path / "test", test)),
            "target": {"kind": "ENDPOINT", "address": server.address, "digest": DIGEST},
            "metrics": ["exact_match"],
            "options": {"measure_loss": False},
            "training": {"versions": [{"id": "77", "path": str(trained)}], "lineage": [], "unknown": []},
        }
        summary, items = evaluate(job, tmp_path / "known")
        assert (summary["metrics"]["exact_match"], summary["metrics"]["leak"]) == (1.0, 0.4)
        assert (summary["overlap"]["same_question"], summary["overlap"]["items"]) == (4, 10)
        assert [item.tags.get("repeats") for item in items] == [*[f"{100 + number:032x}" for number in range(4)], *[None] * 6]
        job["training"] = {"versions": [], "lineage": [], "unknown": ["5"]}
        summary, _ = evaluate(job, tmp_path / "unknown")
        assert "leak" not in summary["metrics"], "nobody could look: that proves nothing"
        assert summary["overlap"]["unknown"] == ["5"]
        job["training"] = {"versions": [], "lineage": ["7", "5"], "unknown": []}
        assert evaluate(job, tmp_path / "line")[0]["metrics"]["leak"] == 1.0
        job["training"] = {}
        assert evaluate(job, tmp_path / "none")[0]["metrics"]["leak"] == 0.0


def test_training_data_that_cannot_be_read_stops_it(tmp_path: Path) -> None:
    trained = tmp_path / "training"
    trained.mkdir()
    (trained / "part-00000.jsonl").write_text(json.dumps({"instruction": 5, "output": "x"}) + "\n")
    job = {
        "records_path": str(write_version(tmp_path / "test", [record(1, "q", "a")])),
        "target": {"kind": "ENDPOINT", "address": "http://127.0.0.1:1", "digest": DIGEST},
        "training": {"versions": [{"id": "77", "path": str(trained)}]},
    }
    with pytest.raises(PlatformError) as caught:
        run(job, tmp_path / "work", SilentReporter())
    assert (caught.value.reason, caught.value.details["row"]) == (Reason.ROW_INVALID, 1)


# --- ancestry


PARENTS = {2: 1, 3: 2, 4: 2, 5: 4, 6: 1, 9: 9}


@pytest.mark.parametrize(
    ("test", "training", "line"),
    [
        (3, [2], [3, 2]),  # tested on a part split from what it was trained on
        (5, [2], [5, 4, 2]),
        (2, [5], [5, 4, 2]),  # trained on an augmentation of the test
        (3, [3], [3]),
        (3, [4], []),  # the two parts of a split
        (5, [3], []),
        (3, [6], []),
        (3, [8, 1], [3, 2, 1]),
        (7, [8], []),
        (9, [1], []),
    ],
)
def test_of_one_line_is_what_was_made_of_the_other(test: int, training: list[int], line: list[int]) -> None:
    assert line_between(test, training, PARENTS) == line
