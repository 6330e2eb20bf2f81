"""Free_Text_Rating: what people say of an answer in their own words. There is no score, so no gate can rest on it."""

from __future__ import annotations

from libs.people.template import Template
from services.eval.engine.ratings import RatingKind


def lacking(template: Template) -> str:
    written = any(field.kind == "text" and field.required and not field.when_field for field in template.fields)
    return "" if written else "at least one text, always required"


KIND = RatingKind(
    name="Free_Text_Rating",
    starter={
        "instructions": "",
        "shows": ["input", "output"],
        "fields": [{"name": "comment", "title": "评语 Comment", "kind": "text", "at_most": 4000}],
    },
    lacking=lacking,
    en="what people say of an answer in their own words",
    zh="用文字评价回答",
    place=40,
)
