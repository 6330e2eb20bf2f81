"""The kinds of work of the dataset domain, one file each: how its config is read, its engine, and what it makes.

A task is of one of them, or of one operator that may be a task of its own. ``KINDS`` are all that have options: these, the operators, the
augmentations and the converters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from libs.data.options import NoOptions
from libs.data.registry import Kind, kinds_in
from libs.people.rule import Rule
from services.dataset.engine.augmentations import AUGMENTATIONS
from services.dataset.engine.converters import CONVERTERS
from services.dataset.engine.operators import OPERATORS

WHOLE, TRAIN, TEST = "whole", "train", "test"


class Arguments(NamedTuple):
    """The job of an engine without its paths, complete with defaults. options: the class of its ``options``."""

    values: dict[str, Any]
    options: type[Any]


@dataclass(frozen=True, kw_only=True)
class TaskKind(Kind):
    """read: a config to the job of the engine; raises PlatformError 400. imports: it starts from outside, not from a version. repeats: the
    same job gives the same output, so that a finished task may be answered again. interpreter: what else decides the output. step: it may
    be one of a recipe. deciding, parts: what decides the output of a job and what it makes, where options and ``makes`` do not say it.
    previewed: nobody runs it before it was looked at."""

    read: Callable[[Mapping[str, Any]], Arguments]
    imports: bool = False
    repeats: bool = True
    interpreter: str = ""
    makes: tuple[str, ...] = (WHOLE,)
    step: bool = False
    deciding: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    parts: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None
    previewed: bool = False

    def makes_of(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """What comes out of a job."""
        return self.makes if self.parts is None else self.parts(values)


_OWN: dict[str, TaskKind] = kinds_in(__name__, TaskKind)


def _alone() -> dict[str, TaskKind]:
    """The operators that a task may consist of."""
    from services.dataset.engine.kinds.custom_cleaning import KIND, read_one

    return {
        name: TaskKind(name=name, options=KIND.options, entry=KIND.entry, needs=rule.needs, read=partial(read_one, name))
        for name, rule in OPERATORS.items()
        if rule.alone
    }


TASKS: dict[str, TaskKind] = {**_alone(), **_OWN}
ANNOTATION = Kind(name="Annotation", options=Rule, place=900)  # of any kind of it; people are its engine
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in sorted(
        (*_OWN.values(), *OPERATORS.values(), *AUGMENTATIONS.values(), *CONVERTERS.values(), ANNOTATION),
        key=lambda kind: (kind.place, kind.name),
    )
    if not (isinstance(kind, TaskKind) and kind.options is NoOptions)  # a conversion's options are those of the converter it names
}
