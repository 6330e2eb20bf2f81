"""A page as it is looked at: a picture, what axe finds, keys in place of texts, complaints of the browser, a layout too wide."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import SHOTS, Window

LOOKS = [("en", "light", 1440), ("zh", "dark", 1440), ("zh", "light", 1024), ("en", "dark", 1024)]
PHONE = [("zh", "light", 390), ("en", "dark", 390)]
KEYS = re.compile(r"\b(?:frame|parts|models|datasets|recipes|training|evaluation|release|playground|admin|account|home|states)\.[a-z_]+\b")


def findings(opened: Window) -> list[str]:
    found = Axe().run(opened.page).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes'][:3]]}" for each in found]


def untranslated(opened: Window) -> list[str]:
    """Keys that were shown in place of their text."""
    return KEYS.findall(opened.page.inner_text("body"))


def too_wide(opened: Window) -> bool:
    return bool(opened.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def look(opened: Window, name: str, look: tuple[str, str, int]) -> list[str]:
    """What is wrong with the page as it stands; its picture is ``name`` with the look."""
    SHOTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=SHOTS / f"{name}-{'-'.join(map(str, look))}.png", full_page=True)
    said = [*findings(opened), *untranslated(opened), *opened.complaints, *(["wider than the window"] if too_wide(opened) else [])]
    opened.complaints.clear()
    return said
