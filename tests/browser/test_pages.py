"""Every page in both languages and looks: nothing axe finds, nothing the policy refuses, no text left out, and a picture to look at."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from libs.client.sdk import Json
from tests.browser.conftest import SHOTS, Person, Window, window
from tests.support.platform import Platform

LOOKS = [("en", "light", 1440), ("zh", "dark", 1440), ("zh", "light", 1024), ("en", "dark", 1024)]


def addresses(chain: Json, order: Json) -> dict[str, str]:
    model, task, train = chain["model"]["id"], chain["task"]["id"], chain["train"]
    return {
        "home": "/",
        "models": "/models",
        "model": f"/models/{model}",
        "model-versions": f"/models/{model}?tab=versions",
        "model-gate": f"/models/{model}?tab=gate",
        "model-lineage": f"/models/{model}?tab=lineage",
        "model-events": f"/models/{model}?tab=events",
        "model-settings": f"/models/{model}?tab=settings",
        "model-new": "/models?new=1",
        "datasets": "/datasets",
        "dataset": f"/datasets/{train['dataset_id']}",
        "dataset-version": f"/datasets/versions/{train['id']}",
        "dataset-records": f"/datasets/versions/{train['id']}?tab=records",
        "dataset-fields": f"/datasets/versions/{train['id']}?tab=fields",
        "dataset-search": f"/datasets/versions/{train['id']}?tab=records&has=json",
        "dataset-clean": f"/datasets/versions/{train['id']}/clean",
        "dataset-import": "/datasets/import",
        "dataset-task": f"/datasets/tasks/{train['task_id']}",
        "training": "/training",
        "training-run": f"/training/{task}",
        "evaluation": "/evaluation",
        "evaluation-run": f"/evaluation/{order['eval_task_id']}?show=all",
        "orders": "/orders",
        "order": f"/orders/{order['id']}",
        "slots": "/slots",
        "playground": "/playground",
        "people": "/people",
        "accounts": "/people?tab=accounts",
        "spaces": "/spaces",
        "keys": "/keys",
        "sessions": "/sessions",
        "audit": "/audit",
        "health": "/health",
        "account": "/account",
        "lost": "/no/such/page",
    }


def findings(opened: Window) -> list[str]:
    found = Axe().run(opened.page).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes'][:3]]}" for each in found]


KEYS = re.compile(r"\b(?:frame|parts|models|datasets|training|evaluation|release|playground|admin|account|home|states)\.[a-z_]+\b")


def untranslated(opened: Window) -> list[str]:
    """Keys that were shown in place of their text."""
    return KEYS.findall(opened.page.inner_text("body"))


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_every_page(browser: Browser, platform: Platform, person: Person, chain: Json, language: str, theme: str, width: int) -> None:
    SHOTS.mkdir(exist_ok=True)
    order = platform.client().deploy.order(chain["order"]["id"])
    opened = window(browser, platform, language, theme, width)
    wrong: dict[str, list[str]] = {}

    def look(name: str) -> None:
        opened.page.screenshot(path=SHOTS / f"{name}-{language}-{theme}-{width}.png", full_page=True)
        wide = opened.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        said = [*findings(opened), *untranslated(opened), *opened.complaints, *(["wider than the window"] if wide else [])]
        opened.complaints.clear()
        if said:
            wrong[name] = said

    opened.page.goto(opened.address)
    opened.page.wait_for_selector(".door h1")
    look("sign-in")
    opened.sign_in(person)
    for name, path in addresses(chain, order).items():
        opened.open(path)
        look(name)
    opened.page.context.close()
    assert wrong == {}
