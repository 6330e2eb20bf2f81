"""The neighbours of the deploy domain as small recording peers of ours. What they remember lies in a folder, so that they are the same ones
for every process of a test and survive each kill -9. The eval peer really asks the address it is given, and believes no other digest.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace as Struct
from typing import Any

import httpx

from libs.common import instance_key
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found, unavailable

MODEL_ID, EVAL_CONFIG_ID, DATASET_VERSION_ID = 11, 21, 31
MODEL_NAME = "文档问答"
VERSIONS = (41, 42)
ANSWER_TOKENS = 8
PASS, FAIL, NO_DATA, OFF = 1, 2, 3, 4
SUCCEEDED, FAILED, CANCELLED, RUNNING = 90, 91, 92, 10


class World:
    """state: versions (by id: status, uri, digest), gate (None: by evidence), tasks, evidence, calls, down (peers that do not answer),
    broken (methods that fail for a reason of their own), lost (methods whose next answer gets lost).
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._lock = folder / "world.json", folder / "world.lock"
        if not self._path.exists():
            empty = {
                "versions": {},
                "gate": None,
                "tasks": {},
                "evidence": {},
                "calls": [],
                "down": [],
                "lost": [],
                "broken": [],
                "held": False,
                "test_version": {},
            }
            self._path.write_text(json.dumps(empty))
        self.model, self.eval, self.dataset = ModelPeer(self), EvalPeer(self), DatasetPeer(self)

    @contextmanager
    def changing(self) -> Iterator[dict[str, Any]]:
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = json.loads(self._path.read_text())
            yield state
            beside = self._path.with_suffix(".new")
            beside.write_text(json.dumps(state))
            beside.replace(self._path)

    def state(self) -> dict[str, Any]:
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found: dict[str, Any] = json.loads(self._path.read_text())
            return found

    def set(self, **values: Any) -> None:
        with self.changing() as state:
            state.update(values)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The facts of every call of ``method``, oldest first; ``key`` is its idempotency key."""
        return [call["facts"] for call in self.state()["calls"] if call["method"] == method]

    def forget_evaluations(self) -> None:
        with self.changing() as state:
            state.update(tasks={}, evidence={})


class _Peer:
    name = ""

    def __init__(self, world: World) -> None:
        self._world = world

    def call(self, ctx: CallContext, method: str, **facts: Any) -> Any:
        plain = {name: value if isinstance(value, (int, str, bool, type(None))) else str(value) for name, value in facts.items()}
        with self._world.changing() as state:
            if self.name in state["down"]:
                raise unavailable(self.name)
            state["calls"].append({"method": method, "facts": {**plain, "key": ctx.idempotency_key}})
            broken, lost = method in state["broken"], method in state["lost"]
            if lost:
                state["lost"].remove(method)
        if broken:
            raise PlatformError(500, Reason.INTERNAL)
        answer = getattr(self, method)(ctx, **facts)
        if lost:  # it took effect, and nobody heard of it
            raise PlatformError(502, Reason.CONNECTION_LOST, retryable=True, what=self.name)
        return answer


class ModelPeer(_Peer):
    name = "model"

    def GetProject(self, ctx: CallContext, id: int) -> Any:
        if id != MODEL_ID:
            raise not_found("model_project", id)
        return Struct(project=Struct(id=id, name=MODEL_NAME))

    def GetVersion(self, ctx: CallContext, id: int) -> Any:
        version = self._world.state()["versions"].get(str(id))
        if version is None:
            raise not_found("model_version", id)
        return Struct(
            model_version=Struct(
                id=id,
                project_id=version.get("project_id", MODEL_ID),
                number=VERSIONS.index(id) + 1,
                status=version["status"],
                artifact_uri=version["uri"],
                artifact_digest=version["digest"],
            )
        )

    def CheckGate(self, ctx: CallContext, model_version_id: int, digest: str, eval_task_id: int) -> Any:
        state = self._world.state()
        if state["versions"][str(model_version_id)]["status"] == 99:
            raise PlatformError(
                409, Reason.ILLEGAL_TRANSITION, field="status", machine="model_version", state="QUARANTINED", event="RELEASE"
            )
        judged = state["tasks"].get(str(eval_task_id), {})  # by this evaluation and no other
        value = state["evidence"].get(digest) if judged.get("digest") == digest else None
        verdict = state["gate"] or (NO_DATA if value is None else PASS)
        rule = Struct(metric=state.get("rule", "exact_match"), comparator=1, bound=0.9)
        result = Struct(
            rule=rule, verdict=verdict if verdict != OFF else NO_DATA, value=value or 0.0, evidence_id=1 if value else 0, lack=0
        )
        return Struct(verdict=Struct(verdict=verdict, digest=digest, gate_version=3, results=[result], check_time=1, gate_override=None))

    def RecordPackage(self, ctx: CallContext, id: int, work_order_id: int, digest: str) -> Any:
        return Struct(model_version=Struct(id=id))

    def RecordServing(self, ctx: CallContext, project_id: int, serving_slots: int) -> Any:
        return Struct(project=Struct(id=project_id))


class DatasetPeer(_Peer):
    name = "dataset"

    def GetVersion(self, ctx: CallContext, id: int) -> Any:
        return Struct(dataset_version=Struct(id=id, **self._world.state()["test_version"]))


class EvalPeer(_Peer):
    """state["held"]: evaluations do not move on."""

    name = "eval"

    def GetConfig(self, ctx: CallContext, id: int) -> Any:
        if id != EVAL_CONFIG_ID:
            raise not_found("eval_config", id)
        options = json.dumps({"max_new_tokens": ANSWER_TOKENS})
        return Struct(
            config=Struct(
                id=id, model_id=MODEL_ID, dataset_version_id=DATASET_VERSION_ID, options_json=options, metrics=[], engine_version=1
            )
        )

    def CreateReleaseTask(self, ctx: CallContext, **facts: Any) -> Any:
        """Never answered with an earlier one: only a repeated call is."""
        assert ctx.idempotency_key
        with self._world.changing() as state:
            tasks = state["tasks"]
            known = next((task for task in tasks.values() if task["key"] == ctx.idempotency_key), None)
            if known is not None and known["facts"] != facts:
                raise PlatformError(409, Reason.IDEMPOTENCY_KEY_REUSED, field="idempotency_key")
            if known is None:
                known = {"id": 1000 + len(tasks), "key": ctx.idempotency_key, "facts": facts, "status": RUNNING, "error": {}, "items": []}
                known |= {"digest": facts["target_digest"], "address": facts["target_address"], "looks": 0}
                tasks[str(known["id"])] = known
            return Struct(eval_task=Struct(id=known["id"]))

    def GetTask(self, ctx: CallContext, id: int) -> Any:
        with self._world.changing() as state:
            task = state["tasks"].get(str(id))
            if task is None:
                raise not_found("eval_task", id)
            if task["status"] == RUNNING and not state["held"]:
                _evaluate(task, state["questions"])
                if task["status"] == SUCCEEDED:
                    state["evidence"][task["digest"]] = 1.0
        done = len(task["items"])
        return Struct(
            eval_task=Struct(
                id=id,
                status=task["status"],
                target_digest=task["digest"],
                work_order_id=task["facts"]["work_order_id"],
                against_task_id=task["facts"].get("against_task_id") or 0,
                overlap_json="{}",
                dataset_version_id=DATASET_VERSION_ID,
                metrics={"exact_match": 1.0} if done else {},
                items=done,
                failed_items=0,
                verdict="PASS" if done else "",
                error_json=json.dumps(task["error"]),
            )
        )

    def ListItems(self, ctx: CallContext, task_id: int, page: Any) -> Any:
        items = self._world.state()["tasks"][str(task_id)]["items"]
        start = int(page.cursor or 0)
        more = str(start + page.limit) if start + page.limit < len(items) else None
        return Struct(items=[Struct(**item) for item in items[start : start + page.limit]], page=Struct(next_cursor=more))

    def CancelTask(self, ctx: CallContext, id: int, cause: str) -> Any:
        with self._world.changing() as state:
            task = state["tasks"][str(id)]
            if task["status"] != RUNNING:
                raise PlatformError(
                    409, Reason.ILLEGAL_TRANSITION, field="status", limit="none", machine="task", state="ended", event="CANCEL"
                )
            task["status"] = CANCELLED
        return Struct(eval_task=Struct(id=id))


def _evaluate(task: dict[str, Any], questions: list[str]) -> None:
    """Asks everything at once. An address that is silent is asked again later, and is given up after many looks."""
    items = []
    try:
        with httpx.Client(base_url=task["address"], timeout=10, trust_env=False) as client:
            for question in questions:
                body = {"messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": ANSWER_TOKENS}
                sent = instance_key.headers(task["facts"]["target_key"])
                response = client.post("/v1/chat/completions", json=body, headers=sent)
                assert response.headers["x-modelyard-digest"] == task["digest"]
                items.append({"input": question, "output": response.json()["choices"][0]["message"]["content"], "error": ""})
    except httpx.HTTPError:
        task["looks"] += 1
        if task["looks"] >= 40:
            task["status"] = FAILED
            task["error"] = {
                "code": 503,
                "reason": "TARGET_UNREACHABLE",
                "field": "target_address",
                "limit": None,
                "details": {"what": "x"},
            }
        return
    task.update(items=items, status=SUCCEEDED)
