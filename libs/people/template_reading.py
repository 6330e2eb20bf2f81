"""A template from JSON: every mistake is named with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from libs.common.errors import Reason, invalid
from libs.data.options import read_options
from libs.people.template import TAKEN, TEXT_MAX, Asked, Label, Question, Template

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
FIELDS_MAX, EXAMPLES_MAX = 20, 20


def read_template(body: Any, path: str = "template") -> Template:
    """Raises PlatformError 400 naming what is wrong, and where."""
    if not isinstance(body, Mapping):
        raise invalid(path, Reason.WRONG_TYPE, "an object")
    known = ("fields", "instructions", "examples", "shows")
    for name in body:
        if name not in known:
            raise invalid(f"{path}.{name}"[:200], limit="one of " + ", ".join(known))
    fields = tuple(_fields(body.get("fields"), f"{path}.fields"))
    template = Template(
        fields,
        _read_text(body.get("instructions", ""), f"{path}.instructions"),
        tuple(_examples(body.get("examples", []), f"{path}.examples")),
        tuple(_read_text(name, f"{path}.shows[{at}]", 100) for at, name in enumerate(_list(body.get("shows", []), f"{path}.shows", 100))),
    )
    for at, example in enumerate(template.examples):
        template.check(example["answer"], f"{path}.examples[{at}].answer")
    return template


def _fields(said: Any, path: str) -> Iterator[Asked]:
    keys: set[str] = set()
    before: dict[str, Asked] = {}
    for at, each in enumerate(_list(said, path, FIELDS_MAX, least=1)):
        field = _field(each, f"{path}[{at}]", before)
        for number, label in enumerate(field.labels):
            if label.key and label.key in keys:
                raise invalid(f"{path}[{at}].labels[{number}].key", limit="a key of its own for each label")
            keys.add(label.key)
        before[field.name] = field
        yield field


def _field(said: Any, path: str, before: Mapping[str, Asked]) -> Asked:
    if not isinstance(said, Mapping):
        raise invalid(path, Reason.WRONG_TYPE, "an object")
    plain = {name: value for name, value in said.items() if name not in ("labels", "when")}
    base = read_options(Question, plain, path)
    if not NAME.fullmatch(base.name) or base.name in TAKEN or base.name in before:
        raise invalid(f"{path}.name", limit="a name of its own in small letters, digits and _, neither id nor source")
    labels = tuple(_labels(said.get("labels", []), f"{path}.labels", base.kind))
    when_field, when_values = _when(said.get("when"), f"{path}.when", before)
    facts = {name: getattr(base, name) for name in Question.__dataclass_fields__}
    field = Asked(**facts, labels=labels, when_field=when_field, when_values=when_values)
    if field.low > field.high:
        raise invalid(f"{path}.at_least", limit=f"at most {field.high}")
    return field


def _labels(said: Any, path: str, kind: str) -> Iterator[Label]:
    offers = kind in ("choice", "choices")
    values: set[str] = set()
    for at, each in enumerate(_list(said, path, 200 if offers else 0, least=2 if offers else 0)):
        label = read_options(Label, each, f"{path}[{at}]")
        if label.value in values:
            raise invalid(f"{path}[{at}].value", limit="a value of its own for each label")
        values.add(label.value)
        yield label


def _when(said: Any, path: str, before: Mapping[str, Asked]) -> tuple[str, tuple[str, ...]]:
    if said is None:
        return "", ()
    if not isinstance(said, Mapping) or set(said) != {"field", "values"}:
        raise invalid(path, limit="an object with 'field' and 'values'")
    chosen = [name for name, field in before.items() if field.kind in ("choice", "choices", "scale")]
    if said["field"] not in chosen:
        raise invalid(f"{path}.field", limit="a field with labels, or a scale, that is asked before")
    values = tuple(str(value) for value in _list(said["values"], f"{path}.values", 200, least=1))
    field = before[said["field"]]
    if field.kind != "scale" and not set(values) <= set(field.values):
        raise invalid(f"{path}.values", Reason.UNKNOWN_ENUM, "one of " + ", ".join(field.values))
    return field.name, values


def _examples(said: Any, path: str) -> Iterator[dict[str, Any]]:
    for at, each in enumerate(_list(said, path, EXAMPLES_MAX)):
        if not isinstance(each, Mapping) or not isinstance(each.get("record"), Mapping) or "answer" not in each:
            raise invalid(f"{path}[{at}]", limit="an object with 'record' and 'answer'")
        yield {"record": dict(each["record"]), "answer": each["answer"], "note": _read_text(each.get("note", ""), f"{path}[{at}].note")}


def _list(said: Any, path: str, most: int, least: int = 0) -> list[Any]:
    if not isinstance(said, list):
        raise invalid(path, Reason.WRONG_TYPE, "a list")
    if not least <= len(said) <= most:
        raise invalid(path, Reason.TOO_SMALL if len(said) < least else Reason.TOO_LARGE, f"{least}..{most}")
    return said


def _read_text(said: Any, path: str, most: int = TEXT_MAX) -> str:
    if not isinstance(said, str):
        raise invalid(path, Reason.WRONG_TYPE, "text")
    if len(said) > most:
        raise invalid(path, Reason.TOO_LARGE, f"at most {most} characters")
    return said
