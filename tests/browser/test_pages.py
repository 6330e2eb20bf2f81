"""Every page in both languages and looks: nothing axe finds, nothing the policy refuses, no text left out, and a picture to look at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from libs.client.sdk import Json
from tests.browser.conftest import Person, window
from tests.browser.hands import LANGUAGES
from tests.browser.looks import looked, looks_of
from tests.support.platform import Platform


def addresses(chain: Json, order: Json) -> dict[str, str]:
    model, task, train = chain["model"]["id"], chain["task"]["id"], chain["train"]
    return {
        "home": "/",
        "my-work": "/work",
        "templates": "/templates",
        "models": "/models",
        "models-board": "/models?view=board",
        "model": f"/models/{model}",
        "model-versions": f"/models/{model}?tab=versions",
        "model-gate": f"/models/{model}?tab=gate",
        "model-lineage": f"/models/{model}?tab=lineage",
        "model-events": f"/models/{model}?tab=events",
        "model-then": f"/models/{model}?tab=events&at={order['update_time']}",
        "model-card": f"/models/{model}?tab=card",
        "model-settings": f"/models/{model}?tab=settings",
        "model-new": "/models?new=1",
        "datasets": "/datasets",
        "dataset": f"/datasets/{train['dataset_id']}",
        "dataset-version": f"/datasets/versions/{train['id']}",
        "dataset-records": f"/datasets/versions/{train['id']}?tab=records",
        "dataset-fields": f"/datasets/versions/{train['id']}?tab=fields",
        "dataset-search": f"/datasets/versions/{train['id']}?tab=records&has=json",
        "dataset-clean": f"/datasets/versions/{train['id']}/clean",
        "dataset-diff": f"/datasets/{train['dataset_id']}/diff/{train['parent_version_id']}/{train['id']}",
        "dataset-import": "/datasets/import",
        "recipes": "/recipes",
        "recipe-new": f"/recipes/new?on={train['id']}&name=tidy&plan=%5B%7B%22kind%22%3A%22Deduplicate%22%2C%22options%22%3A%7B%7D%7D%5D",
        "dataset-task": f"/datasets/tasks/{train['task_id']}",
        "dataset-prepare": f"/datasets/versions/{train['id']}/prepare",
        "dataset-annotate": f"/datasets/versions/{train['id']}/annotate",
        "dataset-convert": f"/datasets/versions/{train['id']}/prepare?kind=python_docs",
        "training": "/training",
        "training-new": f"/training/new?model={model}&data={train['id']}",
        "training-new-tuned": f"/training/new?model={model}&data={train['id']}&method=lora",
        "training-run": f"/training/{task}",
        "training-clone": f"/training/{task}/clone",
        "training-compare-one": f"/training/compare?runs={task}",
        "evaluation": "/evaluation",
        "evaluation-run": f"/evaluation/{order['eval_task_id']}?show=all",
        "evaluation-new": f"/evaluation/new?model={model}",
        "prompts": "/prompts",
        "grids": "/grids",
        "grid-new": "/grids/new?plain=yes",
        "orders": "/orders",
        "order-new": f"/orders/new?model={model}",
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(browser: Browser, platform: Platform, person: Person, chain: Json, language: str) -> None:
    order, looks = platform.client().deploy.order(chain["order"]["id"]), looks_of(language)
    opened = window(browser, platform, *looks[0])
    opened.page.goto(opened.address)
    opened.page.wait_for_selector(".door h1")
    wrong = looked(opened, "sign-in", looks)
    opened.sign_in(person)
    for name, path in addresses(chain, order).items():
        opened.open(path)
        wrong |= looked(opened, name, looks)
    opened.page.context.close()
    assert wrong == {}
