"""Which metrics and labels a PromQL expression names. Grammar enough for what dashboards hold; anything else is refused, not skipped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<range>\[[^\]]*\])|(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-zA-Z_:$][a-zA-Z0-9_:]*)"""
    r"""|(?P<sign>=~|!~|!=|==|>=|<=|[-+*/%^(){},=<>]))"""
)
FUNCTIONS = frozenset({"rate", "increase", "histogram_quantile", "topk", "label_values", "predict_linear"})
OPERATORS = frozenset({"or", "and", "unless"})
AGGREGATES = frozenset({"sum", "min", "max", "avg", "count"})
GROUPING = frozenset({"by", "without"})


@dataclass
class Named:
    """metrics: name -> labels it is selected by or grouped by."""

    metrics: dict[str, set[str]] = field(default_factory=dict)


def named(expression: str) -> Named:
    """Raises ValueError where the expression cannot be read."""
    tokens = _tokens(expression)
    found, grouped = Named(), set[str]()
    depth, place = 0, 0
    while place < len(tokens):
        kind, text = tokens[place]
        following = tokens[place + 1][1] if place + 1 < len(tokens) else ""
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
        if kind == "name" and text in GROUPING:
            labels, place = _until(tokens, place + 2, ")")
            grouped |= labels
        elif kind == "name" and text in OPERATORS:
            if not following:
                raise ValueError(f"{text} without its right side")
        elif kind == "name" and text in FUNCTIONS | AGGREGATES:
            if following != "(" and following not in GROUPING:
                raise ValueError(f"{text} without its arguments")
        elif kind == "name":
            selected: set[str] = set()
            if following == "{":
                selected, place = _until(tokens, place + 2, "}")
            found.metrics.setdefault(text, set()).update(selected)
        elif text in "{}":
            raise ValueError(f"a selector without a metric: {expression}")
        place += 1
    if depth:
        raise ValueError(f"brackets do not match: {expression}")
    for labels in found.metrics.values():
        labels |= grouped
    return found


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while place < len(expression.rstrip()):
        match = _TOKEN.match(expression, place)
        if match is None or match.lastgroup is None:
            raise ValueError(f"not understood at {place}: {expression}")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


def _until(tokens: list[tuple[str, str]], place: int, end: str) -> tuple[set[str], int]:
    labels = set()
    while tokens[place][1] != end:
        if tokens[place][0] == "name":
            labels.add(tokens[place][1])
        place += 1
    return labels, place
