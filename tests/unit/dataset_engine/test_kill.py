"""Kill -9 at every place where a name is given to a file: the next attempt's output is byte for byte that of an undisturbed run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.dataset.engine.kinds import link_import
from services.dataset.engine.plan import read_plan
from tests.unit.dataset_engine.make import version_of, write_jsonl
from tests.unit.dataset_engine.site import serving
from tests.unit.dataset_engine.test_image_augmenting import version_of_pictures
from tests.unit.dataset_engine.test_media import archive, picture, put
from tests.unit.dataset_engine.test_splitting import PAIRS

ROOT = Path(__file__).parents[3]
PAGES = [{"text": f"<p>The text of page {number % 11} has words and it is to be read.</p>", "format": "html"} for number in range(24)]
DOCS = [
    {
        "title": "Pydoc: module heapq",
        "source": f"modules/{name}.html",
        "text": f"{name}  index\nSome module of the library, for tests.\n\nFunctions\n"
        + "\n".join(f"f{number}(x)\n    Return the {name} number {number} of x." for number in range(6)),
    }
    for name in ("heapq", "json", "copy", "glob", "csv", "time", "math")
]


def sweep(engine: str, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.unit.dataset_engine.kill_sweep", engine, json.dumps(job), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("engine", ["importing", "cleaning", "conversion", "splitting", "steps", "media_importing", "augmenting"])
def test_killed_anywhere_the_next_attempt_ends_with_the_same_bytes(tmp_path: Path, engine: str) -> None:
    if engine == "importing":
        (tmp_path / "files").mkdir()
        for number in range(3):
            write_jsonl(tmp_path / "files" / f"{number}.jsonl", PAGES)
        (tmp_path / "files" / "bad.csv").write_bytes(b"text\nok\nb\xffd\n")
        job: dict[str, Any] = {"root": str(tmp_path / "files"), "options": {"shard_bytes": 2500, "keep_good_rows": True}}
    elif engine == "cleaning":
        rules = [{"rule": "Strip_Html"}, {"rule": "Deduplicate"}, {"rule": "Remove_Low_Quality", "options": {"min_words": 5}}]
        job = {"input": str(version_of(PAGES, tmp_path, shard_bytes=2000)), "rules": rules}
    elif engine == "conversion":
        options = {"shard_bytes": 60_000, "max_subjects": 30}
        job = {"input": str(version_of(DOCS, tmp_path, shard_bytes=1000)), "converter": "python_docs", "options": options}
    elif engine == "media_importing":
        files = {f"{label}/{n}.png": picture(colour=n) for n in range(5) for label in ("cat", "dog")}
        put(tmp_path / "files", {**files, "more.zip": archive({"cow/a.png": picture(colour=9), "b.txt": b"no picture"})})
        image = {"id": 1, "file_name": "cat/3.png"}
        boxed = {
            "images": [image],
            "annotations": [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 3]}],
            "categories": [{"id": 1, "name": "x"}],
        }
        put(tmp_path / "files", {"boxes.json": json.dumps(boxed).encode()})
        job = {"root": str(tmp_path / "files"), "options": {"shard_bytes": 400, "keep_good_files": True, "regions": "coco"}}
    elif engine == "augmenting":
        pictures = [(picture(colour=n), {"regions": [{"box": [1, 1, 5, 3]}]}) for n in range(3)]
        job = {
            "input": str(version_of_pictures(tmp_path / "in", pictures, shard_bytes=150)),
            "augmentation": "Rotate_Image",
            "options": {"copies": 2},
        }
    elif engine == "steps":
        plan = {"steps": [{"kind": "Strip_Html"}, {"kind": "Train_Test_Split", "options": {"group_by": "record"}}]}
        steps = [step.to_json() for step in read_plan(plan)]
        job = {"input": str(version_of(PAGES[:10], tmp_path, shard_bytes=4000)), "steps": steps}
    else:
        job = {"input": str(version_of(PAIRS, tmp_path, shard_bytes=20_000))}
    result = sweep(engine, job, tmp_path)
    assert result["kills"] >= 20
    assert result["different"] == []
    assert result["files"] >= 4


def test_a_link_import_killed_anywhere_ends_with_the_same_bytes(tmp_path: Path) -> None:
    with serving() as site:
        rows = "".join(json.dumps(page) + "\n" for page in PAGES).encode()
        urls = [site.put("/rows.jsonl", rows), site.put("/more.zip", archive({f"{n}/page.html": b"<p>page</p>" for n in range(3)}))]
        config = {"links": [{"url": url} for url in urls], "options": {"shard_bytes": 2500}}
        result = sweep("linking", {**link_import.read(config).values, "outside": {"loopback": True}}, tmp_path)
    assert result["kills"] >= 12
    assert result["different"] == []
    assert result["files"] >= 2
