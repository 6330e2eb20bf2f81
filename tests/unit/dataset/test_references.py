"""A lexicon is a dataset whose versions cleaning names: imported like any other, read by who may read it, looked up in every cleaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from services.dataset.domain.dataset import SecrecyLevel
from services.dataset.domain.version import DatasetVersion
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.dataset.world import Bench, Killed, Sub

TERMS = [{"term": "Poker", "category": "games"}, {"term": "赌博", "category": "gambling"}, {"term": "badge"}]
TEXTS = [{"text": "We play ＰＯＫＥＲ."}, {"text": "网上赌博"}, {"text": "badges are good"}, {"text": "nothing of the sort"}]
RULE = "Remove_Noncompliant"


def lexicon(bench: Bench, rows: list[dict[str, Any]] = TERMS, **facts: Any) -> DatasetVersion:
    """A version of terms, imported as people import it."""
    dataset = bench.world.dataset(f"words{bench.world.db.ids.next()}", **facts)
    bench.put("terms.jsonl", rows)
    (made,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["terms.jsonl"]}, dataset_id=dataset.id))
    return made


def options(version: DatasetVersion, **more: Any) -> dict[str, Any]:
    return {"lexicon_version_id": str(version.id), "allow_drop_share": 1.0, **more}


def rules(version: DatasetVersion) -> list[dict[str, Any]]:
    return [{"rule": RULE, "options": {"lexicon_version_id": str(version.id)}}]


def reasons(bench: Bench, task: Any) -> set[str]:
    return {line.reason for page in bench.world.pages("ListDropped", "dropped", 10, task_id=task.id) for line in page}


def test_terms_are_a_version_of_their_own_kind(bench: Bench) -> None:
    made = lexicon(bench)
    assert (made.kind, made.records) == ("lexicon", 3)
    facts = {"paths": ["terms.jsonl"]}
    for row in ({"term": " "}, {"term": "x" * 201}, {"term": "x", "category": 5}):
        bench.put("terms.jsonl", [*TERMS, row])
        failed = bench.attempt(bench.world.task(Sub.File_Import, facts))
        place = failed.error["details"]
        assert (failed.error["reason"], place["row"], place["file"]) == ("ROW_INVALID", 4, "terms.jsonl")


@pytest.mark.parametrize("way", ["alone", "listed", "recipe"])
def test_each_way_to_clean_looks_terms_up(bench: Bench, way: str) -> None:
    words, source = lexicon(bench), bench.world.filled(TEXTS)
    step = {"kind": RULE, "options": options(words)}
    config = {
        "alone": {"options": options(words)},
        "listed": {"rules": rules(words), "options": {"allow_drop_share": 1.0}},
        "recipe": {"plan": {"steps": [{"kind": "Strip_Html"}, step]}},
    }[way]
    bench.world.service.rules.preview = False
    task = bench.done({"alone": Sub.Remove_Noncompliant, "listed": Sub.Custom_Cleaning, "recipe": Sub.Recipe}[way], config, source.id)
    assert reasons(bench, task) == {"word: poker (games)", "word: 赌博 (gambling)"}
    assert bench.outputs(task)[0].ledger["dropped"] == {RULE: 2}


def test_a_category_is_chosen(bench: Bench) -> None:
    words, source = lexicon(bench), bench.world.filled(TEXTS)
    task = bench.done(Sub.Remove_Noncompliant, {"options": options(words, categories=["games"])}, source.id)
    assert reasons(bench, task) == {"word: poker (games)"}


def test_a_look_finds_what_the_run_finds(bench: Bench) -> None:
    words, source = lexicon(bench), bench.world.filled(TEXTS)
    service = bench.world.service
    cleaning = service.preview_cleaning(caller(), dataset_version_id=source.id, config={"rules": rules(words)})
    plan = {"steps": [{"kind": RULE, "options": options(words)}]}
    planned = service.preview_recipe(caller(), dataset_version_id=source.id, plan=plan)
    for found in (cleaning, planned):
        assert {line.reason for line in found.dropped} == {"word: poker (games)", "word: 赌博 (gambling)"}


def test_a_killed_cleaning_with_a_lexicon_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    words, source = lexicon(bench), bench.world.filled(TEXTS)
    config = {"options": options(words)}
    whole = bench.outputs(bench.done(Sub.Remove_Noncompliant, config, source.id))[0]
    task = bench.world.task(Sub.Remove_Noncompliant, config, source.id)

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(bench.work, "publish", killed)
        bench.attempt(task, dies=True)
    again = bench.attempt(task)
    assert bench.outputs(again)[0].content_hash == whole.content_hash


Make = Callable[[Bench], str]


def of_documents(bench: Bench) -> str:
    return str(bench.world.filled(TEXTS).id)


def of_another_space(bench: Bench) -> str:
    service = bench.world.service
    made = bench.world.dataset("theirs", space=2)
    bench.root_of(2).joinpath("terms.jsonl").write_text('{"term": "poker"}\n')
    facts = {"dataset_id": made.id, "type": 6000, "sub_type": Sub.File_Import, "name": "n", "config": {"paths": ["terms.jsonl"]}}
    task = bench.attempt(service.create_task(caller(space=2), **facts).dataset_task)
    return str(task.output_version_ids[0])


def of_higher_secrecy(bench: Bench) -> str:
    return str(lexicon(bench, secrecy=SecrecyLevel.CONFIDENTIAL).id)


def purged(bench: Bench) -> str:
    made, service = lexicon(bench), bench.world.service
    service.delete_dataset(replace(caller(), expected_version=0), id=made.dataset_id)
    service.purge_dataset(caller(), id=made.dataset_id, cause="no longer needed")
    return str(made.id)


REFUSED: dict[str, tuple[Make, int, Reason]] = {
    "no version": (lambda _: "77", 404, Reason.NOT_FOUND),
    "no id": (lambda _: "words@1", 400, Reason.INVALID_ARGUMENT),
    "digits of another script": (lambda _: "７７", 400, Reason.INVALID_ARGUMENT),
    "of another kind": (of_documents, 400, Reason.INVALID_ARGUMENT),
    "of another space": (of_another_space, 404, Reason.NOT_FOUND),
    "more secret than the data": (of_higher_secrecy, 403, Reason.FORBIDDEN),
    "gone for good": (purged, 410, Reason.PURGED),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_may_not_be_named_is_refused_everywhere(bench: Bench, name: str) -> None:
    make, code, reason = REFUSED[name]
    source, id = bench.world.filled(TEXTS), make(bench)
    service, rule = bench.world.service, {"lexicon_version_id": id}
    config, plan = {"rules": [{"rule": RULE, "options": rule}]}, {"steps": [{"kind": RULE, "options": rule}]}
    looked = {"dataset_version_id": source.id}
    asked = {
        "config.rules[0].options.lexicon_version_id": [
            lambda: bench.world.create(Sub.Custom_Cleaning, config, source.id),
            lambda: service.preview_cleaning(caller(), **looked, config=config),
        ],
        "plan.steps[0].rules[0].options.lexicon_version_id": [lambda: service.preview_recipe(caller(), **looked, plan=plan)],
    }
    for field, calls in asked.items():
        for call in calls:
            error = outcome(call)
            assert isinstance(error, PlatformError)
            assert (error.code, error.reason, error.field) == (code, reason, field)


def test_categories_belong_to_a_lexicon(bench: Bench) -> None:
    config, source = {"options": {"categories": ["games"]}}, bench.world.filled(TEXTS)
    error = outcome(lambda: bench.world.create(Sub.Remove_Noncompliant, config, source.id))
    assert isinstance(error, PlatformError)
    assert (error.code, error.field) == (400, "config.options.categories")
