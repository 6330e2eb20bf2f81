"""sharegpt: ``conversations`` of turns with ``from`` and ``value``, perhaps ``system`` and ``tools``. Turns, calls and results are kept as
they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.data.kinds import Fields
from services.dataset.engine.rows import Fault, row_fault
from services.dataset.engine.shapes import Shape
from services.dataset.engine.shapes._turns import are_turns, first_fault

SPEAKERS = ("system", "human", "user", "gpt", "assistant", "function_call", "observation", "tool")


def signs(fields: Fields) -> tuple[str, ...]:
    return ("conversations[].from", "conversations[].value") if are_turns(fields.get("conversations"), "from", "value") else ()


def _turn(talk: Sequence[Any], place: int) -> Fault | None:
    turn = talk[place]
    if str(turn.get("from")).lower() not in SPEAKERS:
        return row_fault(f"a speaker that is one of {', '.join(SPEAKERS)}", f"a turn of {str(turn.get('from'))[:40]!r}")
    if not isinstance(turn.get("value"), str):
        return row_fault("a 'value' that is a text", "missing, empty or not a text")
    return None


def fault(fields: Fields) -> Fault | None:
    return first_fault(fields, "conversations", _turn)


KIND = Shape(name="sharegpt", signs=signs, fault=fault, en="ShareGPT conversations", zh="ShareGPT 对话", place=3)
