"""Options from JSON into frozen dataclasses: an unknown key, a wrong type and a value out of range are errors that name the key.

A field declares its range with ``option(default, low, high)``; ``Literal`` types are enums; ``tuple[str, ...]`` takes a JSON list,
``dict[str, str]`` an object of texts.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from libs.common.errors import PlatformError, Reason, invalid, missing

T = TypeVar("T")


def option(default: Any, low: float | None = None, high: float | None = None) -> Any:
    """A dataclass field with an inclusive range (numbers: the value; texts and lists: the length)."""
    return dataclasses.field(default=default, metadata={"low": low, "high": high})


def read_options(cls: type[T], values: Any, path: str = "options") -> T:
    """An instance of the frozen dataclass ``cls`` from a JSON object; absent keys take their default (None counts as absent).

    Raises PlatformError 400 naming ``path.key`` and the limit.
    """
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        raise invalid(path, Reason.WRONG_TYPE, "an object")
    declared = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for key in values:
        if key not in declared:
            raise invalid(f"{path}.{key}", limit="one of " + ", ".join(declared))
    hints = get_type_hints(cls)
    taken: dict[str, Any] = {}
    for name, field in declared.items():
        value = values.get(name)
        if value is not None:
            taken[name] = _checked(value, hints[name], field.metadata, f"{path}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise missing(f"{path}.{name}")
    return cls(**taken)


def _checked(value: Any, kind: Any, metadata: Mapping[str, Any], path: str) -> Any:
    if get_origin(kind) in (Union, types.UnionType):  # "X | None": None never gets here
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise invalid(path, Reason.UNKNOWN_ENUM, "one of " + ", ".join(map(str, get_args(kind))))
        return value
    if get_origin(kind) is tuple:
        return _texts(value, metadata, path)
    if get_origin(kind) is dict:
        return _names(value, metadata, path)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise invalid(path, Reason.WRONG_TYPE, kind.__name__)
    if kind is float and not math.isfinite(value):
        raise invalid(path, limit="a finite number")
    _in_range(len(value) if kind is str else value, metadata, path)
    return value


def _texts(value: Any, metadata: Mapping[str, Any], path: str) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise invalid(path, Reason.WRONG_TYPE, "a list of texts")
    _in_range(len(value), metadata, path)
    return tuple(value)


def _names(value: Any, metadata: Mapping[str, Any], path: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) and each for pair in value.items() for each in pair):
        raise invalid(path, Reason.WRONG_TYPE, "an object whose values are texts")
    _in_range(len(value), metadata, path)
    return dict(value)


def _in_range(size: float, metadata: Mapping[str, Any], path: str) -> None:
    low, high = metadata.get("low"), metadata.get("high")
    if low is not None and size < low:
        raise invalid(path, Reason.TOO_SMALL, f"at least {low}")
    if high is not None and size > high:
        raise invalid(path, Reason.TOO_LARGE, f"at most {high}")


def job_field(job: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """A required field of a job. Raises PlatformError 400 naming it."""
    value = job.get(name)
    if value is None:
        raise missing(name)
    if not isinstance(value, kind):
        raise invalid(name, Reason.WRONG_TYPE, kind.__name__)
    return value


def refuse_unknown(job: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raises PlatformError 400 for the first key of ``job`` that is not in ``known``."""
    for key in job:
        if key not in known:
            raise invalid(str(key), limit="one of " + ", ".join(known))


def internal(what: str, **facts: Any) -> PlatformError:
    """500: the engine broke one of its own promises."""
    return PlatformError(500, Reason.INTERNAL, what=what, **facts)
