"""Recipes as people use them: plans with revisions, a look before the run, one task with one account, and only what changed made again."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.data.versions import read_records
from services.dataset.domain.dataset import SecrecyLevel
from services.dataset.domain.version import DatasetVersion
from services.dataset.service.recipes import RecipeRules
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.dataset.world import Bench, Sub, World

PAGES = [
    {"text": f"<html><body><p>Page {n} says that law {n} holds, and to ask clerk{n}@example.com.</p></body></html>", "format": "html"}
    for n in range(30)
]
ROWS = [*PAGES, {"text": "forbidden words"}, PAGES[3]]
STRIP, WORDS, COPIES = (
    {"kind": "Strip_Html"},
    {"kind": "Remove_Noncompliant", "options": {"words": ["forbidden"]}},
    {"kind": "Deduplicate", "options": {"near": False}},
)
SPLIT = {"kind": "Train_Test_Split", "options": {"group_by": "record", "test_fraction": 0.3}}


def plan(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"steps": list(steps)}


def source(bench: Bench) -> DatasetVersion:
    return bench.world.filled(ROWS, shard_bytes=4000)


def ran(bench: Bench, version: DatasetVersion, *steps: dict[str, Any], **facts: Any) -> Any:
    """The task of a recipe of these steps, done."""
    service, name = bench.world.service, f"r{bench.world.db.ids.next()}"
    service.rules = RecipeRules(preview=False)  # a look is a process of its own: where it matters there are tests
    made = service.create_recipe(caller(), name=name, plan=plan(*steps))
    begun = service.run_recipe(caller(), recipe_id=made.id, dataset_version_id=version.id, **facts)
    return bench.attempt(begun.dataset_task)


def reused(task: Any) -> list[bool]:
    return [step["reused"] for step in task.result["steps"]]


def test_one_task_and_one_account(bench: Bench) -> None:
    version = source(bench)
    task = ran(bench, version, STRIP, WORDS, COPIES, SPLIT)
    assert task.status.name == "SUCCEEDED", task.error
    train, test = bench.outputs(task)
    assert (train.part, test.part, train.records + test.records) == ("train", "test", 30)
    ledger = train.ledger
    assert (ledger["in"], ledger["out"], ledger["dropped"]) == (32, 30, {"Deduplicate": 1, "Remove_Noncompliant": 1})
    assert ledger["in"] == ledger["out"] + sum(ledger["dropped"].values())
    assert [(step["kind"], step["in"], step["out"]) for step in ledger["steps"]] == [
        ("Strip_Html", 32, 32),
        ("Remove_Noncompliant", 32, 31),
        ("Deduplicate", 31, 30),
        ("Train_Test_Split", 30, 30),
    ]
    (dropped,) = bench.world.pages("ListDropped", "dropped", 50, task_id=task.id)
    assert Counter((line.step, line.rule) for line in dropped) == Counter({(2, "Remove_Noncompliant"): 1, (3, "Deduplicate"): 1})


def test_what_is_made_is_in_the_account_and_stays_with_its_parent(bench: Bench) -> None:
    version, more = source(bench), {"kind": "Misspell", "options": {"copies": 2, "keep": ["clerk"]}}
    task = ran(bench, version, STRIP, more, WORDS, SPLIT)
    assert task.status.name == "SUCCEEDED", task.error
    train, test = bench.outputs(task)
    ledger = train.ledger
    made = ledger["added"]
    assert 60 <= made <= 64
    assert ledger["in"] + made == ledger["out"] + sum(ledger["dropped"].values())
    assert ledger["steps"][1] == {"kind": "Misspell", "in": 32, "out": 32 + made, "added": made, "dropped": {}}
    families = [{record["_family"] for record in read_records(bench.world.artifacts.open(part.uri))} for part in (train, test)]
    assert families[0].isdisjoint(families[1])
    assert len(families[0] | families[1]) >= 30
    again = ran(bench, version, STRIP, more, COPIES)
    assert reused(again) == [True, True, False]


def test_the_same_as_its_steps_one_by_one(bench: Bench) -> None:
    version = source(bench)
    (whole,) = bench.outputs(ran(bench, version, STRIP, WORDS, COPIES))
    rules = [{"rule": step["kind"], "options": step.get("options", {})} for step in (STRIP, WORDS, COPIES)]
    (cleaned,) = bench.outputs(bench.done(Sub.Custom_Cleaning, {"rules": rules}, version.id))
    assert cleaned.content_hash == whole.content_hash
    counts = bench.world.service.diff_versions(caller(), old_version_id=version.id, new_version_id=whole.id)
    assert (counts.same, counts.changed, counts.removed, counts.added) == (0, 30, 2, 0), "a record is followed through all steps"


def test_a_changed_step_makes_only_what_follows(bench: Bench) -> None:
    version = source(bench)
    first = ran(bench, version, STRIP, WORDS, COPIES)
    assert reused(first) == [False, False, False]
    other = {"kind": "Deduplicate", "options": {"near": True}}
    second = ran(bench, version, STRIP, WORDS, other)
    assert reused(second) == [True, True, False]
    third = ran(bench, version, STRIP, {"kind": "Remove_Noncompliant", "options": {"words": ["holds"], "allow_drop_share": 1.0}}, COPIES)
    assert reused(third)[0]
    assert not any(reused(third)[1:])
    fresh = ran(bench, version, STRIP, WORDS, COPIES, SPLIT)
    assert reused(fresh) == [True, True, True, False]
    lists = [next(bench.world.pages("ListDropped", "dropped", 50, task_id=task.id)) for task in (first, fresh)]
    assert [(line.step, line.id) for line in lists[0]] == [(line.step, line.id) for line in lists[1]], "the account is of the whole plan"


def test_what_failed_leaves_the_steps_before_it_and_what_would_go(bench: Bench) -> None:
    version = source(bench)
    all_of_them = {"kind": "Remove_Noncompliant", "options": {"words": ["law"]}}
    failed = ran(bench, version, STRIP, all_of_them)
    assert (failed.status.name, failed.error["reason"]) == ("FAILED", "TOO_MANY_DROPPED")
    assert failed.error["field"] == "steps[1].options.allow_drop_share"
    (dropped,) = bench.world.pages("ListDropped", "dropped", 50, task_id=failed.id)
    assert {(line.step, line.rule) for line in dropped} == {(2, "Remove_Noncompliant")}
    assert len(dropped) == 31
    mended = ran(bench, version, STRIP, WORDS)
    assert reused(mended) == [True, False]


def test_a_damaged_output_is_made_again(bench: Bench) -> None:
    version = source(bench)
    ran(bench, version, STRIP, WORDS)
    with bench.world.db.read() as conn:
        kept = bench.world.service.store.step_outputs.all_by(conn, caller(), 9, kind="Strip_Html")
    part = next(bench.world.artifacts.open(kept[0].uri).glob("part-*.jsonl"))
    part.write_bytes(part.read_bytes()[:-5])
    again = ran(bench, version, STRIP, COPIES)
    assert again.status.name == "SUCCEEDED", again.error
    assert reused(again) == [False, False]
    bench.world.artifacts.open(kept[0].uri)


def test_outputs_of_no_use_go_with_their_bytes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.common.store.storage.ArtifactStore.remove.__defaults__", (0.0,))
    version = source(bench)
    (made,) = bench.outputs(ran(bench, version, STRIP, WORDS))
    service = bench.world.service
    with bench.world.db.read() as conn:
        uris = {
            output.kind: output.uri
            for kind in ("Strip_Html", "Remove_Noncompliant")
            for output in service.store.step_outputs.all_by(conn, caller(), 9, kind=kind)
        }
    assert service.sweep_steps() == 0
    bench.world.clock.advance(200 * 3600)
    assert service.sweep_steps() == 2
    gone = outcome(lambda: bench.world.artifacts.open(uris["Strip_Html"]))
    assert isinstance(gone, PlatformError)
    assert gone.reason == Reason.NOT_FOUND
    assert uris["Remove_Noncompliant"] == made.uri, "its last step's output is the version itself"
    bench.world.artifacts.open(made.uri)
    assert reused(ran(bench, version, STRIP, COPIES)) == [False, False]


def test_nothing_runs_before_it_was_looked_at(bench: Bench) -> None:
    service, version = bench.world.service, source(bench)
    made = service.create_recipe(caller(), name="r", plan=plan(STRIP, WORDS))
    shown = service.preview_recipe(caller(), dataset_version_id=version.id, plan=plan(STRIP), records=20)
    facts = {"recipe_id": made.id, "dataset_version_id": version.id}
    for preview in ("", shown.preview, "20-" + "0" * 32):
        found = outcome(lambda preview=preview: service.run_recipe(caller(), **facts, preview=preview))
        assert isinstance(found, PlatformError)
        assert (found.code, found.reason) == (428, Reason.PREVIEW_NEEDED)
    looked = service.preview_recipe(caller(), dataset_version_id=version.id, plan=made.plan, records=20).preview
    service.rules.looked.clear()  # another process, which has to look by itself
    assert service.run_recipe(caller(), **facts, preview=looked).dataset_task.snapshot["of"]["number"] == 1
    service.rules = RecipeRules(preview=False)
    assert service.run_recipe(caller(), **facts).dataset_task.id


def test_a_look_shows_before_and_after(bench: Bench) -> None:
    version = source(bench)
    shown = bench.world.service.preview_recipe(caller(), dataset_version_id=version.id, plan=plan(STRIP, WORDS, COPIES), records=50)
    assert (shown.records, shown.whole) == (32, True)
    assert [(step.kind, step.ledger["in"], step.ledger["out"], step.problem) for step in shown.steps] == [
        ("Strip_Html", 32, 32, ""),
        ("Remove_Noncompliant", 32, 31, ""),
        ("Deduplicate", 31, 30, ""),
    ]
    assert {(line.step, line.rule) for line in shown.dropped} == {(2, "Remove_Noncompliant"), (3, "Deduplicate")}
    change = shown.changed[0]
    assert change.rules == ["Strip_Html", "Remove_Noncompliant"]
    text = next(each for each in change.changes if each.field == "text")
    assert "<p>" in text.before
    assert "[EMAIL]" in text.after


def test_a_look_ends_where_a_step_cannot_go_on(bench: Bench) -> None:
    version = source(bench)
    nothing = {"kind": "Remove_Noncompliant", "options": {"words": ["law", "forbidden"]}}
    shown = bench.world.service.preview_recipe(caller(), dataset_version_id=version.id, plan=plan(STRIP, nothing, COPIES), records=50)
    assert [step.kind for step in shown.steps] == ["Strip_Html", "Remove_Noncompliant"]
    assert shown.steps[1].problem.startswith("NO_RECORDS_LEFT")
    assert len(shown.dropped) == 32


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([], "plan.steps"),
        ([{"kind": "Unknown"}], "plan.steps[0].kind"),
        ([STRIP, {"kind": "Deduplicate", "options": {"threshold": 7}}], "plan.steps[1].options.threshold"),
        ([STRIP, {"kind": "Deduplicate", "more": 1}], "plan.steps[1].more"),
        ([SPLIT, STRIP], "plan.steps[0]"),
        ([{"kind": "Recipe"}], "plan.steps[0].kind"),
        ([{"kind": "File_Import"}], "plan.steps[0].kind"),
        (["Strip_Html"], "plan.steps[0]"),
    ],
)
def test_a_plan_that_makes_no_sense(world: World, steps: Any, field: str) -> None:
    found = outcome(lambda: world.service.create_recipe(caller(), name="r", plan={"steps": steps}))
    assert isinstance(found, PlatformError)
    assert (found.code, found.field) == (400, field)


def test_every_plan_it_had_stays(world: World) -> None:
    service = world.service
    made = service.create_recipe(caller(), name="r", plan=plan(STRIP))
    same = service.update_recipe(replace(caller(), expected_version=0), id=made.id, plan=plan(STRIP), desc="d")
    assert (same.number, same.desc) == (1, "d")
    changed = service.update_recipe(replace(caller(), expected_version=1), id=made.id, plan=plan(STRIP, COPIES))
    assert changed.number == 2
    (page,) = world.pages("ListRecipeRevisions", "revisions", 9, recipe_id=made.id)
    assert [(each.number, len(json.loads(each.plan_json)["steps"])) for each in page] == [(2, 2), (1, 1)]
    assert service.get_recipe(caller(), id=made.id, number=1).plan == made.plan
    assert made.plan_hash != changed.plan_hash
    service.delete_recipe(replace(caller(), expected_version=2), id=made.id)
    assert isinstance(outcome(lambda: service.find_recipe(caller(), name="r")), PlatformError)


def test_defaults_that_are_said_are_the_same_plan(world: World) -> None:
    bare = world.service.create_recipe(caller(), name="a", plan=plan({"kind": "Deduplicate"}))
    said = world.service.create_recipe(caller(), name="b", plan=bare.plan)
    assert bare.plan_hash == said.plan_hash
    assert bare.plan == said.plan


def test_who_may_not_see_the_version_runs_nothing_on_it(world: World) -> None:
    service = world.service
    made = service.create_recipe(caller(), name="r", plan=plan(STRIP))
    secret = world.version("bb", secrecy=SecrecyLevel.SECRET)
    low = replace(caller(), clearance=0)
    for call in (
        lambda: service.preview_recipe(low, dataset_version_id=secret.id, plan=made.plan),
        lambda: service.run_recipe(low, recipe_id=made.id, dataset_version_id=secret.id),
        lambda: service.get_recipe(caller(space=2), id=made.id),
    ):
        found = outcome(call)
        assert isinstance(found, PlatformError)
        assert found.reason == Reason.NOT_FOUND
