"""A legal call of verbs that need more than an empty store: of recipes, of what is deleted, of people's work."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from idl.enums import InspectionVerdict
from libs.common.rpc.wire import domain_name
from services.dataset.service.recipes import RecipeRules
from tests.support.stores import caller
from tests.unit.dataset import annotation
from tests.unit.dataset.world import Sub, World, pair


def of(world: World, method: str) -> dict[str, Any]:
    """As the service takes it: texts read, numbers as what they name, the expected version left to the context."""
    sent = (
        annotation.facts(world) if method in annotation.VERBS else {**of_recipes(world, world.filled([pair(1)]).id), **of_deletion(world)}
    )
    kinds = {"sub_type": Sub, "verdict": InspectionVerdict}
    read = {name: kinds[name](value) if name in kinds else value for name, value in sent[method].items() if name != "expected_version"}
    return {domain_name(name): json.loads(value) if name.endswith("_json") else value for name, value in read.items()}


def of_recipes(world: World, version_id: int) -> dict[str, dict[str, Any]]:
    plan = {"steps": [{"kind": "Deduplicate"}]}
    ids = [world.service.create_recipe(caller(), name=f"r{number}", plan=plan).id for number in range(3)]
    world.service.rules = RecipeRules(preview=False)  # a look is a process of its own, and this is asked often
    return {
        "CreateRecipe": {"name": "new", "plan_json": json.dumps(plan)},
        "GetRecipe": {"id": ids[0]},
        "FindRecipe": {"name": "r0"},
        "ListRecipes": {},
        "ListRecipeRevisions": {"recipe_id": ids[0]},
        "UpdateRecipe": {"id": ids[1], "desc": "d", "expected_version": 0},
        "DeleteRecipe": {"id": ids[2], "expected_version": 0},
        "PreviewRecipe": {"dataset_version_id": version_id, "plan_json": json.dumps(plan)},
        "RunRecipe": {"recipe_id": ids[0], "dataset_version_id": version_id},
        "RestoreRecipe": {"id": _deleted_recipe(world, plan)},
    }


def _deleted_recipe(world: World, plan: dict[str, Any]) -> int:
    made = world.service.create_recipe(caller(), name="gone", plan=plan)
    world.service.delete_recipe(replace(caller(), expected_version=0), id=made.id)
    return int(made.id)


def of_deletion(world: World) -> dict[str, dict[str, Any]]:
    ids = [world.dataset(f"gone {number}").id for number in range(3)]
    for id in ids:
        world.service.delete_dataset(replace(caller(), expected_version=0), id=id)
    purge = world.service.purge_dataset(caller(), id=ids[2], cause="why")
    return {
        "RestoreDataset": {"id": ids[0]},
        "PurgeDataset": {"id": ids[1], "cause": "why"},
        "ListDeletedDatasets": {},
        "GetPurge": {"id": purge.id},
        "ListPurges": {},
    }
