"""The Python SDK: ``Modelyard("http://127.0.0.1:8080").models.create(name="law")``.

Answers are plain dicts as the gateway gives them: 64-bit numbers as text, enums by name, times in milliseconds. A refused call raises
``ApiError`` with the code, reason, field and limit. Every call that changes something carries an idempotency key, so it is safe to repeat;
a connection that breaks under a call is repeated once, here, with the same key.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from libs.client.failure import ApiError, Json, bad_address, foreign, object_of, openai_facts, refused, silence
from libs.client.people import Departments, Keys, Memberships, ServiceAccounts, Spaces, Users
from libs.client.speech import language_of
from libs.common.lines import lines
from libs.common.settings import Settings, load

__all__ = ["Answer", "ApiError", "Json", "Modelyard"]
API = "/api/v1"
SILENT_SECONDS = 60.0  # how long a wait goes on while nothing answers: a restart takes a few
LONG_PAGE = 500  # what the gateway gives at once, for lists of small things
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
ORDER_ENDED = frozenset({"ONLINE", "FAILED", "CANCELLED", "REJECTED", "ROLLED_BACK"})


class Modelyard:
    """One connection pool to a gateway.

    What is not given is taken from the settings of the command line (``MODELYARD_GATEWAY``, ``MODELYARD_TOKEN`` or who signed in under
    ``MODELYARD_HOME``, ``MODELYARD_SPACE``, ``MODELYARD_LANGUAGE``). ``token``: an API key or an access token, "" for none (then
    ``sign_in``). ``space``: the project space, 0 for the caller's first. ``language``: "en" or "zh". Raises ApiError for an address that
    is none.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        token: str | None = None,
        space: int | None = None,
        language: str | None = None,
        timeout: float = 30,
    ) -> None:
        settings = load()
        address = settings.gateway_address if address is None else address
        token = _known_token(settings, address) if token is None else token
        space = settings.space if space is None else space
        self.address, self.language = address.rstrip("/"), language_of() if language is None else language
        headers = {"accept-language": self.language}
        if token:
            headers["authorization"] = f"Bearer {token}"
        if space:
            headers["x-modelyard-space"] = str(space)
        self._refresh_token = ""
        try:
            # Loading certificates takes longer than most calls, and plain HTTP needs none.
            verify = not self.address.startswith("http://")
            self._http = httpx.Client(base_url=self.address, headers=headers, timeout=timeout, trust_env=False, verify=verify)
        except (httpx.InvalidURL, ValueError):
            raise bad_address(self.address, self.language) from None
        self.departments, self.users, self.spaces = Departments(self), Users(self), Spaces(self)
        self.memberships, self.keys, self.services = Memberships(self), Keys(self), ServiceAccounts(self)
        self.models = Models(self)
        self.datasets = Datasets(self)
        self.train = Train(self)
        self.eval = Eval(self)
        self.deploy = Deploy(self)

    # --- who we are

    def sign_in(self, account: str, password: str) -> Json:
        """Opens a session and uses it from now on; it is renewed by itself while this client lives. Raises ApiError."""
        return self._use(self.call("POST", "/auth/sign-in", answers="access_token", account=account, password=password))

    def renew(self, refresh_token: str) -> Json:
        """A new session of a refresh token, which is good for one use."""
        return self._use(self.call("POST", "/auth/refresh", answers="access_token", refresh_token=refresh_token))

    def sign_out(self) -> Json:
        self._refresh_token = ""
        return self.call("POST", "/auth/sign-out")

    def me(self) -> Json:
        """The user, the space calls are made in, and all places the user may go."""
        return self.call("GET", "/auth/me", answers="user")

    def _use(self, opened: Json) -> Json:
        self._http.headers["authorization"] = f"Bearer {opened['access_token']}"
        self._refresh_token = opened["refresh_token"]
        return opened

    # --- calls

    def call(
        self,
        verb: str,
        path: str,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
        answers: str | None = None,
        **body: Any,
    ) -> Json:
        """One call below /api/v1. body: its fields; None values are left out. answers: a field the answer must have. Raises ApiError."""
        headers = {} if verb == "GET" else {"idempotency-key": key or uuid.uuid4().hex}
        sent = {name: value for name, value in body.items() if value is not None}
        params = {name: value for name, value in (query or {}).items() if value is not None}
        content = sent if verb in ("POST", "PUT", "PATCH") else None

        def send() -> httpx.Response:
            return self._send(self._http.build_request(verb, API + path, params=params, headers=headers, json=content), attempts=2)

        answer = send()
        if answer.status_code == 401 and self._refresh_token and not path.startswith("/auth/"):
            self.renew(self._refresh_token)
            answer = send()
        if not answer.is_success:
            raise refused(answer, self.language)
        found = object_of(answer)
        if found is None or (answers is not None and answers not in found):
            raise foreign(answer, self.language)
        return found

    def pages(self, path: str, field: str, query: Mapping[str, Any] | None = None) -> Iterator[Json]:
        """Every item of a list, page by page. ``query`` may hold ``limit``: items per page, 1-500."""
        cursor: str | None = None
        while True:
            found = self.call("GET", path, query={**(query or {}), "cursor": cursor}, answers="next_cursor")
            yield from found.get(field) or []
            cursor = found["next_cursor"]
            if cursor is None:
                return

    def online(self) -> list[Json]:
        """The models that answer ``chat``, as OpenAI's clients list them."""
        answer = self._send(self._http.build_request("GET", "/v1/models"), attempts=2)
        if not answer.is_success:
            raise refused(answer, self.language)
        found = (object_of(answer) or {}).get("data")
        if not isinstance(found, list):
            raise foreign(answer, self.language)
        return found

    def chat(self, model: str, question: str, *, max_tokens: int = 64) -> Answer:
        """Asks a deployed model; iterate over the answer to stream its text. A question is never sent twice."""
        body = {
            "model": model,
            "messages": [{"role": "user", "content": question}],
            "stream": True,
            "max_tokens": max_tokens,
            "temperature": 0,
        }
        answer = self._send(self._http.build_request("POST", "/v1/chat/completions", json=body), attempts=1, stream=True)
        if answer.status_code != 200:
            answer.read()
            raise refused(answer, self.language)
        return Answer(answer, self, model)

    def _send(self, request: httpx.Request, attempts: int, stream: bool = False) -> httpx.Response:
        """The answer. Raises ApiError when there is none. A broken connection is tried again, a silent or refusing door is not."""
        while True:
            attempts -= 1
            try:
                return self._http.send(request, stream=stream)
            except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
                if isinstance(error, httpx.ConnectError) or attempts < 1:
                    raise silence(error, self.address, self.language) from None
            except (httpx.RequestError, httpx.InvalidURL) as error:
                raise silence(error, self.address, self.language) from None

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Modelyard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _known_token(settings: Settings, address: str) -> str:
    """What speaks for the caller there: a token of the settings goes to no address but theirs."""
    if settings.token and address == settings.gateway_address:
        return settings.token
    from libs.client.credentials import Credentials

    return Credentials(settings.home_path).token(address)


