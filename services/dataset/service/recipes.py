"""Recipes: plans under a name, a look at what one would do, and running one over a version as one task.

A plan runs only after a look at it: the preview's hash is over all that was shown, so that nobody has it who has not looked. It is worked
out again where this process does not know it, and compared.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, not_found
from libs.common.settings import Settings
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from libs.data.records import canonical
from services.dataset.domain.recipe import Recipe, RecipeRevision
from services.dataset.domain.task import DatasetTaskSubType, DatasetTaskType, DroppedRecord
from services.dataset.domain.version import DatasetVersion
from services.dataset.engine import plan as plans
from services.dataset.engine import recipe
from services.dataset.service import references
from services.dataset.service.datasets import MAX_ATTEMPTS, CreatedTask, Datasets, dropped_of
from services.dataset.service.samples import RECORDS, ChangedRecord, FieldChange, in_child

REMEMBERED = 256  # previews
MOST_RECORDS = 500  # of a sample, as the contract says
Look = tuple[str, str, int]  # a version's bytes, a plan, records


@dataclass
class RecipeRules:
    """preview: whether a plan must have been looked at. kept: milliseconds an output of a step stays unused. looked: what was shown."""

    preview: bool = True
    kept: int = 168 * 3_600_000
    looked: OrderedDict[Look, str] = field(default_factory=OrderedDict)

    @classmethod
    def of(cls, settings: Settings) -> RecipeRules:
        return cls(settings.recipe_preview == "required", int(settings.step_hours * 3_600_000))


@dataclass(frozen=True)
class StepSample:
    kind: str
    ledger: dict[str, Any]
    changed: int
    problem: str


@dataclass(frozen=True)
class RecipeSample:
    """preview: what a run asks for. made: records that come of no single one."""

    preview: str
    steps: list[StepSample]
    dropped: list[DroppedRecord]
    changed: list[ChangedRecord]
    made: list[dict[str, Any]]
    records: int
    whole: bool


class Recipes(Datasets):
    """Verbs on recipes. rules: what the platform was told about them."""

    rules: RecipeRules

    @mutation
    def create_recipe(self, ctx: CallContext, *, name: str, plan: dict[str, Any], desc: str = "") -> Recipe:
        """Raises what is wrong with the plan, ALREADY_EXISTS for a name taken in this space."""
        steps = self._planned(ctx, plan)
        with self.db.begin(ctx) as tx:
            self.store.recipes.refuse_twin(tx, "a project space", name=name)
            said: dict[str, Any] = {"plan": plans.written(steps), "plan_hash": plans.plan_hash(steps)}
            made = self.store.recipes.insert(tx, Recipe(self.db.ids.next(), ctx.space_id, ctx.user_id, name, desc, **said))
            self._revise(tx, made)
            return tx.done(made)

    def get_recipe(self, ctx: CallContext, *, id: int, number: int = 0) -> Recipe:
        """number: of the revision whose plan is shown, 0 for the newest."""
        with self.db.read() as conn:
            found = self.store.recipes.get(conn, ctx, id)
            if number in (0, found.number):
                return found
            revision = self.store.revisions.first_by(conn, ctx, recipe_id=id, number=number)
        if revision is None:
            raise not_found("recipe_revision", number)
        return replace(found, number=number, plan=revision.plan, plan_hash=revision.plan_hash)

    def find_recipe(self, ctx: CallContext, *, name: str) -> Recipe:
        with self.db.read() as conn:
            found = self.store.recipes.first_by(conn, ctx, name=name)
        if found is None:
            raise not_found("recipe", name)
        return found

    def list_recipes(self, ctx: CallContext, *, page: PageRequest, name_prefix: str = "") -> Page:
        where = [self.store.recipes.column("name").startswith(name_prefix, autoescape=True)] if name_prefix else []
        with self.db.read() as conn:
            return self.store.recipes.page(conn, ctx, page, *where)

    def list_recipe_revisions(self, ctx: CallContext, *, recipe_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self.store.recipes.get(conn, ctx, recipe_id)
            return self.store.revisions.page(conn, ctx, page, self.store.revisions.column("recipe_id") == recipe_id)

    @mutation
    def update_recipe(
        self, ctx: CallContext, *, id: int, name: str | None = None, desc: str | None = None, plan: dict[str, Any] | None = None
    ) -> Recipe:
        """Another plan is the next revision; one that does the same is none."""
        steps = None if plan is None else self._planned(ctx, plan)
        sent: dict[str, Any] = {key: value for key, value in {"name": name, "desc": desc}.items() if value is not None}
        with self.db.begin(ctx) as tx:
            current = self.store.recipes.get(tx.conn, ctx, id)
            if name is not None and name != current.name:
                self.store.recipes.refuse_twin(tx, "a project space", name=name)
            if steps is not None and (said := plans.written(steps)) != current.plan:
                sent |= {"plan": said, "plan_hash": plans.plan_hash(steps), "number": current.number + 1}
            changed = self.store.recipes.update_expected(tx, current, **sent)
            if changed.number != current.number:
                self._revise(tx, changed)
            return tx.done(changed)

    @mutation
    def delete_recipe(self, ctx: CallContext, *, id: int) -> Recipe:
        with self.db.begin(ctx) as tx:
            return tx.done(self.store.recipes.delete(tx, self.store.recipes.get(tx.conn, ctx, id)))

    def preview_recipe(self, ctx: CallContext, *, dataset_version_id: int, plan: dict[str, Any], records: int = RECORDS) -> RecipeSample:
        """Runs the steps on a sample spread over the version."""
        made, version = recipe.of_plan(plan), self.get_version(ctx, id=dataset_version_id)
        preview, found = self._looked(ctx, made, version, records)
        steps = [StepSample(**each) for each in found["steps"]]
        changed = [ChangedRecord(each["id"], each["rules"], [FieldChange(**one) for one in each["changes"]]) for each in found["changed"]]
        dropped = [dropped_of(line) for line in found["dropped"]]
        return RecipeSample(preview, steps, dropped, changed, found["made"], found["records"], found["whole"])

    @mutation
    def run_recipe(
        self,
        ctx: CallContext,
        *,
        recipe_id: int,
        dataset_version_id: int,
        number: int = 0,
        preview: str = "",
        name: str = "",
        desc: str = "",
        reuse: bool = False,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> CreatedTask:
        """One task over all steps. Raises PREVIEW_NEEDED."""
        chosen = self.get_recipe(ctx, id=recipe_id, number=number)
        version = self.get_version(ctx, id=dataset_version_id)
        more = {"of": {"recipe_id": chosen.id, "name": chosen.name, "number": chosen.number, "plan_hash": chosen.plan_hash}}
        sort = {"type": DatasetTaskType.Processing, "sub_type": DatasetTaskSubType.Recipe}
        facts = {"dataset_id": version.dataset_id, "input_version_id": version.id, **sort, "name": name or chosen.name, "desc": desc}
        return self._begin(ctx, recipe.of_plan(chosen.plan), reuse, preview, more, **facts, max_attempts=max_attempts)

    # --- shared steps

    def _allow(self, ctx: CallContext, made: recipe.Recipe, source: DatasetVersion, preview: str) -> None:
        if not made.kind.previewed or not (self.rules.preview or preview):
            return
        records = preview.partition("-")[0]
        if not preview:
            raise _not_looked_at("nobody has looked at what it would do")
        if not records.isdecimal() or not 0 < int(records) <= MOST_RECORDS:
            raise invalid("preview", limit="what a preview of this plan on this version answered")
        key = _key(made, source, int(records))
        if (self.rules.looked.get(key) or self._looked(ctx, made, source, int(records))[0]) != preview:
            raise _not_looked_at("this is the preview of another plan, or of another version")

    def _planned(self, ctx: CallContext, plan: dict[str, Any]) -> list[plans.Step]:
        """Raises what is wrong with a plan, or with a version it names."""
        steps = recipe.steps_of(plan)
        references.check(self._found(ctx), {"steps": [step.to_json() for step in steps]}, "plan")
        return steps

    def _looked(self, ctx: CallContext, made: recipe.Recipe, version: DatasetVersion, records: int) -> tuple[str, dict[str, Any]]:
        folder = self._artifacts.open(version.uri, verify=False)  # a look makes nothing; the real run reads and checks all of it
        job = {**self._readable(ctx, made.job.values, "plan", version), "input": str(folder), "records": records}
        found = in_child("services.dataset.engine.plan_sample:run", job, ctx.deadline)
        shown = {"of": [version.uri, made.deciding()], "found": found}
        preview = f"{records}-{hashlib.sha256(canonical(shown).encode()).hexdigest()[:32]}"
        self.rules.looked[_key(made, version, records)] = preview
        while len(self.rules.looked) > REMEMBERED:
            self.rules.looked.popitem(last=False)
        return preview, found

    def _revise(self, tx: Transaction, made: Recipe) -> None:
        said: dict[str, Any] = {"number": made.number, "plan": made.plan, "plan_hash": made.plan_hash, "user_id": tx.ctx.user_id}
        self.store.revisions.insert(tx, RecipeRevision(self.db.ids.next(), made.id, made.project_space_id, **said))


def _key(made: recipe.Recipe, version: DatasetVersion, records: int) -> Look:
    return version.uri, canonical(made.deciding()), records


def _not_looked_at(limit: str) -> PlatformError:
    return PlatformError(428, Reason.PREVIEW_NEEDED, field="preview", limit=limit)
