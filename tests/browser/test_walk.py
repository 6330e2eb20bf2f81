"""The whole way in the console, by two people: a file becomes data, a model learns from it, is evaluated, released, and answers."""

from __future__ import annotations

import json
import random
import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Person, Window, owner_of, window
from tests.browser.test_import import take
from tests.support.chain import TINY
from tests.support.platform import Platform

SLOW = 240_000  # milliseconds for a step that trains, evaluates or packs


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Sixty questions that are no copies of each other."""
    draw = random.Random(7)
    words = ["".join(draw.choice(("ka", "mo", "ri", "tel", "su", "van", "dor", "pi")) for _ in range(3)) for _ in range(200)]
    rows = [f"What is {' '.join(draw.sample(words, 5))}?,A {draw.choice(words)} of the {draw.choice(words)}." for _ in range(60)]
    made = tmp_path / f"walk {secrets.token_hex(3)}.csv"
    made.write_text("\n".join(["question,answer", *rows]) + "\n")
    return made


def test_from_a_file_to_a_live_answer(signed_in: Window, browser: Browser, platform: Platform, file: Path) -> None:
    page, model = signed_in.page, f"walk-{secrets.token_hex(3)}"
    data = prepared(signed_in, file)
    signed_in.open("/models?new=1")
    page.fill("#name", model)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(model)
    demand_little(page)

    page.goto(f"{signed_in.address}{data['train']}")
    page.get_by_role("button", name="Train on it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New training run")
    page.goto(page.url + f"&options={json.dumps(TINY)}")
    choose(page, "Model", model)
    page.get_by_label("Name").fill("first try")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("canvas").first).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Evaluate").click(timeout=SLOW)

    expect(page.get_by_role("heading", level=1)).to_have_text("New evaluation")
    page.get_by_label("Name").fill("unseen questions")
    page.goto(page.url + f"&data={data['test'].rpartition('/')[2]}")
    page.get_by_role("button", name="Start evaluation").click()
    page.get_by_role("button", name="Release").click(timeout=SLOW)

    expect(page.get_by_role("heading", level=1)).to_have_text("New work order")
    page.get_by_label("Name").fill("to everybody")
    page.get_by_role("button", name="Create the order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("to everybody")
    expect(page.locator(".head .pill")).to_have_text("Waits for approval", timeout=SLOW)
    approved(browser, platform, page.url.removeprefix(signed_in.address), owner_of(platform, 1))
    expect(page.locator(".head .pill")).to_have_text("Online", timeout=SLOW)

    signed_in.open(f"/playground?model={model}")
    page.locator("textarea").fill("What is it?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn.model")).to_contain_text("Version 1")
    signed_in.open("/models")
    page.get_by_role("link", name=model).click()
    for index, word in enumerate(("Ready", "Done", "Done", "Online", "Online")):
        expect(page.locator(".chain article").nth(index).locator(".pill")).to_have_text(word)
    assert signed_in.complaints == []


def prepared(opened: Window, file: Path) -> dict[str, str]:
    """The pages of the parts to train and to test."""
    page = opened.page
    take(opened, file)
    page.get_by_role("button", name="Take that").click()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Made version 1").click()
    page.get_by_role("button", name="Clean").click()
    page.get_by_role("button", name="Clean the version").click()
    page.get_by_role("link", name="Made version 2").click()
    page.get_by_role("button", name="Augment, convert or split").click()
    expect(page.get_by_text("No question of the test part may stand in the training part.")).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).click()
    made = page.get_by_role("link", name=re.compile("Made version"))
    expect(made).to_have_count(2)
    return {"train": made.nth(0).get_attribute("href") or "", "test": made.nth(1).get_attribute("href") or ""}


def choose(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.keyboard.type(text)
    page.locator(".ant-select-item-option", has_text=text).click()


def demand_little(page: Page) -> None:
    """What is looked at is the way, not the model."""
    page.get_by_role("link", name="Release gate", exact=True).click()
    rules = page.get_by_role("region", name="Rules of the gate")
    rules.get_by_role("button", name="Remove the rule: Exact match").click()
    expect(rules).to_contain_text("nothing passes")
    rules.get_by_role("button", name="Add a rule").click()
    rules.get_by_label("Bound").fill("0")
    rules.get_by_label("over at least, items").fill("1")
    rules.get_by_role("button", name="Save").click()
    expect(rules.get_by_role("button", name="Save")).to_have_count(0)


def approved(browser: Browser, platform: Platform, path: str, second: Person) -> None:
    opened = window(browser, platform)
    opened.sign_in(second)
    opened.open(path)
    opened.page.get_by_role("button", name="Approve").click()
    opened.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(opened.page.get_by_role("button", name="Approve")).to_have_count(0)
    opened.page.context.close()