class Answer:
    """A streamed answer: iterate once for its text; ``model``, ``version`` and ``digest`` say who spoke."""

    def __init__(self, response: httpx.Response, client: Modelyard, model: str) -> None:
        self._response, self._client = response, client
        self.model = model
        self.version = response.headers.get("x-modelyard-model-version", "")
        self.digest = response.headers.get("x-modelyard-digest", "")
        self.request_id = response.headers.get("x-request-id", "")
        self.id = ""  # of the answer itself, once its first piece has come

    def __iter__(self) -> Iterator[str]:
        """Raises ApiError when the model fails on the way or the stream ends before its end mark: half an answer is not an answer."""
        try:
            for line in lines(self._response.iter_bytes()):
                if line == "data: [DONE]":
                    return
                if line.startswith("data:"):
                    yield from self._pieces(line[5:])
        except httpx.RequestError as error:
            raise self._broken(error) from None
        finally:
            self._response.close()
        raise self._broken(EOFError())

    def text(self) -> str:
        return "".join(self)

    def _pieces(self, event: str) -> Iterator[str]:
        try:
            body = json.loads(event)
        except ValueError as error:
            raise self._broken(error) from None
        if "error" in body:
            raise ApiError(openai_facts(body["error"], 500))
        self.id, self.model = body.get("id") or self.id, body.get("model") or self.model
        yield from filter(None, (choice["delta"].get("content") for choice in body.get("choices", [])))

    def _broken(self, error: Exception) -> ApiError:
        return silence(error, self._client.address, self._client.language)


