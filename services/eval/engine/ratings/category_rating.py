"""Category_Rating: what sort of answer it is, by label. The score is the share of the labels that count as good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.people.template import Template
from services.eval.engine.ratings import RatingKind

FIELD = "category"


def lacking(template: Template) -> str:
    asked = {field.name for field in template.fields if field.kind == "choice" and field.required and not field.when_field}
    return "" if FIELD in asked else "the choice 'category', always required"


def worth(value: Any, good: Sequence[str]) -> float:
    return float(value in good)


KIND = RatingKind(
    name="Category_Rating",
    starter={
        "instructions": "",
        "shows": ["input", "output"],
        "fields": [
            {
                "name": FIELD,
                "title": "结论 Verdict",
                "kind": "choice",
                "labels": [
                    {"value": "right", "title": "正确 Right", "key": "1", "color": "#2f9e44"},
                    {"value": "partly", "title": "部分正确 Partly right", "key": "2", "color": "#f08c00"},
                    {"value": "wrong", "title": "错误 Wrong", "key": "3", "color": "#e03131"},
                ],
            }
        ],
    },
    lacking=lacking,
    field=FIELD,
    worth=worth,
    en="what sort of answer it is, by label",
    zh="按标签给回答归类",
    place=20,
)
