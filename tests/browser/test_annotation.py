"""From a template to a labelled version with a browser: one person annotates by key, takes back and skips; another inspects."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from libs.client.sdk import Json, Modelyard
from tests.browser.conftest import Person, Window, owner_of, window
from tests.browser.looks import LOOKS, look
from tests.support.platform import Platform

TEXTS = [f"What a {word} day." for word in ("fine", "grey", "cold", "long", "warm")]


@pytest.fixture
def version(platform: Platform, tmp_path: Path) -> Json:
    """A version of a few texts."""
    client: Modelyard = platform.client()
    file = tmp_path / "days.jsonl"
    file.write_text("".join(f'{{"text": "{text}"}}\n' for text in TEXTS))
    dataset = client.datasets.create(f"days-{secrets.token_hex(3)}")
    path = client.datasets.upload(file)["path"]
    made = client.datasets.create_task(dataset["id"], "Importing", "File_Import", "import", config={"paths": [path]})
    task = client.datasets.wait(made["dataset_task"]["id"], seconds=120)
    assert task["status"] == "SUCCEEDED", task["error"]
    found: Json = client.datasets.version(task["output_version_ids"][0])
    return found


def user_id(platform: Platform, person: Person) -> str:
    with platform.owner() as admin:
        return next(str(user["id"]) for user in admin.users.list() if user["account"] == person.account)


def test_from_a_template_to_a_labelled_version(browser: Browser, platform: Platform, signed_in: Window, version: Json) -> None:
    page, name = signed_in.page, f"feelings {secrets.token_hex(3)}"
    inspector = owner_of(platform, 1)
    pool = platform.client().datasets.create_pool(name, [user_id(platform, inspector)])
    signed_in.open("/templates")
    page.get_by_role("button", name="New template").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("button", name="Positive")).to_be_visible()
    page.get_by_label("Instructions for people").fill("How does the writer feel?")
    page.get_by_role("button", name="Save as v2").click()
    expect(page.get_by_text("v2", exact=False).first).to_be_visible()
    assert look(signed_in, "template", LOOKS[0]) == []

    signed_in.open(f"/datasets/versions/{version['id']}/annotate?inspectors={pool['id']}")
    page.get_by_label("Template").click()
    page.get_by_text(name).last.click()
    page.get_by_label("Share inspected").fill("100")
    page.get_by_role("button", name="Start").click()
    expect(page).to_have_url(re.compile("/datasets/tasks/"))
    task = page.url.rsplit("/", 1)[-1]
    expect(page.get_by_text("Waits for a person").first).to_be_visible()

    page.get_by_role("link", name="My work").click()
    page.get_by_role("link", name=name).first.click()
    work = page.get_by_role("region", name="Item")
    expect(work).to_contain_text("What a")
    assert look(signed_in, "workbench", LOOKS[0]) == []
    first = work.inner_text()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(work).not_to_contain_text(first.strip())
    page.keyboard.press("Control+z")
    expect(work).to_contain_text(first.strip())
    expect(page.get_by_role("button", name="Negative")).to_have_attribute("aria-pressed", "true")
    for _ in TEXTS:
        shown = work.inner_text().strip()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.get_by_text("No item for you now").or_(work.filter(has_not_text=shown))).to_be_visible()
    expect(page.get_by_text("No item for you now")).to_be_visible()
    assert signed_in.complaints == []
    inspected(browser, platform, inspector, task)

    signed_in.open(f"/datasets/tasks/{task}")
    expect(page.get_by_text("Made version 2: 4 records")).to_be_visible()
    expect(page.get_by_role("table").first).to_be_visible()
    assert look(signed_in, "annotation", LOOKS[0]) == []
    labels = sorted(record["label"] for record in platform.client().datasets.records(made_by(platform, task)))
    assert labels == ["neutral", "positive", "positive", "positive"]


def inspected(browser: Browser, platform: Platform, person: Person, task: str) -> None:
    """Accepts three, corrects one, sets one aside."""
    opened = window(browser, platform)
    opened.sign_in(person)
    page = opened.page
    opened.open(f"/work/{task}/inspect")
    assert look(opened, "inspector", LOOKS[0]) == []
    item = page.get_by_role("region", name="Item")
    for step in range(len(TEXTS)):
        expect(item).to_contain_text("What they answered")
        shown = item.inner_text()
        if step == 0:
            page.get_by_role("button", name="Neutral").click()
            page.get_by_role("button", name="Correct").click()
        elif step == 1:
            page.get_by_role("button", name="Set aside").click()
            page.get_by_role("textbox").last.fill("not a day")
            page.get_by_role("dialog").get_by_role("button", name="Set aside").click()
        else:
            page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Nothing waits for inspection").or_(item.filter(has_not_text=shown.splitlines()[0]))).to_be_visible()
    expect(page.get_by_text("Nothing waits for inspection")).to_be_visible()
    assert opened.complaints == []
    page.context.close()


def made_by(platform: Platform, task: str) -> str:
    client = platform.client()
    ended = client.datasets.wait(task, seconds=60)
    assert ended["status"] == "SUCCEEDED", ended["error"]
    return str(ended["output_version_ids"][0])
