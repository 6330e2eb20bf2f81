"""Remove_Noncompliant: forbidden words drop a record; personal data is masked, or drops it too.

Both look at every text of a record but its id and where it came from: whatever is trained on or shown is searched, the system's words,
earlier turns, parts of a turn and columns of the caller's own included. What counts as an occurrence of a word is said in ``lexicon``, what
personal data is in ``personal_data``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
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
    lexicon_version_id: str | None = option(
        None,
        1,
        20,
        en="id of a dataset version that is a lexicon; what holds one of its terms is dropped",
        zh="词库（数据版本）的编号；含有其中任一词条即剔除",
        none=("no lexicon", "不使用词库"),
    )
    categories: tuple[str, ...] = option(
        (), 0, 100, en="take only terms of these categories of the lexicon; empty: all", zh="只用词库中这些类别的词条；空表示全部"
    )
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
        if options.categories and options.lexicon_version_id is None:
            raise invalid("categories", limit="empty without a lexicon_version_id")
        self._options = options
        self._folder: Path | None = None
        if options.words or options.lexicon_version_id:
            import ahocorasick_rs  # noqa: F401  # missing, it is said when the task is created

    def reads(self, versions: Mapping[str, str]) -> None:
        if self._options.lexicon_version_id is not None:
            self._folder = Path(versions[self._options.lexicon_version_id])

    def judge(self, record: Record) -> Record | Drop:
        said = {key: value for key, value in record.items() if key not in KEPT}
        if (found := self._found(said)) is not None:
            word, category = found
            return Drop(f"word: {word}" + (f" ({category})" if category else ""), 1, 0)
        if self._options.personal_data == "keep":
            return record
        if self._options.personal_data == "drop":
            kind = next((kind for kind in self._options.kinds if any(find_personal(text, kind) for text in texts(said))), None)
            return record if kind is None else Drop(f"personal data: {kind}", 1, 0)
        clean = self._masked(said)
        return record if clean == said else {**record, **clean}

    def _found(self, said: Record) -> tuple[str, str] | None:
        """The first forbidden word of the caller's own or of the lexicon, with its category."""
        if not self._lexicons:
            return None
        text = "\n".join(texts(said))
        return next(filter(None, (each.first(text) for each in self._lexicons)), None)

    @cached_property
    def _lexicons(self) -> list[lexicon.Lexicon]:
        own = [lexicon.compiled(self._options.words)] if self._options.words else []
        return own + ([lexicon.stored(self._folder, self._options.categories)] if self._folder else [])

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
