"""Which engine runs for which sub-type, and what its config may hold: checked when a task is created, not when it runs.

A config is the engine's job without the paths: ``{"options": …}``, for cleaning also ``{"rules": […]}``, for conversion
``{"converter": …}``, for a file import ``{"paths": […]}``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from libs.common.errors import PlatformError, Reason, invalid, missing
from services.dataset.engine import cleaning, conversion, importing, pydoc_pages, splitting
from services.dataset.engine.beneath import checked_name
from services.dataset.engine.deduplicate import DeduplicateOptions
from services.dataset.engine.instruction_formats import FormatOptions
from services.dataset.engine.low_quality import LowQualityOptions
from services.dataset.engine.noncompliant import NoncompliantOptions
from services.dataset.engine.options import read_options, refuse_unknown
from services.dataset.engine.strip_html import StripHtmlOptions

SINGLE_RULES = ("Strip_Html", "Remove_Noncompliant", "Remove_Low_Quality", "Deduplicate")
RUNNABLE = (*SINGLE_RULES, "Custom_Cleaning", "Format_Conversion", "Train_Test_Split", "File_Import", "Pydoc_Import")
IMPORTS = ("File_Import", "Pydoc_Import")
RULE_OPTIONS: Mapping[str, type[Any]] = {
    "Strip_Html": StripHtmlOptions,
    "Remove_Noncompliant": NoncompliantOptions,
    "Remove_Low_Quality": LowQualityOptions,
    "Deduplicate": DeduplicateOptions,
}
ALLOW = "allow_drop_share"  # an option of every cleaning, also where the other options are the rule's
VERSION = 2  # raise it when an engine's output for the same input changes: finished tasks of another version are not reused


@dataclass(frozen=True, slots=True)
class Recipe:
    """entry: the engine. arguments: its job without paths, complete with defaults. interpreter: what else decides the result, or ""."""

    entry: str
    arguments: dict[str, Any]
    interpreter: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"entry": self.entry, "arguments": self.arguments, "interpreter": self.interpreter, "version": VERSION}


def read(sub_type: str, config: Mapping[str, Any]) -> Recipe:
    """The recipe for ``config``. Raises PlatformError 400 naming ``config.…``; MISSING_EXTRA where an engine's library is not installed."""
    if sub_type not in RUNNABLE:
        raise invalid("sub_type", Reason.UNKNOWN_ENUM, "one that runs here: " + ", ".join(RUNNABLE), value=sub_type)
    try:
        return _read(sub_type, config)
    except PlatformError as error:
        error.field = f"config.{error.field}" if error.field else "config"
        raise
    except ImportError as error:
        raise PlatformError(
            422, Reason.MISSING_EXTRA, field="sub_type", limit="modelyard[data]", extra="data", cause=str(error.name)
        ) from None


def _read(sub_type: str, config: Mapping[str, Any]) -> Recipe:
    if sub_type == "File_Import":
        refuse_unknown(config, ("paths", "options"))
        options = _options(importing.ImportOptions, config)
        importing.checked(importing.ImportOptions(**options))
        return Recipe("services.dataset.engine.importing:run", {"paths": _paths(config), "options": options})
    if sub_type == "Pydoc_Import":
        refuse_unknown(config, ("options",))
        options = _options(pydoc_pages.PydocOptions, config)
        pydoc_pages.checked(pydoc_pages.PydocOptions(**options))
        return Recipe("services.dataset.engine.pydoc_pages:run", {"options": options}, interpreter=sys.version)
    if sub_type == "Format_Conversion":
        return _conversion(config)
    if sub_type == "Train_Test_Split":
        refuse_unknown(config, ("options",))
        options = _options(splitting.SplitOptions, config)
        if options["group_by"] == "record" and options["held_out"]:
            raise invalid("options.held_out", limit="empty when group_by is record")
        return Recipe("services.dataset.engine.splitting:run", {"options": options})
    return _cleaning(sub_type, config)


def _conversion(config: Mapping[str, Any]) -> Recipe:
    refuse_unknown(config, ("converter", "options"))
    converter = config.get("converter")
    if converter is None:
        raise missing("converter")
    kinds: dict[str, type[Any]] = {"python_docs": conversion.PythonDocsOptions, "instruction_format": FormatOptions}
    if not isinstance(converter, str) or converter not in kinds:
        raise invalid("converter", Reason.UNKNOWN_ENUM, "one of " + ", ".join(kinds))
    options = _options(kinds[converter], config)
    if converter == "python_docs":
        conversion.checked(conversion.PythonDocsOptions(**options))
    return Recipe("services.dataset.engine.conversion:run", {"converter": converter, "options": options})


def _cleaning(sub_type: str, config: Mapping[str, Any]) -> Recipe:
    """A single rule takes its own options; a custom cleaning takes an ordered list of rules."""
    if sub_type == "Custom_Cleaning":
        refuse_unknown(config, ("rules", "options"))
        return _rules(config.get("rules"), _options(cleaning.CleaningOptions, config))
    refuse_unknown(config, ("options",))
    try:
        given = config.get("options")
        own = {key: value for key, value in given.items() if key == ALLOW} if isinstance(given, Mapping) else {}
        rule = {key: value for key, value in given.items() if key != ALLOW} if isinstance(given, Mapping) else given
        return _rules([{"rule": sub_type, "options": rule}], _options(cleaning.CleaningOptions, {"options": own}))
    except PlatformError as error:  # the caller wrote no list of rules
        error.field = (error.field or "options").removeprefix("rules[0].")
        raise


def _rules(rules: Any, options: dict[str, Any]) -> Recipe:
    """Rules with all their options: what is left to the default and what says the default are the same work."""
    cleaning.plan(rules)
    settled = [
        {
            "rule": each["rule"],
            "options": asdict(read_options(RULE_OPTIONS[each["rule"]], each.get("options"), f"rules[{position}].options")),
        }
        for position, each in enumerate(rules)
    ]
    return Recipe("services.dataset.engine.cleaning:run", {"rules": settled, "options": options})


def _options(kind: type[Any], config: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = asdict(read_options(kind, config.get("options")))
    return made


def _paths(config: Mapping[str, Any]) -> list[str]:
    paths = config.get("paths")
    if paths is None:
        raise missing("paths")
    if not isinstance(paths, list) or not 0 < len(paths) <= 1000 or not all(isinstance(path, str) for path in paths):
        raise invalid("paths", Reason.WRONG_TYPE, "a list of 1 to 1000 relative paths")
    return [checked_name(path, f"paths[{position}]") for position, path in enumerate(paths)]
