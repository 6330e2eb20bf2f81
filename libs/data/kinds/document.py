"""documents: a text, perhaps with a title."""

from __future__ import annotations

from libs.data.kinds import Fields, RecordKind, empty_text, one_line


def lacking(fields: Fields) -> str | None:
    return "text" if empty_text(fields.get("text")) else None


KIND = RecordKind(
    name="documents",
    schema={
        "type": "object",
        "properties": {"text": {"type": "string", "pattern": r"\S"}, "title": {"type": "string"}, "format": {"type": "string"}},
        "required": ["text"],
    },
    claims=lambda _fields: True,
    lacking=lacking,
    preview=lambda fields: one_line(fields.get("title") or fields.get("text", "")),
    en="a non-empty 'text'",
    zh="非空的 text",
)
