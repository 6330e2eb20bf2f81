"""Every score against values worked out by hand or known from the literature."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.metrics import token_f1
from libs.metrics.exact_match import exact_match
from libs.metrics.latency import percentile
from libs.metrics.perplexity import PERPLEXITY_MAX, perplexity
from libs.stats.shares import wilson


@pytest.mark.parametrize(
    ("expected", "output", "equal"),
    [
        ("json.dumps", "json.dumps", True),
        ("  a  b\n c ", "a b c", True),  # white space folded, ends stripped
        ("ＡＢＣ１", "ABC1", True),  # full width
        ("a\u3000b\u00a0c", "a b c", True),  # wide and hard spaces
        ("e\u0301", "é", True),  # composed and not
        ("6³", "63", False),  # a raised figure is another number
        ("v₁", "v1", False),
        ("Yes", "yes", False),  # case is kept
        ("a.", "a", False),  # punctuation counts
        ("ab", "a b", False),
        ("", " \t", True),
    ],
)
def test_exact_match(expected: str, output: str, equal: bool) -> None:
    assert exact_match(expected, output) is equal


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cat, the CAT!", ["the", "cat", "the", "cat"]),
        ("json.dumps_all(x)", ["json", "dumps_all", "x"]),
        ("返回JSON字符串。", ["返", "回", "json", "字", "符", "串"]),
        ("ひらカタ", ["ひ", "ら", "カ", "タ"]),
        ("한국어 말", ["한국어", "말"]),  # Korean has spaces
        ("हिन्दी शब्द", ["हिन्दी", "शब्द"]),  # vowel signs are part of a word
        ("𠀀a", ["𠀀", "a"]),
        ("Straße", ["strasse"]),
        ("5 m² ½", ["5", "m²", "½"]),
        ("... !", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert token_f1.tokens(text) == tokens


@pytest.mark.parametrize(
    ("expected", "output", "f1"),
    [
        ("the cat sat", "the cat sat", 1.0),
        ("the cat sat on the mat", "the cat", 2 * 1.0 * (2 / 6) / (1.0 + 2 / 6)),  # precision 2/2, recall 2/6
        ("a b c", "c d", 2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3)),  # = 0.4
        ("a a b", "a a a", 2 / 3),  # a bag: two of the three a's are wanted
        ("今天天气好", "今天好", 2 * 3 / 8),  # 3 characters of 5 and 3
        ("返回 JSON", "返回json串", 2 * 3 / 7),  # 返 回 json against 返 回 json 串
        ("cat", "dog", 0.0),
        ("cat", "", 0.0),
        ("", "", 1.0),
        ("+", "-", 0.0),  # no token on either side: only equal texts are equal
        ("+", "+", 1.0),
    ],
)
def test_token_f1(expected: str, output: str, f1: float) -> None:
    assert token_f1.token_f1(expected, output) == pytest.approx(f1, abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # 95 %
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 29, 0.0061, 0.1718),  # Newcombe 1998, table I
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
    ],
)
def test_wilson(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(1, 10**6).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilson_holds_the_share_and_stays_inside(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0.0 <= low <= counts[0] / counts[1] + 1e-12
    assert counts[0] / counts[1] - 1e-12 <= high <= 1.0
    assert low < high


@given(st.text(max_size=40), st.text(max_size=40))
def test_f1_is_symmetric_and_within_bounds(one: str, other: str) -> None:
    assert token_f1.token_f1(one, other) == token_f1.token_f1(other, one)
    assert 0.0 <= token_f1.token_f1(one, other) <= 1.0
    assert token_f1.token_f1(one, one) == 1.0


def test_perplexity() -> None:
    assert perplexity(10 * math.log(7), 10) == pytest.approx(7.0)  # guessing among seven
    assert perplexity(0.0, 5) == 1.0
    assert perplexity(1e9, 1) == pytest.approx(PERPLEXITY_MAX)  # no overflow


def test_percentile_is_nearest_rank() -> None:
    assert percentile([15, 20, 35, 40, 50], 0.3) == 20
    assert percentile([15, 20, 35, 40, 50], 0.5) == 35
    assert percentile([50, 15, 40, 20, 35], 1.0) == 50
    assert percentile([3], 0.95) == 3
    assert percentile(range(1, 101), 0.95) == 95
