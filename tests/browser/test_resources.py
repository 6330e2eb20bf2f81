"""Resources with a browser: who waits and why, a quota with its bar, changed in place; every tab in both languages and themes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Person, Window, window
from tests.browser.hands import LANGUAGES
from tests.browser.looks import looked, looks_of
from tests.support.platform import Platform

TABS = {
    "resources": "/resources",
    "resources-quotas": "/resources?tab=quotas",
    "resources-nodes": "/resources?tab=nodes",
    "resources-costs": "/resources?tab=costs",
}


@pytest.fixture
def space(platform: Platform) -> Iterator[str]:
    """The first space may hold one replica, which is held; one more waits. Tasks ask for none, so nobody else is kept."""
    with platform.client() as client:
        id = str(platform.space(1))
        quota = client.resource.set_quota("SPACE", version_of(platform, id), subject_id=id, replicas=1)
        ids = [
            client.resource.create_reservation(f"shown-{name}", replicas=1, lease_seconds=3600, wait=True)["reservation"]["id"]
            for name in ("holds", "waits")
        ]
        yield id
        for each in ids:
            client.resource.release(each)
        client.resource.set_quota("SPACE", version_of(platform, id), subject_id=id)
        assert quota["limits"]["replicas"] == "1"


def version_of(platform: Platform, id: str) -> int:
    with platform.client() as client:
        return next((int(each["version"]) for each in client.resource.quotas(kind="SPACE", subject_id=id)), 0)


def test_who_waits_sees_why_and_an_administrator_gives_more(
    browser: Browser, platform: Platform, signed_in: Window, person: Person, space: str
) -> None:
    page = signed_in.page
    signed_in.open("/")
    page.get_by_role("link", name="Resources", exact=True).click()
    row = page.get_by_role("row").filter(has_text="shown-waits")
    expect(row).to_contain_text("Waits")
    expect(row).to_contain_text("1 more of")
    expect(row).to_contain_text("Place 1")
    expect(page.get_by_role("row").filter(has_text="shown-holds")).to_contain_text("Holds")

    page.get_by_role("link", name="Quotas", exact=True).click()
    mine = page.get_by_role("row").filter(has_text=re.compile(f"Space {space}"))
    expect(mine).to_contain_text("1 of 1")
    mine.get_by_role("button", name="Edit").click()
    page.get_by_label("Replicas", exact=True).fill("2")
    page.get_by_role("button", name="Save").click()
    expect(mine).to_contain_text("1 of 2")
    with platform.client() as client:
        [held] = client.resource.quotas(kind="SPACE", subject_id=space)
        assert held["limits"] == {"replicas": "2"}
    for language in LANGUAGES:
        looks = looks_of(language)
        opened = window(browser, platform, *looks[0])
        opened.sign_in(person)
        wrong = {}
        for name, path in TABS.items():
            opened.open(path)
            wrong |= looked(opened, name, looks)
        opened.page.context.close()
        assert wrong == {}
