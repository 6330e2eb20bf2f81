"""The form in which texts are compared: full width is half width, composed is decomposed, case does not count; but 10² is not 102.

Unicode's compatibility folding (NFKC) makes plain digits and letters of raised and lowered ones, and with that another number of one
number; they are kept as they are, as are signs that hold one (㎡).
"""

from __future__ import annotations

import unicodedata
from functools import cache


def folded(text: str) -> str:
    """``text`` after NFKC and case folding, raised and lowered signs left alone."""
    if text.isascii():
        return text.casefold()
    kept = [sign for sign in set(text) if _holds_raised(sign)]
    if not kept:
        return unicodedata.normalize("NFKC", text).casefold()
    return "".join(part if part in kept else unicodedata.normalize("NFKC", part) for part in _cut(text, kept)).casefold()


@cache
def _holds_raised(sign: str) -> bool:
    if sign.isascii():
        return False
    points = unicodedata.decomposition(sign).split()
    if not points or not points[0].startswith("<"):
        return False
    return points[0] in ("<super>", "<sub>") or any(_holds_raised(chr(int(point, 16))) for point in points[1:])


def _cut(text: str, kept: list[str]) -> list[str]:
    """``text`` in pieces: each of ``kept`` alone, and what stands between them."""
    for sign in kept:
        text = text.replace(sign, f"\0{sign}\0")
    return text.split("\0")