class _Group:
    """Calls of one domain. ``root``: where its routes live."""

    root = ""

    def __init__(self, client: Modelyard) -> None:
        self._client = client
        self._call = client.call

    def events(self, entity: str, entity_id: str) -> Iterator[Json]:
        """The history of one object, oldest first."""
        return self._client.pages(f"{self.root}/events", "events", {"entity": entity, "entity_id": entity_id})

    def _one(self, field: str, verb: str, path: str, /, **facts: Any) -> Json:
        found: Json = self._call(verb, self.root + path, answers=field, **facts)[field]
        return found


class Models(_Group):
    """Projects, versions, the release gate, the composed status."""

    root = "/models"

    def create(self, name: str, **facts: Any) -> Json:
        return self._one("project", "POST", "", name=name, **facts)

    def get(self, id: str) -> Json:
        return self._one("project", "GET", f"/{_part(id)}")

    def find(self, name: str) -> Json:
        return self._one("project", "GET", "/find", query={"name": name})

    def list(self, prefix: str | None = None) -> Iterator[Json]:
        return self._client.pages("/models", "projects", {"name_prefix": prefix})

    def update(self, id: str, expected_version: int, **facts: Any) -> Json:
        return self._one("project", "PATCH", f"/{_part(id)}", expected_version=expected_version, **facts)

    def delete(self, id: str, expected_version: int) -> Json:
        return self._one("project", "DELETE", f"/{_part(id)}", query={"expected_version": expected_version})

    def status(self, id: str) -> Json:
        """Train, eval and deploy state in one answer; ``missing`` names the parts that did not answer."""
        return self._call("GET", f"/models/{_part(id)}/status")

    def resolve(self, name: str) -> Json:
        """What a name stands for: {"project", "model_version_number"}; the number is 0 for whatever is online."""
        return self._call("GET", "/models/resolve", answers="project", query={"name": name})

    def aliases(self, id: str) -> Iterator[Json]:
        """Second names of a model, and names it had before it was renamed (``former``)."""
        return self._client.pages(f"/models/{_part(id)}/aliases", "model_aliases")

    def create_alias(self, id: str, name: str, model_version_number: int = 0) -> Json:
        """0: for whatever is online."""
        return self._one("model_alias", "POST", f"/{_part(id)}/aliases", name=name, model_version_number=model_version_number)

    def move_alias(self, alias_id: str, expected_version: int, model_version_number: int) -> Json:
        facts = {"model_version_number": model_version_number, "expected_version": expected_version}
        return self._one("model_alias", "PATCH", f"/aliases/{_part(alias_id)}", **facts)

    def delete_alias(self, alias_id: str, expected_version: int) -> Json:
        return self._one("model_alias", "DELETE", f"/aliases/{_part(alias_id)}", query={"expected_version": expected_version})

    def create_version(self, id: str, **facts: Any) -> Json:
        return self._one("model_version", "POST", f"/{_part(id)}/versions", **facts)

    def versions(self, id: str) -> Iterator[Json]:
        return self._client.pages(f"/models/{_part(id)}/versions", "model_versions")

    def version(self, id: str) -> Json:
        return self._one("model_version", "GET", f"/versions/{_part(id)}")

    def evidence(self, version_id: str) -> Iterator[Json]:
        return self._client.pages(f"/models/versions/{_part(version_id)}/evidence", "evidence")

    def verdict(self, version_id: str, digest: str) -> Json:
        return self._one("verdict", "GET", f"/versions/{_part(version_id)}/verdict", query={"digest": digest})

    def lineage(self, version_id: str) -> Any:
        return self._call("GET", f"/models/versions/{_part(version_id)}/lineage").get("edges", [])

    def gate(self, id: str) -> Json:
        return self._one("gate", "GET", f"/{_part(id)}/gate")

    def set_gate(self, id: str, *, enabled: bool, expected_version: int, rules: Any = None, off_reason: str | None = None) -> Json:
        facts = {"enabled": enabled, "rules": rules, "off_reason": off_reason, "expected_version": expected_version}
        return self._one("gate", "PUT", f"/{_part(id)}/gate", **facts)


class _Tasks(_Group):
    """Tasks of one domain. ``field``: the name of one in an answer."""

    field = ""

    def task(self, id: str) -> Json:
        return self._one(self.field, "GET", f"/tasks/{_part(id)}")

    def tasks(self, **query: Any) -> Iterator[Json]:
        return self._client.pages(f"{self.root}/tasks", self.field + "s", query)

    def cancel(self, id: str, cause: str = "") -> Json:
        return self._one(self.field, "POST", f"/tasks/{_part(id)}/cancel", cause=cause)

    def wait(self, id: str, on_change: Callable[[Json], None] = lambda _: None, seconds: float = 3600, poll: float = 0.3) -> Json:
        """The task once it ended. Raises TimeoutError after ``seconds``, ApiError when nothing answers for SILENT_SECONDS."""
        return _wait(lambda: self.task(id), lambda task: task["status"] in ENDED, on_change, seconds, poll)


