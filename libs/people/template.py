"""A template: what people are asked, as data. It says what they see, what they answer, and which answers there are.

Whoever changes a template makes a new version of it; work keeps the version it was made with, and what is submitted is checked against
that one, here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from libs.common.errors import Reason, invalid, missing
from libs.data.options import option

TAKEN = ("id", "source")  # the platform's own names in a record
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
TEXT_MAX = 20_000
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Label:
    """One of the answers a choice offers."""

    value: str = option(low=1, high=100, en="what is stored", zh="存储的值")
    title: str = option("", 0, 100, en="what people read; empty: the value", zh="显示的名称，留空则为存储的值")
    key: str = option("", 0, 1, en="the key that chooses it", zh="快捷键")
    color: str = option("", 0, 20, en="its colour, as #rrggbb", zh="颜色，如 #rrggbb")


@dataclass(frozen=True, slots=True)
class Question:
    """One field of an answer, as far as plain values say it.

    kind: choice (one label), choices (any number of them), text, or scale (a whole number).
    """

    name: str = option(low=1, high=40, en="its name in the record", zh="在数据中的字段名")
    kind: Literal["choice", "choices", "text", "scale"] = option(en="how it is answered", zh="作答方式")
    title: str = option("", 0, 200, en="what people read; empty: the name", zh="显示的标题，留空则为字段名")
    required: bool = option(True, en="whether it must be answered", zh="是否必答")
    at_least: int | None = option(
        None,
        0,
        1_000_000,
        en="fewest labels or characters, lowest number",
        zh="最少项数、字符数，或最小值",
        none=("0, or 1 of a scale", "0；量表为 1"),
    )
    at_most: int | None = option(
        None,
        1,
        1_000_000,
        en="most labels or characters, highest number",
        zh="最多项数、字符数，或最大值",
        none=("all labels, 20000 characters, or 5 of a scale", "全部选项、20000 字符；量表为 5"),
    )
    prefill: str = option("", 0, 100, en="the field of the record it begins with", zh="初始内容取自数据的哪个字段")


@dataclass(frozen=True, slots=True)
class Asked(Question):
    """One field of an answer. labels: of a choice. when_field: asked only where that field has one of ``when_values``; "" = always."""

    labels: tuple[Label, ...] = ()
    when_field: str = ""
    when_values: tuple[str, ...] = ()

    @property
    def low(self) -> int:
        return self.at_least if self.at_least is not None else int(self.kind == "scale")

    @property
    def high(self) -> int:
        if self.at_most is not None:
            return self.at_most
        return {"choices": len(self.labels), "scale": 5}.get(self.kind, TEXT_MAX)

    @property
    def values(self) -> list[str]:
        return [label.value for label in self.labels]

    def is_asked(self, answer: Mapping[str, Any]) -> bool:
        """Whether this field is asked beside what is answered so far."""
        if not self.when_field:
            return True
        said = answer.get(self.when_field)
        given = said if isinstance(said, list) else [] if said is None else [said]
        return any(str(value) in self.when_values for value in given)


@dataclass(frozen=True, slots=True)
class Template:
    """shows: the fields of the record people see, in this order; none = all of them."""

    fields: tuple[Asked, ...]
    instructions: str = ""
    examples: tuple[dict[str, Any], ...] = ()
    shows: tuple[str, ...] = ()

    def shown(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Of a record what people see."""
        names = self.shows or tuple(name for name in record if name not in TAKEN)
        return {name: record[name] for name in names if name in record}

    def check(self, answer: Any, path: str = "answer") -> Answer:
        """The answer as it is stored: its fields in the order of the template, texts without white space around them.

        Raises PlatformError 400 naming the field and the limit.
        """
        if not isinstance(answer, Mapping):
            raise invalid(path, Reason.WRONG_TYPE, "an object")
        known = {field.name for field in self.fields}
        for name in answer:
            if name not in known:
                raise invalid(f"{path}.{name}"[:200], limit="one of " + ", ".join(sorted(known)))
        taken: Answer = {}
        for field in self.fields:
            value = _checked(field, answer.get(field.name), taken, f"{path}.{field.name}")
            if value is not None:
                taken[field.name] = value
        return taken


def _checked(field: Asked, value: Any, before: Answer, path: str) -> Any:
    """None: not answered, and need not be."""
    asked = field.is_asked(before)
    if isinstance(value, str) and field.kind == "text":
        value = value.strip() or None
    if value is None or value == []:
        if asked and field.required:
            raise missing(path)
        return None
    if not asked:
        raise invalid(path, limit=f"absent unless {field.when_field} is {' or '.join(field.when_values)}")
    return _READ[field.kind](field, value, path)


def _choice(field: Asked, value: Any, path: str) -> str:
    if value not in field.values:
        raise invalid(path, Reason.UNKNOWN_ENUM, "one of " + ", ".join(field.values))
    return str(value)


def _choices(field: Asked, value: Any, path: str) -> list[str]:
    if not isinstance(value, list):
        raise invalid(path, Reason.WRONG_TYPE, "a list")
    chosen = {_choice(field, each, f"{path}[{at}]") for at, each in enumerate(value)}
    _bounded(field, len(chosen), path)
    return [label for label in field.values if label in chosen]


def _text(field: Asked, value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise invalid(path, Reason.WRONG_TYPE, "text")
    if CONTROL.search(value):
        raise invalid(path, limit="text without control characters")
    _bounded(field, len(value), path)
    return value


def _scale(field: Asked, value: Any, path: str) -> int:
    if type(value) is not int:
        raise invalid(path, Reason.WRONG_TYPE, "integer")
    _bounded(field, value, path)
    return value


def _bounded(field: Asked, size: int, path: str) -> None:
    if not field.low <= size <= field.high:
        raise invalid(path, Reason.TOO_SMALL if size < field.low else Reason.TOO_LARGE, f"{field.low}..{field.high}")


_READ = {"choice": _choice, "choices": _choices, "text": _text, "scale": _scale}
