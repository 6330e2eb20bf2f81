"""From an evaluation to what people say of it with a browser: a template, the start form, rating by key, the figures on the page."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import expect

from libs.client.sdk import Json
from tests.browser.conftest import Window
from tests.browser.looks import LOOKS, look
from tests.support.chain import evaluated, succeeded
from tests.support.platform import Platform

RULES = [{"metric": "human_score", "comparator": "AT_LEAST", "bound": 3.0}]


def test_from_an_evaluation_to_what_people_say_of_it(platform: Platform, signed_in: Window, chain: Json) -> None:
    page, name, client = signed_in.page, f"helpful {secrets.token_hex(3)}", platform.client()
    test = client.datasets.version(next(iter(client.eval.configs(chain["model"]["id"])))["dataset_version_id"])
    run = evaluated(client, name, chain["train"], test, RULES, 3)
    outputs = [item["output"] for item in client.eval.items(run["id"])]

    signed_in.open("/templates")
    page.get_by_text("Rating", exact=True).click()
    expect(page).to_have_url(re.compile("/templates/eval"))
    page.get_by_role("button", name="New template").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_url(re.compile("/templates/eval/"))

    signed_in.open(f"/evaluation/{run['id']}")
    page.get_by_role("link", name="Have people rate it").click()
    page.get_by_label("Template").click()
    page.locator(".ant-select-item-option", has_text=name).click()  # the crumb says the name, too
    assert look(signed_in, "rate", LOOKS[0]) == []
    page.get_by_role("button", name="Start rating").click()
    expect(page).to_have_url(re.compile(f"/evaluation/(?!{run['id']})\\d+$"))
    task = page.url.rsplit("/", 1)[-1]
    expect(page.get_by_text("Waits for a person").first).to_be_visible()

    page.get_by_role("link", name="My work").click()
    page.get_by_role("link", name=name).first.click()
    expect(page).to_have_url(re.compile("/work/eval/"))
    work = page.get_by_role("region", name="Item")
    expect(work).to_contain_text("output")
    assert look(signed_in, "rating", LOOKS[0]) == []
    for _ in outputs:
        question = work.get_by_role("definition").first.inner_text()
        page.keyboard.press("4")
        expect(page.get_by_role("button", name="4", exact=True)).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("Enter")
        expect(page.get_by_text("No item for you now").or_(work.filter(has_not_text=question))).to_be_visible()
    expect(page.get_by_text("No item for you now")).to_be_visible()

    ended = succeeded(client.eval.wait(task, seconds=60))
    assert ended["metrics"]["human_score"] == 4.0
    signed_in.open(f"/evaluation/{task}")
    expect(page.get_by_role("table", name="Raters")).to_contain_text("3")
    expect(page.get_by_role("link", name=run["id"])).to_be_visible()
    assert look(signed_in, "rated", LOOKS[0]) == []
    assert signed_in.complaints == []
