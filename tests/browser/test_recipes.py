"""A recipe with a browser: steps put together, tried on a version, run, and changed."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.looks import LOOKS, look
from tests.support.platform import Platform

ROWS = [{"text": f"<p>Law {n} says that mail such as clerk{n}@example.com is private.</p>", "format": "html"} for n in range(30)]


def test_steps_are_put_together_tried_and_run(signed_in: Window, platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "laws.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*ROWS, ROWS[0]]))
    name = f"tidy {secrets.token_hex(3)}"
    with platform.client() as client:
        data = client.datasets.create(name)
        config = {"paths": [client.datasets.upload(tmp_path / "laws.jsonl")["path"]]}
        made = client.datasets.create_task(data["id"], "Importing", "File_Import", "import", config=config)["dataset_task"]
        (version,) = client.datasets.wait(made["id"], seconds=60)["output_version_ids"]
    page = signed_in.page
    signed_in.open(f"/datasets/versions/{version}")
    page.get_by_role("link", name="Run a recipe").click()
    page.get_by_role("link", name="New recipe").first.click()
    page.get_by_label("Name").fill(name)
    for kind in ("Strip markup", "Remove noncompliant", "Remove copies"):
        page.get_by_role("combobox", name="Add a step").click()
        page.get_by_text(kind, exact=True).last.click()
    expect(page.locator(".account li")).to_have_count(3)
    expect(page.locator(".account li").nth(2)).to_contain_text("drops 1")
    expect(page.locator("del").first).to_be_visible()
    assert look(signed_in, "recipe-new", LOOKS[0]) == []
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Revision 1.")).to_be_visible()
    page.get_by_role("button", name="Run on the version").click()
    expect(page.get_by_text("Made version 2: 30 records")).to_be_visible()
    expect(page.locator(".account li")).to_have_count(3)
    signed_in.open("/recipes")
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Remove: Remove copies").click()
    expect(page.get_by_text("Save before you run it.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Revision 2.")).to_be_visible()
    assert signed_in.complaints == []
