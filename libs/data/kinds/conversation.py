"""conversation: turns of a system, a user and an assistant, as ``messages`` or ``conversations``."""

from __future__ import annotations

from libs.data.kinds import Fields, RecordKind, one_line
from libs.data.kinds._turns import TURN
from libs.data.records import question_of

TURNS = ("messages", "conversations")


def claims(fields: Fields) -> bool:
    return any(isinstance(fields.get(name), list) for name in TURNS)


def lacking(fields: Fields) -> str | None:
    return None if claims(fields) else TURNS[0]


KIND = RecordKind(
    name="conversation",
    schema={
        "type": "object",
        "properties": {name: {"type": "array", "items": TURN} for name in TURNS},
        "anyOf": [{"required": [name]} for name in TURNS],
    },
    claims=claims,
    lacking=lacking,
    preview=lambda fields: one_line(question_of(fields)),
    en="a list 'messages' or 'conversations'",
    zh="messages 或 conversations 列表",
    place=1,
)
