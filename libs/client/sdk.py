"""The Python SDK: ``Modelyard("http://127.0.0.1:8080").models.create(name="law")``.

Answers are plain dicts as the gateway gives them: 64-bit numbers as text, enums by name, times in milliseconds. A refused call raises
``ApiError`` with the code, reason, field and limit. Every call that changes something carries an idempotency key, so it is safe to repeat;
a connection that breaks under a call is repeated once, here, with the same key.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx

from libs.client.download import Download
from libs.client.failure import ApiError, Json, bad_address, foreign, object_of, openai_facts, refused, silence
from libs.client.speech import language_of
from libs.client.watch import BEAT_SECONDS, Watch
from libs.common.lines import lines
from libs.common.settings import Settings, load

if TYPE_CHECKING:
    from libs.client.domains.datasets import Datasets
    from libs.client.domains.deploy import Deploy
    from libs.client.domains.eval import Eval
    from libs.client.domains.knowledge import Knowledge
    from libs.client.domains.models import Models
    from libs.client.domains.prompts import Prompts
    from libs.client.domains.resource import Resource
    from libs.client.domains.train import Train
    from libs.client.people import Departments, Keys, Memberships, ServiceAccounts, Spaces, Users

__all__ = ["Answer", "ApiError", "Json", "Modelyard", "Watch"]
API = "/api/v1"
SILENT_SECONDS = 60.0  # how long a wait goes on while nothing answers: a restart takes a few


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

    # --- nouns: each is loaded when it is first used, as a short command uses one

    @cached_property
    def models(self) -> Models:
        from libs.client.domains.models import Models

        return Models(self)

    @cached_property
    def datasets(self) -> Datasets:
        from libs.client.domains.datasets import Datasets

        return Datasets(self)

    @cached_property
    def train(self) -> Train:
        from libs.client.domains.train import Train

        return Train(self)

    @cached_property
    def resource(self) -> Resource:
        from libs.client.domains.resource import Resource

        return Resource(self)

    @cached_property
    def knowledge(self) -> Knowledge:
        from libs.client.domains.knowledge import Knowledge

        return Knowledge(self)

    @cached_property
    def eval(self) -> Eval:
        from libs.client.domains.eval import Eval

        return Eval(self)

    @cached_property
    def prompts(self) -> Prompts:
        from libs.client.domains.prompts import Prompts

        return Prompts(self)

    @cached_property
    def deploy(self) -> Deploy:
        from libs.client.domains.deploy import Deploy

        return Deploy(self)

    @cached_property
    def departments(self) -> Departments:
        from libs.client.people import Departments

        return Departments(self)

    @cached_property
    def users(self) -> Users:
        from libs.client.people import Users

        return Users(self)

    @cached_property
    def spaces(self) -> Spaces:
        from libs.client.people import Spaces

        return Spaces(self)

    @cached_property
    def memberships(self) -> Memberships:
        from libs.client.people import Memberships

        return Memberships(self)

    @cached_property
    def keys(self) -> Keys:
        from libs.client.people import Keys

        return Keys(self)

    @cached_property
    def services(self) -> ServiceAccounts:
        from libs.client.people import ServiceAccounts

        return ServiceAccounts(self)

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

    def my_work(self) -> list[Json]:
        """The tasks in which the caller may work now, annotation and rating alike, the newest first. ``service`` names whose they are:
        ``client.datasets`` or ``client.eval`` has ``claim_work`` and its siblings for them."""
        return list(self.call("GET", "/my-work", answers="tasks")["tasks"])

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
        raw: bytes | None = None,
        **body: Any,
    ) -> Json:
        """One call below /api/v1. body: its fields; None values are left out. answers: a field the answer must have. raw: bytes that are
        the whole body. Raises ApiError."""
        headers = {} if verb == "GET" else {"idempotency-key": key or uuid.uuid4().hex}
        headers |= {} if raw is None else {"content-type": "application/octet-stream"}
        sent = {name: value for name, value in body.items() if value is not None}
        params = {name: value for name, value in (query or {}).items() if value is not None}
        content = sent if verb in ("POST", "PUT", "PATCH") and raw is None else None

        def send() -> httpx.Response:
            asked = self._http.build_request(verb, API + path, params=params, headers=headers, json=content, content=raw)
            return self._send(asked, attempts=2)

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

    def download(self, path: str, query: Mapping[str, Any], start: int = 0) -> Download:
        """A file below /api/v1, from byte ``start`` on; close it, or read it to its end. Raises ApiError."""
        params = {name: value for name, value in query.items() if value is not None}
        headers = {"range": f"bytes={start}-"} if start else {}
        answer = self._send(self._http.build_request("GET", API + path, params=params, headers=headers), attempts=2, stream=True)
        if answer.status_code == 401 and self._refresh_token:
            answer.close()
            self.renew(self._refresh_token)
            return self.download(path, query, start)
        if not answer.is_success:
            answer.read()
            raise refused(answer, self.language)
        return Download(answer, lambda error: silence(error, self.address, self.language))

    def watch(self, after: str = "") -> Watch:
        """What changes in the space and may be seen there, until the program stops listening. after: the ``cursor`` of an earlier watch."""

        def open_stream(headers: dict[str, str]) -> httpx.Response:
            timeout = httpx.Timeout(10, read=BEAT_SECONDS)
            request = self._http.build_request("GET", API + "/changes", headers=headers, timeout=timeout)
            answer = self._send(request, attempts=1, stream=True)
            if answer.status_code == 401 and self._refresh_token:
                answer.close()
                self.renew(self._refresh_token)
                return open_stream(headers)
            if answer.status_code != 200:
                answer.read()
                raise refused(answer, self.language)
            return answer

        return Watch(open_stream, after, SILENT_SECONDS)

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

    def classify(self, model: str, texts: str | Sequence[str], *, top: int | None = None) -> list[Json]:
        """The labels of texts, or of pictures (``picture``), by a deployed classifier: for each ``label``, ``probability`` and
        ``probabilities`` by label."""
        body = {"model": model, "input": texts if isinstance(texts, str) else list(texts), **({} if top is None else {"top": top})}
        answer = self._send(self._http.build_request("POST", "/v1/classify", json=body), attempts=1)
        if answer.status_code != 200:
            raise refused(answer, self.language)
        found: list[Json] = answer.json()["data"]
        return found

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


def picture(data: bytes) -> str:
    """The bytes of a picture as ``Modelyard.classify`` takes them."""
    return "data:image/any;base64," + base64.b64encode(data).decode()


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
