"""Evaluating weights: a tiny real model, in this process and in the real child, whole, cut anywhere and killed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from services.eval.engine import evaluation
from services.eval.engine.options import EvalOptions
from services.eval.engine.records import TestRecord, read_records
from services.eval.engine.target import Answer
from services.eval.engine.weights import Weights
from tests.unit.eval.conftest import NEW_TOKENS
from tests.unit.eval.engines import evaluate, finish_child, kill_child_after, ticking, timeless
from tests.unit.eval.material import QUESTIONS, record, write_model, write_version


def _job(records: Path, model: Path, metrics: tuple[str, ...] = (), **options: Any) -> dict[str, Any]:
    options = {"max_new_tokens": NEW_TOKENS, "batch_size": 5, **options}
    return {
        "records_path": str(records),
        "target": {"kind": "WEIGHTS", "path": str(model)},
        "metrics": list(metrics),
        "options": options,
        "threads": 1,
    }


def test_every_item_is_kept_and_scored(half_right: Path, model_folder: Path, tmp_path: Path) -> None:
    summary, items = evaluate(_job(half_right, model_folder), tmp_path)
    assert [item.position for item in items] == list(range(12))
    assert [item.input for item in items] == QUESTIONS
    assert [item.exact_match for item in items] == [number % 2 == 0 for number in range(12)]
    assert all(item.token_f1 == 1.0 and item.output == item.expected for item in items if item.exact_match)
    assert all(item.nll > 0 and item.answer_tokens > 1 and not item.error for item in items)
    assert items[0].tags == {"lang": "zh", "template": "t1"}
    found = summary["metrics"]
    assert (summary["items"], summary["failed_items"], summary["loss_items"]) == (12, 0, 12)
    assert found["exact_match"] == 0.5
    assert 0.2 < found["exact_match.low"] < 0.5 < found["exact_match.high"] < 0.8
    assert summary["languages"] == {"en": 8, "zh": 4}
    assert found["exact_match.zh"] == 0.5  # records 0, 3, 6, 9
    assert found["exact_match.en"] == 0.5
    assert found["perplexity.coverage"] == 1.0
    assert found["latency_ms.p50"] == 50.0  # a batch of five takes one tick of 250 ms
    assert found["latency_ms.p95"] == 125.0  # the last batch holds two
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == summary


def test_perplexity_is_over_all_answer_tokens(half_right: Path, model_folder: Path, tmp_path: Path) -> None:
    """Against the library, one pair at a time."""
    from libs.models.causal_lm import artifact
    from libs.models.causal_lm.decode import answer_loss

    summary, items = evaluate(_job(half_right, model_folder), tmp_path)
    model, tokenizer = artifact.load(model_folder)
    total = tokens = 0.0
    for item in items:
        ids, prompt = tokenizer.pair(item.input, item.expected)
        (loss,) = answer_loss(model, tokenizer, [(item.input, item.expected)])
        assert item.nll == pytest.approx(loss, rel=1e-5)
        assert item.answer_tokens == len(ids) - prompt
        total, tokens = total + loss * item.answer_tokens, tokens + item.answer_tokens
    assert summary["metrics"]["perplexity"] == pytest.approx(math.exp(total / tokens), rel=1e-5)


def test_only_what_is_asked_for_is_measured(half_right: Path, model_folder: Path, tmp_path: Path) -> None:
    summary, items = evaluate(_job(half_right, model_folder, metrics=("token_f1",), limit_items=7), tmp_path)
    assert list(summary["metrics"]) == ["token_f1", "leak"]
    assert summary["items"] == len(items) == 7
    assert all(item.nll == -1 and item.answer_tokens == 0 for item in items)


def test_what_does_not_fit_the_model_is_not_scored(model_folder: Path, tmp_path: Path) -> None:
    """A question that is too long fails; an answer that is too long only has no loss."""
    rows = [record(0, QUESTIONS[0], "a"), record(1, QUESTIONS[1] * 20, "a"), record(2, QUESTIONS[2], "word " * 60)]
    summary, items = evaluate(_job(write_version(tmp_path / "v", rows), model_folder), tmp_path / "work")
    assert [item.error.split(":")[0] for item in items] == ["", "TOO_LONG", ""]
    assert (summary["items"], summary["failed_items"], summary["loss_items"]) == (3, 1, 1)
    assert summary["metrics"]["perplexity.coverage"] == 0.5
    assert summary["metrics"]["exact_match"] == 0.0
    assert (items[1].output, items[1].exact_match, items[1].nll) == ("", False, -1)


def test_nothing_but_failures_gives_no_numbers(model_folder: Path, tmp_path: Path) -> None:
    rows = [record(number, "long " * 100, "a") for number in range(3)]
    summary, _ = evaluate(_job(write_version(tmp_path / "v", rows), model_folder), tmp_path / "work")
    assert (summary["items"], summary["failed_items"], summary["metrics"]) == (3, 3, {"leak": 0.0})


def test_a_run_cut_anywhere_ends_with_the_same_bytes(half_right: Path, model_folder: Path, tmp_path: Path) -> None:
    """Cut at the end of every item and inside it: the file is that of an undisturbed run, to the last bit of every loss."""
    still = float  # a clock that stands at 0.0, so that whole files can be compared
    job = _job(half_right, model_folder)
    evaluate(job, tmp_path / "whole", still)
    whole = (tmp_path / "whole" / "out" / "items.jsonl").read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == 10]
    work = tmp_path / "cut"
    for cut in [0, 1, *(end + extra for end in ends[:-1] for extra in (0, 30)), len(whole)]:
        evaluation.run(job, work, SilentReporter(), still)
        (work / "out" / "summary.json").unlink()
        with (work / "out" / "items.jsonl").open("r+b") as handle:
            handle.truncate(cut)
        reporter = SilentReporter()
        evaluation.run(job, work, reporter, still)
        assert (work / "out" / "items.jsonl").read_bytes() == whole
        assert (work / "out" / "summary.json").read_bytes() == (tmp_path / "whole" / "out" / "summary.json").read_bytes()
        kept = next(done for done, _, message in reporter.progressed if message == "evaluate")
        assert kept == sum(end <= cut for end in ends)


@pytest.mark.parametrize(("skip", "first"), [(0, 0), (4, 0), (5, 5), (7, 5), (11, 10)])
def test_batches_are_cut_by_position_wherever_an_attempt_begins(skip: int, first: int, half_right: Path, model_folder: Path) -> None:
    """The rest of a half-kept batch is computed in the company it always has: with real models other company is other rounding."""
    batches: list[list[str]] = []
    kept: list[str] = []

    class Watched(Weights):
        def _answer(self, batch: Sequence[TestRecord]) -> list[Answer]:
            batches.append([record.question for record in batch])
            return [Answer() for _ in batch]

    target = Watched(model_folder, EvalOptions(batch_size=5, measure_loss=False), clock=float)
    target.evaluate(read_records(half_right), skip, lambda answered: kept.extend(record.question for record, _ in answered))
    assert batches == [QUESTIONS[start : start + 5] for start in range(first, 12, 5)]
    assert kept == QUESTIONS[skip:]


def test_killed_child_goes_on_where_it_was(tmp_path: Path) -> None:
    """kill -9 in the middle, in the real process: kept lines stay byte for byte, the rest is what an undisturbed run gives."""
    model = write_model(tmp_path / "model", block_size=256)
    rows = [record(number, QUESTIONS[number % 12], "It calls.") for number in range(14)]
    job = _job(write_version(tmp_path / "v", rows), model, max_new_tokens=200, batch_size=2)
    kept = kill_child_after(job, tmp_path / "work", lines=3)
    assert 3 <= kept.count(b"\n") < 14
    message = finish_child(job, tmp_path / "work")
    assert message["done"]["items"] == 14
    file = (tmp_path / "work" / "out" / "items.jsonl").read_bytes()
    assert file.startswith(kept[: kept.rindex(b"\n") + 1])
    _, undisturbed = evaluate(job, tmp_path / "undisturbed")
    resumed = list(evaluation.read_items(tmp_path / "work" / "out"))
    assert timeless(resumed) == timeless(undisturbed)


def test_a_finished_evaluation_is_not_done_again(half_right: Path, model_folder: Path, tmp_path: Path) -> None:
    job = _job(half_right, model_folder)
    summary, _ = evaluate(job, tmp_path)

    def no_clock() -> float:
        raise AssertionError("something was measured again")

    assert evaluation.run(job, tmp_path, SilentReporter(), no_clock) == summary
    other, _ = evaluate(_job(half_right, model_folder, max_new_tokens=NEW_TOKENS + 1), tmp_path, ticking())
    assert other["items"] == 12  # other options are another job: nothing of the old one is left


def test_no_records_and_damaged_weights(model_folder: Path, half_right: Path, tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        evaluate(_job(write_version(tmp_path / "empty", []), model_folder), tmp_path / "a")
    assert caught.value.reason == Reason.NO_TEST_RECORDS
    broken = tmp_path / "broken"
    broken.mkdir()
    with pytest.raises(PlatformError) as caught:
        evaluate(_job(half_right, broken), tmp_path / "b")
    assert (caught.value.code, caught.value.reason, caught.value.retryable) == (422, Reason.FILE_MISSING, False)
    with pytest.raises(PlatformError) as caught:
        evaluate({**_job(half_right, model_folder), "target": {"kind": "PAPER"}}, tmp_path / "c")
    assert (caught.value.code, caught.value.field) == (400, "target.kind")
