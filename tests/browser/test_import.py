"""From nothing to a cleaned version with a browser and a file, and what must hold on the way."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Person, Window, window
from tests.browser.looks import LOOKS, findings, look, picture, untranslated
from tests.support.platform import Platform

ROWS = [(f"What does law {n} say?", f"Law {n} says that mail such as clerk{n}@example.com is private.") for n in range(30)]
CSV = "question,answer\n" + "".join(f"{asked},{said}\n" for asked, said in [*ROWS, *ROWS[:10]]) + "What is missing?,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / f"laws {secrets.token_hex(3)}.csv"
    made.write_text(CSV)
    return made


def take(opened: Window, file: Path) -> None:
    opened.open("/datasets/import")
    opened.page.set_input_files("input[type=file]", file)
    expect(opened.page.get_by_role("button", name="Another file").or_(opened.page.get_by_role("button", name="换一个文件"))).to_be_visible()
    opened.settle()


def test_from_a_file_to_a_cleaned_version(signed_in: Window, file: Path) -> None:
    page = signed_in.page
    take(signed_in, file)
    page.get_by_role("button", name="Take that").click()
    expect(page.get_by_text("20 rows read, 0 would be left out")).to_be_visible()
    expect(page.get_by_role("region", name="First rows")).to_contain_text("What does law 0 say?")
    page.reload()  # what was chosen is in the address
    expect(page.get_by_text("20 rows read, 0 would be left out")).to_be_visible()
    expect(page.get_by_text("Taken as Alpaca instructions, because the rows have instruction, output.")).to_be_visible()
    page.get_by_role("switch", name="Leave bad rows out").click()
    expect(page).to_have_url(re.compile("keep_good_rows"))
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Made version 1: 40 records")).to_be_visible()
    page.get_by_role("link", name="Made version 1").click()
    expect(page.locator(".bars")).to_contain_text("ROW_INVALID")
    page.get_by_role("link", name="Fields").click()
    expect(page.get_by_role("region", name="instruction").or_(page.locator("section[aria-label=instruction]"))).to_be_visible()
    page.get_by_role("link", name="Clean").click()
    expect(page.locator(".fig")).to_contain_text("40 in = 30 out + 10 dropped")
    page.get_by_role("combobox", name="Add a rule").click()
    page.get_by_text("Remove noncompliant").last.click()
    expect(page.locator("del").first).to_contain_text("clerk")
    page.get_by_role("button", name="Options: Remove copies").click()
    page.get_by_label("near").click()
    expect(page).to_have_url(re.compile("near"))
    page.get_by_role("button", name="Clean the version").click()
    expect(page.get_by_text("Made version 2: 30 records")).to_be_visible()
    page.get_by_role("link", name="Made version 2").click()
    take_out(signed_in)
    page.get_by_role("link", name="Records").click()
    page.get_by_label("Holds this text").fill("law 29")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="what changed").click()
    expect(page.locator(".fig").first).to_contain_text("v1 40 records = 0 unchanged + 30 changed + 10 removed")
    expect(page.locator(".change")).to_have_count(20)
    expect(page.locator(".change").first).to_contain_text("What does law")
    expect(page.locator("del").first).to_contain_text("clerk")
    look(signed_in, "dataset-diff-changed", LOOKS[0])
    page.get_by_role("link", name="Removed").click()
    expect(page.locator(".change")).to_have_count(10)
    page.get_by_role("button", name="Other way round").click()
    expect(page.locator(".fig").first).to_contain_text("v2 30 records = 0 unchanged + 30 changed + 0 removed")
    assert signed_in.complaints == []


def take_out(opened: Window) -> None:
    """The version of the page as a file for a spreadsheet."""
    page = opened.page
    page.get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("every record comes back as itself")
    dialog.get_by_role("radio", name="CSV").check()
    expect(dialog).to_contain_text("30 records")
    assert look(opened, "dataset-export", LOOKS[0]) == []
    with page.expect_download() as begun:
        dialog.get_by_role("link", name="Download").click()
    saved = begun.value.path().read_text("utf-8-sig")
    assert saved.splitlines()[0].startswith("id,source,")
    assert saved.count("What does law") == 30
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_an_upload_is_paused_and_goes_on_after_a_reload(signed_in: Window, tmp_path: Path) -> None:
    page = signed_in.page
    large = tmp_path / f"large {secrets.token_hex(3)}.txt"
    large.write_bytes(b"a line of text that goes on\n" * 300_000)
    signed_in.open("/datasets/import")
    page.route("**/parts/4194304", lambda route: route.abort())  # the line is cut in the middle
    page.set_input_files("input[type=file]", large)
    expect(page.get_by_text("Sending")).to_be_visible()
    expect(page.locator(".fig")).to_contain_text("4 MiB")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused; what has arrived is kept")).to_be_visible()
    page.unroute("**/parts/4194304")
    page.reload()
    row = page.locator(".item", has_text=large.name)
    expect(row).to_contain_text("50% arrived")
    offsets: list[int] = []
    page.on("request", lambda sent: offsets.append(int(sent.url.rpartition("/")[2])) if "/parts/" in sent.url else None)
    page.set_input_files("input[type=file]", large)
    expect(page.get_by_role("button", name="Another file")).to_be_visible()
    assert min(offsets) == 4 << 20


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_the_steps_look_right(
    browser: Browser, platform: Platform, person: Person, file: Path, language: str, theme: str, width: int
) -> None:
    opened = window(browser, platform, language, theme, width)
    opened.sign_in(person)
    take(opened, file)
    wrong = [*findings(opened), *untranslated(opened)]
    picture(opened, f"import-suggested-{language}-{theme}-{width}")
    opened.page.locator(".note button").click()
    expect(opened.page.locator(".note button, .stale")).to_have_count(0)
    expect(opened.page.locator(".grid.sample")).to_contain_text("What does law 0 say?")
    opened.settle()
    picture(opened, f"import-mapped-{language}-{theme}-{width}")
    wrong += [*findings(opened), *untranslated(opened), *opened.complaints]
    assert not opened.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    with platform.client() as client:
        data = client.datasets.create(f"looked at {secrets.token_hex(3)}")
        upload = client.datasets.upload(file)
        options = {"columns": {"instruction": "question", "output": "answer"}, "keep_good_rows": True}
        config = {"paths": [upload["path"]], "options": options}
        made = client.datasets.create_task(data["id"], "Importing", "File_Import", "import", config=config)["dataset_task"]
        (version,) = client.datasets.wait(made["id"], seconds=60)["output_version_ids"]
    rules = '[{"rule":"Remove_Noncompliant","options":{}},{"rule":"Deduplicate","options":{}}]'
    opened.open(f"/datasets/versions/{version}/clean?rules={rules}")
    expect(opened.page.locator("del").first).to_be_visible()
    opened.page.locator(".rules button[aria-expanded]").first.click()
    opened.page.mouse.move(0, 0)
    opened.settle()
    picture(opened, f"clean-sample-{language}-{theme}-{width}")
    wrong += [*findings(opened), *untranslated(opened), *opened.complaints]
    assert not opened.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    opened.page.context.close()
    assert wrong == []
