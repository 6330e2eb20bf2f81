"""Prompts and grids with a browser: a change is a version, a label moves, and a grid says which cells differ."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import Browser, expect

from libs.client.sdk import Json
from tests.browser.conftest import Person, Window, window
from tests.browser.hands import LANGUAGES
from tests.browser.looks import looked, looks_of
from tests.support.chain import succeeded
from tests.support.platform import Platform


def test_a_prompt_is_changed_labelled_and_evaluated_in_a_grid(
    browser: Browser, platform: Platform, signed_in: Window, person: Person, chain: Json, elsewhere: Json
) -> None:
    page, client, name = signed_in.page, platform.client(), f"qa-{secrets.token_hex(3)}"
    client.prompts.create(f"{name}-other", "{{instruction}}")
    signed_in.open("/prompts")
    page.get_by_role("button", name="New prompt").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Template of the question").fill("no field")
    dialog.get_by_role("button", name="New prompt").click()
    expect(dialog).to_contain_text("names a field of the record")
    dialog.get_by_label("Template of the question").fill("{{instruction}}")
    dialog.get_by_role("button", name="New prompt").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_label("Template of the question").fill("Briefly: {{instruction}}")
    page.get_by_label("Why", exact=True).fill("shorter answers")
    page.get_by_role("button", name="Save as version 2").click()
    versions = page.get_by_role("region", name="Versions")
    expect(versions.get_by_role("article")).to_have_count(2)
    expect(versions).to_contain_text("shorter answers")
    labels = page.get_by_role("region", name="Labels")
    labels.get_by_role("button", name="Put label").click()
    expect(labels).to_contain_text("production: none → v2")
    assert client.prompts.get(f"{name}@production").template == "Briefly: {{instruction}}"

    test = client.eval.task(client.deploy.order(chain["order"]["id"])["eval_task_id"])["dataset_version_id"]
    asked: list[str | int] = [client.prompts.get(f"{name}@{number}").prompt_version_id for number in (1, 2)]
    facts: Json = {"options": {"limit_items": 9, "max_new_tokens": 4}, "prompt_version_ids": asked}
    made = client.eval.create_grid(name, test, [{"model_version_id": elsewhere["id"]}], **facts)
    first, second = (succeeded(client.eval.wait(id, seconds=240)) for id in made["eval_task_ids"])
    assert [each["prompt_version_id"] for each in (first, second)] == asked
    assert next(client.eval.items(second["id"]))["input"].startswith("Briefly: ")

    signed_in.open(f"/grids/{made['id']}")
    matrix = page.get_by_role("region", name="Grid")
    expect(matrix.get_by_text("9 items")).to_have_count(2)
    one = matrix.get_by_role("row", name=re.compile(f"{name} v1"))
    one.get_by_role("button", name="Hold others against this").click()
    expect(one).to_contain_text("Held against")
    (held,) = client.eval.compare_cells(made["id"], first["id"], metric="exact_match")
    said = {"WORSE": "Worse", "BETTER": "Better", "NO_DIFFERENCE_SHOWN": "No difference shown"}[held["metrics"][0]["verdict"]]
    expect(matrix.get_by_role("row", name=re.compile(f"{name} v2"))).to_contain_text(said)
    page.get_by_role("link", name="With another prompt").click()
    expect(page.get_by_role("button", name="Evaluate 2 cells")).to_be_disabled()

    prompt = client.prompts.get(name).id
    for language in LANGUAGES:
        looks = looks_of(language)
        opened = window(browser, platform, *looks[0])
        opened.sign_in(person)
        for name, path in (("prompt", f"/prompts/{prompt}"), ("grid", f"/grids/{made['id']}?first={first['id']}")):
            opened.open(path)
            assert looked(opened, name, looks) == {}
        opened.page.context.close()
