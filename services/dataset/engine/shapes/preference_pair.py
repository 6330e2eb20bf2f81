"""preference_pair: a question, a preferred answer and another one, as ``prompt``, ``chosen`` and ``rejected``, however a file spells them.

The question may be a ``prompt``, an Alpaca ``instruction`` with all that belongs to it, ``messages`` or ``conversations``, or the turns
with which both answers begin. Each side is a text or turns; one turn alone counts as a list of one.
"""

from __future__ import annotations

from typing import Any

from libs.data.kinds import Fields, preference_pair
from libs.data.prompt import PromptError, chat_of
from libs.data.records import PAIR, is_pair
from services.dataset.engine.rows import Fault, row_fault
from services.dataset.engine.shapes import Shape

_TALKS = ("messages", "conversations")
_ALPACA = ("instruction", "input", "system", "history")


def signs(fields: Fields) -> tuple[str, ...]:
    if not is_pair(fields):
        return ()
    return tuple(name for name in ("prompt", "instruction", *_TALKS, "chosen", "rejected") if name in fields)


def record(fields: Fields) -> Fields:
    """Under our three names; other columns stay. A row whose question is nowhere stays as it is, and is refused for its prompt."""
    sides = {name: _turns(fields[name]) for name in ("chosen", "rejected")}
    made = {**fields, **sides}
    if (shared := _shared(sides["chosen"], sides["rejected"])) and _asks_nothing_else(fields, shared):
        made |= {name: side[shared:] for name, side in sides.items()} | ({} if "prompt" in fields else {"prompt": sides["chosen"][:shared]})
    if "prompt" in made:
        return made
    talk = next((name for name in _TALKS if isinstance(fields.get(name), list)), None)
    if talk is not None:
        return {"prompt": fields[talk], **{name: value for name, value in made.items() if name != talk}}
    return _asked(made) if "instruction" in fields else made


def _turns(side: Any) -> Any:
    return [side] if isinstance(side, dict) else side


def _shared(chosen: Any, rejected: Any) -> int:
    """With how many equal turns both sides begin; each keeps at least one of its own."""
    if not isinstance(chosen, list) or not isinstance(rejected, list):
        return 0
    most = min(len(chosen), len(rejected)) - 1
    return next((place for place in range(most) if chosen[place] != rejected[place]), max(0, most))


def _asks_nothing_else(fields: Fields, shared: int) -> bool:
    """Whether what both sides begin with is the question: there is no other, or it is the prompt once more."""
    if "prompt" in fields:
        first = _turns(fields["chosen"])[0]
        return shared == 1 and isinstance(first, dict) and fields["prompt"] in (first.get("content"), first.get("value"))
    return not any(name in fields for name in (*_TALKS, "instruction"))


def _asked(fields: dict[str, Any]) -> Fields:
    """An Alpaca question as a prompt: a text where it is one, else the chat that a model would be asked."""
    try:
        chat = chat_of(fields)
    except PromptError:
        return fields
    rest = {name: value for name, value in fields.items() if name not in _ALPACA}
    return {"prompt": chat[0]["content"] if len(chat) == 1 else chat, **rest}


def fault(fields: Fields) -> Fault | None:
    """Of a row as ``record`` gives it back."""
    made = record(fields) if is_pair(fields) else fields
    column = next((name for name in PAIR if name not in made), None) or preference_pair.lacking(made)
    if column is not None:
        return row_fault("'prompt', 'chosen' and 'rejected', each a text or turns", "missing, empty or not a text", column)
    if made["chosen"] == made["rejected"]:
        return row_fault("two answers that differ", "both are the same", "rejected")
    return None


KIND = Shape(name="preference_pair", signs=signs, fault=fault, record=record, en="preference pairs", zh="偏好对", place=1)
