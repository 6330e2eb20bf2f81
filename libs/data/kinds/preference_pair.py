"""preference_pair: what was asked, the answer that is preferred, and one that is not; each a text or the turns of a talk."""

from __future__ import annotations

from typing import Any

from libs.data.kinds import Fields, RecordKind, empty_text, one_line
from libs.data.kinds._turns import TURN, turns
from libs.data.records import PAIR, is_pair, spoken

_SAID = {"anyOf": [{"type": "string", "pattern": r"\S"}, {"type": "array", "items": TURN, "minItems": 1}]}


def lacking(fields: Fields) -> str | None:
    return next((name for name in PAIR if empty_text(fields.get(name)) and not turns(fields.get(name))), None)


def _preview(fields: Fields) -> str:
    asked, chosen, rejected = (_shown(fields.get(name, "")) for name in PAIR)
    return f"{asked} → {chosen} | {rejected}"


def _shown(value: Any) -> str:
    return one_line(" ".join(spoken(value)), 38)


KIND = RecordKind(
    name="preference_pair",
    schema={"type": "object", "properties": dict.fromkeys(PAIR, _SAID), "required": list(PAIR)},
    claims=is_pair,
    lacking=lacking,
    preview=_preview,
    en="'prompt', 'chosen' and 'rejected'",
    zh="prompt、chosen 与 rejected",
    place=0,
)
