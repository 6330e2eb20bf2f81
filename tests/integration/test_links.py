"""A lexicon, pages and pictures from addresses, by the command line, on the real processes: looked up, left out, taken out again."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.support.platform import Platform
from tests.unit.dataset_engine.site import serving
from tests.unit.dataset_engine.test_media import archive, picture
from tests.unit.dataset_engine.test_region_formats import said

PAGES = b'{"text": "We play poker."}\n{"text": "We read."}\n'


def test_what_lies_at_addresses_is_imported_cleaned_by_a_lexicon_and_exported(platform: Platform, tmp_path: Path) -> None:
    with serving() as site, platform.client() as client:
        for name in ("words at an address", "pages at an address", "pictures at an address"):
            client.datasets.create(name)
        pictures = archive({"a.png": picture(), "boxes.json": json.dumps(said()).encode()})
        terms, pages, zipped = (
            site.put(*each) for each in (("/t.csv", b"term,category\nPoker,games\n"), ("/p.jsonl", PAGES), ("/z.zip", pictures))
        )
        for name, url, *more in (
            ("words at an address", terms),
            ("pages at an address", pages),
            ("pictures at an address", zipped, "--media", "--set", "regions=coco"),
        ):
            done = json.loads(platform.run("--json", "dataset", "import", name, url, *more, "-f").stdout)
            assert (done["status"], done["result"]["links"][0]["url"]) == ("SUCCEEDED", url)
        rule = 'Remove_Noncompliant={"lexicon_version_id": "words at an address@latest", "categories": ["games"]}'
        cleaned = json.loads(platform.run("--json", "dataset", "clean", "pages at an address", "--rule", rule, "-f").stdout)
        assert cleaned["result"]["ledger"] == {"in": 2, "out": 1, "dropped": {"Remove_Noncompliant": 1}}
        (dropped,) = client.datasets.dropped(cleaned["id"])
        assert dropped["reason"] == "word: poker (games)"
        platform.run("dataset", "export", "pictures at an address@latest", str(tmp_path / "x.zip"), "--format", "coco")
        with zipfile.ZipFile(tmp_path / "x.zip") as out:
            assert [each["bbox"] for each in json.loads(out.read("annotations.json"))["annotations"]] == [[1, 1, 4, 3]]


def test_an_address_inside_is_refused_by_the_task_that_would_ask_it(platform: Platform) -> None:
    with serving() as site, platform.client() as client:
        data = client.datasets.create("an address inside")
        url = site.put("/x.jsonl", status=302, location="http://169.254.169.254/latest/meta-data")
        made = client.datasets.create_task(data["id"], "Importing", "Link_Import", "import", config={"links": [{"url": url}]})
        task = client.datasets.wait(made["dataset_task"]["id"], seconds=60)
        assert (task["status"], task["error"]["reason"], task["error"]["field"]) == ("FAILED", "ADDRESS_REFUSED", "links[0].url")
