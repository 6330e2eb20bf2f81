"""The worker with its real child process and the real engines: from files to versions, whatever dies between."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Books
from libs.common.store.repository import PageRequest
from libs.common.work.task import TaskReason, TaskStatus
from services.dataset.audit import artifacts
from services.dataset.domain.dataset import SecrecyLevel
from services.dataset.domain.version import DatasetVersion
from services.dataset.repository import METADATA
from tests.support.stores import caller
from tests.unit.dataset.world import Bench, Killed, Sub, World, pair

PAGE = "<html><head><title>json</title></head><body><p>dumps(obj)</p><dd>Mail me@example.org for {}.</dd></body></html>"


def _records(world: World, version: DatasetVersion) -> list[dict[str, Any]]:
    texts = [text for page in world.pages("ReadRecords", "records_json", 7, dataset_version_id=version.id) for text in page]
    return [json.loads(text) for text in texts]


def test_from_a_file_to_train_and_test(bench: Bench) -> None:
    """Import, cleaning and split, each on what the one before made; the parts of the split stay parts whatever is made of them."""
    world = bench.world
    bench.put("qa.jsonl", [*[pair(number) for number in range(8)], {"instruction": "no answer"}, "{", pair(0)])
    imported = bench.done(Sub.File_Import, {"paths": ["qa.jsonl"], "options": {"keep_good_rows": True, "shard_bytes": 600}})
    (first,) = bench.outputs(imported)
    assert (first.number, first.records, first.kind, first.part, first.parent_version_id) == (1, 9, "question_answer", "whole", 0)
    assert first.ledger == {"in": 11, "out": 9, "dropped": {"ROW_INVALID": 2}}
    (page,) = world.pages("ListDropped", "dropped", 5, task_id=imported.id, rule="ROW_INVALID")
    assert [(drop.source, drop.excerpt.strip()) for drop in page] == [("qa.jsonl#9", '{"instruction": "no answer"}'), ("qa.jsonl#10", "{")]

    cleaned = bench.done(Sub.Deduplicate, {"options": {"near": False}}, first.id)
    (second,) = bench.outputs(cleaned)
    assert (second.number, second.records, second.parent_version_id, second.ledger["dropped"]) == (2, 8, first.id, {"Deduplicate": 1})
    (drop,) = world.service.list_dropped(caller(), task_id=cleaned.id, page=PageRequest()).items
    assert drop.kept_id == drop.id == _records(world, first)[0]["id"]
    assert _records(world, second) == _records(world, first)[:8]

    split = bench.done(Sub.Train_Test_Split, {"options": {"group_by": "template"}}, second.id)
    train, test = bench.outputs(split)
    assert [(version.number, version.part, version.records, version.parent_version_id) for version in (train, test)] == [
        (3, "train", 4, second.id),
        (4, "test", 4, second.id),
    ]
    assert train.ledger == test.ledger == {"in": 8, "out": 8, "dropped": {}, "parts": {"train": 4, "test": 4}}
    assert split.result["held_out"] == [_records(world, test)[0]["template"]]
    assert {row["template"] for row in _records(world, train)} & {row["template"] for row in _records(world, test)} == set()

    again = bench.done(Sub.Remove_Noncompliant, {"options": {"words": ["module1"]}}, test.id)
    assert [version.part for version in bench.outputs(again)] == ["test"]  # what is held back stays held back
    assert [each.status for each in world.service.list_tasks(caller(), page=PageRequest()).items] == [TaskStatus.SUCCEEDED] * 4


def test_pages_are_cleaned_by_a_list_of_rules(bench: Bench) -> None:
    world = bench.world
    for number in range(3):
        (bench.root / f"{number}.html").write_text(PAGE.format(number))
    (bench.root / "note.txt").write_text("me")
    (pages,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["."]}))
    assert (pages.kind, pages.records) == ("documents", 4)
    rules = [{"rule": "Strip_Html"}, {"rule": "Remove_Noncompliant"}]
    task = bench.done(Sub.Custom_Cleaning, {"rules": rules}, pages.id)
    texts = [row["text"] for row in _records(world, bench.outputs(task)[0])]
    assert sorted(texts) == [
        "dumps(obj)\n    Mail [EMAIL] for 0.",
        "dumps(obj)\n    Mail [EMAIL] for 1.",
        "dumps(obj)\n    Mail [EMAIL] for 2.",
        "me",
    ]
    changes = world.artifacts.open(task.result["changes_uri"])  # what leads from the new ids to the old ones is kept too
    lines = [json.loads(line) for part in changes.glob("part-*.jsonl") for line in part.read_text().splitlines()]
    assert {line["id"] for line in lines} == {row["id"] for row in _records(world, pages) if row["text"] != "me"}


def test_a_conversion_makes_questions_of_documents(bench: Bench) -> None:
    """The kind of a version is that of its records."""
    bench.put("chat.jsonl", [{"messages": [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": "a"}]} for n in range(3)])
    (chats,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["chat.jsonl"]}))
    config = {"converter": "instruction_format", "options": {"target": "alpaca"}}
    (pairs,) = bench.outputs(bench.done(Sub.Format_Conversion, config, chats.id))
    assert (chats.kind, pairs.kind) == ("documents", "question_answer")
    assert [row["instruction"] for row in _records(bench.world, pairs)] == ["q0", "q1", "q2"]


def test_a_rule_that_drops_most_asks_first(bench: Bench) -> None:
    """The task fails with what it would have dropped; with the caller's word for it it succeeds, as a single rule or in a list."""
    bench.put("a.jsonl", [pair(number) for number in range(40)])
    (pairs,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["a.jsonl"]}))
    refused = bench.attempt(bench.world.task(Sub.Remove_Low_Quality, {"options": {"min_words": 11}}, pairs.id))
    assert (refused.status, refused.reason, refused.error["reason"]) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT, "NO_RECORDS_LEFT")
    rule: dict[str, Any] = {"rule": "Remove_Noncompliant", "options": {"words": [f"module{number}" for number in range(30)]}}
    refused = bench.attempt(bench.world.task(Sub.Custom_Cleaning, {"rules": [rule]}, pairs.id))
    assert (refused.status, refused.error["reason"]) == (TaskStatus.FAILED, "TOO_MANY_DROPPED")
    assert (refused.attempt, refused.error["details"]["share"]) == (1, 0.75)
    assert "30: Remove_Noncompliant 30" in refused.error["message"]["en"]
    listed = bench.world.pages("ListDropped", "dropped", 7, task_id=refused.id, rule="Remove_Noncompliant")
    assert [len(page) for page in listed] == [7, 7, 7, 7, 2], "all that would go can be read before it is allowed"
    assert refused.result["dropped_uri"] in {each.uri for each in artifacts(Books("dataset", bench.world.db.url, METADATA))}
    for sub, config in (
        (Sub.Custom_Cleaning, {"rules": [rule], "options": {"allow_drop_share": 0.75}}),
        (Sub.Remove_Noncompliant, {"options": {**rule["options"], "allow_drop_share": 0.75}}),
    ):
        (left,) = bench.outputs(bench.done(sub, config, pairs.id))
        assert left.records == 10


