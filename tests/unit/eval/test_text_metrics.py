"""Scores of texts and labels. BLEU is that of sacrebleu 2.6.0, ROUGE-L of rouge-score 0.1.2, macro F1 of scikit-learn 1.9.1, worked out
once on the same answers; they are no dependency."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.metrics import METRICS, Tally
from libs.metrics._rows import distance, longest_common
from libs.metrics.bleu import characters, words
from libs.metrics.edit_similarity import edit_similarity
from libs.metrics.rouge_l import rouge_l
from services.eval.engine.options import EvalOptions, settle

ENGLISH = [
    ("The cat sat on the mat.", "The cat sat on a mat."),
    ("It costs 3,000.50 dollars - or 1-2 more", "It costs 3,000.50 dollars, or 1-2 more!"),
    ('He said "yes" & left (quickly).', 'He said "yes" and left.'),
    ("json.dumps returns a str", "json.dumps() returns a string"),
    ("x", ""),
]
CHINESE = [
    ("返回一个JSON字符串。", "返回JSON格式的字符串。"),
    ("今天天气很好，我们去公园。", "今天天气好，我们去公园吧！"),
    ("价格为3,000.5元", "价格是 3,000.5 元"),
]
TEXT = st.text(alphabet="abc", max_size=12)


def figures(name: str, answers: list[tuple[str, str]]) -> dict[str, float]:
    tally: Tally = METRICS[name].tally()
    for expected, output in answers:
        item: Any = SimpleNamespace(expected=expected, output=output, exact_match=expected == output)
        tally.add(item)
    return tally.figures()


@pytest.mark.parametrize(
    ("answers", "bleu"),
    [
        (ENGLISH, 0.47018918328508486),
        (CHINESE, 0.4967734128334437),
        (ENGLISH[:1], 0.4889230224349009),
        ([("a b c d e f", "a x b y c z")], 0.10682175159905853),  # no run of two: smoothed
        ([("a b c d e f", "a b")], 0.0),  # no run of three at all
        ([("a b c d", "x y z w")], 0.0),
        ([("a b c d", "a b c d")], 1.0),
    ],
)
def test_bleu(answers: list[tuple[str, str]], bleu: float) -> None:
    assert figures("bleu", answers) == {"bleu": pytest.approx(bleu, abs=1e-9)}


def test_bleu_of_nothing_that_is_expected_is_none() -> None:
    assert figures("bleu", [("", "a")]) == {}
    assert figures("bleu", []) == {}


def test_words_and_characters_of_bleu() -> None:
    assert words("It's 3,000.5-7 &quot;ok&quot;, f(x)-\n-y.") == [
        "It's",
        "3,000.5",
        "-",
        "7",
        '"',
        "ok",
        '"',
        ",",
        "f",
        "(",
        "x",
        ")",
        "-y",
        ".",
    ]
    assert characters("在JSON里，3.5元…𠀀") == ["在", "JSON", "里", "，", "3.5", "元", "…", "𠀀"]


@pytest.mark.parametrize(
    ("expected", "output", "score"),
    [
        (*ENGLISH[0], 0.8333333333333334),
        (*ENGLISH[1], 1.0),
        (*ENGLISH[2], 0.8),
        (*ENGLISH[3], 0.8),
        ("今天天气好", "天气今天好", 2 * 3 / 10),  # 今天好 or 天气好
        ("+", "+", 1.0),
        ("+", "a", 0.0),
    ],
)
def test_rouge_l(expected: str, output: str, score: float) -> None:
    assert rouge_l(expected, output) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(
    ("expected", "output", "score"),
    [("kitten", "sitting", 1 - 3 / 7), ("ＡＢ  c", "AB c", 1.0), ("", "", 1.0), ("", "ab", 0.0), ("返回值", "返回", 1 - 1 / 3)],
)
def test_edit_similarity(expected: str, output: str, score: float) -> None:
    assert edit_similarity(expected, output) == pytest.approx(score, abs=1e-12)


@given(TEXT, TEXT)
def test_rows_of_bits_say_what_the_whole_table_says(first: str, second: str) -> None:
    common = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    edits = [[max(i, j) if not i * j else 0 for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i, one in enumerate(first, 1):
        for j, other in enumerate(second, 1):
            common[i][j] = common[i - 1][j - 1] + 1 if one == other else max(common[i - 1][j], common[i][j - 1])
            edits[i][j] = min(edits[i - 1][j - 1] + (one != other), edits[i - 1][j] + 1, edits[i][j - 1] + 1)
    assert longest_common(first, second) == common[-1][-1]
    assert distance(first, second) == edits[-1][-1]


def test_macro_f1_counts_each_label_of_the_test_alike() -> None:
    said = [("cat", "cat"), ("dog", "cat"), ("cat", "dog"), ("bird", "bird"), ("dog", "dog"), ("cat", "a cat")]
    assert figures("macro_f1", said) == {"macro_f1": pytest.approx(0.6333333333333333, abs=1e-9)}
    assert figures("macro_f1", []) == {}


def test_means_carry_their_interval_where_one_follows() -> None:
    found = figures("rouge_l", [("a b", "a b"), ("a b", "a"), ("a b", "c"), ("a b", "a b c")])
    assert found["rouge_l.low"] < found["rouge_l"] < found["rouge_l.high"]
    assert figures("rouge_l", [("a", "a"), ("b", "b")]) == {"rouge_l": 1.0}
    assert figures("edit_similarity", []) == {}


def test_they_are_measured_where_they_are_asked_for() -> None:
    assert not {"rouge_l", "bleu", "edit_similarity", "macro_f1"} & set(settle([], EvalOptions())[0])
    assert settle(["bleu", "macro_f1"], EvalOptions())[0] == ["bleu", "macro_f1"]
