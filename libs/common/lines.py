"""Lines of a stream of bytes: event streams and JSON lines end at a line feed and nowhere else.

U+2028, U+2029, U+0085 and others may stand unescaped inside JSON; a reader that takes them for line ends, as ``str.splitlines`` does, makes
two halves of one event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Each line as UTF-8 text, without its line feed and a carriage return before it. What follows the last line feed is a line too."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n") if b"\n" in chunk else [rest + chunk]
        yield from map(_text, whole)
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")