def test_versions_inherit_the_secrecy_of_their_dataset(bench: Bench) -> None:
    secret = bench.world.dataset("secret", secrecy=SecrecyLevel.SECRET)
    bench.put("a.jsonl", [pair(1)])
    (version,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["a.jsonl"]}, dataset_id=secret.id))
    assert (version.secrecy, version.dataset_id, version.number) == (SecrecyLevel.SECRET, secret.id, 1)


def test_the_same_files_again_are_the_same_version(bench: Bench) -> None:
    """A file import is never reused, as files change under their names; what did not change is the same version none the less."""
    world = bench.world
    bench.put("a.jsonl", [pair(1), pair(2)])
    (first,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["a.jsonl"]}))
    (again,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["a.jsonl"]}, reuse=True))
    assert again == first
    bench.put("a.jsonl", [pair(2), pair(1)])
    (turned,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["a.jsonl"]}, reuse=True))
    assert turned == first  # the order of records is no content
    bench.put("a.jsonl", [pair(1), pair(3)])
    (other,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["a.jsonl"]}, reuse=True))
    assert (other.number, other.id != first.id) == (2, True)
    done = bench.done(Sub.Deduplicate, {"options": {"near": False}}, first.id)
    assert world.create(Sub.Deduplicate, {"options": {"near": False}}, first.id, reuse=True).dataset_task == done
    assert not world.create(Sub.Deduplicate, {"options": {"near": False}}, other.id, reuse=True).reused


MOMENTS = ("before an artifact", "after an artifact", "before the end", "after the end")


