"""The model card: written on one version, saved as a file, and what somebody else saved meanwhile is not lost."""

from __future__ import annotations

import secrets
from pathlib import Path

from playwright.sync_api import expect

from libs.client.sdk import Modelyard
from tests.browser.conftest import Window
from tests.support.platform import Platform


def model_with_versions(client: Modelyard, count: int) -> tuple[str, list[str]]:
    model = client.models.create(f"card-{secrets.token_hex(3)}")
    return model["id"], [client.models.create_version(model["id"])["id"] for _ in range(count)]


def test_a_card_is_written_taken_over_and_saved_as_a_file(signed_in: Window, platform: Platform, tmp_path: Path) -> None:
    page = signed_in.page
    model, (first, second) = model_with_versions(platform.client(), 2)
    signed_in.open(f"/models/{model}?tab=card&version={first}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Limitations").fill("Dates before 1900.\n<b>not</b> bold")
    platform.client().models.set_card(first, [{"name": "purpose", "text": "Answers about leases."}], 0)  # meanwhile
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else saved")
    expect(page.get_by_label("Purpose")).to_have_value("Answers about leases.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".said")).to_have_text(["Answers about leases.", "Dates before 1900.\n<b>not</b> bold"])
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as Markdown").click()
    download.value.save_as(tmp_path / "card.md")
    assert (tmp_path / "card.md").read_text() == platform.client().models.card(first)["markdown"]["en"]
    signed_in.open(f"/models/{model}?tab=card&version={second}")
    expect(page.get_by_text("written for v1; nobody has looked at it for v2 yet")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Save for this version").click()
    expect(page.locator(".said")).to_have_count(2)
    assert platform.client().models.card(second)["written_for_number"] == 2
