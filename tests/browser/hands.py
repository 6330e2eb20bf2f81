"""How somebody works the console: in their language, with the mouse or with the keyboard alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page, expect

TEXTS = Path(__file__).parents[2] / "console" / "src"
LANGUAGES = ("en", "zh")
FAR = 200  # elements that Tab may pass on one page
HERE = "element => element.contains(document.activeElement)"


class Words:
    """What the console says in a language, by the key of the text: a pattern of all of it, with anything in the holes nobody fills."""

    def __init__(self, language: str) -> None:
        self._place = LANGUAGES.index(language)

    def __call__(self, key: str, **holes: object) -> re.Pattern[str]:
        pieces = re.split(r"\{\{(\w+)\}\}", self.text(key))
        filled = (re.escape(str(holes[piece])) if piece in holes else ".*" for piece in pieces[1::2])
        whole = "".join(re.escape(piece) + next(filled, "") for piece in pieces[::2])
        return re.compile(f"^{whole}$")

    def text(self, key: str) -> str:
        """As it stands there, with its holes."""
        room, *path = key.split(".")
        rooms = (TEXTS / room / "texts.json", TEXTS / "pages" / room / "texts.json", TEXTS / "texts" / f"{room}.json")
        found = json.loads(next(file for file in rooms if file.exists()).read_text())
        for each in path:
            found = found[each]
        return str(found[self._place])


class Hand(Protocol):
    def press(self, what: Locator, timeout: float = 30_000) -> None:
        """A button or a link. timeout: milliseconds until it is there."""

    def write(self, what: Locator, text: str) -> None:
        """In place of what a field says."""

    def pick(self, what: Locator, text: str) -> None:
        """One of the choices of a field, by its beginning."""


class Mouse:
    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, what: Locator, timeout: float = 30_000) -> None:
        what.click(timeout=timeout)

    def write(self, what: Locator, text: str) -> None:
        what.fill(text)

    def pick(self, what: Locator, text: str) -> None:
        what.click()
        self._page.keyboard.type(text)
        self._page.locator(".ant-select-item-option:visible", has_text=text).click()


class Keyboard:
    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, what: Locator, timeout: float = 30_000) -> None:
        expect(what).to_be_enabled(timeout=timeout)
        self._reach(what)
        self._page.keyboard.press("Enter")

    def write(self, what: Locator, text: str) -> None:
        self._reach(what)
        self._page.keyboard.press("Control+A")
        self._page.keyboard.type(text)

    def pick(self, what: Locator, text: str) -> None:
        self._reach(what)
        self._page.keyboard.type(text)
        expect(self._page.locator(".ant-select-item-option-active:visible")).to_contain_text(text)
        self._page.keyboard.press("Enter")

    def _reach(self, what: Locator) -> None:
        expect(what).to_be_visible()
        for _ in range(FAR):
            if what.evaluate(HERE):
                return
            self._page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {what}")
