"""A stream of bytes is cut at line feeds, wherever its chunks end."""

from hypothesis import given
from hypothesis import strategies as st

from libs.common.lines import lines

WHOLE = 'data: {"a": "x\u2028y\u2029z\x85\x0b\x0c\x1c🙂"}\r\n\ndata: [DONE]\nlast'


@given(st.lists(st.integers(1, 9), min_size=1))
def test_chunks_may_end_anywhere(sizes: list[int]) -> None:
    left, chunks = WHOLE.encode(), []
    while left:
        for size in sizes:
            chunks.append(left[:size])
            left = left[size:]
    assert list(lines(chunks)) == ['data: {"a": "x\u2028y\u2029z\x85\x0b\x0c\x1c🙂"}', "", "data: [DONE]", "last"]


def test_nothing_is_no_line() -> None:
    assert list(lines([])) == []
    assert list(lines([b"a\n"])) == ["a"]
