"""Every option of every kind of work can be listed, as the service checks it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from libs.common.errors import PlatformError
from libs.data.options import Option, read_options
from libs.ops.options import KINDS, options_of, schemas
from services.dataset.engine.augmentations import AUGMENTATIONS
from services.dataset.engine.converters import CONVERTERS
from services.dataset.engine.kinds import TASKS
from services.dataset.engine.operators import OPERATORS
from services.deploy.domain.options import DeployOptions
from services.eval.engine.options import EvalOptions
from services.train.engine.kinds import METHODS

EVERY = [(domain, option) for domain in KINDS for option in options_of(domain)]


def read(domain: str, kind: str, values: dict[str, Any]) -> Any:
    """As the service of ``domain`` reads them."""
    if domain == "dataset" or kind == "rating":
        return read_options(KINDS[domain][kind].options, values)
    known = {"train": lambda: METHODS[kind].options, "eval": lambda: EvalOptions, "deploy": lambda: DeployOptions}
    return known[domain]().from_dict(values)


def least(kind: str) -> dict[str, Any]:
    """What has to be said."""
    return {"deployment": {"eval_config_id": "7"}, "instruction_format": {"target": "alpaca"}}.get(kind, {})


def test_every_kind_is_here() -> None:
    named = {
        "Format_Conversion",
        "Text_Augmentation",
        "Image_Augmentation",
        "Audio_Augmentation",
        "Recipe",
    }  # their options are those of what they name
    of_people = {"Annotation"}  # started by a verb of its own
    assert set(AUGMENTATIONS) < set(KINDS["dataset"])
    assert set(KINDS["dataset"]) - set(CONVERTERS) - set(AUGMENTATIONS) == (set(TASKS) - named) | of_people
    assert {"python_docs", "instruction_format"} <= set(CONVERTERS)
    assert set(OPERATORS) < set(KINDS["dataset"])


@pytest.mark.parametrize(("domain", "option"), EVERY, ids=lambda value: value if isinstance(value, str) else f"{value.kind}.{value.name}")
def test_every_option_says_what_it_means_and_is_checked_as_it_is_listed(domain: str, option: Option) -> None:
    assert option.meaning["en"].isascii() or "…" in option.meaning["en"]
    assert option.meaning["en"]
    assert option.meaning["zh"]
    assert not option.meaning["zh"].isascii()
    if option.type in ("integer", "number") and option.low is not None and option.high is not None:
        step = 1 if option.type == "integer" else (option.high - option.low)
        for value in (option.low - step, option.high + step):
            with pytest.raises(PlatformError):
                read(domain, option.kind, {**least(option.kind), option.name: value})
    if option.choices:
        for choice in option.choices:
            read(domain, option.kind, {**least(option.kind), option.name: choice})


@pytest.mark.parametrize("domain", KINDS)
def test_the_schemas_are_what_the_services_take(domain: str) -> None:
    for kind in KINDS[domain]:
        schema = schemas()[f"options.{domain}.{kind}"]
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(least(kind), schema)
        read(domain, kind, least(kind))
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**least(kind), "nope": 1}, schema)
        given = {name: spec["default"] for name, spec in schema["properties"].items() if "default" in spec}
        read(domain, kind, {**given, **least(kind)})
