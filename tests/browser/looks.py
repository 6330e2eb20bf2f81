"""A page as it is looked at: what axe finds, keys in place of texts, complaints of the browser, a layout too wide, and a picture.

A picture is for somebody who looks at it: a run of all tests on several workers takes none.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.conftest import SHOTS, Window
from tests.browser.hands import Words

Look = tuple[str, str, int]
LOOKS = [("en", "light", 1440), ("zh", "dark", 1440), ("zh", "light", 1024), ("en", "dark", 1024)]
PHONE = [("zh", "light", 390), ("en", "dark", 390)]
TEXTS = sorted(Path(__file__).parents[2].glob("console/src/**/texts.json"))
KEYS = re.compile(rf"\b(?:states|{'|'.join(each.parent.name for each in TEXTS)})\.[a-z_]+\b")
# Only what is wrong comes back: all that is right is megabytes.
FOUND = """async () => (await axe.run({resultTypes: ["violations"]})).violations.map(
    each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.target.join(" "))}`)"""
AT_REST = "document.getAnimations().every(each => each.playState !== 'running')"


def findings(opened: Window) -> list[str]:
    page = opened.page
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(FOUND)
    return found


def untranslated(opened: Window) -> list[str]:
    """Keys that were shown in place of their text."""
    return KEYS.findall(opened.page.inner_text("body"))


def too_wide(opened: Window) -> bool:
    return bool(opened.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def picture(opened: Window, name: str) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        SHOTS.mkdir(exist_ok=True)
        opened.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def look(opened: Window, name: str, look: Look) -> list[str]:
    """What is wrong with the page as it stands; its picture is ``name`` with the look."""
    picture(opened, f"{name}-{'-'.join(map(str, look))}")
    said = [*findings(opened), *untranslated(opened), *opened.complaints, *(["wider than the window"] if too_wide(opened) else [])]
    opened.complaints.clear()
    return said


def looks_of(language: str, looks: list[Look] = LOOKS) -> list[Look]:
    return [each for each in looks if each[0] == language]


def put_on(opened: Window, look: Look) -> None:
    """The theme, by the page's own switch, and the width; its language stays. Whatever lies over the switch is no matter here."""
    language, theme, width = look
    page = opened.page
    page.set_viewport_size({"width": width, "height": 900})
    if page.evaluate("document.documentElement.classList.contains('dark')") != (theme == "dark"):
        switch = page.get_by_role("button", name=Words(language)(f"frame.{theme}"), include_hidden=True)
        switch.dispatch_event("click")
        page.wait_for_function(AT_REST)


def looked(opened: Window, name: str, looks: list[Look]) -> dict[str, list[str]]:
    """What is wrong with the page in each of these looks. They change places: the next page comes as this one was left."""
    said = {}
    for each in looks:
        put_on(opened, each)
        said[f"{name} {each}"] = look(opened, name, each)
    looks.reverse()
    return {name: found for name, found in said.items() if found}
