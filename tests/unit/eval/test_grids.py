"""Grids: each cell is an evaluation, none is run twice, and differences are corrected for how many cells are looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from libs.common.work.task import TaskStatus
from services.eval.domain.comparison import ComparisonVerdict
from services.eval.domain.grid import CELLS_MAX, EvalGrid, GridTarget
from services.eval.domain.prompt import Prompt
from services.eval.domain.task import EvidenceKind
from services.model.domain.version import ModelVersion, ModelVersionStatus
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.eval.engines import evaluate
from tests.unit.eval.material import record, write_version
from tests.unit.eval.test_comparison import item
from tests.unit.eval.world import World

ALL = PageRequest(None, 500)


@pytest.fixture
def version(world: World) -> ModelVersion:
    return world.trained()


def prompt(world: World, template: str, name: str = "") -> Prompt:
    return world.service.create_prompt(caller(), name=name or f"p{world.db.ids.next()}x", template=template)


def grid(world: World, versions: list[ModelVersion], prompts: list[Prompt], name: str = "g", **facts: Any) -> EvalGrid:
    sent = {"prompt_version_ids": [each.prompt_version_id for each in prompts], **facts}
    targets = [GridTarget(each.id) for each in versions]
    return world.service.create_grid(caller(), name=name, dataset_version_id=world.test_version, targets=targets, **sent)


def answered(world: World, right: list[bool]) -> int:
    """Ends the oldest waiting evaluation; its id."""
    held = world.service.lifecycle.claim("w")
    assert held is not None
    world.service.started(held)
    items = [replace(item(n, good), id=world.db.ids.next(), task_id=held.id) for n, good in enumerate(right)]
    world.service.keep_result(held, items, {"exact_match": sum(right) / len(right)}, 0, {})
    return world.service.finish(world.now(held)).id


def failure(found: object) -> tuple[int, Reason, str | None]:
    assert isinstance(found, PlatformError), found
    return found.code, found.reason, found.field


def test_one_new_prompt_runs_exactly_its_own_cells(world: World, version: ModelVersion) -> None:
    other, old, new = world.trained(), prompt(world, "Q: {{instruction}}"), prompt(world, "{{instruction}}!")
    first = grid(world, [version, other], [old], plain=True)
    assert (first.started, len(set(first.eval_task_ids))) == (4, 4)
    assert [(row.prompt_version_id, row.number) for row in first.prompts] == [(0, 0), (old.prompt_version_id, 1)]
    for _ in range(2):
        answered(world, [True] * 3)
    again = grid(world, [version, other], [old, new], "again", plain=True)
    assert again.started == 2, "two ended, two still wait: all four are there"
    assert again.eval_task_ids[:4] == first.eval_task_ids
    tasks = world.service.get_grid(caller(), id=again.id).eval_tasks
    assert [task.prompt_version_id for task in tasks] == [0, 0, *[old.prompt_version_id] * 2, *[new.prompt_version_id] * 2]
    assert {task.eval_config_id for task in tasks} == {tasks[0].eval_config_id}, "what measures just this is one config"
    frozen = world.service.get_task(caller(), id=again.eval_task_ids[4]).snapshot["prompt"]
    assert (frozen["version_id"], frozen["content_hash"], frozen["template"]) == (
        str(new.prompt_version_id),
        new.content_hash,
        "{{instruction}}!",
    )


def test_what_failed_was_cancelled_or_had_failed_items_is_run_again(world: World, version: ModelVersion) -> None:
    first = grid(world, [version], [prompt(world, "{{instruction}}", "p")])
    world.service.cancel_task(caller(), id=first.eval_task_ids[0])
    asked = [world.service.resolve_prompt(caller(), reference="p")]
    second = grid(world, [version], asked, "second")
    assert (second.started, second.eval_task_ids != first.eval_task_ids) == (1, True)
    assert grid(world, [version], asked, "third", metrics=["exact_match"]).started == 1, "other metrics are other work"


def test_what_a_model_says_to_a_prompt_informs_and_moves_nothing(world: World, version: ModelVersion) -> None:
    world.gate(("exact_match", 0.5))
    grid(world, [version], [prompt(world, "{{instruction}}")])
    task = world.service.get_task(caller(), id=answered(world, [True] * 30))
    assert (task.status, task.evidence_kind, task.result["decides"]) == (TaskStatus.SUCCEEDED, EvidenceKind.INFORMS, False)
    assert world.model.count("StartEvaluation") == 0
    assert world.models.get_version(caller(), id=version.id).status == ModelVersionStatus.TRAINED


def test_cells_are_compared_with_the_chosen_one_and_corrected_for_all(world: World, version: ModelVersion) -> None:
    """Six of forty turn right: shown beside one other cell no longer than it is compared alone."""
    words = [prompt(world, "{{instruction}}" + "!" * n) for n in range(3)]
    made = grid(world, [version], words)
    base = [n >= 6 for n in range(40)]
    ids = [answered(world, right) for right in (base, [True] * 40, base)]
    assert ids == made.eval_task_ids
    one, same = world.service.compare_grid(caller(), id=made.id, first_task_id=ids[0], metric="exact_match")
    assert (one.eval_task_id, one.pairs, one.left_out) == (ids[1], 40, 0)
    assert one.metrics[0].p == 2 / 2**6
    assert one.metrics[0].p_corrected == pytest.approx(2 * one.metrics[0].p)
    assert [each.metrics[0].verdict for each in (one, same)] == [ComparisonVerdict.NO_DIFFERENCE_SHOWN] * 2
    alone = world.service.compare_tasks(caller(), first_task_id=ids[0], second_task_id=ids[1])
    assert alone.metrics[0].p == one.metrics[0].p
    everything = world.service.compare_grid(caller(), id=made.id, first_task_id=ids[0])
    assert {score.metric for score in everything[0].metrics} == {"exact_match", "token_f1"}


def test_what_is_refused(world: World, version: ModelVersion) -> None:
    words = prompt(world, "{{instruction}}")
    made = grid(world, [version], [words])
    gives_away = prompt(world, "{{instruction}} {{output}}")
    many = [prompt(world, "{{instruction}}" + "!" * n) for n in range(1, CELLS_MAX // 2 + 2)]
    compare = world.service.compare_grid
    for found, expected in (
        (lambda: grid(world, [version], [], "none"), (400, Reason.MISSING_FIELD, "prompt_version_ids")),
        (lambda: grid(world, [version], [words, words], "twice"), (400, Reason.INVALID_ARGUMENT, "prompt_version_ids[1]")),
        (lambda: grid(world, [version, version], [words], "twice"), (400, Reason.INVALID_ARGUMENT, "targets[1]")),
        (lambda: grid(world, [version, world.trained()], many, "many"), (400, Reason.TOO_LARGE, "prompt_version_ids")),
        (lambda: grid(world, [version], [gives_away], "away"), (400, Reason.INVALID_ARGUMENT, "prompt_version_id")),
        (lambda: grid(world, [version], [words]), (409, Reason.ALREADY_EXISTS, "name")),
        (lambda: compare(caller(), id=made.id, first_task_id=1), (400, Reason.INVALID_ARGUMENT, "first_task_id")),
        (
            lambda: compare(caller(), id=made.id, first_task_id=made.eval_task_ids[0], metric="leak"),
            (400, Reason.INVALID_ARGUMENT, "metric"),
        ),
    ):
        assert failure(outcome(found)) == expected
    assert failure(outcome(lambda: world.service.get_grid(caller(space=2), id=made.id)))[0] == 404
    assert [each.name for each in world.service.list_grids(caller(), page=ALL).items] == ["g"], "what is refused leaves nothing"


def test_a_field_that_a_record_lacks_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    rows = [record(n, f"q{n}", "a", **({"topic": "x"} if n < 4 else {})) for n in range(6)]
    job = {
        "records_path": str(write_version(tmp_path / "data", rows)),
        "target": {"kind": "WEIGHTS", "path": str(tmp_path / "no-model-is-there")},
        "prompt": {"system": "", "template": "{{topic}}: {{instruction}}"},
    }
    with pytest.raises(PlatformError) as caught:
        evaluate(job, tmp_path / "work")
    error = caught.value
    assert (error.code, error.reason, error.field, error.details["row"]) == (422, Reason.ROW_INVALID, "topic", 5)


def test_a_prompt_is_what_the_model_is_asked_and_the_items_say_so(tmp_path: Path, model_folder: Path) -> None:
    rows = [record(n, f"q{n}", "a") for n in range(3)]
    job = {
        "records_path": str(write_version(tmp_path / "data", rows)),
        "target": {"kind": "WEIGHTS", "path": str(model_folder)},
        "options": {"max_new_tokens": 2},
        "prompt": {"system": "", "template": "Say: {{instruction}}"},
        "metrics": ["exact_match"],
    }
    _, items = evaluate(job, tmp_path / "work")
    assert [(item.input, item.expected) for item in items] == [(f"Say: q{n}", "a") for n in range(3)]
