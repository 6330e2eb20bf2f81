"""Which spellings are one, and which are not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.folding import fold, fold_spaces


@pytest.mark.parametrize(
    ("one", "other"),
    [("ＢＣＤ７", "BCD7"), ("cafe\u0301", "café"), ("ｶﾞ", "ガ"), ("ﬁne", "fine"), ("㎏", "kg"), ("7㎡", "7m²"), ("（一）", "(一)")],
)
def test_spellings_of_one_text(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("6³", "63"), ("10⁻³", "10-3"), ("log₂8", "log28"), ("1½", "11⁄2"), ("5㎡", "5m2"), ("2ⁿ", "2n")]
)
def test_raised_lowered_and_fractional_figures_are_not_plain_ones(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_white_space_is_folded_where_that_is_asked_for() -> None:
    assert fold_spaces("\u3000a \t\n b ²") == "a b ²"
    assert fold("a  b") == "a  b"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_it_is_nfkc_but_for_what_carries_meaning(text: str) -> None:
    assert unicodedata.normalize("NFKC", fold(text)) == unicodedata.normalize("NFKC", text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
