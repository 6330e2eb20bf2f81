"""What the answers of several people to one item say together, and how far each of them agrees with that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from libs.people.template import Answer, Asked, Template
from libs.people.texts import nearest, similarity


@dataclass(frozen=True)
class Joined:
    """share: of the answers that say the same, in the field on which they differ most; of texts alone, how like they are. tied: two labels
    were named equally often, so there is no majority."""

    answer: Answer
    share: float
    tied: bool


def join(template: Template, answers: Sequence[Answer]) -> Joined:
    """The majority per choice, the middle of a scale, each label that more than half chose, and the text that is most like all others. A
    field that depends on another counts among those who said what the others say together."""
    result: Answer = {}
    shares, tied = [], False
    for field in template.fields:
        given = [answer[field.name] for answer in answers if field.name in answer]
        if not given or not field.is_asked(result):
            continue
        value, share, even = _JOIN[field.kind](field, given)
        tied = tied or even
        shares.append(share)
        if value not in (None, []):
            result[field.name] = value
    return Joined(result, min(shares, default=0.0), tied)


def _majority(_field: Asked, given: list[Any]) -> tuple[Any, float, bool]:
    (value, most), *rest = Counter(given).most_common(2)
    return value, most / len(given), bool(rest and rest[0][1] == most)


def _middle(_field: Asked, given: list[Any]) -> tuple[Any, float, bool]:
    middle = median_low(given)
    return middle, given.count(middle) / len(given), False


def _each_label(field: Asked, given: list[Any]) -> tuple[Any, float, bool]:
    kept = [label for label in field.values if 2 * sum(label in chosen for chosen in given) > len(given)]
    return kept, given.count(kept) / len(given), False


def _text(_field: Asked, given: list[Any]) -> tuple[Any, float, bool]:
    return *nearest(given), False


_JOIN = {"choice": _majority, "choices": _each_label, "scale": _middle, "text": _text}


def agrees(template: Template, answer: Mapping[str, Any], with_: Mapping[str, Any], similar: float = 1.0) -> bool:
    """Whether an answer says what another one says, in every field that one answers. similar: how like texts must be; 1 = the same."""
    return all(_same(field, answer.get(field.name), with_[field.name], similar) for field in template.fields if field.name in with_)


def decides(template: Template, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an answer that is compared between people: labels and numbers; of a template without any, all of it."""
    found = {field.name: answer[field.name] for field in template.fields if field.kind != "text" and field.name in answer}
    return found or dict(answer)


def _same(field: Asked, value: Any, expected: Any, similar: float) -> bool:
    if field.kind == "text" and isinstance(value, str):
        return value == expected or similarity(value, expected) >= similar
    return bool(value == expected)
