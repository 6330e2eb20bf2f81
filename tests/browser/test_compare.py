"""Two evaluations side by side with a browser: chosen, judged, and what was answered differently found by its words."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from libs.client.sdk import Json
from tests.browser.conftest import Person, Window, window
from tests.browser.hands import LANGUAGES
from tests.browser.looks import looked, looks_of
from tests.support.chain import succeeded
from tests.support.platform import Platform


@pytest.fixture
def two(platform: Platform, chain: Json, elsewhere: Json) -> tuple[Json, Json]:
    """Evaluations with long answers and with short ones, of another model than the released one: what its gate says stays as it is."""
    client = platform.client()
    test = client.eval.task(client.deploy.order(chain["order"]["id"])["eval_task_id"])["dataset_version_id"]

    def run(name: str, tokens: int) -> Json:
        config = client.eval.create_config(elsewhere["project_id"], name, test, options={"limit_items": 9, "max_new_tokens": tokens})
        made = client.eval.create_task(config["id"], elsewhere["id"], name=name)["eval_task"]
        return succeeded(client.eval.wait(made["id"], seconds=240))

    return run("some words each", 6), run("one word each", 1)


def test_two_evaluations_are_compared(
    browser: Browser, platform: Platform, signed_in: Window, person: Person, two: tuple[Json, Json]
) -> None:
    page, client = signed_in.page, platform.client()
    long, short = two
    found = client.eval.compare(long["id"], short["id"])
    different = list(client.eval.differences(long["id"], short["id"]))
    assert (found["pairs"], len(different)) == ("9", 9)

    signed_in.open(f"/evaluation/{long['id']}")
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="Choose two evaluations")).to_be_visible()
    page.get_by_label("Second", exact=True).click()
    page.locator(".ant-select-item-option", has_text=f"one word each · …{short['id'][-6:]}").click()
    expect(page).to_have_url(re.compile(f"first={long['id']}&second={short['id']}"))
    row = page.get_by_role("row", name=re.compile("^Exact match"))
    expect(row).to_contain_text("9")
    expect(row).to_contain_text({"WORSE": "Worse", "NO_DIFFERENCE_SHOWN": "No difference shown"}[found["metrics"][0]["verdict"]])
    answers = page.get_by_role("region", name="Answered differently").get_by_role("article")
    expect(answers).to_have_count(9)
    asked = different[4]["first"]["input"]
    page.get_by_label("Find in questions and answers").fill(asked)
    page.keyboard.press("Enter")
    expect(answers).to_have_count(sum(asked in each["first"]["input"] for each in different))
    expect(answers.filter(has_text=asked)).not_to_have_count(0)
    address = page.url.removeprefix(signed_in.address)
    for language in LANGUAGES:
        looks = looks_of(language)
        opened = window(browser, platform, *looks[0])
        opened.sign_in(person)
        opened.open(address)
        assert looked(opened, "evaluation-compare", looks) == {}
        opened.page.context.close()
