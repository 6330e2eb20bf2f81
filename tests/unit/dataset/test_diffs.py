"""The difference of two versions as people ask for it: found once, by the steps in between, seen by whoever may see both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from services.dataset.domain.dataset import SecrecyLevel
from services.dataset.domain.version import DatasetVersion
from services.dataset.engine.diff_pages import KINDS
from services.dataset.service import diffs
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.dataset.world import Bench, Sub, World, pair
from tests.unit.dataset_engine.make import version_of

PAGE = {"text": "<html><body><p>A page with some words in it.</p></body></html>", "format": "html"}


def cleaned(bench: Bench) -> tuple[DatasetVersion, DatasetVersion]:
    bench.put("a.jsonl", [PAGE, {"text": "plain words"}, {"text": "forbidden words"}])
    (old,) = bench.outputs(bench.done(Sub.File_Import, {"paths": ["a.jsonl"]}))
    rules = [{"rule": "Strip_Html"}, {"rule": "Remove_Noncompliant", "options": {"words": ["forbidden"]}}]
    (new,) = bench.outputs(bench.done(Sub.Custom_Cleaning, {"rules": rules}, old.id))
    return old, new


def filled(world: World, content: str, number: int) -> DatasetVersion:
    folder = version_of([pair(number)], world.folder / content)
    return world.version(content, uri=world.artifacts.publish(folder)[0], records=1)


def counts(world: World, old: DatasetVersion, new: DatasetVersion) -> diffs.VersionDiff:
    found: diffs.VersionDiff = world.service.diff_versions(caller(), old_version_id=old.id, new_version_id=new.id)
    assert (found.before, found.after) == (old.records, new.records)
    assert found.before == found.same + found.changed + found.removed
    assert found.after == found.same + found.changed + found.added
    return found


def test_a_cleaning_is_told_as_what_it_did(bench: Bench) -> None:
    old, new = cleaned(bench)
    assert counts(bench.world, old, new) == diffs.VersionDiff(3, 2, 1, 1, 1, 0)
    assert counts(bench.world, new, old) == diffs.VersionDiff(2, 3, 1, 1, 0, 1)
    pages = list(bench.world.pages("ListVersionChanges", "changes", 1, old_version_id=old.id, new_version_id=new.id))
    changed, removed = [item for page in pages for item in page]
    assert (changed.change, [each.field for each in changed.changes]) == ("changed", ["format", "text"])
    assert "<p>" in changed.changes[1].before
    assert (removed.change, removed.after_json or "", "forbidden words" in removed.before_json) == ("removed", "", True)


def test_a_page_of_one_kind_alone(bench: Bench) -> None:
    old, new = cleaned(bench)
    for kind, size in zip(KINDS, (1, 1, 0), strict=True):
        (page,) = bench.world.pages("ListVersionChanges", "changes", 9, old_version_id=old.id, new_version_id=new.id, change=kind)
        assert [each.change for each in page] == [kind] * size
    asked: dict[str, Any] = {"old_version_id": old.id, "new_version_id": new.id, "change": "gone"}
    found = outcome(lambda: next(bench.world.pages("ListVersionChanges", "changes", 9, **asked)))
    assert isinstance(found, Exception)
    assert "UNKNOWN_ENUM" in repr(found) or getattr(found, "reason", None) == Reason.UNKNOWN_ENUM


def test_it_is_worked_out_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = cleaned(bench)
    counts(bench.world, old, new)
    monkeypatch.setattr(diffs, "_compared", lambda *_: pytest.fail("worked out again"))
    counts(bench.world, old, new)


def test_one_that_takes_longer_than_a_call_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = filled(world, "aa", 1), filled(world, "bb", 2)
    monkeypatch.setattr(diffs, "SECONDS", 0.0)
    found = outcome(lambda: counts(world, old, new))
    assert isinstance(found, PlatformError)
    assert (found.code, found.reason, found.retryable) == (429, Reason.BUSY, True)
    monkeypatch.setattr(diffs, "SECONDS", 60.0)
    assert counts(world, old, new) == diffs.VersionDiff(1, 1, 0, 0, 1, 1)


def test_a_failure_is_said_and_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = filled(world, "aa", 1), filled(world, "bb", 2)
    real = diffs._compared
    monkeypatch.setattr(diffs, "_compared", lambda *_: (_ for _ in ()).throw(PlatformError(500, Reason.INTERNAL)))
    assert isinstance(outcome(lambda: counts(world, old, new)), PlatformError)
    monkeypatch.setattr(diffs, "_compared", real)
    counts(world, old, new)


def test_who_may_not_see_a_side_is_told_nothing(world: World) -> None:
    old, new = world.filled([pair(1)]), world.version("bb", secrecy=SecrecyLevel.SECRET)
    low = replace(caller(), clearance=0)
    for first, second in ((old, new), (new, old)):
        found = outcome(lambda a=first.id, b=second.id: world.service.diff_versions(low, old_version_id=a, new_version_id=b))
        assert isinstance(found, PlatformError)
        assert found.reason == Reason.NOT_FOUND
