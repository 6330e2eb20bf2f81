"""What answers of people come to: sides, intervals, and figures that are left out rather than guessed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from libs.metrics import RATED
from libs.people.template_reading import read_template
from libs.stats.shares import wilson
from services.eval.engine.rating import Judged, figures, interval, items, listen, mirrored
from services.eval.engine.ratings import RATINGS

SCALE, PAIRS, CATEGORY = (RATINGS[name] for name in ("Scale_Rating", "Pairwise_Rating", "Category_Rating"))


@dataclass(frozen=True)
class Said:
    position: int
    output: str
    error: str = ""
    input: str = "q"
    expected: str = "e"


@dataclass(frozen=True)
class Agreed:
    field: str
    percent: float | None
    alpha: float | None


def judged(kind: Any, *answers: list[Any], **facts: Any) -> list[Judged]:
    return [Judged([(person, {kind.field: value}) for person, value in enumerate(each)], {}, **facts) for each in answers]


def heard(kind: Any, *answers: list[Any], good: tuple[str, ...] = (), **facts: Any) -> Any:
    return listen(kind, good, read_template(kind.starter), judged(kind, *answers, **facts))


def test_an_output_counts_the_mean_of_its_answers_however_far_they_are_apart() -> None:
    said = heard(SCALE, [1, 5], [4], [])
    assert (said.values, said.answered, dict(said.items)) == ([3.0, 4.0], 2, {0: 2, 1: 1})
    assert said.worths == {0: [1.0, 4.0], 1: [5.0]}


def test_half_a_win_is_what_neither_is() -> None:
    assert heard(PAIRS, ["left"], ["right"], ["tie"], ["both_bad"], ["left", "right"]).values == [1.0, 0.0, 0.5, 0.5, 0.5]
    assert heard(PAIRS, ["left"], ["right"], ["tie"], mirrored=True).values == [0.0, 1.0, 0.5]


def test_a_side_is_named_once_it_is_known_whose_it_is() -> None:
    assert dict(heard(PAIRS, ["left"], ["tie"], mirrored=True).labels["better"]) == {"other_run": 1, "tie": 1}
    assert dict(heard(PAIRS, ["left"], ["right"]).labels["better"]) == {"this_run": 1, "other_run": 1}


def test_an_inspectors_answer_stands_for_all_and_nothing_where_it_was_set_aside() -> None:
    answers = [(1, {"score": 1}), (2, {"score": 1})]
    said = listen(SCALE, (), read_template(SCALE.starter), [Judged(answers, {"score": 5}, True), Judged(answers, {}, True)])
    assert said.values == [5.0]


def test_labels_that_count_are_a_share() -> None:
    assert heard(CATEGORY, ["right"], ["wrong"], ["partly"], good=("right", "partly")).values == [1.0, 0.0, 1.0]


def test_right_is_a_side_only_where_two_runs_are_compared() -> None:
    assert heard(CATEGORY, ["right"], ["wrong"], good=("right",), mirrored=True).values == [1.0, 0.0]
    assert dict(heard(CATEGORY, ["right"], mirrored=True).labels["category"]) == {"right": 1}


def test_the_interval_is_that_of_wilson_where_all_is_yes_or_no() -> None:
    assert interval([1.0, 1.0, 0.0, 1.0]) == wilson(3, 4)
    assert interval([1.0, 1.0])[0] < 0.5, "two of two prove little"


def test_otherwise_it_is_a_bootstrap_that_says_the_same_each_time() -> None:
    values = [1.0, 2.0, 4.0, 5.0, 3.5] * 20
    low, high = interval(values)
    assert (low, high) == interval(list(reversed(values)))
    assert low < 3.1 < high
    assert 0.4 < high - low < 0.7, "1.96 standard errors on each side: 1.4 / 10 each"
    assert interval([3.0, 3.0]) == (3.0, 3.0)


def test_what_does_not_follow_is_left_out() -> None:
    said = heard(SCALE, [4, 4], [5, 5])
    assert set(figures(said, [Agreed("score", 1.0, 0.9), Agreed("comment", 0.1, None)], SCALE)) == set(RATED)
    assert set(figures(said, [Agreed("score", None, None)], SCALE)) == {"human_score", "human_score.low", "human_score.high"}
    assert set(figures(heard(SCALE, [4]), [], SCALE)) == {"human_score"}
    assert figures(heard(SCALE), [], SCALE) == {}


def test_an_item_shows_what_its_template_shows_and_never_what_failed() -> None:
    template = read_template(SCALE.starter)
    assert list(items([Said(0, "a"), Said(1, "", "TIMED_OUT"), Said(2, "c")], None, template, "s")) == [
        (1, {"input": "q", "output": "a"}),
        (3, {"input": "q", "output": "c"}),
    ]


def test_sides_are_drawn_evenly_and_follow_from_the_seed_alone() -> None:
    ours, theirs = ([Said(place, f"{who}{place}") for place in range(400)] for who in "ab")
    template = read_template(PAIRS.starter)
    shown = list(items(ours, theirs, template, "seed"))
    assert shown == list(items(ours, theirs, template, "seed"))
    right = sum(content["right"].startswith("a") for _, content in shown)
    assert 150 < right < 250
    assert all(mirrored("seed", number) == content["right"].startswith("a") for number, content in shown)


def test_a_pair_is_of_what_both_answered() -> None:
    shown = items([Said(0, "a0", "LOST"), Said(1, "a1"), Said(2, "a2")], [Said(0, "b0"), Said(1, "b1")], read_template(PAIRS.starter), "s")
    assert [number for number, _ in shown] == [2]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("Scale_Rating", [{"name": "score", "kind": "text"}]),
        ("Scale_Rating", [{"name": "score", "kind": "scale", "required": False}]),
        ("Pairwise_Rating", [{"name": "better", "kind": "choice", "labels": [{"value": "left"}, {"value": "maybe"}]}]),
        (
            "Pairwise_Rating",
            [{"name": "better", "kind": "choice", "labels": [{"value": "left"}, {"value": "right"}, {"value": "neither"}]}],
        ),
        ("Free_Text_Rating", [{"name": "comment", "kind": "text", "required": False}]),
    ],
)
def test_a_template_that_gives_no_score_is_of_no_kind(kind: str, fields: list[dict[str, Any]]) -> None:
    assert RATINGS[kind].lacking(read_template(json.loads(json.dumps({"fields": fields}))))
