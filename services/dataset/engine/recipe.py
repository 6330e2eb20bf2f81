"""Which engine runs for which sub-type, and what its config may hold: checked when a task is created, not when it runs.

A config is the engine's job without the paths; what it holds is the kind's own business (``kinds``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from libs.common.errors import PlatformError, Reason, invalid
from libs.data.options import deciding
from services.dataset.engine.kinds import TASKS, Arguments, TaskKind
from services.dataset.engine.operators import OPERATORS
from services.dataset.engine.plan import Step, read_plan

VERSION = 3  # raise it when an engine's output for the same input changes: finished tasks of another version are not reused


@dataclass(frozen=True, slots=True)
class Recipe:
    """A task as it will be run."""

    kind: TaskKind
    job: Arguments

    @property
    def makes(self) -> tuple[str, ...]:
        return self.kind.makes_of(self.job.values)

    def to_json(self) -> dict[str, Any]:
        """What the snapshot keeps, and the worker runs."""
        return self._json(self.job.values)

    def deciding(self) -> dict[str, Any]:
        """As far as it decides the output: two tasks that differ in nothing else are the same work."""
        if self.kind.deciding is not None:
            return self._json(self.kind.deciding(self.job.values))
        values = {**self.job.values, "options": deciding(self.job.options, self.job.values["options"])}
        if "rules" in values:
            values["rules"] = [
                {**each, "options": deciding(OPERATORS[each["rule"]].options, each["options"])} for each in self.job.values["rules"]
            ]
        return self._json(values)

    def _json(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"entry": self.kind.entry, "arguments": arguments, "interpreter": self.kind.interpreter, "version": VERSION}


def read(sub_type: str, config: Mapping[str, Any]) -> Recipe:
    """The recipe for ``config``. Raises PlatformError 400 naming ``config.…``; MISSING_EXTRA where an engine's library is not installed."""
    kind = TASKS.get(sub_type)
    if kind is None:
        raise invalid("sub_type", Reason.UNKNOWN_ENUM, "one that runs here: " + ", ".join(TASKS), value=sub_type)
    try:
        return _read(kind, config)
    except PlatformError as error:
        if error.reason != Reason.MISSING_EXTRA:
            error.field = f"config.{error.field}" if error.field else "config"
        raise


def of_plan(plan: Any) -> Recipe:
    """The recipe that takes a version through all steps of a plan. Raises PlatformError 400 naming ``plan.…``; MISSING_EXTRA."""
    return _read(TASKS["Recipe"], {"plan": plan})


def steps_of(plan: Any) -> list[Step]:
    """The steps of a plan. Raises what ``of_plan`` raises."""
    try:
        return read_plan(plan)
    except ImportError as error:
        raise _not_installed(TASKS["Recipe"], error) from None


def _read(kind: TaskKind, config: Mapping[str, Any]) -> Recipe:
    try:
        return Recipe(kind, kind.read(config))
    except ImportError as error:
        raise _not_installed(kind, error) from None


def _not_installed(kind: TaskKind, error: ImportError) -> PlatformError:
    extra = ",".join(kind.needs) or "data"
    return PlatformError(422, Reason.MISSING_EXTRA, field="sub_type", limit=f"modelyard[{extra}]", extra=extra, cause=str(error.name))
