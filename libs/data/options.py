"""The options of one kind of work: a frozen dataclass whose fields say all that is known about them, and its one reader from JSON.

A field is declared with ``option``: default, range, unit, what it means in English and Chinese, what it means when it is left open (None),
and whether it changes the output. The service checks with it; the command line, the API document, the docs and the console list it.
``Literal`` types are enumerations; ``tuple[str, ...]`` takes a JSON list, ``dict[str, str]`` an object of texts.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from libs.common.errors import Reason, invalid, missing

T = TypeVar("T")
_TYPES = {int: "integer", float: "number", bool: "boolean", str: "text"}
_JSON = {"text": "string", "list": "array", "id": "string"}
_BOUNDS = {"list": ("minItems", "maxItems"), "object": ("minProperties", "maxProperties"), "text": ("minLength", "maxLength")}


def option(
    default: Any = dataclasses.MISSING,
    low: float | None = None,
    high: float | None = None,
    *,
    en: str,
    zh: str,
    unit: str = "",
    none: tuple[str, str] | None = None,
    changes_output: bool = True,
) -> Any:
    """A field of an options class. low, high: inclusive, of a number its value, of a text, list or object its length. none: what None
    means, in English and Chinese. changes_output: False where the same input gives the same output whatever it says."""
    said = {"low": low, "high": high, "en": en, "zh": zh, "unit": unit, "none": none, "changes_output": changes_output}
    return dataclasses.field(default=default, metadata=said)


@dataclasses.dataclass(frozen=True, slots=True)
class NoOptions:
    """Of a kind of work that has nothing to be told."""


class Option(NamedTuple):
    """One option as it is listed. default: None where it has to be said or is worked out. low, high: of a number; of a text or list, its
    length. choices: () = any."""

    kind: str
    name: str
    type: str
    required: bool
    default: Any
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    unit: str
    meaning: dict[str, str]

    def schema(self) -> dict[str, Any]:
        """Its JSON schema."""
        described = {"description": f"{self.meaning['en']} {self.meaning['zh']}", "x-meaning": self.meaning}
        found: dict[str, Any] = {"type": _JSON.get(self.type, self.type), **described}
        words = _BOUNDS.get(self.type, ("minimum", "maximum"))
        found |= {word: bound for word, bound in zip(words, (self.low, self.high), strict=True) if bound is not None}
        found |= {"enum": list(self.choices)} if self.choices else {}
        found |= {} if self.default is None else {"default": self.default}
        return found | ({"x-unit": self.unit} if self.unit else {})


def options_of(kind: str, cls: type[Any]) -> Iterator[Option]:
    """The options of one kind of work, in the order of its class."""
    hints = get_type_hints(cls)
    for field in dataclasses.fields(cls):
        type_name, choices = ("id", ()) if field.name.endswith("_id") else _shape(hints[field.name])
        default = None if _required(field) else list(field.default) if isinstance(field.default, tuple) else field.default
        said = field.metadata
        yield Option(
            kind, field.name, type_name, _required(field), default, said["low"], said["high"], choices, said["unit"], _meaning(said)
        )


def schema_of(kind: str, cls: type[Any]) -> dict[str, Any]:
    """The JSON schema of the whole class."""
    found = list(options_of(kind, cls))
    needed = [option.name for option in found if option.required]
    whole = {"type": "object", "additionalProperties": False, "properties": {option.name: option.schema() for option in found}}
    return whole | ({"required": needed} if needed else {})


def read_options(cls: type[T], values: Any, path: str = "options", exact: bool = False) -> T:
    """An instance of the frozen dataclass ``cls`` from a JSON object; absent keys take their default.

    exact: nothing stands for something else. Else null counts as absent, and a whole number is one with a fraction where that is asked for.
    Raises PlatformError 400 naming ``path.key`` (path "": the key alone) and the limit.
    """
    values = {} if values is None and not exact else values
    if not isinstance(values, Mapping):
        raise invalid(path or "options", Reason.WRONG_TYPE, "an object")
    declared = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for key in values:
        if key not in declared:
            raise invalid(_below(path, key)[:200], limit="one of " + ", ".join(declared))
    hints = get_type_hints(cls)
    taken: dict[str, Any] = {}
    for name, field in declared.items():
        if name in values and (exact or values[name] is not None):
            taken[name] = _checked(values[name], hints[name], field.metadata, _below(path, name), exact)
        elif _required(field):
            raise missing(_below(path, name))
    return cls(**taken)


def check_options(options: Any, path: str = "options") -> None:
    """The same checks for an instance that was made in code. Raises what ``read_options`` raises."""
    hints = get_type_hints(type(options))
    for field in dataclasses.fields(options):
        _checked(getattr(options, field.name), hints[field.name], field.metadata, _below(path, field.name), exact=True)


def deciding(cls: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` of ``cls`` as far as they decide the output: what does not is as if nobody had said it. So two tasks that differ in
    nothing else are the same work, and a task of before an option stopped counting is that of its default."""
    silent = {field.name: field.default for field in dataclasses.fields(cls) if not field.metadata["changes_output"]}
    return {**values, **{name: default for name, default in silent.items() if name in values}}


