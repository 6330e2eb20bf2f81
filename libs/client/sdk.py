"""The Python SDK: ``Modelyard("http://127.0.0.1:8080").models.create(name="law")``.

Answers are plain dicts as the gateway gives them: 64-bit numbers as text, enums by name, times in milliseconds. A refused call raises
``ApiError`` with the code, reason, field and limit. Every call that changes something carries an idempotency key, so it is safe to repeat.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

API = "/api/v1"
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
ORDER_ENDED = frozenset({"ONLINE", "FAILED", "CANCELLED", "REJECTED", "ROLLED_BACK"})
Json = dict[str, Any]


class ApiError(Exception):
    """A refused or failed call. code: HTTP number (0 when nothing answered). reason: name. field and limit: what was wrong, or None."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.code: int = error.get("code", 0)
        self.reason: str = error.get("reason", "UNKNOWN")
        self.field: str | None = error.get("field")
        self.limit: str | None = error.get("limit")
        self.retryable: bool = error.get("retryable", False)
        self.request_id: str = error.get("request_id", "")
        self.facts = dict(error)
        super().__init__(error.get("message", self.reason))


class Modelyard:
    """One connection pool to a gateway. ``user`` and ``space`` say for whom; ``language`` is "en" or "zh"."""

    def __init__(self, address: str = "http://127.0.0.1:8080", *, user: int = 1, space: int = 1, language: str = "en", timeout: float = 30) -> None:
        headers = {"x-modelyard-user": str(user), "x-modelyard-space": str(space), "accept-language": language}
        self.address = address.rstrip("/")
        self._http = httpx.Client(base_url=self.address, headers=headers, timeout=timeout, trust_env=False)
        self.models = Models(self)
        self.datasets = Datasets(self)
        self.train = Train(self)
        self.eval = Eval(self)
        self.deploy = Deploy(self)

    def call(self, verb: str, path: str, *, query: Mapping[str, Any] | None = None, key: str | None = None, **body: Any) -> Json:
        """One call below /api/v1. None values are left out. Raises ApiError."""
        headers = {} if verb == "GET" else {"idempotency-key": key or uuid.uuid4().hex}
        sent = {name: value for name, value in body.items() if value is not None}
        params = {name: value for name, value in (query or {}).items() if value is not None}
        content = {"json": sent} if verb in ("POST", "PUT", "PATCH") else {}
        try:
            answer = self._http.request(verb, API + path, params=params, headers=headers, **content)
        except httpx.TransportError as error:
            raise ApiError(_silent(self.address, error)) from None
        return _read(answer)

    def pages(self, path: str, field: str, query: Mapping[str, Any] | None = None) -> Iterator[Json]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            found = self.call("GET", path, query={**(query or {}), "cursor": cursor})
            yield from found[field]
            cursor = found["next_cursor"]
            if cursor is None:
                return

    def chat(self, model: str, question: str, *, max_tokens: int = 64) -> Answer:
        """Asks a deployed model; iterate over the answer to stream its text."""
        body = {"model": model, "messages": [{"role": "user", "content": question}], "stream": True, "max_tokens": max_tokens, "temperature": 0}
        try:
            answer = self._http.send(self._http.build_request("POST", "/v1/chat/completions", json=body), stream=True)
        except httpx.TransportError as error:
            raise ApiError(_silent(self.address, error)) from None
        if answer.status_code != 200:
            answer.read()
            _read(answer)
        return Answer(answer)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Modelyard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Answer:
    """A streamed answer: iterate for its text; ``version`` and ``digest`` say who spoke."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.version = response.headers.get("x-modelyard-model-version", "")
        self.digest = response.headers.get("x-modelyard-digest", "")
        self.request_id = response.headers.get("x-request-id", "")

    def __iter__(self) -> Iterator[str]:
        try:
            for line in self._response.iter_lines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    for choice in json.loads(line[6:]).get("choices", []):
                        yield choice["delta"].get("content") or ""
        finally:
            self._response.close()

    def text(self) -> str:
        return "".join(self)


class _Group:
    def __init__(self, client: Modelyard) -> None:
        self._client = client
        self._call = client.call


class Models(_Group):
    """Projects, versions, the release gate, the composed status."""

    def create(self, name: str, **facts: Any) -> Json:
        return self._one("project", "POST", "/models", name=name, **facts)

    def get(self, id: str) -> Json:
        return self._one("project", "GET", f"/models/{id}")

    def find(self, name: str) -> Json:
        return self._one("project", "GET", "/models/find", query={"name": name})

    def list(self, prefix: str | None = None) -> Iterator[Json]:
        return self._client.pages("/models", "projects", {"name_prefix": prefix})

    def delete(self, id: str, expected_version: int) -> Json:
        return self._one("project", "DELETE", f"/models/{id}", query={"expected_version": expected_version})

    def status(self, id: str) -> Json:
        """Train, eval and deploy state in one answer; ``missing`` names the parts that did not answer."""
        return self._call("GET", f"/models/{id}/status")

    def versions(self, id: str) -> Iterator[Json]:
        return self._client.pages(f"/models/{id}/versions", "model_versions")

    def version(self, id: str) -> Json:
        return self._one("model_version", "GET", f"/models/versions/{id}")

    def verdict(self, version_id: str, digest: str) -> Json:
        return self._one("verdict", "GET", f"/models/versions/{version_id}/verdict", query={"digest": digest})

    def lineage(self, version_id: str) -> Any:
        return self._call("GET", f"/models/versions/{version_id}/lineage").get("edges", [])

    def gate(self, id: str) -> Json:
        return self._one("gate", "GET", f"/models/{id}/gate")

    def set_gate(self, id: str, *, enabled: bool, expected_version: int, rules: Any = None, off_reason: str | None = None) -> Json:
        return self._one("gate", "PUT", f"/models/{id}/gate", enabled=enabled, rules=rules, off_reason=off_reason, expected_version=expected_version)

    def _one(self, field: str, verb: str, path: str, **facts: Any) -> Json:
        found: Json = self._call(verb, path, **facts)[field]
        return found


class _Tasks(_Group):
    """Tasks of one domain. ``root``: where they live. ``field``: the name of one in an answer."""

    root = ""
    field = ""

    def task(self, id: str) -> Json:
        found: Json = self._call("GET", f"{self.root}/tasks/{id}")[self.field]
        return found

    def tasks(self, **query: Any) -> Iterator[Json]:
        return self._client.pages(f"{self.root}/tasks", self.field + "s", query)

    def cancel(self, id: str, cause: str = "") -> Json:
        found: Json = self._call("POST", f"{self.root}/tasks/{id}/cancel", cause=cause)[self.field]
        return found

    def wait(self, id: str, on_change: Callable[[Json], None] = lambda task: None, seconds: float = 3600, poll: float = 0.3) -> Json:
        """The task once it ended. Raises TimeoutError after ``seconds``."""
        return _wait(lambda: self.task(id), lambda task: task["status"] in ENDED, on_change, seconds, poll)


class Datasets(_Tasks):
    """Datasets, their versions and tasks."""

    root, field = "/datasets", "dataset_task"

    def create(self, name: str, type: str = "Text", **facts: Any) -> Json:
        found: Json = self._call("POST", "/datasets", name=name, type=type, **facts)["dataset"]
        return found

    def get(self, id: str) -> Json:
        found: Json = self._call("GET", f"/datasets/{id}")["dataset"]
        return found

    def find(self, name: str) -> Json:
        found: Json = self._call("GET", "/datasets/find", query={"name": name})["dataset"]
        return found

    def list(self, prefix: str | None = None) -> Iterator[Json]:
        return self._client.pages("/datasets", "datasets", {"name_prefix": prefix})

    def delete(self, id: str, expected_version: int) -> Json:
        found: Json = self._call("DELETE", f"/datasets/{id}", query={"expected_version": expected_version})["dataset"]
        return found

    def create_task(self, dataset_id: str, type: str, sub_type: str, name: str, **facts: Any) -> Json:
        """facts: input_version_id, config, reuse, desc, max_attempts. Answers {"dataset_task", "reused"}."""
        return self._call("POST", f"/datasets/{dataset_id}/tasks", type=type, sub_type=sub_type, name=name, **facts)

    def version(self, id: str) -> Json:
        found: Json = self._call("GET", f"/datasets/versions/{id}")["dataset_version"]
        return found

    def versions(self, dataset_id: str) -> Iterator[Json]:
        return self._client.pages(f"/datasets/{dataset_id}/versions", "dataset_versions")

    def records(self, version_id: str) -> Iterator[Json]:
        return self._client.pages(f"/datasets/versions/{version_id}/records", "records")

    def dropped(self, task_id: str, rule: str | None = None) -> Iterator[Json]:
        return self._client.pages(f"/datasets/tasks/{task_id}/dropped", "dropped", {"rule": rule})


class Train(_Tasks):
    """Train configs, tasks and metric curves."""

    root, field = "/train", "train_task"

    def create_config(self, model_id: str, name: str, **facts: Any) -> Json:
        found: Json = self._call("POST", "/train/configs", model_id=model_id, name=name, **facts)["config"]
        return found

    def config(self, id: str) -> Json:
        found: Json = self._call("GET", f"/train/configs/{id}")["config"]
        return found

    def configs(self, model_id: str) -> Iterator[Json]:
        return self._client.pages("/train/configs", "configs", {"model_id": model_id})

    def create_task(self, config_id: str, train_version_id: str, **facts: Any) -> Json:
        """facts: valid_dataset_version_id, name, desc, reuse, max_attempts. Answers {"train_task", "reused"}."""
        return self._call("POST", "/train/tasks", train_config_id=config_id, train_dataset_version_id=train_version_id, **facts)

    def pause(self, id: str) -> Json:
        found: Json = self._call("POST", f"/train/tasks/{id}/pause")["train_task"]
        return found

    def resume(self, id: str) -> Json:
        found: Json = self._call("POST", f"/train/tasks/{id}/resume")["train_task"]
        return found

    def metrics(self, task_id: str, after_step: int | None = None) -> Iterator[Json]:
        return self._client.pages(f"/train/tasks/{task_id}/metrics", "points", {"after_step": after_step})


class Eval(_Tasks):
    """Eval configs, tasks and their stored inputs and outputs."""

    root, field = "/eval", "eval_task"

    def create_config(self, model_id: str, name: str, dataset_version_id: str, **facts: Any) -> Json:
        found: Json = self._call("POST", "/eval/configs", model_id=model_id, name=name, dataset_version_id=dataset_version_id, **facts)["config"]
        return found

    def config(self, id: str) -> Json:
        found: Json = self._call("GET", f"/eval/configs/{id}")["config"]
        return found

    def configs(self, model_id: str) -> Iterator[Json]:
        return self._client.pages("/eval/configs", "configs", {"model_id": model_id})

    def create_task(self, config_id: str, model_version_id: str, **facts: Any) -> Json:
        """facts: target_kind, target_digest, target_address, name, reuse, … Answers {"eval_task", "reused"}."""
        return self._call("POST", "/eval/tasks", eval_config_id=config_id, model_version_id=model_version_id, **facts)

    def items(self, task_id: str, only_wrong: bool = False) -> Iterator[Json]:
        return self._client.pages(f"/eval/tasks/{task_id}/items", "items", {"only_wrong": "true" if only_wrong else None})


class Deploy(_Group):
    """Deployment configs, work orders and slots."""

    def create_config(self, model_id: str, name: str, **facts: Any) -> Json:
        found: Json = self._call("POST", "/deploy/configs", model_id=model_id, name=name, **facts)["config"]
        return found

    def config(self, id: str) -> Json:
        found: Json = self._call("GET", f"/deploy/configs/{id}")["config"]
        return found

    def configs(self, model_id: str) -> Iterator[Json]:
        return self._client.pages("/deploy/configs", "configs", {"model_id": model_id})

    def create_order(self, config_id: str, model_version_id: str, name: str, desc: str = "") -> Json:
        return self._order("POST", "", deployment_config_id=config_id, model_version_id=model_version_id, name=name, desc=desc)

    def order(self, id: str) -> Json:
        return self._order("GET", f"/{id}")

    def orders(self, model_id: str | None = None) -> Iterator[Json]:
        return self._client.pages("/deploy/work-orders", "work_orders", {"model_id": model_id})

    def approve(self, id: str, expected_version: int, comment: str = "") -> Json:
        return self._order("POST", f"/{id}/approve", comment=comment, expected_version=expected_version)

    def reject(self, id: str, expected_version: int, comment: str) -> Json:
        return self._order("POST", f"/{id}/reject", comment=comment, expected_version=expected_version)

    def cancel(self, id: str, cause: str = "") -> Json:
        return self._order("POST", f"/{id}/cancel", cause=cause)

    def roll_back(self, id: str, cause: str = "") -> Json:
        return self._order("POST", f"/{id}/rollback", cause=cause)

    def wait(
        self, id: str, until: frozenset[str] = ORDER_ENDED, on_change: Callable[[Json], None] = lambda order: None, seconds: float = 3600
    ) -> Json:
        """The order once its status is in ``until`` or it ended."""
        return _wait(lambda: self.order(id), lambda order: order["status"] in until | ORDER_ENDED, on_change, seconds, 0.3)

    def slots(self, model_id: str | None = None) -> Iterator[Json]:
        return self._client.pages("/deploy/slots", "slots", {"model_id": model_id})

    def _order(self, verb: str, path: str, **facts: Any) -> Json:
        found: Json = self._call(verb, "/deploy/work-orders" + path, **facts)["work_order"]
        return found


def _wait(read: Callable[[], Json], ended: Callable[[Json], bool], on_change: Callable[[Json], None], seconds: float, poll: float) -> Json:
    """Polls until ``ended``; an answer that is missing for a moment (a restart) is waited out."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = read()
            on_change(found)
            if ended(found):
                return found
        except ApiError as error:
            if not error.retryable or time.monotonic() > end:
                raise
        if time.monotonic() > end:
            raise TimeoutError(f"not ended after {seconds:.0f} s")
        time.sleep(poll)


def _read(answer: httpx.Response) -> Json:
    try:
        body: Json = answer.json()
    except ValueError:
        body = {}
    if answer.is_success:
        return body
    error = body.get("error") or {"message": f"HTTP {answer.status_code} without an explanation"}
    raise ApiError({"code": answer.status_code, **error})


def _silent(address: str, error: Exception) -> Json:
    message = f"Nothing answers at {address} ({type(error).__name__}). Start the platform with `modelyard up`, or set MODELYARD_GATEWAY."
    return {"code": 0, "reason": "UNAVAILABLE", "message": message, "retryable": True}
