"""Text_Classification: which of some classes a text belongs to."""

from __future__ import annotations

from libs.people.kinds import WorkKind
from libs.people.template import Template


def lacking(template: Template) -> str:
    chosen = any(field.kind in ("choice", "choices") for field in template.fields)
    return "" if chosen else "at least one field with labels"


KIND = WorkKind(
    name="Text_Classification",
    starter={
        "instructions": "",
        "fields": [
            {
                "name": "label",
                "kind": "choice",
                "labels": [{"value": "a", "title": "A", "key": "1"}, {"value": "b", "title": "B", "key": "2"}],
            }
        ],
    },
    lacking=lacking,
    en="which class a text belongs to",
    zh="判断文本属于哪一类",
    place=30,
)