class Datasets(_Tasks):
    """Datasets, their versions and tasks."""

    root, field = "/datasets", "dataset_task"

    def create(self, name: str, type: str = "Text", **facts: Any) -> Json:
        return self._one("dataset", "POST", "", name=name, type=type, **facts)

    def get(self, id: str) -> Json:
        return self._one("dataset", "GET", f"/{_part(id)}")

    def find(self, name: str) -> Json:
        return self._one("dataset", "GET", "/find", query={"name": name})

    def list(self, prefix: str | None = None) -> Iterator[Json]:
        return self._client.pages("/datasets", "datasets", {"name_prefix": prefix})

    def update(self, id: str, expected_version: int, **facts: Any) -> Json:
        return self._one("dataset", "PATCH", f"/{_part(id)}", expected_version=expected_version, **facts)

    def delete(self, id: str, expected_version: int) -> Json:
        return self._one("dataset", "DELETE", f"/{_part(id)}", query={"expected_version": expected_version})

    def create_task(self, dataset_id: str, type: str, sub_type: str, name: str, **facts: Any) -> Json:
        """facts: input_version_id, config, reuse, desc, max_attempts. Answers {"dataset_task", "reused"}."""
        return self._call("POST", f"/datasets/{_part(dataset_id)}/tasks", type=type, sub_type=sub_type, name=name, **facts)

    def version(self, id: str) -> Json:
        return self._one("dataset_version", "GET", f"/versions/{_part(id)}")

    def find_version(self, dataset_id: str, reference: str) -> Json:
        """reference: "latest" (what the last step made), "train" or "test" (the newest of that part), or a version's number."""
        return self._one("dataset_version", "GET", f"/{_part(dataset_id)}/versions/{_part(reference)}")

    def versions(self, dataset_id: str) -> Iterator[Json]:
        return self._client.pages(f"/datasets/{_part(dataset_id)}/versions", "dataset_versions")

    def records(self, version_id: str) -> Iterator[Json]:
        return self._client.pages(f"/datasets/versions/{_part(version_id)}/records", "records")

    def dropped(self, task_id: str, rule: str | None = None) -> Iterator[Json]:
        return self._client.pages(f"/datasets/tasks/{_part(task_id)}/dropped", "dropped", {"rule": rule})


class Train(_Tasks):
    """Train configs, tasks and metric curves."""

    root, field = "/train", "train_task"

    def create_config(self, model_id: str, name: str, **facts: Any) -> Json:
        """facts: desc, method, options."""
        return self._one("config", "POST", "/configs", model_id=model_id, name=name, **facts)

    def config(self, id: str) -> Json:
        return self._one("config", "GET", f"/configs/{_part(id)}")

    def configs(self, model_id: str) -> Iterator[Json]:
        return self._client.pages("/train/configs", "configs", {"model_id": model_id})

    def update_config(self, id: str, expected_version: int, **facts: Any) -> Json:
        return self._one("config", "PATCH", f"/configs/{_part(id)}", expected_version=expected_version, **facts)

    def create_task(self, config_id: str, train_version_id: str, **facts: Any) -> Json:
        """facts: valid_dataset_version_id, name, desc, reuse, max_attempts. Answers {"train_task", "reused"}."""
        return self._call("POST", "/train/tasks", train_config_id=config_id, train_dataset_version_id=train_version_id, **facts)

    def pause(self, id: str) -> Json:
        return self._one(self.field, "POST", f"/tasks/{_part(id)}/pause")

    def resume(self, id: str) -> Json:
        return self._one(self.field, "POST", f"/tasks/{_part(id)}/resume")

    def metrics(self, task_id: str, after_step: int | None = None, names: Sequence[str] | None = None) -> Iterator[Json]:
        """Points of the curve after a step; ``names``: only these metrics."""
        query = {"after_step": after_step, "names": names or None, "limit": LONG_PAGE}
        return self._client.pages(f"/train/tasks/{_part(task_id)}/metrics", "points", query)


