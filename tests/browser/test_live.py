"""What happens elsewhere appears by itself: told by the one stream of a window, not asked for again and again."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from libs.client.sdk import Json, Modelyard
from tests.browser.conftest import Person, Window, window
from tests.support.platform import Platform


def live(page: Page) -> None:
    expect(page.locator(".liveness.on")).to_be_visible()


def asked(page: Page) -> list[str]:
    """The paths of what this page asks from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url.partition("/api/v1")[2].partition("?")[0]))
    return found


def test_a_new_model_is_in_the_list_at_once_and_nothing_is_asked_in_between(signed_in: Window, platform: Platform) -> None:
    page = signed_in.page
    signed_in.open("/models")
    live(page)
    requests = asked(page)
    page.wait_for_timeout(8_000)  # polling pages asked at least once in that time
    assert requests == []
    made = platform.client().models.create(f"appears {secrets.token_hex(3)}")
    expect(page.get_by_text(made["name"])).to_be_visible()
    assert set(requests) == {"/models"}


def test_a_curve_moves_while_it_trains(signed_in: Window, platform: Platform, chain: Json) -> None:
    page, client = signed_in.page, platform.client()
    before = client.train.task(chain["task"]["id"])
    made = client.train.create_task(before["train_config_id"], before["train_dataset_version_id"], name="watched")["train_task"]
    signed_in.open(f"/training/{made['id']}")
    live(page)
    requests = asked(page)
    page.get_by_role("button", name="Show the numbers").first.click()
    rows = page.locator("main table tbody tr")
    expect(rows.first).to_be_visible(timeout=90_000)
    seen = rows.count()
    page.wait_for_function("seen => document.querySelectorAll('main table tbody tr').length > seen", arg=seen, timeout=90_000)
    expect(page.locator(".head .pill").first).to_have_text("Done", timeout=180_000)
    assert not [path for path in requests if path.endswith("/live")]
    assert {f"/train/tasks/{made['id']}", f"/train/tasks/{made['id']}/metrics"} <= set(requests)


def test_a_gateway_that_restarts_is_said_and_nothing_is_missed(signed_in: Window, platform: Platform) -> None:
    page = signed_in.page
    signed_in.open("/models")
    live(page)
    gone = platform.kill("gateway")
    platform.wait_ready("gateway", gone)
    made = platform.client().models.create(f"after the restart {secrets.token_hex(3)}")
    expect(page.get_by_text(made["name"])).to_be_visible()
    live(page)


def test_without_a_stream_the_page_says_so_and_asks_by_itself(browser: Browser, platform: Platform, person: Person) -> None:
    opened = window(browser, platform)
    opened.page.route("**/api/v1/changes*", lambda route: route.abort())
    opened.sign_in(person)
    opened.open("/models")
    expect(opened.page.locator(".liveness")).to_have_text("not live")
    made = platform.client().models.create(f"polled {secrets.token_hex(3)}")
    expect(opened.page.get_by_text(made["name"])).to_be_visible()
    opened.page.context.close()


@pytest.mark.parametrize("ended", ["told while the window is open", "told when it comes back"])
def test_the_bell_tells_what_of_mine_ended(signed_in: Window, platform: Platform, person: Person, ended: str) -> None:
    page = signed_in.page
    live(page)
    if ended == "told when it comes back":
        page.goto("about:blank")
    with Modelyard(platform.settings.gateway_address) as mine:
        mine.sign_in(person.account, person.password)
        name = f"import {secrets.token_hex(3)}"
        dataset = mine.datasets.create(f"of mine {secrets.token_hex(3)}")
        options = {"options": {"modules": ["json"]}}
        made = mine.datasets.create_task(dataset["id"], "Importing", "Pydoc_Import", name, config=options)["dataset_task"]
        mine.datasets.wait(made["id"], seconds=60)
    if ended == "told when it comes back":
        signed_in.open("/models")
    bell = page.get_by_role("button", name="Notifications: ")
    expect(bell).to_be_visible()
    bell.click()
    page.get_by_role("menuitem").filter(has_text=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()
