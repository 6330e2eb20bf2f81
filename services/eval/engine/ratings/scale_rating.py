"""Scale_Rating: how good an answer is, as a whole number. The score is the mean, on the scale itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.people.template import Template
from services.eval.engine.ratings import RatingKind

FIELD = "score"


def lacking(template: Template) -> str:
    asked = {field.name for field in template.fields if field.kind == "scale" and field.required and not field.when_field}
    return "" if FIELD in asked else "the scale 'score', always required"


def worth(value: Any, _good: Sequence[str]) -> float:
    return float(value)


KIND = RatingKind(
    name="Scale_Rating",
    starter={
        "instructions": "",
        "shows": ["input", "output"],
        "fields": [
            {"name": FIELD, "title": "评分 Score", "kind": "scale", "at_least": 1, "at_most": 5},
            {"name": "comment", "title": "理由 Why", "kind": "text", "required": False, "at_most": 2000},
        ],
    },
    lacking=lacking,
    field=FIELD,
    worth=worth,
    en="how good an answer is, on a scale",
    zh="按量表给回答打分",
    place=10,
)
