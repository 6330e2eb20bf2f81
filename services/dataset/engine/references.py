"""Other versions that the options of a job name, beside the one it works on: a lexicon to look terms up in.

An option is one when it is called ``KIND_version_id``; what it names must be a version of that kind. The service checks that whoever asks
may read it, the worker says in which folder it lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

END = "_version_id"
FOLDERS = "references"  # the field of a job: folders of the versions its rules name, by id
Folders = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reference:
    """path: of the option. kind: what a version must be for it. id: as it was written, perhaps no id at all."""

    path: str
    kind: str
    id: str


def named(values: Mapping[str, Any], path: str = "") -> Iterator[Reference]:
    """What the arguments of a job name."""
    for place, step in enumerate(values.get("steps", ())):
        yield from named(step["arguments"], f"{path}steps[{place}].")
    for place, rule in enumerate(values.get("rules", ())):
        yield from _of(rule["options"], f"{path}rules[{place}].options.")


def placed(values: Mapping[str, Any], folder_of: Callable[[str], Path]) -> dict[str, Any]:
    """The arguments with the folders that each list of rules needs."""
    made = dict(values)
    if "steps" in made:
        made["steps"] = [{**step, "arguments": placed(step["arguments"], folder_of)} for step in made["steps"]]
    if "rules" in made and (folders := {each.id: str(folder_of(each.id)) for each in named({"rules": made["rules"]})}):
        made[FOLDERS] = folders
    return made


def _of(options: Mapping[str, Any], path: str) -> Iterator[Reference]:
    for name, value in options.items():
        if name.endswith(END) and value is not None:
            yield Reference(path + name, name.removesuffix(END), str(value))
