"""Custom_Cleaning: an ordered list of rules over a version; and a cleaning of one rule, whose options are the task's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from libs.common.errors import PlatformError
from libs.data.options import read_options
from services.dataset.engine import cleaning
from services.dataset.engine.cleaning import CleaningOptions
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import Arguments, TaskKind
from services.dataset.engine.kinds._config import settled
from services.dataset.engine.operators import OPERATORS

ALLOW = "allow_drop_share"  # an option of every cleaning, also where the other options are the rule's


def read(config: Mapping[str, Any]) -> Arguments:
    """config: ``{"rules": [{"rule", "options"}, …], "options": {…}}``."""
    refuse_unknown(config, ("rules", "options"))
    return _ruled(config.get("rules"), settled(CleaningOptions, config))


def read_one(rule: str, config: Mapping[str, Any]) -> Arguments:
    """config: ``{"options": {…}}`` of the one rule, with ``allow_drop_share`` among them."""
    refuse_unknown(config, ("options",))
    given: Any = config.get("options")
    own, rest = {}, given
    if isinstance(given, Mapping):
        rest = {key: value for key, value in given.items() if key != ALLOW}
        own = {key: given[key] for key in given.keys() - rest.keys()}
    try:
        return _ruled([{"rule": rule, "options": rest}], settled(CleaningOptions, {"options": own}))
    except PlatformError as error:  # the caller wrote no list of rules
        error.field = (error.field or "options").removeprefix("rules[0].")
        raise


def _ruled(rules: Any, options: dict[str, Any]) -> Arguments:
    """Rules with all their options: what is left to the default and what says the default are the same work."""
    cleaning.plan(rules)
    complete = [
        {
            "rule": each["rule"],
            "options": asdict(read_options(OPERATORS[each["rule"]].options, each.get("options"), f"rules[{position}].options")),
        }
        for position, each in enumerate(rules)
    ]
    return Arguments({"rules": complete, "options": options}, CleaningOptions)


KIND = TaskKind(
    name="Custom_Cleaning",
    options=CleaningOptions,
    entry="services.dataset.engine.cleaning:run",
    read=read,
    needs=("data",),
    place=30,
)
