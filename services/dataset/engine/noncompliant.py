"""Remove_Noncompliant: forbidden words drop a record; personal data is masked, or drops it too.

Words are compared after NFKC and case folding, so full-width and upper-case spellings are found. A word of letters must stand alone; a
word with Han characters is found anywhere, because nothing separates Chinese words. Personal data with a checksum (identity card, bank
card) must pass it: a long number alone is no evidence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from libs.common.errors import Reason, invalid
from services.dataset.engine.ledger import Drop, Operator
from services.dataset.engine.options import option
from services.dataset.engine.records import Record, text_of

FIELDS = ("text", "instruction", "input", "output", "system", "history", "messages", "conversations")
KINDS = ("email", "cn_mobile", "cn_id_card", "bank_card")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, ISO 7064 MOD 11-2
_ID_CHECK = "10X98765432"
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![\dA-Za-z_.])", r"(?![\dA-Za-z_])"
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    # bounded repeats only: no input makes these backtrack without end
    "email": re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@])", re.ASCII),
    "cn_mobile": re.compile(_NO_DIGIT_BEFORE + r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}" + _NO_DIGIT_AFTER, re.ASCII),
    "cn_id_card": re.compile(
        _NO_DIGIT_BEFORE + r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]" + _NO_DIGIT_AFTER, re.ASCII
    ),
    "bank_card": re.compile(_NO_DIGIT_BEFORE + r"[3-6]\d{3}(?:[- ]?\d{4}){2}[- ]?\d{3,7}" + _NO_DIGIT_AFTER, re.ASCII),
}
_DIGITS = re.compile(r"\d{3}[- ]?\d{4}")
_GATES: Mapping[str, Callable[[str], bool]] = {
    "email": lambda text: "@" in text,
    "cn_mobile": lambda text: _DIGITS.search(text) is not None,
    "cn_id_card": lambda text: _DIGITS.search(text) is not None,
    "bank_card": lambda text: _DIGITS.search(text) is not None,
}


@dataclass(frozen=True, slots=True)
class NoncompliantOptions:
    """What to look for and what to do with personal data."""

    words: tuple[str, ...] = option((), 0, 5000)  # more want an automaton (ahocorasick_rs), not a loop
    personal_data: Literal["mask", "drop", "keep"] = "mask"
    kinds: tuple[str, ...] = option(KINDS, 0, len(KINDS))


class Noncompliant(Operator):
    rule = "Remove_Noncompliant"
    version = 1

    def __init__(self, options: NoncompliantOptions) -> None:
        unknown = next((kind for kind in options.kinds if kind not in KINDS), None)
        if unknown is not None:
            raise invalid("kinds", Reason.UNKNOWN_ENUM, "one of " + ", ".join(KINDS), value=unknown)
        self._options = options
        self._words = sorted({fold(word) for word in options.words if fold(word).strip()})

    def judge(self, record: Record) -> Record | Drop:
        word = self._forbidden(fold(text_of(record))) if self._words else None
        if word is not None:
            return Drop(f"word: {word}", 1, 0)
        if self._options.personal_data == "keep":
            return record
        masked = {name: self._masked(record[name]) for name in FIELDS if name in record}
        if all(record[name] == value for name, value in masked.items()):
            return record
        if self._options.personal_data == "drop":
            found = next((kind for kind in self._options.kinds if find_personal(text_of(record), kind)), "in parts")
            return Drop(f"personal data: {found}", 1, 0)
        return {**record, **masked}

    def _forbidden(self, text: str) -> str | None:
        return next((word for word in self._words if word in text and stands_alone(word, text)), None)

    def _masked(self, value: Any) -> Any:
        """A text, or every text inside a list of turns, masked."""
        if isinstance(value, str):
            return self._mask(value)
        if isinstance(value, list):
            return [self._masked(item) for item in value]
        return {key: self._masked(item) for key, item in value.items()} if isinstance(value, dict) else value

    def _mask(self, text: str) -> str:
        for kind in self._options.kinds:
            if _GATES[kind](text):
                text = mask(text, kind)
        return text


def fold(text: str) -> str:
    """The form in which words are compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def stands_alone(word: str, text: str) -> bool:
    """Whether ``word`` occurs in ``text`` without an ASCII letter or digit glued to an end that is one itself."""
    start = text.find(word)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(word) : start + len(word) + 1]
        if not (_glued(before, word[0]) or _glued(after, word[-1])):
            return True
        start = text.find(word, start + 1)
    return False


def _glued(neighbour: str, edge: str) -> bool:
    return bool(neighbour) and neighbour.isascii() and neighbour.isalnum() and edge.isascii() and edge.isalnum()


def find_personal(text: str, kind: str) -> str | None:
    """The first occurrence of ``kind`` that passes its checksum."""
    return next((hit[0] for hit in _PATTERNS[kind].finditer(text) if confirmed(hit[0], kind)), None)


def mask(text: str, kind: str) -> str:
    """``text`` with every confirmed occurrence replaced by ``[KIND]``."""
    return _PATTERNS[kind].sub(lambda hit: f"[{kind.upper()}]" if confirmed(hit[0], kind) else hit[0], text)


def confirmed(found: str, kind: str) -> bool:
    """Whether what a pattern found is real as far as its checksum can tell."""
    if kind == "cn_id_card":
        return id_card_is_valid(found)
    return luhn_is_valid(re.sub(r"\D", "", found)) if kind == "bank_card" else True


def id_card_is_valid(number: str) -> bool:
    """18 characters of a Chinese identity number (GB 11643-1999): weighted sum modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECK[total % 11] == number[17].upper()


def luhn_is_valid(digits: str) -> bool:
    """Check digit of bank cards (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
