"""openai_messages: ``messages`` of turns with ``role``, ``content``, tool calls and tool results, perhaps ``tools``. Kept as they are.

Held to what the chat interface itself demands: known roles; content that is a text, parts, or nothing beside calls; calls with an id, a
name and arguments; and every result after the call that it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.data.kinds import Fields, empty_text
from services.dataset.engine.rows import Fault, row_fault
from services.dataset.engine.shapes import Shape
from services.dataset.engine.shapes._turns import are_turns, first_fault

ROLES = ("system", "developer", "user", "assistant", "tool", "function")


def signs(fields: Fields) -> tuple[str, ...]:
    talk = fields.get("messages")
    if not are_turns(talk, "role"):
        return ()
    called = any(isinstance(turn, dict) and turn.get("tool_calls") for turn in talk or ())
    more = (("messages[].tool_calls",) if called else ()) + (("tools",) if "tools" in fields else ())
    return ("messages[].role", "messages[].content", *more)


def _turn(talk: Sequence[Any], place: int) -> Fault | None:
    turn = talk[place]
    if turn.get("role") not in ROLES:
        return row_fault(f"a role that is one of {', '.join(ROLES)}", f"a turn of {str(turn.get('role'))[:40]!r}")
    return _content(turn) or _calls(turn.get("tool_calls")) or _result(talk, place)


def _content(turn: dict[str, Any]) -> Fault | None:
    content = turn.get("content")
    parts = isinstance(content, list) and all(isinstance(part, dict) and "type" in part for part in content)
    silent = content is None and (turn.get("tool_calls") or turn.get("function_call"))
    if isinstance(content, str) or parts or silent:
        return None
    return row_fault("a 'content' that is a text or a list of parts, or none beside tool calls", "missing, empty or not a text")


def _calls(calls: Any) -> Fault | None:
    if calls is None:
        return None
    if not isinstance(calls, list) or not all(map(_is_call, calls)):
        return row_fault("tool_calls with id, function.name and function.arguments", "a call without them")
    return None


def _is_call(call: Any) -> bool:
    made = call.get("function") if isinstance(call, dict) else None
    return isinstance(made, dict) and not empty_text(call.get("id")) and not empty_text(made.get("name")) and "arguments" in made


def _result(talk: Sequence[Any], place: int) -> Fault | None:
    turn = talk[place]
    if turn["role"] != "tool":
        return None
    made = {call["id"] for earlier in talk[:place] for call in earlier.get("tool_calls") or () if _is_call(call)}
    if turn.get("tool_call_id") in made:
        return None
    return row_fault("a tool_call_id of a call before it", f"a result for {str(turn.get('tool_call_id'))[:40]!r}")


def fault(fields: Fields) -> Fault | None:
    tools = fields.get("tools")
    if tools is not None and not isinstance(tools, (list, str)):
        return row_fault("tools as a list, or as its JSON text", "no list", "tools")
    return first_fault(fields, "messages", _turn)


KIND = Shape(name="openai_messages", signs=signs, fault=fault, en="OpenAI messages", zh="OpenAI messages 对话", place=2)
