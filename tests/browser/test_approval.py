"""Approving on a phone: who did not ask reads the evidence and decides, in their own language."""

from __future__ import annotations

import secrets

from playwright.sync_api import Browser, expect

from libs.client.sdk import Json
from tests.browser.conftest import Person, window
from tests.browser.looks import look
from tests.support.platform import Platform


def test_an_order_is_approved_by_a_second_person_on_a_phone(browser: Browser, platform: Platform, person: Person, chain: Json) -> None:
    client, first = platform.client(), chain["order"]
    order = client.deploy.create_order(first["deployment_config_id"], chain["task"]["model_version_id"], f"again-{secrets.token_hex(3)}")
    order = client.deploy.wait(order["id"], frozenset({"AWAITING_APPROVAL"}), seconds=240)
    assert order["status"] == "AWAITING_APPROVAL", order["error"]
    opened = window(browser, platform, "zh", "dark", 390)
    opened.sign_in(person)
    opened.open("/work")
    page = opened.page
    assert look(opened, "approval-my-work", ("zh", "dark", 390)) == []
    page.get_by_role("region", name="待我审批").get_by_role("link", name=order["name"]).click()
    expect(page.get_by_text("请先查看证据，再批准或驳回")).to_be_visible()
    assert look(opened, "approval", ("zh", "dark", 390)) == []
    page.get_by_role("button", name="批准").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("证据齐全")
    assert look(opened, "approval-dialog", ("zh", "dark", 390)) == []
    dialog.get_by_role("button", name="批准").click()
    expect(page.get_by_role("button", name="批准")).to_have_count(0)
    page.context.close()
    ended = client.deploy.wait(order["id"], seconds=240)
    assert (ended["status"], ended["approval_comment"]) == ("ONLINE", "证据齐全"), ended["error"]
