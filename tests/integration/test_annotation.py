"""Three people and an inspector annotate over HTTP, on the real processes: each with their own session, role and pool."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from libs.client.sdk import ApiError, Json, Modelyard
from tests.support.platform import Platform
from tests.support.until import until

TEXTS = [f"What a {word} day." for word in ("fine", "grey", "cold", "long", "warm", "wet")]


class Crew:
    """Annotators one to three and an inspector, in the first space."""

    def __init__(self, platform: Platform, stack: ExitStack) -> None:
        self.owner = stack.enter_context(platform.client())
        with platform.owner() as admin:
            self.people = {role: self._person(platform, admin, stack, role) for role in ("one", "two", "three", "inspector")}

    def _person(self, platform: Platform, admin: Modelyard, stack: ExitStack, name: str) -> tuple[str, Modelyard]:
        user = admin.users.create(f"crew-{name}-{secrets.token_hex(3)}")
        self.owner.memberships.create(user["account"], "inspector" if name == "inspector" else "annotator", "SECRET")
        client = stack.enter_context(Modelyard(platform.settings.gateway_address, space=platform.space(1)))
        client.sign_in(user["account"], admin.users.issue_password(user["id"]))
        return str(user["id"]), client

    def id(self, name: str) -> str:
        return self.people[name][0]

    def of(self, name: str) -> Modelyard:
        return self.people[name][1]


@pytest.fixture
def crew(platform: Platform) -> Iterator[Crew]:
    with ExitStack() as stack:
        yield Crew(platform, stack)


def imported(client: Modelyard, folder: Path) -> Json:
    file = folder / "days.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    dataset = client.datasets.create(f"days-{secrets.token_hex(3)}")
    path = client.datasets.upload(file)["path"]
    made = client.datasets.create_task(dataset["id"], "Importing", "File_Import", "import", config={"paths": [path]})
    task = client.datasets.wait(made["dataset_task"]["id"], seconds=120)
    found: Json = client.datasets.version(task["output_version_ids"][0])
    return found


def refused(call: object) -> str:
    with pytest.raises(ApiError) as caught:
        call()  # type: ignore[operator]
    return caught.value.reason


def test_from_a_version_to_a_labelled_one(platform: Platform, crew: Crew, tmp_path: Path) -> None:
    owner, name = crew.owner, f"feelings-{secrets.token_hex(3)}"
    version = imported(owner, tmp_path)
    template = owner.datasets.create_template(name, "Sentiment_Analysis")
    pool = owner.datasets.create_pool(name, [crew.id(each) for each in ("one", "two", "three")])
    inspectors = owner.datasets.create_pool(f"{name}-inspectors", [crew.id("inspector")])
    task = owner.datasets.start_annotation(
        version["dataset_id"],
        "Sentiment_Analysis",
        name,
        version["id"],
        template["id"],
        rule={"people": 2, "inspect_percent": 50.0},
        annotators=[pool["id"]],
        inspectors=[inspectors["id"]],
    )
    until(lambda: owner.datasets.task(task["id"])["status"] == "WAITING_HUMAN", 60, "people were not let begin")

    said: dict[str, set[str]] = {}
    for person in ("one", "two", "three"):
        client = crew.of(person)
        assert [each["task_id"] for each in client.datasets.get_my_work() if each["name"] == name] == [task["id"]]
        while work := client.datasets.claim_work(task["id"], want=2)["work"]:
            text = work[0]["content"]["text"]
            said.setdefault(text, set()).add(person)
            client.datasets.submit_work(work[0]["id"], {"label": "negative" if "cold" in text else "positive"})
    assert {text: len(people) for text, people in said.items()} == dict.fromkeys(TEXTS, 2)
    assert refused(lambda: crew.of("inspector").datasets.claim_work(task["id"])) == "FORBIDDEN"
    assert refused(lambda: crew.of("one").datasets.claim_inspection(task["id"])) == "FORBIDDEN"
    assert refused(lambda: list(crew.of("one").datasets.list_members(task["id"]))) == "FORBIDDEN"

    inspector = crew.of("inspector")
    looked = 0
    while work := inspector.datasets.claim_inspection(task["id"])["work"]:
        assert len(work[0]["said"]) == 2
        inspector.datasets.decide_work(work[0]["id"], "ACCEPT")
        looked += 1
    assert looked == 3, "half of them, exactly"
    ended = owner.datasets.wait(task["id"], seconds=60)
    assert ended["status"] == "SUCCEEDED", ended["error"]
    made = owner.datasets.version(ended["output_version_ids"][0])
    assert made["ledger"] == {"in": 6, "out": 6, "dropped": {}}
    labels = {record["text"]: record["label"] for record in owner.datasets.records(made["id"])}
    assert labels == {text: "negative" if "cold" in text else "positive" for text in TEXTS}
    (agreement,) = owner.datasets.get_agreement(task["id"])
    assert (agreement["field"], agreement["items"], agreement["percent"], agreement["alpha"]) == ("label", "6", 1.0, 1.0)
    assert sum(int(each["answered"]) for each in owner.datasets.list_members(task["id"]) if each["role"] == "ANNOTATOR") == 12
    shown = platform.run("--json", "annotate", "agreement", task["id"])
    assert json.loads(shown.stdout)[0]["alpha"] == 1.0
