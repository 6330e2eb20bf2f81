"""A plan: steps in their order, each one of the kinds of work that make a version out of a version, with its options.

Decides what a step may be (a cleaning rule, an augmentation, a converter, a split as the last one), spells its options out, and gives it a
hash: over the hashes of all steps up to one, and the input, an output can be recognised. So a changed step recomputes what follows it, and
nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.data.records import canonical
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.operators import OPERATORS

if TYPE_CHECKING:
    from services.dataset.engine.recipe import Recipe

MAX_STEPS = 30
WHOLE = ("whole",)


@dataclass(frozen=True, slots=True)
class StepKind:
    """read: a config of ``{"options": …}`` to what is run."""

    name: str
    read: Callable[[Mapping[str, Any]], Recipe]


@dataclass(frozen=True, slots=True)
class Step:
    """kind: its name. work: what is run for it."""

    kind: str
    work: Recipe

    @property
    def makes(self) -> tuple[str, ...]:
        return self.work.kind.makes

    def options(self) -> dict[str, Any]:
        """Every option with its value, as a plan says them; ``processes`` is nobody's business but the machine's."""
        values = self.work.job.values
        rules = values.get("rules")
        own = {**rules[0]["options"], "allow_drop_share": values["options"]["allow_drop_share"]} if rules else dict(values["options"])
        return {name: value for name, value in own.items() if name != "processes"}

    def hash(self) -> str:
        """Over what decides its output, the input aside."""
        return _hash(canonical(self.work.deciding()))

    def to_json(self) -> dict[str, Any]:
        """What a task keeps of it, and its engine runs."""
        return {
            "kind": self.kind,
            "entry": self.work.kind.entry,
            "arguments": self.work.job.values,
            "hash": self.hash(),
            "makes": [*self.makes],
        }


@cache
def step_kinds() -> dict[str, StepKind]:
    """Everything a step may be, in the order in which kinds are listed."""
    from services.dataset.engine.augmentations import AUGMENTATIONS
    from services.dataset.engine.converters import CONVERTERS
    from services.dataset.engine.kinds import TASKS
    from services.dataset.engine.kinds.custom_cleaning import read_one
    from services.dataset.engine.recipe import Recipe

    def of(task: str, read: Callable[[Mapping[str, Any]], Any]) -> Callable[[Mapping[str, Any]], Recipe]:
        return lambda config: Recipe(TASKS[task], read(config))

    cleaning = {name: of("Custom_Cleaning", partial(read_one, name)) for name in OPERATORS}

    def named(task: str, sort: str, name: str) -> Callable[[Mapping[str, Any]], Recipe]:
        return of(task, partial(_named, task, sort, name))

    more = {name: named(f"{kind.of}_Augmentation", "augmentation", name) for name, kind in AUGMENTATIONS.items()}
    conversion = {name: named("Format_Conversion", "converter", name) for name in CONVERTERS}
    others = {name: of(name, kind.read) for name, kind in TASKS.items() if kind.step}
    return {name: StepKind(name, read) for name, read in {**cleaning, **more, **conversion, **others}.items()}


def _named(task: str, sort: str, name: str, config: Mapping[str, Any]) -> Any:
    """A step that is a task of one kind, which names what is done under ``sort``."""
    from services.dataset.engine.kinds import TASKS

    refuse_unknown(config, ("options",))
    return TASKS[task].read({sort: name, **config})


def read_plan(plan: Any, path: str = "plan") -> list[Step]:
    """The steps of ``{"steps": [{"kind", "options"}, …]}``. Raises PlatformError 400 naming ``plan.steps[i].…``; MISSING_EXTRA."""
    if not isinstance(plan, Mapping):
        raise missing(path) if plan is None else invalid(path, Reason.WRONG_TYPE, "an object with 'steps'")
    try:
        refuse_unknown(plan, ("steps",))
    except PlatformError as error:
        raise _within(error, path) from None
    entries = plan.get("steps")
    if not isinstance(entries, list) or not 0 < len(entries) <= MAX_STEPS:
        raise invalid(f"{path}.steps", limit=f"a list of 1 to {MAX_STEPS} steps")
    steps = [_step(entry, f"{path}.steps[{place}]") for place, entry in enumerate(entries)]
    for place, step in enumerate(steps[:-1]):
        if step.makes != WHOLE:
            raise invalid(f"{path}.steps[{place}]", limit=f"the last step, as {step.kind} makes {' and '.join(step.makes)}")
    return steps


def _step(entry: Any, path: str) -> Step:
    if not isinstance(entry, Mapping):
        raise invalid(path, Reason.WRONG_TYPE, "an object with 'kind' and 'options'")
    for key in entry:
        if key not in ("kind", "options"):
            raise invalid(f"{path}.{key}", limit="kind, options")
    kind = step_kinds().get(entry["kind"]) if isinstance(entry.get("kind"), str) else None
    if kind is None:
        raise invalid(f"{path}.kind", Reason.UNKNOWN_ENUM, "one of " + ", ".join(step_kinds()), value=str(entry.get("kind"))[:100])
    try:
        return Step(kind.name, kind.read({"options": entry["options"]} if entry.get("options") is not None else {}))
    except PlatformError as error:
        raise _within(error, path) from None


def written(steps: Sequence[Step]) -> dict[str, Any]:
    """The plan as it is kept: with every option, so that a later default cannot change what it meant."""
    return {"steps": [{"kind": step.kind, "options": step.options()} for step in steps]}


def plan_hash(steps: Sequence[Step]) -> str:
    """The same for plans that do the same."""
    return _hash(canonical({"steps": [step.hash() for step in steps]}))


def reaching(input: str, hashes: Sequence[str]) -> list[str]:
    """For each step the hash of its output: over the input and all steps up to it. input: the address of a version's bytes."""
    found: list[str] = []
    for each in hashes:
        input = _hash(f"{input}\n{each}")
        found.append(input)
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _within(error: PlatformError, path: str) -> PlatformError:
    error.field = f"{path}.{error.field}" if error.field else path
    return error
