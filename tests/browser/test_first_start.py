"""A platform nobody has entered yet: its first page asks for the owner's password, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Window, window
from tests.browser.looks import LOOKS, PHONE, look
from tests.support.platform import Platform, running

CHOSEN = "chosen in the browser"


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("first")) as up:
        yield up


def printed(home: Path) -> str:
    """What the terminal said: the password stands alone on its line, or behind the word for it."""
    found = re.search(r"(?:password|密码)\s+(\S{20,})", (home / "up.log").read_text())
    assert found is not None, (home / "up.log").read_text()
    return found.group(1)


def at_the_door(browser: Browser, platform: Platform, language: str = "en", theme: str = "light", width: int = 1440) -> Window:
    opened = window(browser, platform, language, theme, width)
    opened.page.goto(opened.address)
    opened.page.wait_for_selector(".door h1")
    return opened


@pytest.mark.parametrize(("language", "theme", "width"), [*LOOKS, *PHONE])
def test_the_first_page_is_looked_at(browser: Browser, new: Platform, language: str, theme: str, width: int) -> None:
    opened = at_the_door(browser, new, language, theme, width)
    wrong = look(opened, "first-start", (language, theme, width))
    opened.page.click("button[type=submit]")
    expect(opened.page.locator(".ant-form-item-explain-error")).to_have_count(3)
    assert wrong + look(opened, "first-start-empty", (language, theme, width)) == []
    opened.page.context.close()


def test_the_owner_chooses_a_password_once(browser: Browser, new: Platform) -> None:
    opened, other = at_the_door(browser, new), at_the_door(browser, new)
    page, password = opened.page, printed(new.settings.home_path)
    first, chosen, again = (page.locator(f"#{name}") for name in ("password", "chosen", "again"))
    first.fill("not the printed one")
    chosen.fill("short")
    again.fill("other")
    page.keyboard.press("Enter")
    expect(page.locator(".ant-form-item-explain-error")).to_have_text(["Use at least 12 characters.", "The two are not the same."])
    chosen.fill(CHOSEN)
    again.fill(CHOSEN)
    page.keyboard.press("Enter")
    expect(page.locator(".ant-form-item-explain-error")).to_have_text(["This is not the password that was printed."])
    first.fill(password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".app")
    assert new.run("whoami").returncode == 0, "the machine itself stays signed in"

    late = other.page
    late.fill("#password", password)
    late.fill("#chosen", f"{CHOSEN} too")
    late.fill("#again", f"{CHOSEN} too")
    late.keyboard.press("Enter")
    expect(late.get_by_role("alert")).to_contain_text("is over")
    late.get_by_role("button", name="Sign in instead").click()
    late.fill("input[autocomplete=username]", "owner")
    late.fill("input[type=password]", CHOSEN)
    late.keyboard.press("Enter")
    late.wait_for_selector(".app")

    again_here = at_the_door(browser, new)
    expect(again_here.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    answer = httpx.post(
        f"{new.settings.gateway_address}/api/v1/auth/first", json={"password": password, "new_password": "x" * 12}, trust_env=False
    )
    assert (answer.status_code, answer.json()["error"]["reason"]) == (409, "FIRST_START_OVER")
