"""A real platform with a released model, and Debian's Chromium before it. Screenshots go to tests/browser/shots, which git ignores.

``MODELYARD_TEST_HOME`` names the home of a platform that runs already and has a model online (`make demo ARGS=--keep`; its ports are taken
from the environment as always): pages are looked at again within seconds.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from libs.client.sdk import Json, Modelyard
from libs.common.settings import load
from tests import needs
from tests.support import checkpoints
from tests.support.chain import released
from tests.support.platform import Platform, running

SHOTS = Path(__file__).parent / "shots"
expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong


@dataclass(frozen=True)
class Person:
    """Who signs in by the door."""

    account: str
    password: str


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with the last test of this folder: while it is open a loop stands as running on this thread, and no other can run."""
    lacking = needs.browser()
    if lacking:
        assert not needs.in_ci(), lacking
        pytest.skip(f"needs {lacking}")
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=needs.chromium(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One that everybody here shares. It ends with them: an idle platform costs a seventh of a core."""
    home = os.environ.pop("MODELYARD_TEST_HOME", None)  # a name of ours: settings know it not
    if home:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MODELYARD_TEST_")}
        environ = {**kept, "MODELYARD_HOME": home}
        yield Platform(load(environ), environ)
        return
    with running(tmp_path_factory.mktemp("browser")) as up:
        yield up


@pytest.fixture(scope="package")
def chain(platform: Platform) -> Json:
    """A model that went all the way, in the first space."""
    client = platform.client()
    found = next((project for project in client.models.list() if project["status"] == "ONLINE"), None)
    return standing(client, found) if found else released(client, platform.client(user=2), "browser-docs")


def standing(client: Modelyard, model: Json) -> Json:
    """The facts ``released`` gives, of a model that is online already."""
    status = client.models.status(model["id"])
    task = status["train"]["latest_task"]
    train = client.datasets.version(task["train_dataset_version_id"])
    return {"model": model, "train": train, "task": task, "order": status["deploy"]["latest_order"]}


@pytest.fixture(scope="package")
def elsewhere(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """A version made elsewhere, of a model of its own: for what adds versions and evaluations."""
    client, folder = platform.client(), checkpoints.folder(tmp_path_factory.mktemp("elsewhere") / "theirs")
    model = client.models.create(f"elsewhere {secrets.token_hex(3)}")
    files = [{"name": path.name, "path": client.datasets.upload(path)["path"]} for path in sorted(folder.iterdir())]
    return client.models.import_checkpoint(model["id"], files=files)


@pytest.fixture(scope="package")
def person(platform: Platform) -> Person:
    """An owner of the first space who administers the platform: sees every page."""
    return owner_of(platform, 1)


def owner_of(platform: Platform, space: int) -> Person:
    """Somebody new, who administers the platform and owns the test's space of that number alone."""
    account = f"console-{secrets.token_hex(3)}"
    with platform.client(space=space) as owner:
        user = owner.call("POST", "/users", account=account, administrator=True)["user"]
        owner.call("POST", "/memberships", account=account, role="owner", clearance="SECRET")
        return Person(account, owner.call("POST", f"/users/{user['id']}/password")["password"])


@dataclass
class Window:
    """A page of the console, and what its browser complained of."""

    page: Page
    address: str
    complaints: list[str]

    def open(self, path: str) -> None:
        """Until the page has its heading and nothing in it is loading."""
        self.page.goto(self.address + path)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_selector("h1")
        expect(self.page.locator("[aria-busy=true], .bones")).to_have_count(0)
        self.page.wait_for_load_state("load")

    def sign_in(self, person: Person) -> None:
        self.page.goto(self.address)
        self.page.fill("input[autocomplete=username]", person.account)
        self.page.fill("input[type=password]", person.password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".app")


def window(browser: Browser, platform: Platform, language: str = "en", theme: str = "light", width: int = 1440) -> Window:
    """A window of its own: nothing is left in it of others."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    # What the reader chose stands before the first page; a page that changes it is not overruled.
    context.add_init_script(
        f"localStorage.getItem('modelyard.language') ?? localStorage.setItem('modelyard.language', '{language}');"
        f"localStorage.getItem('modelyard.theme') ?? localStorage.setItem('modelyard.theme', '{theme}')"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"broke: {error}"))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" and "status of 401" not in said.text else None)
    return Window(page, platform.settings.gateway_address, complaints)


@pytest.fixture
def signed_in(browser: Browser, platform: Platform, person: Person) -> Iterator[Window]:
    opened = window(browser, platform)
    opened.sign_in(person)
    yield opened
    opened.page.context.close()
