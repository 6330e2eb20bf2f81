"""A knowledge base with a browser: made, filled, searched, asked; a source opens where it stands, whatever the document says by now."""

from __future__ import annotations

import secrets

from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.looks import LOOKS, look, looked
from tests.support.platform import Platform

GUIDE = "# 退款 Refunds\n\nA refund takes 14 days 🙂. It is paid to the card.\n\n# Delivery\n\n包裹每周一发出。\n"


def test_a_base_is_filled_searched_and_asked(signed_in: Window, platform: Platform) -> None:
    name, page = f"help {secrets.token_hex(3)}", signed_in.page
    signed_in.open("/knowledge")
    page.locator("header").get_by_role("button", name="New knowledge base").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.locator("header").get_by_role("button", name="Add a document").click()
    page.locator("input[type=file]").set_input_files({"name": "guide.md", "mimeType": "text/markdown", "buffer": GUIDE.encode()})
    page.get_by_role("dialog").get_by_role("button", name="Add a document").click()
    expect(page.get_by_role("link", name="guide.md")).to_be_visible()
    assert look(signed_in, "knowledge-base", LOOKS[0]) == []

    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_label("A question in words").fill("包裹什么时候发出？")
    page.keyboard.press("Enter")
    expect(page.locator("blockquote mark")).to_have_text(["包裹", "发出"])
    assert look(signed_in, "knowledge-search", LOOKS[0]) == []

    page.get_by_role("link", name="Ask", exact=True).click()
    page.get_by_label("A question in words").fill("How many days does a refund take?")
    page.keyboard.press("Enter")
    answer = page.get_by_label("Answer", exact=True)
    expect(answer).to_contain_text("A refund takes 14 days 🙂.")
    assert look(signed_in, "knowledge-answer", LOOKS[0]) == []
    cited = answer.get_by_role("link", name="[1]").get_attribute("href") or ""
    page.get_by_label("A question in words").fill("Do you sell gift vouchers for zebras?")
    page.keyboard.press("Enter")
    expect(answer).to_contain_text("Nothing in the base has a word of it.")

    with platform.client() as client:
        (base,) = [each for each in client.knowledge.list() if each["name"] == name]
        client.knowledge.add(base["id"], "guide.md", "MARKDOWN", content="# Refunds\n\nA refund takes 30 days.")
    signed_in.open(cited)
    expect(page.locator(".said mark")).to_have_text(["A refund takes 14 days 🙂."])
    expect(page.get_by_role("note")).to_contain_text("This is version 1")
    assert looked(signed_in, "knowledge-document", LOOKS[:1]) == {}
    page.get_by_role("link", name="To the newest version").click()
    expect(page.locator(".said")).to_contain_text("A refund takes 30 days.")
    assert signed_in.complaints == []
