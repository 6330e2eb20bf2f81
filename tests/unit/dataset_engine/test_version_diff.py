"""The difference of two versions: every record of both is in exactly one count, whatever repeats, and pages show what was counted."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from services.dataset.engine import diff_pages, version_diff
from tests.unit.dataset_engine.make import clean, records, version_of

Counts = dict[str, int]


def compared(old: Path, new: Path, work: Path, steps: tuple[Path, ...] = (), backward: bool = False) -> Counts:
    job = {"old": str(old), "new": str(new), "steps": [str(step) for step in steps], "backward": backward}
    found: Counts = version_diff.run(job, work, SilentReporter())
    assert found["before"] == found["same"] + found["changed"] + found["removed"] == len(records(old))
    assert found["after"] == found["same"] + found["changed"] + found["added"] == len(records(new))
    return found


def pages(work: Path, old: Path, new: Path, kind: str = "", limit: int = 7) -> list[diff_pages.Difference]:
    """All of them, page by page."""
    found: list[diff_pages.Difference] = []
    start: int | None = 0
    while start is not None:
        items, start = diff_pages.page(work, diff_pages.Versions(old, new), start, limit, kind)
        found += items
    return found


def asked(number: int, answer: str = "a") -> dict[str, Any]:
    return {"instruction": f"q{number}", "output": answer}


def test_what_was_counted_is_what_the_pages_show(tmp_path: Path) -> None:
    rows = [{**asked(number), "id": number} for number in range(60)]
    changed = [{**row, "output": "better words"} if row["id"] % 3 == 0 else row for row in rows[10:]]
    old, new = (
        version_of(rows, tmp_path / "old"),
        version_of([*changed, *({**asked(n), "id": n} for n in range(100, 105))], tmp_path / "new", 700),
    )
    found = compared(old, new, tmp_path / "work")
    assert found == {"before": 60, "after": 55, "same": 34, "changed": 16, "removed": 10, "added": 5}
    shown = pages(tmp_path / "work", old, new)
    assert Counter(each.change for each in shown) == {"changed": 16, "removed": 10, "added": 5}
    assert [each.change for each in shown] == ["changed"] * 16 + ["removed"] * 10 + ["added"] * 5
    for each in shown[:16]:
        assert each.fields == [{"field": "output", "before": "a", "after": "better words"}]
        assert (each.before or {})["own_id"] == (each.after or {})["own_id"]
    assert sorted((each.before or {})["own_id"] for each in shown if each.change == "removed") == list(range(10))
    assert {(each.before, (each.after or {})["own_id"]) for each in shown if each.change == "added"} == {(None, n) for n in range(100, 105)}
    for kind in diff_pages.KINDS:
        assert pages(tmp_path / "work", old, new, kind) == [each for each in shown if each.change == kind]


def test_repetitions_count_one_by_one(tmp_path: Path) -> None:
    old = version_of([asked(1)] * 5 + [asked(2)] * 2, tmp_path / "old")
    new = version_of([asked(1)] * 3 + [asked(2)] * 4, tmp_path / "new")
    assert compared(old, new, tmp_path / "work") == {"before": 7, "after": 7, "same": 5, "changed": 0, "removed": 2, "added": 2}


@pytest.mark.parametrize("seed", range(8))
def test_it_is_what_the_definition_says(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)

    def side(name: str) -> Path:
        rows = [{**asked(draw.randrange(6), draw.choice("xy")), "id": draw.choice((None, 1, "1", 2, {"b": 1}))} for _ in range(40)]
        return version_of(rows, tmp_path / name, draw.choice((200, 5000)))

    old, new = side("old"), side("new")
    assert compared(old, new, tmp_path / "work") == by_definition(old, new)


def by_definition(old: Path, new: Path) -> Counts:
    """Multisets, and then pairs of equal own ids: without any of the engine's means."""
    sides = [[{**row, "own_id": json.dumps(row["own_id"]) if "own_id" in row else None} for row in records(side)] for side in (old, new)]
    before, after = (Counter(row["id"] for row in side) for side in sides)
    own = {row["id"]: row["own_id"] for side in sides for row in side}
    gone, came = before - after, after - before
    named = [Counter[str](), Counter[str]()]
    for names, left in zip(named, (gone, came), strict=True):
        for id, times in left.items():
            names.update({own[id]: times} if own[id] is not None else {})
    changed = (named[0] & named[1]).total()
    counts = {"same": (before & after).total(), "changed": changed, "removed": gone.total() - changed, "added": came.total() - changed}
    return {"before": before.total(), "after": after.total(), **counts}


PAGES = [
    *({"text": f"<html><body><p>Page {n}, with words.</p></body></html>", "format": "html"} for n in range(30)),
    *[{"text": "<html><body><p>The same page, twice.</p></body></html>", "format": "html"}] * 2,
    {"text": "<html><body><p>The same page, twice.</p> </body></html>", "format": "html"},
    *({"text": f"Plain {n}"} for n in range(9)),
]


def test_what_the_steps_in_between_made_of_a_record_is_that_record(tmp_path: Path) -> None:
    old = version_of(PAGES, tmp_path)
    clean(old, tmp_path / "one", "Strip_Html")
    clean(tmp_path / "one" / "out", tmp_path / "two", ("Remove_Noncompliant", {"words": ["Page 7"]}))
    new, steps = tmp_path / "two" / "out", (tmp_path / "one" / "changes", tmp_path / "two" / "changes")
    found = compared(old, new, tmp_path / "work", steps)
    assert found == {"before": 42, "after": 41, "same": 9, "changed": 32, "removed": 1, "added": 0}
    for each in pages(tmp_path / "work", old, new, "changed"):
        assert (each.after or {})["text"] in (each.before or {})["text"]
    back = compared(new, old, tmp_path / "back", steps, backward=True)
    assert back == {**found, "before": 41, "after": 42, "removed": 0, "added": 1}


def test_equal_versions_differ_in_nothing(tmp_path: Path) -> None:
    old = version_of([asked(n) for n in range(50)], tmp_path / "old", 300)
    new = version_of([asked(n) for n in reversed(range(50))], tmp_path / "new", 9000)
    assert compared(old, new, tmp_path / "work") == {"before": 50, "after": 50, "same": 50, "changed": 0, "removed": 0, "added": 0}
    assert pages(tmp_path / "work", old, new) == []


def test_a_damaged_part_is_said(tmp_path: Path) -> None:
    old, new = version_of([asked(1)], tmp_path / "old"), version_of([asked(2)], tmp_path / "new")
    part = next(new.glob("part-*.jsonl"))
    part.write_bytes(part.read_bytes().replace(b'"a"', b'"b"'))
    with pytest.raises(PlatformError) as caught:
        compared(old, new, tmp_path / "work")
    assert caught.value.reason == Reason.CHECKSUM_MISMATCH


def test_a_page_has_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = version_of([asked(0)], tmp_path / "old"), version_of([asked(n, "long " * 200) for n in range(1, 40)], tmp_path / "new")
    compared(old, new, tmp_path / "work")
    monkeypatch.setattr(diff_pages, "PAGE_BYTES", 5000)
    items, after = diff_pages.page(tmp_path / "work", diff_pages.Versions(old, new), 0, 30)
    assert 1 < len(items) < 8
    assert after == len(items)
