"""Two raters and an inspector rate what a model answered, over HTTP, on the real processes: what they say gives the gate its verdict."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from libs.client.sdk import ApiError, Json, Modelyard
from tests.support.chain import evaluated, succeeded
from tests.support.platform import Platform
from tests.support.until import until

RULES = [
    {"metric": "human_score", "comparator": "AT_LEAST", "bound": 3.0, "min_items": "3"},
    {"metric": "human_alpha", "comparator": "AT_LEAST", "bound": 0.5, "min_items": "3"},
]


class Crew:
    """Raters one and two and an inspector, in the first space."""

    def __init__(self, platform: Platform, stack: ExitStack) -> None:
        self.owner = stack.enter_context(platform.client())
        with platform.owner() as admin:
            self.people = {name: self._person(platform, admin, stack, name) for name in ("one", "two", "inspector")}

    def _person(self, platform: Platform, admin: Modelyard, stack: ExitStack, name: str) -> tuple[str, Modelyard]:
        user = admin.users.create(f"rater-{name}-{secrets.token_hex(3)}")
        self.owner.memberships.create(user["account"], "inspector" if name == "inspector" else "rater", "SECRET")
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


def verdict(client: Modelyard, run: Json) -> str:
    return str(client.models.verdict(run["model_version_id"], run["target_digest"])["verdict"])


def refused(call: object) -> str:
    with pytest.raises(ApiError) as caught:
        call()  # type: ignore[operator]
    return caught.value.reason


def test_two_raters_and_an_inspector_give_the_gate_its_verdict(platform: Platform, crew: Crew, parts: tuple[Json, Json]) -> None:
    owner, name = crew.owner, f"helpful-{secrets.token_hex(3)}"
    template = owner.eval.create_template(name, "Scale_Rating")
    raters = owner.eval.create_pool(name, [crew.id("one"), crew.id("two")])
    inspectors = owner.eval.create_pool(f"{name}-inspectors", [crew.id("inspector")])
    run = evaluated(
        owner,
        name,
        *parts,
        RULES,
        6,
        template_id=template["id"],
        rule={"people": 2, "inspect_percent": 50.0},
        annotators=[raters["id"]],
        inspectors=[inspectors["id"]],
    )
    assert verdict(owner, run) == "NO_DATA"
    task = owner.eval.start_rating(run["id"], name="which are good")
    until(lambda: owner.eval.task(task["id"])["status"] == "WAITING_HUMAN", 60, "people were not let begin")

    outputs = {item["input"]: item["output"] for item in owner.eval.items(run["id"])}
    for person in ("one", "two"):
        client = crew.of(person)
        (mine,) = [each for each in client.my_work() if each["name"] == "which are good" and each["task_id"] == task["id"]]
        assert (mine["service"], mine["kind"], mine["role"]) == ("eval", "Scale_Rating", "ANNOTATOR")
        while work := client.eval.claim_work(task["id"], want=2)["work"]:
            content = work[0]["content"]
            assert content == {"input": content["input"], "output": outputs[content["input"]]}, "what was asked and answered, no more"
            client.eval.submit_work(work[0]["id"], {"score": 5 if content["input"] == min(outputs) else 4})
    assert refused(lambda: crew.of("inspector").eval.claim_work(task["id"])) == "FORBIDDEN"
    assert refused(lambda: crew.of("one").eval.claim_inspection(task["id"])) == "FORBIDDEN"
    assert refused(lambda: crew.of("one").eval.get_raters(task["id"])) == "FORBIDDEN"
    assert refused(lambda: crew.of("one").datasets.get_my_work()) == "FORBIDDEN"
    assert verdict(owner, run) == "NO_DATA", "an inspector has not looked yet"

    inspector, looked = crew.of("inspector"), 0
    while work := inspector.eval.claim_inspection(task["id"])["work"]:
        assert len(work[0]["said"]) == 2
        inspector.eval.decide_work(work[0]["id"], "ACCEPT")
        looked += 1
    assert looked == 3, "half of them, exactly"
    ended = succeeded(owner.eval.wait(task["id"], seconds=60))
    assert 4 <= ended["metrics"]["human_score.low"] <= ended["metrics"]["human_score"] <= 5
    assert verdict(owner, run) == ended["verdict"] == "PASS"
    rules = {rule["result"]["rule"]["metric"]: rule["result"] for rule in owner.models.explain(run["model_version_id"])["rules"]}
    assert rules["human_score"]["evidence_id"] == rules["human_alpha"]["evidence_id"] == ended["result"]["evidence_id"]
    newest = next(iter(owner.models.evidence(run["model_version_id"])))
    assert (newest["kind"], newest["items"], newest["failed_items"]) == ("HUMAN", "6", "0")
    shown = json.loads(platform.run("--json", "rate", "raters", task["id"]).stdout)
    assert {each["person_id"] for each in shown} == {crew.id("one"), crew.id("two")}
