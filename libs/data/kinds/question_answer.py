"""question_answer: an instruction, perhaps with input, system and history, and the output that is expected."""

from __future__ import annotations

from libs.data.kinds import Fields, RecordKind, empty_text, one_line
from libs.data.prompt import pair_of

NEEDED = ("instruction", "output")
_TEXT = {"type": "string", "pattern": r"\S"}
_PAIRS = {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}}


def claims(fields: Fields) -> bool:
    return any(name in fields for name in NEEDED)


def lacking(fields: Fields) -> str | None:
    return next((name for name in NEEDED if empty_text(fields.get(name))), None)


KIND = RecordKind(
    name="question_answer",
    schema={
        "type": "object",
        "properties": {
            "instruction": _TEXT,
            "output": _TEXT,
            "input": {"type": ["string", "null"]},
            "system": {"type": ["string", "null"]},
            "history": {"anyOf": [_PAIRS, {"type": "null"}]},
        },
        "required": list(NEEDED),
    },
    claims=claims,
    lacking=lacking,
    preview=lambda fields: f"{one_line(fields.get('instruction', ''), 60)} → {one_line(fields.get('output', ''), 60)}",
    en="'instruction' and 'output'",
    zh="instruction 与 output",
    asks=lambda fields, _folder: pair_of(fields),
    place=2,
)
