"""lexicon: one term of a list of them, perhaps with the category it belongs to. Cleaning looks for such terms."""

from __future__ import annotations

from libs.data.kinds import Fields, RecordKind, empty_text, one_line

LEXICON = "lexicon"
TERM, CATEGORY = "term", "category"
LONGEST = 200  # characters


def claims(fields: Fields) -> bool:
    return TERM in fields and "text" not in fields


def lacking(fields: Fields) -> str | None:
    if empty_text(fields.get(TERM)) or len(fields[TERM]) > LONGEST:
        return TERM
    category = fields.get(CATEGORY)
    return None if category is None or (isinstance(category, str) and len(category) <= LONGEST) else CATEGORY


def _preview(fields: Fields) -> str:
    category = fields.get(CATEGORY)
    return one_line(fields.get(TERM, ""), 60) + (f" · {one_line(category, 40)}" if category else "")


KIND = RecordKind(
    name=LEXICON,
    schema={
        "type": "object",
        "properties": {
            TERM: {"type": "string", "pattern": r"\S", "maxLength": LONGEST},
            CATEGORY: {"type": ["string", "null"], "maxLength": LONGEST},
        },
        "required": [TERM],
    },
    claims=claims,
    lacking=lacking,
    preview=_preview,
    en=f"a 'term' of at most {LONGEST} characters",
    zh=f"不超过 {LONGEST} 字的 term",
    place=3,
)
