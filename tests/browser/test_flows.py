"""What people do with the console, and what must not go wrong while they do."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from libs.client.sdk import Json
from tests.browser.conftest import Person, Window, window
from tests.support.platform import Platform
from tests.support.until import state_of, until

NASTY = ["<img src=x onerror=alert(1)>", "\u200fאב", "🧪 " + "长" * 90, "<script>alert(1)</script>"]


@pytest.mark.usefixtures("person")  # with a second account the first start is over, and its page no longer asks
def test_a_wrong_password_says_what_to_do(browser: Browser, platform: Platform) -> None:
    opened = window(browser, platform)
    opened.page.goto(opened.address)
    opened.page.fill("input[autocomplete=username]", "nobody")
    opened.page.fill("input[type=password]", "wrong password")
    opened.page.keyboard.press("Enter")
    expect(opened.page.get_by_role("alert")).to_contain_text("Request id")
    assert opened.page.locator("input[autocomplete=username]").input_value() == "nobody"


def test_no_token_is_in_reach_of_scripts(signed_in: Window) -> None:
    kept = signed_in.page.evaluate("JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])")
    cookies = {cookie["name"]: cookie for cookie in signed_in.page.context.cookies()}
    session = cookies["modelyard_session"]
    assert session["httpOnly"]
    assert session["sameSite"] == "Strict"
    for name in ("modelyard_session", "modelyard_refresh"):
        assert cookies[name]["value"] not in kept


def test_an_ended_session_keeps_what_was_typed(signed_in: Window, person: Person) -> None:
    page = signed_in.page
    signed_in.open("/models?new=1")
    typed = f"typed before it ended {secrets.token_hex(3)}"
    page.fill("#name", typed)
    page.context.clear_cookies()
    page.get_by_role("button", name="Create").click()
    again = page.get_by_role("dialog", name="Your session has ended")
    again.locator("input[type=password]").fill(person.password)
    again.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(typed)


def test_search_and_navigation_by_keyboard_alone(signed_in: Window, chain: Json) -> None:
    page = signed_in.page
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    page.keyboard.type(chain["model"]["name"])
    expect(page.get_by_role("option").first).to_contain_text(chain["model"]["name"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(chain["model"]["name"])
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    page.keyboard.type(chain["model"]["id"])
    expect(page.get_by_role("option").first).to_contain_text(chain["model"]["name"])
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    page.keyboard.press("Tab")
    assert page.evaluate(outline) != "none"


def test_the_model_page_tells_of_the_whole_chain(signed_in: Window, chain: Json) -> None:
    signed_in.open(f"/models/{chain['model']['id']}")
    cards = signed_in.page.locator(".chain article")
    expect(cards).to_have_count(5)
    for index, word in enumerate(("Ready", "Done", "Done", "Online", "Online")):
        expect(cards.nth(index).locator(".pill")).to_have_text(word)
    expect(cards.nth(0)).to_contain_text(f"v{chain['train']['number']}")


def test_a_service_that_hangs_greys_its_part_only(signed_in: Window, platform: Platform, chain: Json) -> None:
    page, pid = signed_in.page, int(platform.part("eval-serve")["pid"])
    signed_in.open(f"/models/{chain['model']['id']}")
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: state_of(pid) == "T")
        gone = page.locator(".chain .gone")
        expect(gone).to_have_count(1, timeout=20_000)
        expect(gone).to_contain_text("Evaluation")
        expect(gone).to_contain_text("Request id")
        expect(page.locator(".chain article").nth(1).locator(".pill")).to_have_text("Done")
    finally:
        os.kill(pid, signal.SIGCONT)
    expect(page.locator(".chain .gone")).to_have_count(0, timeout=20_000)


def test_a_foreign_id_is_not_found(signed_in: Window) -> None:
    signed_in.page.goto(f"{signed_in.address}/models/4611686018427387904")
    expect(signed_in.page.get_by_role("heading", level=1)).to_have_text("No such model here")


@pytest.mark.parametrize("name", NASTY)
def test_names_of_people_are_text(signed_in: Window, platform: Platform, name: str) -> None:
    made = platform.client().models.create(f"{name} {secrets.token_hex(3)}")
    signed_in.open(f"/models/{made['id']}")
    expect(signed_in.page.get_by_role("heading", level=1)).to_have_text(made["name"])
    assert signed_in.page.locator("main img, main script").count() == 0
    assert not signed_in.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert signed_in.complaints == []


def test_a_late_save_shows_what_changed_and_merges(signed_in: Window, platform: Platform) -> None:
    page, client = signed_in.page, platform.client()
    made = client.models.create(f"stale save {secrets.token_hex(3)}")
    signed_in.open(f"/models/{made['id']}?tab=settings")
    page.fill("#train_framework", "typed here")
    client.call("PATCH", f"/models/{made['id']}", desc="changed there", expected_version=made["version"])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("changed there")
    page.get_by_role("button", name="Merge").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    now = client.call("GET", f"/models/{made['id']}")["project"]
    assert (now["desc"], now["train_framework"]) == ("changed there", "typed here")


def test_snippets_really_run(signed_in: Window, platform: Platform, chain: Json) -> None:
    page = signed_in.page
    environ = {**os.environ, "MODELYARD_TOKEN": platform.token(), "PYTHONPATH": os.getcwd()}
    for path in (f"/models/{chain['model']['id']}", "/playground"):
        signed_in.open(path)
        page.get_by_role("button", name="curl / Python").click()
        expect(page.locator("pre.code")).to_have_count(2)
        shell, python = page.locator("pre.code").all_inner_texts()
        expected = chain["model"]["name"] if path != "/playground" else '"choices"'
        by_curl = subprocess.run(["bash", "-c", shell], env=environ, capture_output=True, text=True, check=True, timeout=60).stdout
        assert expected in by_curl
        by_python = subprocess.run([sys.executable, "-c", python], env=environ, capture_output=True, text=True, timeout=60, check=False)
        assert by_python.returncode == 0, by_python.stderr
        assert by_python.stdout.strip()


def test_an_answer_streams_and_says_who_gave_it(signed_in: Window, chain: Json) -> None:
    signed_in.open(f"/playground?model={chain['model']['name']}")
    signed_in.page.locator("textarea").fill("What does json.dumps do?")
    signed_in.page.keyboard.press("Enter")
    answer = signed_in.page.locator(".turn.model")
    expect(answer).to_contain_text("Version 1")
    expect(answer).to_contain_text("Request id")


def test_every_row_is_exported(signed_in: Window, chain: Json) -> None:
    signed_in.open(f"/datasets/versions/{chain['train']['id']}?tab=records")
    with signed_in.page.expect_download() as saved:
        signed_in.page.get_by_role("button", name="JSONL").click()
    text = saved.value.path().read_text()
    assert len(text.splitlines()) == int(chain["train"]["records"])
    with signed_in.page.expect_download() as saved:
        signed_in.page.get_by_role("button", name="CSV").click()
    assert re.search("instruction", saved.value.path().read_text().splitlines()[0])


def test_numbers_of_people_are_shown_to_the_last_digit(signed_in: Window, platform: Platform, tmp_path: Path) -> None:
    serial = "12345678901234567891"
    file = tmp_path / "serials.jsonl"
    file.write_text(f'{{"text": "one: {serial}", "serial": {serial}, "share": 0.12345678901234568}}\n')
    with platform.client() as client:
        data = client.datasets.create(f"serials {secrets.token_hex(3)}")
        config = {"paths": [client.datasets.upload(file)["path"]]}
        made = client.datasets.create_task(data["id"], "Importing", "File_Import", "import", config=config)["dataset_task"]
        (version,) = client.datasets.wait(made["id"], seconds=60)["output_version_ids"]
    signed_in.open(f"/datasets/versions/{version}?tab=records")
    row = signed_in.page.locator("tbody tr").first
    expect(row.get_by_text(serial, exact=True)).to_be_visible()
