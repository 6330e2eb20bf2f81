"""The list of items on disk: whatever a kill or a power cut left, the next attempt goes on behind the last whole line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.eval.engine.journal import Item, Journal, read_items


def _item(position: int) -> Item:
    return Item(position, f"r{position}", "问", "答", "答", True, 1.0, 0.5, 2, 1.25, "", {"lang": "zh"})


def _write(work: Path, count: int) -> bytes:
    journal = Journal(work, "job")
    journal.append([_item(position) for position in range(count)])
    journal.close()
    return (work / "out" / "items.jsonl").read_bytes()


def test_any_cut_is_repaired(tmp_path: Path) -> None:
    whole = _write(tmp_path / "whole", 3)
    ends = [0, *(at + 1 for at, byte in enumerate(whole) if byte == 10)]
    near = {end + offset for end in ends for offset in (-1, 0, 1)} - {-1, len(whole) + 1}
    for cut in sorted(near | set(range(0, len(whole), 37))):
        work = tmp_path / f"cut{cut}"
        _write(work, 3)
        with (work / "out" / "items.jsonl").open("r+b") as handle:
            handle.truncate(cut)
        journal = Journal(work, "job")
        assert journal.done == sum(end <= cut for end in ends) - 1
        journal.append([_item(position) for position in range(journal.done, 3)])
        journal.close()
        assert (work / "out" / "items.jsonl").read_bytes() == whole


@pytest.mark.parametrize("tail", [b"\0" * 5000, b"{}\n", b"[]\n", b"not json\n", b"\xff\n"])
def test_garbage_behind_the_last_item_is_thrown_away(tmp_path: Path, tail: bytes) -> None:
    whole = _write(tmp_path, 2)
    path = tmp_path / "out" / "items.jsonl"
    path.write_bytes(whole + tail + whole)
    journal = Journal(tmp_path, "job")
    journal.close()
    assert journal.done == 2
    assert path.read_bytes() == whole


def test_an_item_out_of_order_is_not_taken_for_the_next(tmp_path: Path) -> None:
    whole = _write(tmp_path, 1)
    path = tmp_path / "out" / "items.jsonl"
    path.write_bytes(whole + whole)
    assert Journal(tmp_path, "job").done == 1
    with pytest.raises(AssertionError):
        Journal(tmp_path, "job").append([_item(0)])


def test_leftovers_of_another_job_are_removed(tmp_path: Path) -> None:
    _write(tmp_path, 2)
    journal = Journal(tmp_path, "job")
    journal.finish({"items": 2})
    journal.close()
    assert Journal(tmp_path, "job").summary == {"items": 2}
    other = Journal(tmp_path, "another job")
    assert (other.done, other.summary) == (0, None)


def test_items_come_back_as_they_were(tmp_path: Path) -> None:
    _write(tmp_path, 2)
    assert list(read_items(tmp_path / "out")) == [_item(0), _item(1)]
    assert "问" in (tmp_path / "out" / "items.jsonl").read_text(encoding="utf-8")


def test_an_unfinished_summary_is_none(tmp_path: Path) -> None:
    _write(tmp_path, 1)
    (tmp_path / "out" / ".summary.json.tmp").write_text(json.dumps({"items": 1}))
    assert Journal(tmp_path, "job").summary is None