def _die(world: World, bench: Bench, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies at this moment, once."""
    target, name = (world.artifacts, "publish") if "artifact" in moment else (world.service, "finish")
    real: Callable[..., Any] = getattr(target, name)

    def dying(*facts: Any) -> Any:
        monkeypatch.setattr(target, name, real)
        if moment.startswith("after"):
            real(*facts)
        raise Killed

    monkeypatch.setattr(target, name, dying)


@pytest.mark.parametrize("lost_folder", [False, True])
@pytest.mark.parametrize("moment", MOMENTS)
def test_dying_between_any_two_steps_gives_every_version_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, moment: str, lost_folder: bool
) -> None:
    world = bench.world
    version = world.filled([pair(number) for number in range(6)])
    task = world.task(Sub.Train_Test_Split, {}, version.id)
    _die(world, bench, moment, monkeypatch)
    left = bench.attempt(task, dies=True)
    seen = world.service.list_versions(caller(), dataset_id=world.demo.id, page=PageRequest()).items
    if moment == "after the end":
        assert left.status == TaskStatus.SUCCEEDED
        world.clock.advance(60)
        assert (world.service.lifecycle.sweep(), world.service.lifecycle.claim("w2")) == (0, None)
    else:
        assert (left.status, left.output_version_ids, len(seen)) == (TaskStatus.RUNNING, [], 1)  # nothing half made is visible
        if lost_folder:
            bench.task_folder(task).rename(bench.folder / "lost")
        assert bench.attempt(task).status == TaskStatus.SUCCEEDED
    versions = world.service.list_versions(caller(), dataset_id=world.demo.id, page=PageRequest()).items
    assert [(each.number, each.part, each.records) for each in versions] == [(3, "test", 3), (2, "train", 3), (1, "whole", 6)]
    assert world.now(task).output_version_ids == [versions[1].id, versions[0].id]


def test_a_bad_row_is_named_in_the_task(bench: Bench) -> None:
    bench.put("bad.jsonl", [pair(1), {"text": ""}])
    failed = bench.attempt(bench.world.task(Sub.File_Import, {"paths": ["bad.jsonl"]}))
    assert (failed.status, failed.reason, failed.error["field"]) == (TaskStatus.FAILED, TaskReason.INVALID_INPUT, "text")
    assert failed.error["message"]["en"].startswith("bad.jsonl, row 2:")
    assert bench.world.service.list_versions(caller(), dataset_id=bench.world.demo.id, page=PageRequest()).items == []


def test_a_missing_file_and_a_link_out_are_refused(bench: Bench) -> None:
    (bench.root / "out").symlink_to(bench.folder)
    for path, reason in (("nothing.jsonl", "FILE_MISSING"), ("out/dataset.db", "INVALID_PATH"), ("out", "INVALID_PATH")):
        failed = bench.attempt(bench.world.task(Sub.File_Import, {"paths": [path]}))
        assert (failed.status, failed.error["reason"]) == (TaskStatus.FAILED, reason)


def test_a_damaged_input_is_named_before_any_work(bench: Bench) -> None:
    world = bench.world
    version = world.filled([pair(number) for number in range(6)])
    part = max(world.artifacts.open(version.uri).glob("part-*.jsonl"))
    part.write_bytes(part.read_bytes().replace(b"module", b"nodule"))
    failed = bench.attempt(world.task(Sub.Deduplicate, {}, version.id))
    assert (failed.status, failed.error["reason"], failed.error["details"]["file"]) == (TaskStatus.FAILED, "CHECKSUM_MISMATCH", part.name)
    assert not bench.task_folder(failed).exists()


def test_cancelled_while_it_is_published_there_is_no_version(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    world = bench.world
    task = world.task(Sub.Train_Test_Split, {}, world.filled([pair(number) for number in range(4)]).id)
    real = world.artifacts.publish

    def cancelled(folder: Any) -> tuple[str, str]:
        monkeypatch.setattr(world.artifacts, "publish", real)
        world.service.cancel_task(caller(), id=task.id)
        return real(folder)

    monkeypatch.setattr(world.artifacts, "publish", cancelled)
    assert bench.attempt(task).status == TaskStatus.CANCELLED
    assert len(world.service.list_versions(caller(), dataset_id=world.demo.id, page=PageRequest()).items) == 1
    held = world.claimed()
    with pytest.raises(PlatformError) as caught:
        world.service.finish(task, [world.output(held)], {})
    assert caught.value.reason == Reason.STALE_EPOCH
