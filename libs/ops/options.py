"""The options of every kind of work, for whoever lists them: the command line and the API document.

Names, types, defaults and ranges are read from the classes the services check with; what an option means and its unit are here, in both
languages, and a test asks for them when an option is added.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from libs.ops.meanings import MEANINGS
from services.dataset.engine.cleaning import CleaningOptions
from services.dataset.engine.conversion import PythonDocsOptions
from services.dataset.engine.importing import ImportOptions
from services.dataset.engine.instruction_formats import FormatOptions
from services.dataset.engine.pydoc_pages import PydocOptions
from services.dataset.engine.recipe import RULE_OPTIONS
from services.dataset.engine.splitting import SplitOptions
from services.deploy.domain import options as deploy
from services.eval.engine import options as eval
from services.train.engine import options as train

Bounds = Mapping[str, tuple[float, float]]
KINDS: dict[str, dict[str, tuple[type[Any], Bounds]]] = {
    "dataset": {
        "File_Import": (ImportOptions, {}),
        "Pydoc_Import": (PydocOptions, {}),
        "Custom_Cleaning": (CleaningOptions, {}),
        **{rule: (options, {}) for rule, options in RULE_OPTIONS.items()},
        "python_docs": (PythonDocsOptions, {}),
        "instruction_format": (FormatOptions, {}),
        "Train_Test_Split": (SplitOptions, {}),
    },
    "train": {"scratch": (train.TrainOptions, train.RANGES)},
    "eval": {"evaluation": (eval.EvalOptions, eval._RANGES)},
    "deploy": {"deployment": (deploy.DeployOptions, {**deploy._INTEGERS, **deploy._NUMBERS})},
}
"""Domain -> kind of work -> its options class, and the bounds the class keeps apart."""
_TYPES = {int: "integer", float: "number", bool: "boolean", str: "text"}
_JSON = {"integer": "integer", "number": "number", "boolean": "boolean", "text": "string", "list": "array", "id": "string"}


class Option(NamedTuple):
    """default: None where it has to be said or is worked out. low, high: of a number; of a text or list, its length. choices: () = any."""

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
        found: dict[str, Any] = {"type": _JSON[self.type], "description": f"{self.meaning['en']} {self.meaning['zh']}"}
        bounds = {"list": ("minItems", "maxItems"), "text": ("minLength", "maxLength")}.get(self.type, ("minimum", "maximum"))
        found |= {word: bound for word, bound in zip(bounds, (self.low, self.high), strict=True) if bound is not None}
        found |= {"enum": list(self.choices)} if self.choices else {}
        found |= {} if self.default is None else {"default": self.default}
        return found | ({"x-unit": self.unit} if self.unit else {})


def options_of(domain: str, kind: str = "") -> Iterator[Option]:
    """The options of one kind of work, or of all kinds of a domain."""
    for name, (cls, bounds) in KINDS[domain].items():
        if kind in ("", name):
            hints = get_type_hints(cls)
            yield from (_option(name, field, hints[field.name], bounds) for field in dataclasses.fields(cls))


def schemas() -> dict[str, Any]:
    """JSON schemas by name (``options.dataset.Strip_Html``), for the API document."""
    return {f"options.{domain}.{kind}": _schema(domain, kind) for domain, kinds in KINDS.items() for kind in kinds}


def _schema(domain: str, kind: str) -> dict[str, Any]:
    found = list(options_of(domain, kind))
    needed = [option.name for option in found if option.required]
    whole = {"type": "object", "additionalProperties": False, "properties": {option.name: option.schema() for option in found}}
    return whole | ({"required": needed} if needed else {})


def _option(kind: str, field: Any, hint: Any, bounds: Bounds) -> Option:
    type_name, choices = ("id", ()) if field.name.endswith("_id") else _shape(hint)
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    default = None if required else list(field.default) if isinstance(field.default, tuple) else field.default
    low, high = bounds.get(field.name, (field.metadata.get("low"), field.metadata.get("high")))
    unit, english, chinese = MEANINGS.get(f"{kind}.{field.name}") or MEANINGS.get(field.name, ("", "", ""))
    return Option(kind, field.name, type_name, required, default, low, high, choices, unit, {"en": english, "zh": chinese})


def _shape(hint: Any) -> tuple[str, tuple[str, ...]]:
    """(type, choices) of a field's annotation; "X | None" is X."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Literal:
        return "text", tuple(map(str, get_args(hint)))
    return ("list", ()) if get_origin(hint) is tuple else (_TYPES[hint], ())
