"""A stream's pieces are the answer: no character is cut, no stop string leaks, nothing is taken back."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.deploy.engine.serving.text import TextStream


def decode(ids: list[int]) -> str:
    """A byte-level tokenizer at its hardest: every token is one byte."""
    return bytes(ids).decode("utf-8", "replace")


def pieces(ids: list[int], stop: tuple[str, ...] = ()) -> tuple[list[str], bool]:
    stream = TextStream(decode, stop)
    sent = []
    for id in ids:
        sent.append(stream.push(id))
        if stream.stopped:
            return sent, True
    sent.append(stream.finish())
    return sent, stream.stopped


@given(st.text())
def test_every_piece_of_valid_text_is_whole_characters(text: str) -> None:
    sent, _ = pieces(list(text.encode()))
    assert "".join(sent) == text
    assert all(len(piece) <= 1 for piece in sent if "\ufffd" not in text)  # sent as soon as it is whole


@given(st.binary())
def test_any_bytes_stream_to_what_they_decode_to(content: bytes) -> None:
    sent, _ = pieces(list(content))
    assert "".join(sent) == decode(list(content))


@given(st.text(alphabet="ab中", max_size=30), st.lists(st.text(alphabet="ab中", min_size=1, max_size=4), min_size=1, max_size=3))
def test_the_answer_ends_before_the_first_stop_string(text: str, stop: list[str]) -> None:
    sent, stopped = pieces(list(text.encode()), tuple(stop))
    ends = [(text.find(one) + len(one), text.find(one)) for one in stop if one in text]
    assert stopped == bool(ends)
    if not ends:
        assert "".join(sent) == text
        return
    first_end = min(end for end, _ in ends)
    assert "".join(sent) == text[: min(start for end, start in ends if end == first_end)]


def test_a_held_beginning_is_sent_when_it_is_no_stop() -> None:
    stream = TextStream(decode, ("END",))
    assert [stream.push(byte) for byte in b"xENx"] == ["x", "", "", "ENx"]
    assert [stream.push(byte) for byte in b"EN"] == ["", ""]
    assert stream.finish() == "EN"


def test_a_stop_string_inside_a_longer_flush_is_found_at_the_end() -> None:
    stream = TextStream(decode, ("\ufffd",))
    assert stream.push(0xE4) == ""
    assert stream.finish() == ""
    assert stream.stopped


def test_sent_text_only_ever_grows() -> None:
    content = "返回 📁 naïve".encode() + b"\xe4\xb8"
    sent, _ = pieces(list(content))
    grown = ["".join(sent[:end]) for end in range(len(sent) + 1)]
    assert all(later.startswith(earlier) for earlier, later in pairwise(grown))
    assert grown[-1] == decode(list(content))
