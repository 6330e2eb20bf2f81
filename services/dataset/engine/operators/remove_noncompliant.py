"""Remove_Noncompliant: forbidden words drop a record; personal data is masked, or drops it too.

Both look at every text of a record but its id and where it came from: whatever is trained on or shown is searched, the system's words,
earlier turns, parts of a turn and columns of the caller's own included. What counts as an occurrence of a word is said in ``lexicon``, what
personal data is in ``personal_data``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from libs.common.errors import Reason, invalid
from libs.data.options import option
from libs.data.records import LINEAGE, PROVENANCE, Record
from services.dataset.engine import lexicon
from services.dataset.engine.ledger import Drop, Operator
from services.dataset.engine.operators import Rule
from services.dataset.engine.personal_data import KINDS, find_personal, masked

KEPT = (*PROVENANCE, *LINEAGE, "own_id")  # names of the record, which nobody is trained on


@dataclass(frozen=True, slots=True)
class NoncompliantOptions:
    """What to look for and what to do with personal data."""

    words: tuple[str, ...] = option((), 0, lexicon.MOST, en="forbidden words; what holds one is dropped", zh="违禁词；含有即剔除")
    personal_data: Literal["mask", "drop", "keep"] = option(
        "mask", en="what happens to personal data: masked, its record dropped, or kept", zh="个人信息的处理：脱敏、剔除或保留"
    )
    kinds: tuple[str, ...] = option(KINDS, 0, len(KINDS), en="kinds of personal data that are looked for", zh="要查找的个人信息种类")


class Noncompliant(Operator):
    rule = "Remove_Noncompliant"
    version = 2

    def __init__(self, options: NoncompliantOptions) -> None:
        unknown = next((kind for kind in options.kinds if kind not in KINDS), None)
        if unknown is not None:
            raise invalid("kinds", Reason.UNKNOWN_ENUM, "one of " + ", ".join(KINDS), value=unknown)
        self._options = options
        if options.words:
            import ahocorasick_rs  # noqa: F401  # missing, it is said when the task is created

    def judge(self, record: Record) -> Record | Drop:
        said = {key: value for key, value in record.items() if key not in KEPT}
        word = self._lexicon.first("\n".join(texts(said))) if self._options.words else None
        if word is not None:
            return Drop(f"word: {word}", 1, 0)
        if self._options.personal_data == "keep":
            return record
        if self._options.personal_data == "drop":
            kind = next((kind for kind in self._options.kinds if any(find_personal(text, kind) for text in texts(said))), None)
            return record if kind is None else Drop(f"personal data: {kind}", 1, 0)
        clean = self._masked(said)
        return record if clean == said else {**record, **clean}

    @cached_property
    def _lexicon(self) -> lexicon.Lexicon:
        return lexicon.compiled(self._options.words)

    def _masked(self, value: Any) -> Any:
        """A text, or every text inside a list of turns, masked."""
        if isinstance(value, str):
            return masked(value, self._options.kinds)
        if isinstance(value, list):
            return [self._masked(item) for item in value]
        return {key: self._masked(item) for key, item in value.items()} if isinstance(value, dict) else value


def texts(value: Any) -> Iterator[str]:
    """Every text inside a value, without the keys."""
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(item)


KIND = Rule(name=Noncompliant.rule, options=NoncompliantOptions, operator=Noncompliant, alone=True, place=41)
