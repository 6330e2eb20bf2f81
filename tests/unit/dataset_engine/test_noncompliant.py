"""Remove_Noncompliant: words in any width and case, personal data by pattern and checksum."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.errors import PlatformError
from services.dataset.engine import personal_data
from services.dataset.engine.ledger import Drop
from services.dataset.engine.operators.remove_noncompliant import Noncompliant, NoncompliantOptions
from services.dataset.engine.personal_data import KINDS, confirmed, find_personal, id_card_is_valid, luhn_is_valid, masked, plain

ID_CARD = "11010519491231002X"  # the example of GB 11643
BANK_CARD = "4111 1111 1111 1111"  # a test number that belongs to nobody


def judge(text: str, **options: Any) -> str | Drop:
    verdict = Noncompliant(NoncompliantOptions(**options)).judge({"id": "1", "text": text})
    return verdict if isinstance(verdict, Drop) else str(verdict["text"])


@pytest.mark.parametrize("text", ["a bad word", "BAD", "ｂａｄ!", "bad.", "(bad)", "中bad文"])
def test_a_word_is_found_in_any_case_and_width(text: str) -> None:
    assert judge(text, words=("Bad",)) == Drop("word: bad", 1, 0)


@pytest.mark.parametrize("text", ["badge", "abad", "bad1", "nothing"])
def test_a_word_must_stand_alone(text: str) -> None:
    assert judge(text, words=("bad",)) == text


def test_chinese_words_and_phrases() -> None:
    words = ("赌博", "big  win".replace("  ", " "))
    assert judge("网上赌博网站", words=words) == Drop("word: 赌博", 1, 0)
    assert judge("a BIG WIN today", words=words) == Drop("word: big win", 1, 0)
    assert judge("赌 博", words=words) == "赌 博"
    assert judge("badge, then bad", words=("bad",)) == Drop("word: bad", 1, 0)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail me: 张三.li+x@example.com.cn, thanks", "mail me: 张三.[EMAIL], thanks"),
        ("a.b@c.org", "[EMAIL]"),
        ("decorator @property and a@b", "decorator @property and a@b"),
        ("手机13812345678。", "手机[CN_MOBILE]。"),
        ("+86 138-1234-5678", "[CN_MOBILE]"),
        ("order 113812345678", "order 113812345678"),
        (f"身份证{ID_CARD}号", "身份证[CN_ID_CARD]号"),
        ("110105194912310021", "110105194912310021"),
        (f"card {BANK_CARD}.", "card [BANK_CARD]."),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("3.141592653589793238", "3.141592653589793238"),
        ("f4111111111111111", "f4111111111111111"),
    ],
)
def test_personal_data_is_masked_only_when_it_is_real(text: str, masked: str) -> None:
    assert judge(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("手机１３８１２３４５６７８，勿传", "手机[CN_MOBILE]，勿传"),
        ("Tel.13812345678 or tel13812345678", "Tel.[CN_MOBILE] or tel[CN_MOBILE]"),
        ("No.13812345678, 微信_13812345678_", "No.[CN_MOBILE], 微信_[CN_MOBILE]_"),
        ("138.1234.5678 and 138·1234·5678", "[CN_MOBILE] and [CN_MOBILE]"),
        ("138—1234—5678, 138\u00a01234\u00a05678, 138\u200b12345678", "[CN_MOBILE], [CN_MOBILE], [CN_MOBILE]"),
        ("0086 138 1234 5678", "[CN_MOBILE]"),
        ("١٣٨١٢٣٤٥٦٧٨", "[CN_MOBILE]"),
        ("𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "[CN_MOBILE]"),
        ("写信给 ann＠example．org 吧", "写信给 [EMAIL] 吧"),
        ("ａｎｎ@example.org", "[EMAIL]"),
        (f"身份证 {ID_CARD[:6]} {ID_CARD[6:14]} {ID_CARD[14:]}", "身份证 [CN_ID_CARD]"),
        ("card 4111.1111.1111.1111", "card [BANK_CARD]"),
        ("卡号４１１１１１１１１１１１１１１１", "卡号[BANK_CARD]"),
        ("order 213812345678 and version 3.138123456780", "order 213812345678 and version 3.138123456780"),
        ("pi 3.13812345678", "pi 3.13812345678"),
        ("13812345678²", "[CN_MOBILE]²"),
        ("1381234567² and abc13812345678", "1381234567² and abc13812345678"),
        ("Ｗｉｄｅ letters stay， as do ² and ①", "Ｗｉｄｅ letters stay， as do ² and ①"),
    ],
)
def test_personal_data_in_another_spelling_is_the_same(text: str, masked: str) -> None:
    assert judge(text) == masked


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_plain_view_has_a_sign_for_every_sign(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_personal_data_can_drop_or_stay() -> None:
    assert judge("write to a.b@c.org", personal_data="drop") == Drop("personal data: email", 1, 0)
    assert judge("write to a.b@c.org", personal_data="keep") == "write to a.b@c.org"
    assert judge("a.b@c.org 13812345678", kinds=("cn_mobile",)) == "a.b@c.org [CN_MOBILE]"


PLACES: dict[str, dict[str, Any]] = {
    "system": {"system": "You sell {}.", "instruction": "Hi", "output": "Hello"},
    "history": {"history": [["What of {}?", "No."]], "instruction": "Go on", "output": "Fine"},
    "input": {"instruction": "Translate", "input": "{}", "output": "x"},
    "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": "Teach me {}"}]}, {"role": "assistant", "content": "No"}]},
    "a tool's arguments": {"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": '{"q": "{}"}'}}]}]},
    "sharegpt": {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "about {}"}]},
    "title": {"title": "{}", "text": "a page"},
    "a column of the caller's": {"instruction": "q", "output": "a", "note": "{}"},
}


def filled(value: Any, word: str) -> Any:
    if isinstance(value, dict):
        return {key: filled(item, word) for key, item in value.items()}
    return [filled(item, word) for item in value] if isinstance(value, list) else value.replace("{}", word)


@pytest.mark.parametrize("place", PLACES)
def test_a_word_is_found_wherever_it_is_said(place: str) -> None:
    rule = Noncompliant(NoncompliantOptions(words=("contraband", "赌博")))
    for word in ("contraband", "赌博"):
        assert rule.judge({"id": "1", **filled(PLACES[place], word)}) == Drop(f"word: {word}", 1, 0)
    harmless = {"id": "1", **filled(PLACES[place], "tea"), "source": "赌博.jsonl", "own_id": "contraband"}
    assert rule.judge(harmless) is harmless


@pytest.mark.parametrize("place", PLACES)
def test_personal_data_is_found_wherever_it_is_said(place: str) -> None:
    record = {"id": "1", **filled(PLACES[place], "ann@example.org")}
    assert Noncompliant(NoncompliantOptions()).judge(record) == {"id": "1", **filled(PLACES[place], "[EMAIL]")}
    assert Noncompliant(NoncompliantOptions(personal_data="drop")).judge(record) == Drop("personal data: email", 1, 0)


def test_all_texts_of_a_conversation_are_masked_and_the_rest_is_left() -> None:
    record = {"id": "1", "messages": [{"role": "user", "content": "I am a@b.org", "n": 5}], "source": "a@b.org"}
    verdict = Noncompliant(NoncompliantOptions()).judge(record)
    assert not isinstance(verdict, Drop)
    assert verdict["messages"] == [{"role": "user", "content": "I am [EMAIL]", "n": 5}]
    assert verdict["source"] == "a@b.org"
    assert record["messages"][0]["content"] == "I am a@b.org"  # type: ignore[index]


def test_checksums() -> None:
    assert id_card_is_valid(ID_CARD)
    assert not any(id_card_is_valid(ID_CARD[:17] + last) for last in "0123456789")
    assert luhn_is_valid("79927398713")
    assert not any(luhn_is_valid(f"7992739871{last}") for last in "012456789")


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(PlatformError) as caught:
        Noncompliant(NoncompliantOptions(kinds=("passport",)))
    assert caught.value.field == "kinds"


@pytest.mark.parametrize(
    "text", ["a" * 200_000 + "@", "a." * 100_000 + "@", "a@" + "b." * 100_000, "1" * 200_000, "1 " * 100_000, "1-" * 99_999]
)
def test_no_text_makes_the_patterns_run_without_end(text: str) -> None:
    start = time.process_time()
    judge(text)
    assert time.process_time() - start < 5  # a pattern that backtracks would take hours here


EMAIL = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@])", re.ASCII)
NEARLY = st.one_of(
    st.sampled_from(["13812345678", "138-1234-5678", "+86 138 1234 5678", "0086", "1101051949", "1231002X", ID_CARD, BANK_CARD, "4111"]),
    st.sampled_from(["a.b@c.org", "@", "@x.", "a_b", "x.com", "a" * 70, "tel", "Tel.", "１３８１２３４５６７８", "－", "\u00a0", "\u200b"]),
    st.text("019xX. -+@ab_中", max_size=6),
)


@given(st.lists(NEARLY, max_size=12))
def test_looking_only_near_digits_and_signs_finds_what_looking_everywhere_finds(pieces: list[str]) -> None:
    text = "".join(pieces)
    expected, view = text, plain(text)
    for kind in KINDS:
        pattern = EMAIL if kind == "email" else personal_data._PATTERNS[kind]
        spans = [hit.span() for hit in pattern.finditer(view) if confirmed(hit[0], kind)]
        assert find_personal(text, kind) == next((plain(text)[start:end] for start, end in first_spans(plain(text), pattern, kind)), None)
        for start, end in reversed(spans):
            expected, view = (f"{each[:start]}[{kind.upper()}]{each[end:]}" for each in (expected, view))
    assert masked(text, KINDS) == expected


def first_spans(view: str, pattern: re.Pattern[str], kind: str) -> list[tuple[int, int]]:
    return [hit.span() for hit in pattern.finditer(view) if confirmed(hit[0], kind)][:1]
