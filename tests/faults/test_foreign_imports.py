"""I13: whatever a task of one space names, it reads below that space's import folder; and no answer shows where on the machine that is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError
from libs.common.store.repository import PageRequest
from libs.common.words.messages import error_facts
from services.dataset.domain.dataset import Dataset
from tests.support.evidence import Evidence
from tests.support.stores import caller
from tests.unit.dataset.world import Bench, Sub, World, type_of

SECRET = "the-word-of-the-first-space"  # a canary
REFUSED_AT_ONCE = (
    "theirs",
    "../1",
    "1/../../1",
    "../1/theirs.jsonl",
    "/",
    "\\..\\1",
    "." * 300,
    "名" * 90,
    "/".join(["a"] * 501),
    "\ud800",
)
TRIED = (".", "1", "1/theirs.jsonl", "theirs.jsonl", "./1", "~", "link.jsonl", "folder", "folder/theirs.jsonl", "a" * 255 + "/b", "locked")


def _attempt(bench: Bench, ours: Dataset, path: str) -> tuple[str, list[dict[str, Any]]]:
    """(what was answered, records that came in)."""
    facts = {"type": type_of(Sub.File_Import), "sub_type": Sub.File_Import, "name": "n", "config": {"paths": [path]}}
    service = bench.world.service
    try:
        made = service.create_task(caller(space=2), dataset_id=ours.id, **facts)
    except PlatformError as error:
        return json.dumps(error_facts(error)), []
    ended = bench.attempt(made.dataset_task)
    pages = [service.read_records(caller(space=2), dataset_version_id=id, page=PageRequest()).items for id in ended.output_version_ids]
    return json.dumps([ended.error, ended.result]), [record for page in pages for record in page]


def test_no_path_leads_into_the_folder_of_another_space(tmp_path: Path, evidence: Evidence) -> None:
    world = World(tmp_path)
    bench = Bench(world, tmp_path)
    (bench.root_of(1) / "theirs.jsonl").write_text(json.dumps({"text": SECRET}))
    mine = bench.root_of(2)
    (mine / "1").mkdir()  # named like the other's folder, and our own
    (mine / "1" / "ours.jsonl").write_text('{"text": "ours"}')
    (mine / "locked").mkdir(mode=0)
    (mine / "link.jsonl").symlink_to(bench.root_of(1) / "theirs.jsonl")
    (mine / "folder").symlink_to(bench.root_of(1))
    ours = world.dataset("ours", space=2)
    said, records = [], []
    for path in (*REFUSED_AT_ONCE, *TRIED, str(bench.root_of(1)), str(bench.imports)):
        answer, found = _attempt(bench, ours, path)
        said.append(answer.replace(json.dumps(path)[1:-1], "PATH"))  # what the caller wrote itself may come back
        records += found
    leaks = [text for text in [*said, *map(json.dumps, records)] if SECRET in text or str(tmp_path) in text or '"code": 5' in text]
    evidence("I13", "paths that lead into another space's import folder", tries=len(said), violations=len(leaks))
    assert leaks == []
    assert {record["text"] for record in records} == {"ours"}
    (mine / "locked").chmod(0o700)
    world.close()
