"""One fixed walk over the gateway's routes: what each answers, as status and shape, so that two versions can be compared.

``python -m tests.support.walk OUT.json`` starts the platform of the tree it is run in, records it and prints what it lacks of
``BEFORE``, the record of revision 8aa7dbb. Values are masked (ids, times, figures); names of fields, types and enumerations are kept.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

MODULES = ["json", "math", "textwrap", "heapq", "bisect", "shutil", "statistics"]
TINY = {"epochs": 40, "batch_size": 16, "d_model": 96, "n_layer": 2, "n_head": 2, "vocab_size": 1024, "checkpoint_every_steps": 5}
RULES = [{"rule": "Strip_Html"}, {"rule": "Remove_Low_Quality"}, {"rule": "Deduplicate"}]
GATE = [{"metric": "exact_match", "comparator": "AT_LEAST", "bound": 0.01, "min_items": "5"}]
ENDED = {"SUCCEEDED", "FAILED", "CANCELLED", "ONLINE", "REJECTED", "ROLLED_BACK", "AWAITING_APPROVAL"}
WAIT_SECONDS = 400
BEFORE = Path(__file__).parents[1] / "contract" / "answers_before.json"
_WORD = re.compile(r"[A-Z][A-Z_]+")


def shape(value: Any) -> Any:
    """Fields and types; a list is what its items have between them."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in sorted(value.items())}
    if isinstance(value, list):
        return [merged([shape(each) for each in value])] if value else []
    if isinstance(value, str):
        return value if _WORD.fullmatch(value) else "text"
    return "null" if value is None else "flag" if isinstance(value, bool) else "number"


