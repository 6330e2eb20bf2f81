"""The whole way in the console, by two people: a file becomes data, a model learns from it, is evaluated, released, and answers."""

from __future__ import annotations

import json
import random
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Person, Window, owner_of, window
from tests.browser.hands import Hand, Keyboard, Mouse, Words
from tests.support.chain import TINY
from tests.support.platform import Platform

SLOW = 240_000  # milliseconds for a step that trains, evaluates or packs
LONG = {**TINY, "epochs": 200, "checkpoint_every_steps": 20}  # so that a kill comes while it trains


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Sixty questions that are no copies of each other."""
    draw = random.Random(7)
    words = ["".join(draw.choice(("ka", "mo", "ri", "tel", "su", "van", "dor", "pi")) for _ in range(3)) for _ in range(200)]
    rows = [f"What is {' '.join(draw.sample(words, 5))}?,A {draw.choice(words)} of the {draw.choice(words)}." for _ in range(60)]
    made = tmp_path / f"walk {secrets.token_hex(3)}.csv"
    made.write_text("\n".join(["question,answer", *rows]) + "\n")
    return made


@dataclass(frozen=True)
class Walker:
    """Somebody on their way. trouble: processes of the platform are killed on it."""

    opened: Window
    platform: Platform
    say: Words
    hand: Hand
    trouble: bool

    @property
    def page(self) -> Page:
        return self.opened.page

    def button(self, key: str, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=self.say(key), exact=exact)

    def link(self, key: str, **holes: object) -> Locator:
        return self.page.get_by_role("link", name=self.say(key, **holes))

    def field(self, key: str) -> Locator:
        return self.page.get_by_label(self.say(key))

    def press(self, key: str, timeout: float = 30_000) -> None:
        self.hand.press(self.button(key), timeout)

    def stands_on(self, heading: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def with_also(self, more: str) -> None:
        """The page's address with more in it: what a link of somebody else would have brought."""
        self.page.goto(self.page.url + more)
        self.opened.settle()

    def kill(self, part: str) -> None:
        if self.trouble:
            self.platform.kill(part)


WALKS = [("en", "light", Mouse, False), ("zh", "dark", Keyboard, True)]


@pytest.fixture(params=WALKS, ids=["by mouse", "by keyboard through kills"])
def walker(request: pytest.FixtureRequest, browser: Browser, platform: Platform, person: Person) -> Iterator[Walker]:
    language, theme, hand, trouble = request.param
    opened = window(browser, platform, language, theme)
    opened.sign_in(person)
    yield Walker(opened, platform, Words(language), hand(opened.page), trouble)
    opened.page.context.close()


def test_from_a_file_to_a_live_answer(walker: Walker, browser: Browser, file: Path) -> None:
    page, say, model = walker.page, walker.say, f"walk-{secrets.token_hex(3)}"
    train = prepared(walker, file)
    walker.opened.open("/models?new=1")
    walker.hand.write(page.locator("#name"), model)
    walker.press("models.create")
    walker.stands_on(model)
    demand_little(walker)

    walker.opened.open(train)
    walker.press("datasets.train_on")
    walker.stands_on(say("training.new"))
    walker.with_also(f"&options={json.dumps(LONG if walker.trouble else TINY)}")
    walker.hand.pick(walker.field("training.model"), model)
    walker.hand.write(walker.field("parts.name"), "first try")
    walker.press("training.new_start")
    expect(page.locator("canvas").first).to_be_visible(timeout=SLOW)
    walker.kill("train-work")
    task = page.url.rpartition("/")[2]
    walker.press("training.evaluate", SLOW)
    walker.stands_on(say("evaluation.new"))
    assert walker.platform.client().train.task(task)["attempt"] == 1 + walker.trouble

    walker.hand.write(walker.field("parts.name"), "unseen questions")
    walker.hand.pick(page.locator("#data-dataset"), file.stem)
    walker.hand.pick(page.locator("#data"), say.text("states.part.test"))
    walker.press("evaluation.new_start")
    walker.stands_on("unseen questions")
    walker.kill("eval-serve")
    walker.press("evaluation.release", SLOW)

    walker.stands_on(say("release.new"))
    walker.hand.write(walker.field("parts.name"), "to everybody")
    walker.press("release.new_start")
    walker.stands_on("to everybody")
    walker.kill("gateway")
    expect(page.locator(".head .pill")).to_have_text(say("states.order.AWAITING_APPROVAL"), timeout=SLOW)
    approved(browser, walker, owner_of(walker.platform, 1))
    expect(page.locator(".head .pill")).to_have_text(say("states.order.ONLINE"), timeout=SLOW)

    walker.opened.open(f"/playground?model={model}")
    walker.hand.write(page.locator("textarea"), "What is it?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn.model")).to_contain_text(re.compile(say("playground.by", version=1).pattern.strip("^$")))
    walker.opened.open("/models")
    walker.hand.press(page.get_by_role("link", name=model))
    for index, word in enumerate(
        ("models.ready", "states.task.SUCCEEDED", "states.task.SUCCEEDED", "states.order.ONLINE", "models.online")
    ):
        expect(page.locator(".chain article").nth(index).locator(".pill")).to_have_text(say(word))
    assert [said for said in walker.opened.complaints if not (walker.trouble and "Failed to load resource" in said)] == []


def prepared(walker: Walker, file: Path) -> str:
    """The page of the part to train on; the other one is to test."""
    page = walker.page
    walker.opened.open("/datasets/import")
    with page.expect_file_chooser() as asked:
        walker.press("datasets.choose_file")
    asked.value.set_files(file)
    walker.press("datasets.suggested_take")
    walker.press("datasets.import_now")
    walker.hand.press(walker.link("datasets.made_version", number=1))
    walker.press("datasets.clean")
    walker.press("datasets.clean_now")
    walker.hand.press(walker.link("datasets.made_version", number=2))
    walker.press("datasets.prepare")
    expect(page.get_by_text(walker.say("datasets.prepare_split_how"))).to_be_visible()
    walker.press("datasets.prepare_start")
    made = walker.link("datasets.made_version")
    expect(made).to_have_count(2)
    return made.first.get_attribute("href") or ""


def demand_little(walker: Walker) -> None:
    """What is looked at is the way, not the model."""
    page, say, hand = walker.page, walker.say, walker.hand
    hand.press(walker.link("models.gate"))
    rules = page.get_by_role("region", name=say("models.rules"))
    hand.press(rules.get_by_role("button", name=re.compile(say("models.rule_remove").pattern.rstrip("$"))))
    expect(rules.get_by_text(say("models.rules_none"))).to_be_visible()
    hand.press(rules.get_by_role("button", name=say("models.rule_add")))
    hand.write(rules.get_by_label(say("models.rule_bound")), "0")
    hand.write(rules.get_by_label(say("models.rule_items")), "1")
    save = rules.get_by_role("button", name=say("models.save"))
    hand.press(save)
    expect(save).to_have_count(0)


def approved(browser: Browser, walker: Walker, second: Person) -> None:
    opened = window(browser, walker.platform)
    opened.sign_in(second)
    opened.open(walker.page.url.removeprefix(walker.opened.address))
    opened.page.get_by_role("button", name="Approve").click()
    opened.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(opened.page.get_by_role("button", name="Approve")).to_have_count(0)
    opened.page.context.close()
