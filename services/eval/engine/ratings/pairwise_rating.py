"""Pairwise_Rating: which of two answers is better. The score is how often that of the rated run is; neither counts half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.people.template import Template
from services.eval.engine.ratings import RatingKind

FIELD, LEFT, RIGHT = "better", "left", "right"
WORTH = {LEFT: 1.0, RIGHT: 0.0}
NEITHER = 0.5
LABELS = (LEFT, RIGHT, "tie", "both_bad")


def lacking(template: Template) -> str:
    for field in template.fields:
        if field.name == FIELD and field.kind == "choice" and field.required and not field.when_field:
            return "" if {LEFT, RIGHT} <= set(field.values) <= set(LABELS) else f"labels of 'better' among {', '.join(LABELS)}"
    return "the choice 'better', always required"


def worth(value: Any, _good: Sequence[str]) -> float:
    return WORTH.get(value, NEITHER)


KIND = RatingKind(
    name="Pairwise_Rating",
    starter={
        "instructions": "",
        "shows": ["input", LEFT, RIGHT],
        "fields": [
            {
                "name": FIELD,
                "title": "哪个更好 Better",
                "kind": "choice",
                "labels": [
                    {"value": LEFT, "title": "左边 Left", "key": "1"},
                    {"value": RIGHT, "title": "右边 Right", "key": "2"},
                    {"value": "tie", "title": "一样好 Tie", "key": "3"},
                    {"value": "both_bad", "title": "都不好 Both bad", "key": "4"},
                ],
            }
        ],
    },
    lacking=lacking,
    field=FIELD,
    worth=worth,
    pairs=True,
    en="which of two runs answered better",
    zh="对比两次评测的回答",
    place=30,
)
