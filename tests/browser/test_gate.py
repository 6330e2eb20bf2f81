"""The gate tab: a refusal is explained rule by rule, and two people let a package pass it in sight of everybody."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from libs.client.sdk import Json
from tests.browser.conftest import Person, Window, window
from tests.browser.looks import findings, picture, untranslated
from tests.support.platform import Platform

BEYOND = [{"metric": "exact_match", "comparator": "AT_LEAST", "bound": 1.5, "min_items": "5"}]


@pytest.fixture
def refusing(platform: Platform, chain: Json) -> Iterator[Json]:
    """The released model behind a gate it cannot pass; afterwards its gate is as it was, and nothing is overridden."""
    client, id = platform.client(), chain["model"]["id"]
    before = client.models.gate(id)
    client.models.set_gate(id, enabled=True, rules=BEYOND, expected_version=before["version"])
    yield chain
    for each in client.models.overrides(id):
        if each["status"] in ("ASKED", "LIVE"):
            client.models.withdraw_override(each["id"], each["version"])
    client.models.set_gate(id, enabled=True, rules=before["rules"], expected_version=client.models.gate(id)["version"])


@pytest.fixture
def second(platform: Platform) -> Person:
    """Another owner of the space."""
    account = f"second-{secrets.token_hex(3)}"
    with platform.owner() as owner:
        user = owner.users.create(account)
        owner.memberships.create(account, "owner", "SECRET")
        return Person(account, owner.users.issue_password(user["id"]))


def looked_at(opened: Window, name: str) -> None:
    picture(opened, name)
    assert [*findings(opened), *untranslated(opened), *opened.complaints] == []


def test_a_refusal_is_explained_and_two_people_override_it(
    browser: Browser, platform: Platform, signed_in: Window, second: Person, refusing: Json
) -> None:
    page, path = signed_in.page, f"/models/{refusing['model']['id']}?tab=gate"
    signed_in.open(path)
    gate = page.get_by_role("region", name="Release gate")
    expect(gate).to_contain_text("exact match >= 1.5")
    expect(gate).to_contain_text("< 1.5: train or choose a better version")
    gate.get_by_role("button", name="Ask for an override").click()
    gate.get_by_role("button", name="Ask", exact=True).click()
    expect(gate).to_contain_text("Say why.")
    page.get_by_label("Why it must go on").fill("a fire in the other room")
    gate.get_by_role("button", name="Ask", exact=True).click()
    expect(gate).to_contain_text("Somebody else has to confirm it.")
    expect(gate.get_by_role("button", name="Confirm")).to_have_count(0)
    looked_at(signed_in, "gate-asked-light")
    other = window(browser, platform, language="zh", theme="dark")
    other.sign_in(second)
    other.open(path)
    theirs = other.page.get_by_role("region", name="发布门禁")
    expect(theirs).to_contain_text("完全匹配率")
    theirs.get_by_role("button", name="确认放行").click()
    other.page.get_by_role("dialog").get_by_role("button", name="确认放行").click()
    expect(theirs).to_contain_text("放行有效至")
    looked_at(other, "gate-live-dark")
    other.page.context.close()
    expect(page.locator("main").get_by_text("Override of the gate for v1 until")).to_be_visible()
    expect(gate).to_contain_text("confirmed by")
    gate.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(gate.get_by_role("button", name="Ask for an override")).to_be_visible()