def merged(shapes: list[Any]) -> Any:
    if all(isinstance(each, dict) for each in shapes):
        names = sorted({name for each in shapes for name in each})
        return {name: merged([each[name] for each in shapes if name in each]) for name in names}
    return shapes[0]


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """What ``after`` has no more, or has otherwise. What it has besides is no difference."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, each in before.items():
            if name in after:
                yield from differences(each, after[name], f"{place}.{name}")
            else:
                yield f"{place}.{name} is gone"
    elif isinstance(before, list) and isinstance(after, list):
        if before and after:
            yield from differences(before[0], after[0], f"{place}[]")
        elif before:
            yield f"{place} is empty now"
    elif before != after and "null" not in (before, after):
        yield f"{place}: {before} -> {after}"


class Walk:
    """Takes each step, keeps what it answered under the step's own name: verb, route, and a word where a route is asked again."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self.http = httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False)
        self.answers: dict[str, Any] = {}
        self.last = ""

    def ask(self, verb: str, route: str, word: str = "", headers: dict[str, str] | None = None, **facts: Any) -> Any:
        """facts: of the path where the route has a hole of that name, else of the query or the body."""
        holes = {name: facts.pop(name) for name in re.findall(r"\{(\w+)\}", route)}
        place = route.format(**holes) if route.startswith(("/v1", "/api")) else f"/api/v1{route.format(**holes)}"
        sent = {"params" if verb in ("GET", "DELETE") else "json": facts}
        given = {"idempotency-key": uuid.uuid4().hex, **(headers or {})}
        answer = self.http.request(verb, place, headers=given, **sent)
        body = answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else None
        self.last = f"{verb} {place} {facts} {answer.status_code} {answer.text[:600]}"
        self.answers[f"{verb} {route} {word}".strip()] = {"status": answer.status_code, "body": shape(body)}
        return body

    def until(self, route: str, field: str, id: str) -> Any:
        """The object when it rests."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            found = self.ask("GET", route, id=id)[field]
            if found["status"] in ENDED:
                return found
            assert time.monotonic() < end, f"{route} {id} is {found['status']}"
            time.sleep(0.3)


def walk(address: str, headers: dict[str, str], approver: dict[str, str]) -> dict[str, Any]:
    """headers: of an owner who is administrator. approver: of another owner."""
    on = Walk(address, headers)
    try:
        refusals(on)
        train, test = data(on)
        model, version = training(on, train)
        release(on, model, version, test, approver)
        people(on)
    except (KeyError, AssertionError, IndexError) as error:  # what was recorded until then is worth comparing
        traceback.print_exception(error)
        print(on.last, file=sys.stderr)
    return on.answers


def people(on: Walk) -> None:
    on.ask("GET", "/auth/me")
    department = on.ask("POST", "/departments", name="d")["department"]
    on.ask("GET", "/departments")
    user = on.ask("POST", "/users", account="walker", name="Walker")["user"]
    on.ask("GET", "/users", limit=5)
    on.ask("PATCH", "/users/{id}", id=user["id"], name="Who", expected_version=user["version"])
    on.ask("GET", "/users/{id}", id=user["id"])
    on.ask("POST", "/users/{id}/password", id=user["id"])
    on.ask("POST", "/spaces", name="s", department_id=department["id"])
    on.ask("GET", "/spaces")
    member = on.ask("POST", "/memberships", account="walker", role="viewer")["membership"]
    on.ask("GET", "/memberships")
    facts = {"id": member["id"], "clearance": "CONFIDENTIAL", "expected_version": member["version"]}
    member = on.ask("PATCH", "/memberships/{id}", **facts)["membership"]
    on.ask("DELETE", "/memberships/{id}", id=member["id"], expected_version=member["version"])
    key = on.ask("POST", "/keys", name="k", valid_days=3)["key"]
    on.ask("GET", "/keys")
    on.ask("DELETE", "/keys/{id}", id=key["id"])
    on.ask("GET", "/sessions")
    on.ask("GET", "/audit", limit=3)
    on.ask("GET", "/platform/audit", limit=3)


def refusals(on: Walk) -> None:
    on.ask("GET", "/models/{id}", "unknown", id="7")
    on.ask("POST", "/models", "without a name", desc="x")
    on.ask("POST", "/models", "without a key", headers={"idempotency-key": ""}, name="keyless")
    on.ask("GET", "/models", "nobody", headers={"authorization": ""})
    on.ask("GET", "/models", "stranger", headers={"authorization": "Bearer no-such-token"})
    on.ask("GET", "/nowhere", "unknown")
    on.ask("PATCH", "/models/{id}", "unknown", id="7", name="x", expected_version=0)
    on.ask("GET", "/train/tasks/{id}", "no number", id="seven")
    on.ask("GET", "/models", "bad limit", limit=-1)
    on.ask("POST", "/v1/chat/completions", "nobody serves", model="none", messages=[{"role": "user", "content": "hi"}])


def data(on: Walk) -> tuple[str, str]:
    """The ids of the train and the test version."""
    dataset = on.ask("POST", "/datasets", name="walked", type="Text")["dataset"]
    on.ask("POST", "/datasets", "again", name="walked", type="Text")
    on.ask("GET", "/datasets", limit=5)
    on.ask("GET", "/datasets/find", name="walked")
    changed = on.ask("PATCH", "/datasets/{id}", id=dataset["id"], desc="pages", expected_version=dataset["version"])["dataset"]
    on.ask("PATCH", "/datasets/{id}", "stale", id=dataset["id"], desc="pages", expected_version=dataset["version"])
    on.ask("GET", "/datasets/{id}", id=changed["id"])
    gone = on.ask("POST", "/datasets", name="gone", type="Text")["dataset"]
    on.ask("DELETE", "/datasets/{id}", id=gone["id"], expected_version=gone["version"])

    def step(type: str, sub_type: str, source: str | None, config: Any) -> list[str]:
        asked = {"dataset_id": dataset["id"], "type": type, "sub_type": sub_type, "name": sub_type, "config": config}
        made = on.ask("POST", "/datasets/{dataset_id}/tasks", **asked, **({"input_version_id": source} if source else {}))["dataset_task"]
        task = on.until("/datasets/tasks/{id}", "dataset_task", made["id"])
        assert task["status"] == "SUCCEEDED", task
        on.ask("GET", "/datasets/tasks/{task_id}/dropped", task_id=task["id"])
        on.ask("GET", "/datasets/events", entity="dataset_task", entity_id=task["id"])
        return list(task["output_version_ids"])

    [pages] = step("Importing", "Pydoc_Import", None, {"options": {"modules": MODULES, "topics": False}})
    [clean] = step("Cleaning", "Custom_Cleaning", pages, {"rules": RULES})
    [asked] = step("Conversion", "Format_Conversion", clean, {"converter": "python_docs", "options": {"max_subjects": 12}})
    parts = step("Splitting", "Train_Test_Split", asked, {"options": {"group_by": "template", "test_fraction": 0.25}})
    on.ask("GET", "/datasets/tasks", dataset_id=dataset["id"], limit=2)
    on.ask("GET", "/datasets/{dataset_id}/versions", dataset_id=dataset["id"])
    by_part = {on.ask("GET", "/datasets/versions/{id}", id=id)["dataset_version"]["part"]: id for id in parts}
    on.ask("GET", "/datasets/versions/{dataset_version_id}/records", dataset_version_id=asked, limit=3)
    return by_part["train"], by_part["test"]


def training(on: Walk, train: str) -> tuple[str, str]:
    """The ids of a model and its trained version."""
    model = on.ask("POST", "/models", name="walked", desc="m")["project"]
    on.ask("GET", "/models", limit=5)
    on.ask("GET", "/models/find", name="walked")
    model = on.ask("PATCH", "/models/{id}", id=model["id"], desc="n", expected_version=model["version"])["project"]
    on.ask("GET", "/models/{id}", id=model["id"])
    gone = on.ask("POST", "/models", name="gone")["project"]
    on.ask("POST", "/models/{project_id}/versions", project_id=gone["id"], desc="by hand")
    empty = on.ask("POST", "/models", name="empty")["project"]
    on.ask("DELETE", "/models/{id}", id=empty["id"], expected_version=empty["version"])
    gate = on.ask("GET", "/models/{project_id}/gate", project_id=model["id"])["gate"]
    on.ask("PUT", "/models/{project_id}/gate", project_id=model["id"], enabled=True, expected_version=gate["version"], rules=GATE)
    config = on.ask("POST", "/train/configs", model_id=model["id"], name="tiny", method="scratch", options=TINY)["config"]
    on.ask("PATCH", "/train/configs/{id}", id=config["id"], desc="d", expected_version=config["version"])
    on.ask("GET", "/train/configs/{id}", id=config["id"])
    on.ask("GET", "/train/configs", model_id=model["id"])
    asked = {"train_config_id": config["id"], "train_dataset_version_id": train, "name": "t"}
    made = on.ask("POST", "/train/tasks", **asked)["train_task"]
    on.ask("POST", "/train/tasks/{id}/pause", id=made["id"])
    for _ in range(40):  # until it has come to its pause; a fast machine is done before
        if "train_task" in on.ask("POST", "/train/tasks/{id}/resume", id=made["id"]):
            break
        time.sleep(0.3)
    task = on.until("/train/tasks/{id}", "train_task", made["id"])
    assert task["status"] == "SUCCEEDED", task
    on.ask("POST", "/train/tasks/{id}/cancel", "ended", id=task["id"])
    on.ask("GET", "/train/tasks", model_id=model["id"])
    on.ask("GET", "/train/tasks/{task_id}/metrics", task_id=task["id"])
    on.ask("GET", "/train/events", entity="train_task", entity_id=task["id"])
    on.ask("GET", "/models/{project_id}/versions", project_id=model["id"])
    on.ask("GET", "/models/versions/{id}", id=task["model_version_id"])
    on.ask("GET", "/models/versions/{model_version_id}/lineage", model_version_id=task["model_version_id"])
    on.ask("GET", "/models/events", entity="model_version", entity_id=task["model_version_id"])
    return model["id"], task["model_version_id"]


def release(on: Walk, model: str, version: str, test: str, approver: dict[str, str]) -> None:
    config = on.ask("POST", "/eval/configs", model_id=model, name="e", dataset_version_id=test)["config"]
    on.ask("GET", "/eval/configs/{id}", id=config["id"])
    on.ask("GET", "/eval/configs", model_id=model)
    made = on.ask("POST", "/eval/tasks", eval_config_id=config["id"], model_version_id=version, name="e")["eval_task"]
    task = on.until("/eval/tasks/{id}", "eval_task", made["id"])
    assert task["status"] == "SUCCEEDED", task
    on.ask("POST", "/eval/tasks/{id}/cancel", "ended", id=task["id"])
    on.ask("GET", "/eval/tasks", model_id=model)
    on.ask("GET", "/eval/tasks/{task_id}/items", task_id=task["id"], limit=2)
    on.ask("GET", "/eval/events", entity="eval_task", entity_id=task["id"])
    on.ask("GET", "/models/versions/{model_version_id}/evidence", model_version_id=version)
    on.ask("GET", "/models/versions/{model_version_id}/verdict", model_version_id=version, digest=task["target_digest"])
    local = on.ask("POST", "/deploy/configs", model_id=model, name="local", config={"eval_config_id": config["id"]})["config"]
    on.ask("GET", "/deploy/configs/{id}", id=local["id"])
    on.ask("GET", "/deploy/configs", model_id=model)
    made = on.ask("POST", "/deploy/work-orders", deployment_config_id=local["id"], model_version_id=version, name="o")["work_order"]
    order = on.until("/deploy/work-orders/{id}", "work_order", made["id"])
    assert order["status"] == "AWAITING_APPROVAL", order
    facts = {"id": order["id"], "expected_version": order["version"], "comment": "fine"}
    on.ask("POST", "/deploy/work-orders/{id}/approve", "own", **facts)
    on.ask("POST", "/deploy/work-orders/{id}/approve", headers=approver, **facts)
    end = time.monotonic() + WAIT_SECONDS
    while (order := on.ask("GET", "/deploy/work-orders/{id}", id=order["id"])["work_order"])["status"] not in ENDED - {"AWAITING_APPROVAL"}:
        assert time.monotonic() < end, order
        time.sleep(0.3)
    assert order["status"] == "ONLINE", order
    on.ask("GET", "/deploy/work-orders", model_id=model)
    slot = on.ask("GET", "/deploy/slots", model_id=model)["slots"][0]
    on.ask("GET", "/deploy/slots/{id}", id=slot["id"])
    on.ask("GET", "/deploy/models/{model_id}/endpoints", model_id=model)
    on.ask("GET", "/deploy/events", entity="work_order", entity_id=order["id"])
    on.ask("GET", "/v1/models")
    on.ask("POST", "/v1/chat/completions", model="walked", messages=[{"role": "user", "content": "What does json.dumps do?"}], max_tokens=4)
    on.ask("POST", "/v1/completions", model="walked", prompt="What", max_tokens=4)
    on.ask("GET", "/models/{id}/status", id=model)
    on.ask("POST", "/deploy/work-orders/{id}/cancel", "ended", id=order["id"])
    on.ask("POST", "/deploy/work-orders/{id}/rollback", "no former", id=order["id"], expected_version=order["version"], reason="r")
    on.ask("POST", "/models/versions/{id}/quarantine", "serving", id=version, reason="r")


def main(out: str) -> None:
    from tests.support.platform import running  # of the tree this is run in

    with tempfile.TemporaryDirectory() as home, running(Path(home)) as platform:
        with platform.owner() as owner:
            token = owner._http.headers["authorization"]
        space = str(platform.space(1))
        approver = {"authorization": f"Bearer {platform.token(2)}", "x-modelyard-space": space}
        found = walk(platform.settings.gateway_address, {"authorization": token, "x-modelyard-space": space}, approver)
    Path(out).write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    before = json.loads(BEFORE.read_text(encoding="utf-8"))
    print(f"{len(found)} steps, {len(before)} before", *(f"{step} is gone" for step in before if step not in found), sep="\n")
    print(*(line for step in before if step in found for line in differences(before[step], found[step], step)), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
