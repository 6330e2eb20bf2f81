"""Personal data in texts, found by pattern and by checksum where there is one: a long number alone is no evidence.

The same number in another spelling is the same number: full-width and other scripts' digits, dots, hyphens or spaces between the groups, a
full-width at sign. Texts are compared in a plain view that has as many characters as the text, so that what is found there is replaced
here and nothing else of the text changes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

KINDS = ("email", "cn_mobile", "cn_id_card", "bank_card")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, ISO 7064 MOD 11-2
_ID_CHECK = "10X98765432"
# No number goes on before or after it: no digit or letter, nor a digit with a decimal point. "Tel." and "No." are words, "Tel" is one too.
_BEFORE, _AFTER = r"(?:(?<![\dA-Za-z])(?<!\d\.)|(?<=tel))", r"(?![\dA-Za-z])"
_GAP = r"[-. ·\u200b]?"
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    # bounded repeats only: no input makes these backtrack without end
    "cn_mobile": re.compile(rf"{_BEFORE}(?:(?:\+|00)?86{_GAP})?1[3-9]\d(?:{_GAP}\d{{4}}){{2}}{_AFTER}", re.ASCII | re.IGNORECASE),
    "cn_id_card": re.compile(
        rf"{_BEFORE}[1-9]\d{{5}}{_GAP}(?:19|20)\d{{2}}{_GAP}(?:0[1-9]|1[0-2]){_GAP}(?:0[1-9]|[12]\d|3[01]){_GAP}\d{{3}}[\dx]{_AFTER}",
        re.ASCII | re.IGNORECASE,
    ),
    "bank_card": re.compile(rf"{_BEFORE}[3-6]\d{{3}}(?:{_GAP}\d{{4}}){{2}}{_GAP}\d{{3,7}}{_AFTER}", re.ASCII | re.IGNORECASE),
}
_AT = re.compile(r"@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@])", re.ASCII)
_BEFORE_AT, _LONGEST = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][\w.+-]{0,63}\Z", re.ASCII), 64
_DIGITS = re.compile(rf"\d(?:{_GAP}\d){{10,}}", re.ASCII)  # as many as the shortest number has


class _Plain(dict[int, str]):
    """The plain sign for a sign, one for one; made when it is first asked for."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        digit, category = unicodedata.decimal(sign, None), unicodedata.category(sign)
        if digit is not None:
            found = str(digit)
        elif category == "Pd" or sign == "\u2212":
            found = "-"
        elif category == "Zs":
            found = " "
        elif category == "Cf":
            found = "\u200b"
        else:
            folded = unicodedata.normalize("NFKC", sign)
            found = folded if len(folded) == 1 and folded.isascii() and not unicodedata.decomposition(sign).startswith(_RAISED) else sign
        self[code] = found
        return found


_RAISED = ("<super>", "<sub>", "<circle>")  # other signs than the plain ones: 10² is not 102
_PLAIN = _Plain()


def plain(text: str) -> str:
    """``text`` sign for sign in ASCII where a sign is one in another width, script or style."""
    if text.isascii():
        return text
    for sign in set(text):
        if _PLAIN[ord(sign)] != sign:
            text = text.replace(sign, _PLAIN[ord(sign)])
    return text


def find_personal(text: str, kind: str) -> str | None:
    """The first occurrence of ``kind`` that passes its checksum, in its plain spelling."""
    view = plain(text)
    return next((view[start:end] for start, end in _occurrences(view, kind)), None)


def masked(text: str, kinds: Sequence[str]) -> str:
    """``text`` with every confirmed occurrence replaced by ``[KIND]``."""
    view = plain(text)
    for kind in kinds:
        for start, end in reversed(list(_occurrences(view, kind))):
            text, view = (f"{each[:start]}[{kind.upper()}]{each[end:]}" for each in (text, view))
    return text


def _occurrences(view: str, kind: str) -> Iterator[tuple[int, int]]:
    """Where ``kind`` is, first to last, none in another. Only what is near an "@" or many digits is looked at."""
    if kind == "email":
        return _addresses(view)
    near = (_PATTERNS[kind].finditer(view, max(0, digits.start() - 1), digits.end() + 2) for digits in _DIGITS.finditer(view))
    return (hit.span() for hits in near for hit in hits if confirmed(hit[0], kind))


def _addresses(view: str) -> Iterator[tuple[int, int]]:
    done = 0
    for host in _AT.finditer(view):
        name = _BEFORE_AT.search(view, max(done, host.start() - _LONGEST), host.start())
        if name is not None:
            done = host.end()
            yield name.start(), done


def confirmed(found: str, kind: str) -> bool:
    """Whether what a pattern found is real as far as its checksum can tell."""
    if kind == "cn_id_card":
        return id_card_is_valid(re.sub(r"[^\dXx]", "", found))
    return luhn_is_valid(re.sub(r"\D", "", found)) if kind == "bank_card" else True


def id_card_is_valid(number: str) -> bool:
    """18 characters of a Chinese identity number (GB 11643-1999): weighted sum modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECK[total % 11] == number[17].upper()


def luhn_is_valid(digits: str) -> bool:
    """Check digit of bank cards (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