class Eval(_Tasks):
    """Eval configs, tasks and their stored inputs and outputs."""

    root, field = "/eval", "eval_task"

    def create_config(self, model_id: str, name: str, dataset_version_id: str, **facts: Any) -> Json:
        """facts: desc, metrics, options."""
        return self._one("config", "POST", "/configs", model_id=model_id, name=name, dataset_version_id=dataset_version_id, **facts)

    def config(self, id: str) -> Json:
        return self._one("config", "GET", f"/configs/{_part(id)}")

    def configs(self, model_id: str) -> Iterator[Json]:
        return self._client.pages("/eval/configs", "configs", {"model_id": model_id})

    def create_task(self, config_id: str, model_version_id: str, **facts: Any) -> Json:
        """facts: target_kind, target_digest, target_address, name, reuse, … Answers {"eval_task", "reused"}."""
        return self._call("POST", "/eval/tasks", eval_config_id=config_id, model_version_id=model_version_id, **facts)

    def items(self, task_id: str, only_wrong: bool = False) -> Iterator[Json]:
        return self._client.pages(f"/eval/tasks/{_part(task_id)}/items", "items", {"only_wrong": "true" if only_wrong else None})


class Deploy(_Group):
    """Deployment configs, work orders and slots."""

    root = "/deploy"

    def create_config(self, model_id: str, name: str, **facts: Any) -> Json:
        """facts: desc, environment, room, config."""
        return self._one("config", "POST", "/configs", model_id=model_id, name=name, **facts)

    def config(self, id: str) -> Json:
        return self._one("config", "GET", f"/configs/{_part(id)}")

    def configs(self, model_id: str) -> Iterator[Json]:
        return self._client.pages("/deploy/configs", "configs", {"model_id": model_id})

    def create_order(self, config_id: str, model_version_id: str, name: str, desc: str = "") -> Json:
        return self._order("POST", "", deployment_config_id=config_id, model_version_id=model_version_id, name=name, desc=desc)

    def order(self, id: str) -> Json:
        return self._order("GET", f"/{_part(id)}")

    def orders(self, model_id: str | None = None) -> Iterator[Json]:
        return self._client.pages("/deploy/work-orders", "work_orders", {"model_id": model_id})

    def approve(self, id: str, expected_version: int, comment: str = "") -> Json:
        return self._order("POST", f"/{_part(id)}/approve", comment=comment, expected_version=expected_version)

    def reject(self, id: str, expected_version: int, comment: str) -> Json:
        return self._order("POST", f"/{_part(id)}/reject", comment=comment, expected_version=expected_version)

    def cancel(self, id: str, cause: str = "") -> Json:
        return self._order("POST", f"/{_part(id)}/cancel", cause=cause)

    def roll_back(self, id: str, cause: str = "") -> Json:
        return self._order("POST", f"/{_part(id)}/rollback", cause=cause)

    def wait(
        self, id: str, until: frozenset[str] = ORDER_ENDED, on_change: Callable[[Json], None] = lambda _: None, seconds: float = 3600
    ) -> Json:
        """The order once its status is in ``until`` or it ended. Raises as ``Train.wait``."""
        return _wait(lambda: self.order(id), lambda order: order["status"] in until | ORDER_ENDED, on_change, seconds, 0.3)

    def slot(self, id: str) -> Json:
        return self._one("slot", "GET", f"/slots/{_part(id)}")

    def slots(self, model_id: str | None = None) -> Iterator[Json]:
        return self._client.pages("/deploy/slots", "slots", {"model_id": model_id})

    def _order(self, verb: str, path: str, /, **facts: Any) -> Json:
        return self._one("work_order", verb, "/work-orders" + path, **facts)


def _part(id: object) -> str:
    """An id as one part of a path, whatever somebody typed."""
    return quote(str(id), safe="")


def _wait(read: Callable[[], Json], ended: Callable[[Json], bool], on_change: Callable[[Json], None], seconds: float, poll: float) -> Json:
    """Polls until ``ended``; ``on_change`` sees each new state once. Silence for a moment (a restart) is waited out."""
    end = time.monotonic() + seconds
    heard, seen = time.monotonic(), None
    while True:
        try:
            found = read()
            heard = time.monotonic()
            if found != seen:
                on_change(found)
                seen = found
            if ended(found):
                return found
        except ApiError as error:
            if not error.retryable or time.monotonic() - heard > SILENT_SECONDS:
                raise
        if time.monotonic() > end:
            raise TimeoutError(f"not ended after {seconds:.0f} s")
        time.sleep(poll)