def _below(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else str(name)


def _required(field: Any) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _meaning(said: Mapping[str, Any]) -> dict[str, str]:
    english, chinese = said["none"] or ("", "")
    return {
        "en": f"{said['en']}; left out: {english}" if english else said["en"],
        "zh": f"{said['zh']}；不填则{chinese}" if chinese else said["zh"],
    }


def _shape(hint: Any) -> tuple[str, tuple[str, ...]]:
    """(type, choices) of a field's annotation."""
    hint = _without_none(hint)
    if get_origin(hint) is Literal:
        return "text", tuple(map(str, get_args(hint)))
    held = {tuple: "list", dict: "object"}.get(get_origin(hint))
    return (held or _TYPES[hint], ())


def _without_none(hint: Any) -> Any:
    """X of "X | None"."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def _checked(value: Any, hint: Any, said: Mapping[str, Any], path: str, exact: bool) -> Any:
    kind = _without_none(hint)
    if value is None and kind is not hint:
        return None
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise invalid(path, Reason.UNKNOWN_ENUM, "one of " + ", ".join(map(str, get_args(kind))))
        return value
    if get_origin(kind) is tuple:
        return _listed(value, get_args(kind)[0], said, path)
    if get_origin(kind) is dict:
        return _named(value, said, path)
    if kind is float and type(value) is int and not exact:
        value = float(value)
    _right_type(value, kind, path)
    _in_range(len(value) if kind is str else value, said, path)
    return value


def _right_type(value: Any, kind: type[Any], path: str) -> None:
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise invalid(path, Reason.WRONG_TYPE, _TYPES[kind])
    if kind is float and not math.isfinite(value):
        raise invalid(path, Reason.WRONG_TYPE, "a finite number")


def _listed(value: Any, kind: type[Any], said: Mapping[str, Any], path: str) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise invalid(path, Reason.WRONG_TYPE, "a list")
    if kind is str and not all(isinstance(item, str) for item in value):
        raise invalid(path, Reason.WRONG_TYPE, "a list of texts")
    for index, item in enumerate(value):
        _right_type(item, kind, f"{path}[{index}]")
    _in_range(len(value), said, path)
    return tuple(value)


def _named(value: Any, said: Mapping[str, Any], path: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) and each for pair in value.items() for each in pair):
        raise invalid(path, Reason.WRONG_TYPE, "an object whose values are texts")
    _in_range(len(value), said, path)
    return dict(value)


def _in_range(size: float, said: Mapping[str, Any], path: str) -> None:
    low, high = said["low"], said["high"]
    if (low is None or low <= size) and (high is None or size <= high):
        return
    least, most = (bound if isinstance(bound, int) else f"{bound or 0:g}" for bound in (low, high))
    limit = f"at most {most}" if low is None else f"at least {least}" if high is None else f"{least}..{most}"
    raise invalid(path, Reason.TOO_SMALL if low is not None and size < low else Reason.TOO_LARGE, limit)
