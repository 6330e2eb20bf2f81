"""The list of a model's versions says which one serves and what its names mean; a deleted model comes back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from libs.client.sdk import Json
from tests.browser.conftest import Window
from tests.browser.looks import findings, picture, untranslated
from tests.support.platform import Platform


@pytest.fixture
def names(platform: Platform, chain: Json) -> Iterator[list[str]]:
    """Two names of the released model: of the version that serves, and of whatever does."""
    client, id = platform.client(), chain["model"]["id"]
    number = client.models.version(chain["task"]["model_version_id"])["number"]
    made = [client.models.create_alias(id, f"{name}-{secrets.token_hex(3)}", of) for name, of in (("champion", number), ("online", 0))]
    yield [alias["name"] for alias in made]
    for alias in made:
        client.models.delete_alias(alias["id"], alias["version"])


def row(opened: Window, number: int) -> Locator:
    return opened.page.locator("tbody tr", has=opened.page.get_by_text(f"v{number}", exact=True))


def test_the_version_that_serves_is_marked_with_its_share_and_its_names(signed_in: Window, chain: Json, names: list[str]) -> None:
    signed_in.open(f"/models/{chain['model']['id']}?tab=versions")
    serving = row(signed_in, 1)
    expect(serving.locator(".marks .pill")).to_have_text("live 100 %")
    for name in names:
        expect(serving.locator(".tag", has_text=name)).to_be_visible()
    picture(signed_in, "model-marks")
    assert [*findings(signed_in), *untranslated(signed_in), *signed_in.complaints] == []


def test_a_name_is_made_moved_and_taken_back(signed_in: Window, platform: Platform) -> None:
    page, client = signed_in.page, platform.client()
    id = client.models.create(f"named {secrets.token_hex(3)}")["id"]
    for _ in range(2):
        client.models.create_version(id)
    signed_in.open(f"/models/{id}?tab=settings")
    page.get_by_label("Another name").fill("fallback-law")
    page.locator(".pair .ant-select").click()
    page.locator('.ant-select-item-option:visible[title="v2"]').click()
    page.get_by_role("button", name="Add the name").click()
    expect(page.locator(".item", has_text="fallback-law")).to_contain_text("v2")
    assert [*findings(signed_in), *untranslated(signed_in), *signed_in.complaints] == []
    signed_in.open(f"/models/{id}?tab=versions")
    expect(row(signed_in, 2).locator(".marks")).to_have_text("fallback-law")
    expect(row(signed_in, 1).locator(".marks")).to_have_count(0)
    [alias] = client.models.aliases(id)
    client.models.move_alias(alias["id"], alias["version"], 1)
    expect(row(signed_in, 1).locator(".marks")).to_have_text("fallback-law")
    expect(row(signed_in, 2).locator(".marks")).to_have_count(0)
    signed_in.open(f"/models/{id}?tab=settings")
    page.get_by_role("button", name="Remove the name fallback-law").click()
    page.locator(".undo").get_by_role("button", name="Undo").click()
    expect(page.locator(".item", has_text="fallback-law")).to_contain_text("v1")


def test_a_deleted_model_comes_back(signed_in: Window, platform: Platform) -> None:
    page, name = signed_in.page, f"to and fro {secrets.token_hex(3)}"
    made = platform.client().models.create(name)
    here = f"{signed_in.address}/models/{made['id']}"

    def delete() -> None:
        signed_in.open(f"/models/{made['id']}?tab=settings")
        page.get_by_role("button", name="Delete the model").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete the model").click()
        expect(page.locator(".undo")).to_contain_text(f"“{name}” was deleted.")

    delete()
    page.locator(".undo").get_by_role("button", name="Undo").click()
    page.wait_for_url(here)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    delete()
    page.get_by_role("link", name="Deleted").click()
    page.locator("tr", has_text=name).get_by_role("button", name="Restore").click()
    page.wait_for_url(here)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
