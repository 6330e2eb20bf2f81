"""The change feed of a running platform: live, resumed, with a service dead and the gateway restarted, and over when its session is."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from libs.client.sdk import ApiError, Json, Modelyard, Watch
from tests.support.platform import Platform
from tests.support.until import until

pytestmark = pytest.mark.servers
SECONDS = 40


class Listening:
    """A watch in a thread of its own. feed: where it is."""

    def __init__(self, client: Modelyard, after: str = "") -> None:
        self.feed: Watch = client.watch(after)
        self._heard: queue.Queue[Json | ApiError] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            for change in self.feed:
                self._heard.put(change)
        except (ApiError, RuntimeError) as error:  # RuntimeError: its client was closed at the end of the test
            self._heard.put(error if isinstance(error, ApiError) else ApiError({"reason": "CLOSED"}))

    def next(self) -> Json | ApiError:
        return self._heard.get(timeout=SECONDS)

    def until(self, **facts: Any) -> Json:
        """The next change that has these facts."""
        while True:
            change = self.next()
            assert isinstance(change, dict), change
            if all(change.get(name) == value for name, value in facts.items()):
                return change


@contextmanager
def listening(client: Modelyard, after: str = "") -> Iterator[Listening]:
    """Begins once the feed is open: what is made in the block is heard."""
    found = Listening(client, after)
    until(lambda: found.feed.cursor != after, SECONDS, "the feed did not open")
    yield found


def test_a_space_hears_what_changes_in_it_and_nothing_else(platform: Platform) -> None:
    with platform.client(space=81) as ours, platform.client(space=82) as theirs, listening(ours) as here, listening(theirs) as there:
        made = ours.models.create("词 <b>heard</b>")
        change = here.until(id=made["id"])
        assert (change["service"], change["entity"], change["kind"], change["name"]) == (
            "model",
            "model_project",
            "MADE",
            "词 <b>heard</b>",
        )
        renamed = ours.models.update(made["id"], int(made["version"]), name="renamed")
        assert here.until(id=made["id"], kind="CHANGED")["version"] == renamed["version"]
        other = theirs.models.create("theirs")
        heard = []
        while other["id"] not in heard:
            change = there.next()
            assert isinstance(change, dict)
            heard.append(change["id"])
        assert made["id"] not in heard


def test_a_task_is_heard_step_by_step(platform: Platform) -> None:
    with platform.client(space=81) as client, listening(client) as here:
        dataset = client.datasets.create("feed pages")
        options = {"options": {"modules": ["json"]}}
        made = client.datasets.create_task(dataset["id"], "Importing", "Pydoc_Import", "import", config=options)["dataset_task"]
        states = []
        while not states or states[-1] != "SUCCEEDED":
            change = here.until(id=made["id"])
            assert change["parent_id"] == dataset["id"]
            states += [change["state"]] if change["state"] not in states else []
        assert states == ["PENDING", "RUNNING", "SUCCEEDED"]


def test_a_cut_a_dead_service_and_a_new_gateway_lose_nothing(platform: Platform) -> None:
    with platform.client(space=83) as client, listening(client) as here:
        place = here.feed.cursor
        first = client.models.create("before the kill")
        here.until(id=first["id"])
        gone = platform.kill("dataset-serve")
        assert here.until(kind="SILENT")["service"] == "dataset"
        still = client.models.create("while it is dead")
        here.until(id=still["id"])
        assert here.until(kind="ANSWERS")["service"] == "dataset"
        platform.wait_ready("dataset-serve", gone)
        client.datasets.create("told again")
        here.until(name="told again")
        gone = platform.kill("gateway")
        platform.wait_ready("gateway", gone)
        after = client.models.create("after the restart")
        here.until(id=after["id"])
        late = Listening(client, place)
        heard = []
        while after["id"] not in heard:
            change = late.next()
            assert isinstance(change, dict)
            assert change["kind"] != "RESET"
            heard += [change["id"]] if change.get("entity") == "model_project" else []
        assert heard == [first["id"], still["id"], after["id"]]


def test_who_signs_out_or_loses_a_role_hears_no_more(platform: Platform) -> None:
    with platform.owner() as owner, platform.client(space=84) as there:
        user = owner.users.create("feed-member")
        membership = there.memberships.create(user["account"], "viewer", "PUBLIC")
        with Modelyard(owner.address, space=platform.space(84)) as member:
            member.sign_in(user["account"], owner.users.issue_password(user["id"]))
            heard = Listening(member)
            until(lambda: heard.feed.cursor, SECONDS)
            probe = there.models.create("for the member")
            heard.until(id=probe["id"])
            there.memberships.delete(membership["id"], int(membership["version"]))
            error = heard.next()
            while isinstance(error, dict):
                error = heard.next()
            assert error.code == 404, "of a space that is not theirs any more"
        with Modelyard(owner.address) as session:
            opened = session.sign_in(user["account"], owner.users.issue_password(user["id"]))
            headers = {"authorization": f"Bearer {opened['access_token']}"}
            with pytest.raises(ApiError) as caught:
                next(iter(Modelyard(owner.address, token=opened["access_token"]).watch()))
            assert caught.value.code == 403, "a member of no space"
            there.memberships.create(user["account"], "viewer", "PUBLIC")
            url = f"{owner.address}/api/v1/changes"
            with httpx.stream("GET", url, headers=headers, params={"space": platform.space(84)}, trust_env=False, timeout=30) as stream:
                lines = stream.iter_lines()
                assert stream.status_code == 200
                assert "event: hello" in [next(lines), next(lines)]
                session.sign_out()
                rest = "\n".join(lines)
            assert rest.rstrip().endswith('data: {"reason":"SESSION_ENDED"}')


def test_what_is_above_ones_clearance_is_not_heard(platform: Platform) -> None:
    with platform.owner() as owner, platform.client(space=85) as there:
        user = owner.users.create("feed-low")
        there.memberships.create(user["account"], "viewer", "PUBLIC")
        with Modelyard(owner.address, space=platform.space(85)) as member:
            member.sign_in(user["account"], owner.users.issue_password(user["id"]))
            heard = Listening(member)
            until(lambda: heard.feed.cursor, SECONDS)
            heard.until(id=there.models.create("for both")["id"])
            hidden = there.datasets.create("hidden", secrecy="SECRET")
            made = there.datasets.create_task(hidden["id"], "Importing", "Pydoc_Import", "i", config={"options": {"modules": ["json"]}})
            there.datasets.wait(made["dataset_task"]["id"], seconds=60)
            last = there.datasets.create("shown")
            seen = []
            while last["id"] not in seen:
                change = heard.next()
                assert isinstance(change, dict)
                seen += [change["id"]] if change.get("service") == "dataset" else []
            assert seen == [last["id"]]


def test_a_foreign_place_and_a_foreign_space_are_refused(platform: Platform) -> None:
    with httpx.Client(base_url=platform.settings.gateway_address, headers=platform.headers(), trust_env=False, timeout=30) as http:
        for query, code in (({"after": "nonsense"}, 400), ({"space": "x"}, 400), ({"space": "999999"}, 404)):
            answer = http.get("/api/v1/changes", params=query)
            assert answer.status_code == code, answer.text


def test_the_command_line_watches(platform: Platform) -> None:
    with platform.client() as client, listening(client) as here:
        place = here.feed.cursor
        made = client.models.create("seen by the command line")
        here.until(id=made["id"])
    told = platform.run("watch", "--after", place, "--entity", "model_project", "--count", "1", "--json").stdout
    assert f'"{made["id"]}"' in told
    assert '"cursor"' in told
    assert "seen by the command line" in platform.run("watch", "--after", place, "-e", "model_project", "-n", "1").stdout
