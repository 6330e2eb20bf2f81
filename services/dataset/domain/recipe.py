"""A recipe: a plan of steps under a name. Every change of its plan is a revision that stays, so that what a task ran can always be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """number: of its newest revision. plan, plan_hash: of that revision, or of the one that was asked for."""

    id: int
    project_space_id: int
    user_id: int
    name: str
    desc: str = ""
    number: int = 1
    plan: dict[str, Any] = field(default_factory=dict)
    plan_hash: str = ""
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class RecipeRevision:
    """One plan of a recipe. user_id: whose change it is."""

    id: int
    recipe_id: int
    project_space_id: int
    number: int
    plan: dict[str, Any]
    plan_hash: str
    user_id: int
    create_time: int = 0


@dataclass(frozen=True)
class StepOutput:
    """What a step of a plan made, kept so that it need not be made again. dataset_id: of whose data it was made.
    reached: over its input and all steps up to it (``engine.plan``).
    uri: of the version's bytes; dropped_uri, changes_uri: "" where there were none. ledger: of the step alone. used_time: milliseconds."""

    id: int
    project_space_id: int
    dataset_id: int
    reached: str
    kind: str
    uri: str
    dropped_uri: str = ""
    changes_uri: str = ""
    ledger: dict[str, Any] = field(default_factory=dict)
    used_time: int = 0
    create_time: int = 0
