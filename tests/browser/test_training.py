"""A run is cloned with other options and stands beside the one it came from."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from libs.client.sdk import Json
from tests.browser.conftest import Person, Window, window
from tests.browser.hands import LANGUAGES, Mouse
from tests.browser.looks import LOOKS, PHONE, looked, looks_of
from tests.support.platform import Platform


@pytest.fixture(scope="module")
def cloned(browser: Browser, platform: Platform, person: Person, chain: Json) -> Json:
    """A second run, made on the page: what was sent, and the run."""
    opened = window(browser, platform)
    opened.page.add_init_script(
        "const send = fetch; window.sent = [];"
        "window.fetch = async (asked, ...rest) => {"
        "  if (asked.method === 'POST') window.sent.push([asked.url, await asked.clone().text()]);"
        "  return send(asked, ...rest); }"
    )
    opened.sign_in(person)
    page, name = opened.page, f"clone {secrets.token_hex(3)}"
    opened.open(f"/training/{chain['task']['id']}")
    page.get_by_role("button", name="Clone with changes").click()
    start = page.get_by_role("button", name="Start the run")
    expect(start).to_be_disabled()
    page.fill("#clone-name", name)
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    page.fill("#clone-seed", "77")
    page.fill("#clone-epochs", "2")
    page.reload()
    expect(page.locator("#clone-seed")).to_have_value("77")
    expect(page.get_by_role("heading", name="Changed: 2")).to_be_visible()
    start.click()
    page.wait_for_url(lambda url: "/clone" not in url)
    id = page.url.rsplit("/", 1)[1]
    [sent] = [json.loads(body) for url, body in page.evaluate("window.sent") if url.endswith("/train/configs")]
    page.context.close()
    client = platform.client()
    return {"name": name, "sent": sent, "task": client.train.wait(id, seconds=300)}


def test_only_what_differs_from_the_standard_is_sent(platform: Platform, chain: Json, cloned: Json) -> None:
    before, after = chain["task"]["snapshot"], cloned["task"]["snapshot"]
    assert {**before["options"], "seed": 77, "epochs": 2} == after["options"]
    standard = platform.client().call("GET", f"/train/configs/{cloned['task']['train_config_id']}")["config"]["options"]
    sent = cloned["sent"]["options"]
    assert sent["seed"] == 77
    assert set(sent) < set(standard), "what is standard is left to the server"
    assert before["train"] == after["train"]


AT_ONCE = """values => {
  const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  for (const [id, value] of Object.entries(values)) {
    const field = document.getElementById(id);
    put.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def test_a_version_is_gone_on_from(signed_in: Window, platform: Platform, chain: Json, elsewhere: Json) -> None:
    page, task, name = signed_in.page, chain["task"], f"tuned {secrets.token_hex(3)}"
    options = json.dumps({"epochs": 1, "batch_size": 64})
    asked = {"model": elsewhere["project_id"], "data": task["train_dataset_version_id"], "name": name, "method": "lora", "options": options}
    signed_in.open(f"/training/new?{urlencode(asked)}")
    start = page.get_by_role("button", name="Start training")
    expect(start).to_be_disabled()
    Mouse(page).pick(page.locator("#base"), "v1")
    start.click()
    page.wait_for_url(lambda url: "/new" not in url)
    expect(page.get_by_text("Base", exact=False).filter(has=page.locator(f"a[href$='/models/{elsewhere['project_id']}']"))).to_contain_text(
        "v1"
    )
    made = platform.client().train.task(page.url.rsplit("/", 1)[1])
    assert (made["base_version_id"], made["snapshot"]["engine"]["name"]) == (elsewhere["id"], "lora")


def test_changes_that_come_before_the_page_is_drawn_again_all_count(signed_in: Window, chain: Json) -> None:
    page = signed_in.page
    signed_in.open(f"/training/{chain['task']['id']}/clone")
    page.evaluate(AT_ONCE, {"clone-name": "both", "clone-seed": "78", "clone-epochs": "3"})
    expect(page.get_by_role("heading", name="Changed: 2")).to_be_visible()
    expect(page.locator("#clone-name")).to_have_value("both")
    page.locator("#clone-name").press_sequentially(" at full speed", delay=0)
    expect(page.locator("#clone-name")).to_have_value("both at full speed")
    assert "name=both+at+full+speed" in page.url


def test_runs_are_chosen_in_the_list_and_compared(signed_in: Window, chain: Json, cloned: Json) -> None:
    page = signed_in.page
    signed_in.open("/training")
    for task in (chain["task"], cloned["task"]):
        row = page.get_by_role("row").filter(has=page.locator(f"a[href$='/training/{task['id']}']"))  # other tests have runs of this name
        box = row.get_by_role("checkbox", name=f"Choose {task['name'] or task['id']} to compare", exact=True)
        box.click()
        expect(box).to_be_checked()
    page.get_by_role("button", name="Compare 2 runs").click()
    differing = page.locator("tr.differs th")
    expect(differing.filter(has_text="seed")).to_have_count(1)
    expect(differing.filter(has_text="epochs")).to_have_count(1)
    expect(differing.filter(has_text="batch_size")).to_have_count(0)
    page.get_by_role("switch").click()
    expect(page.get_by_role("rowheader", name="batch_size")).to_have_count(0)
    page.get_by_role("button", name="Show the numbers").click()
    expect(page.locator("figure th")).to_have_count(3)
    assert "only=1" in page.url
    assert signed_in.complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_looked_at(browser: Browser, platform: Platform, person: Person, chain: Json, cloned: Json, language: str) -> None:
    looks = looks_of(language, [*LOOKS, *PHONE])
    opened = window(browser, platform, *looks[0])
    opened.sign_in(person)
    first, second = chain["task"]["id"], cloned["task"]["id"]
    pages = {
        "training-chosen": f"/training?compare={first},{second}",
        "training-compare": f"/training/compare?runs={first},{second}",
        "training-compare-differs": f"/training/compare?runs={first},{second}&only=1",
        "training-clone-changed": f"/training/{second}/clone?name=next&options=%7B%22seed%22%3A5%7D",
    }
    wrong: dict[str, list[str]] = {}
    for name, path in pages.items():
        opened.open(path)
        wrong |= looked(opened, name, looks)
    opened.page.context.close()
    assert wrong == {}
