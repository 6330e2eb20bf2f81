"""classification: a text, or a picture, and the label it has."""

from __future__ import annotations

from libs.data.classes import CLASSIFICATION as CLASSIFICATION
from libs.data.classes import LABEL, MOST_LABEL, PICTURE, labelled_of, labels
from libs.data.kinds import Fields, RecordKind, empty_text, one_line


def claims(fields: Fields) -> bool:
    return labels(fields.get(LABEL)) and ("text" in fields or isinstance(fields.get(PICTURE), dict))


def lacking(fields: Fields) -> str | None:
    if PICTURE not in fields and empty_text(fields.get("text")):
        return "text"
    label = str(fields.get(LABEL, ""))
    return LABEL if empty_text(label) or len(label) > MOST_LABEL else None


KIND = RecordKind(
    name=CLASSIFICATION,
    schema={
        "type": "object",
        "properties": {
            "text": {"type": "string", "pattern": r"\S"},
            PICTURE: {"type": "object"},
            LABEL: {"type": ["string", "integer"], "pattern": r"\S", "maxLength": MOST_LABEL},
        },
        "required": [LABEL],
        "anyOf": [{"required": ["text"]}, {"required": [PICTURE]}],
    },
    claims=claims,
    lacking=lacking,
    preview=lambda fields: f"{one_line(fields.get('text', PICTURE), 80)} → {one_line(fields.get(LABEL, ''), 40)}",
    en=f"a 'text' and its 'label' of at most {MOST_LABEL} characters",
    zh=f"text 及不超过 {MOST_LABEL} 字的 label",
    asks=labelled_of,
    place=4,
)
