"""The target ENDPOINT: a running server that speaks the OpenAI routes, asked over HTTP with a few requests in flight.

Decides what a failure is of. An item fails alone when the target refuses it, answers nonsense, or takes too long while it still answers
others. Everything else (no connection, 429 or 503 that does not pass) is the target's failure: the attempt ends as TARGET_UNREACHABLE and
a later one goes on behind the last kept item. And every single answer must carry the digest under test in ``x-modelyard-digest``: an
evaluation of two digests is an evaluation of none.

Two kinds of servers. An instance that deploy started has a key and proves with every answer that it is the one. A server somebody named is
asked through the guard of ``libs.common.outside``, at one address; whatever keeps it from being the model under test is the same failure,
so that nobody learns by it what listens where.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from libs.common import instance_key
from libs.common.errors import PlatformError, Reason
from libs.common.outside import Outside
from libs.models.tasks import CHAT, Said, task_of
from services.eval.engine.journal import NOT_MEASURED
from services.eval.engine.options import EvalOptions
from services.eval.engine.records import MAX_CHARACTERS, TestRecord
from services.eval.engine.target import Answer, Keep

if TYPE_CHECKING:
    import httpx

DIGEST_HEADER = "x-modelyard-digest"
INSTANCE = "the instance under test"  # what people are told instead of its address
MAX_ANSWER_BYTES = 16 << 20
PROBE_SECONDS = 5.0  # a target has to say that it lives; a busy one still answers this
PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)  # seconds before each further try of a request that met a busy server or a cut connection
_AHEAD = 4  # requests times this may be answered before the oldest is: one slow item does not hold up the others
_BUSY = (429, 503)


class ItemFailed(Exception):
    """This item has no score. code: the target's own word for why, "" when it gave none."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text[:300])
        self.code = code


class Endpoint:
    """``address``: http://host:port. ``digest``: what must answer there. key: of an instance of ours. outside: the guard of a server of
    others. pauses, probe_seconds: see ``PAUSES``, ``PROBE_SECONDS``.
    """

    def __init__(
        self,
        address: str,
        digest: str,
        options: EvalOptions,
        clock: Callable[[], float],
        pauses: Sequence[float] = PAUSES,
        probe_seconds: float = PROBE_SECONDS,
        key: str = "",
        outside: Outside | None = None,
    ) -> None:
        self._address, self._digest, self._options, self._clock = address, digest, options, clock
        self._key, self._outside = key, outside
        self._pauses, self._probe_seconds = pauses, probe_seconds
        self._client: httpx.AsyncClient
        self._model: dict[str, Any] = {}
        self._task = CHAT
        self._slots: asyncio.Semaphore

    def evaluate(self, records: Iterator[TestRecord], skip: int, keep: Keep) -> None:
        """latency_ms of an item is the time of its answer as the caller waits for it; the loss is asked for apart and not in it."""
        asyncio.run(self._evaluate(islice(records, skip, None), keep))

    async def _evaluate(self, records: Iterator[TestRecord], keep: Keep) -> None:
        import httpx

        base, headers = self._place()
        limits = httpx.Limits(max_connections=self._options.in_flight + 1)
        self._slots = asyncio.Semaphore(self._options.in_flight)
        # No proxy of the environment may stand between us and the digest; the time of a whole request is bounded in _send.
        client = httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, limits=limits, timeout=None)  # noqa: S113
        async with client as self._client:
            self._model = await self._describe()
            window: deque[tuple[TestRecord, asyncio.Task[Answer]]] = deque()
            try:
                for record in records:
                    window.append((record, asyncio.create_task(self._ask(record))))
                    if len(window) >= self._options.in_flight * _AHEAD:
                        await _keep_oldest(window, keep)
                while window:
                    await _keep_oldest(window, keep)
            finally:
                for _, task in window:
                    task.cancel()
                await asyncio.gather(*(task for _, task in window), return_exceptions=True)

    def _place(self) -> tuple[str, dict[str, str]]:
        """(base URL, headers of every request). A server of others is asked at the one address that was looked at."""
        if self._outside is None:
            return self._address, {}
        parts = urlsplit(self._address)
        host, port = parts.hostname or "", parts.port or 80
        try:
            return f"http://{self._outside.pin(host, port, 'target_address')}:{port}", {"host": parts.netloc}
        except PlatformError:
            raise self._unreachable("refused") from None

    async def _describe(self) -> dict[str, Any]:
        """The fields every request carries: the name of the one model that is served, and how long an answer may be."""
        try:
            models = await self._alive()
            card = models["data"][0]
            allowed = card.get("max_new_tokens", self._options.max_new_tokens)
            self._task = task_of(models)
            limits = {"max_tokens": min(self._options.max_new_tokens, int(allowed))} if self._task is CHAT else {}
            return {"model": card["id"], **limits}
        except (ItemFailed, LookupError, TypeError, ValueError, AttributeError):
            raise self._unreachable("no OpenAI /v1/models route") from None

    async def _alive(self) -> Any:
        """The model list. Raises TARGET_UNREACHABLE when the target does not give it."""
        import httpx

        try:
            status, body = await self._send("GET", "/v1/models", None, self._probe_seconds)
        except (TimeoutError, httpx.HTTPError) as error:
            raise self._unreachable(type(error).__name__) from None
        if status != 200:
            raise self._unreachable(f"HTTP {status}")
        return _json(body)

    async def _ask(self, record: TestRecord) -> Answer:
        async with self._slots:
            output, sure, latency_ms = "", None, 0.0
            started = self._clock()
            try:
                output, sure = await self._answer(record)
                latency_ms = (self._clock() - started) * 1000
                nll, count = await self._loss(record) if self._options.measure_loss else (NOT_MEASURED, 0)
            except ItemFailed as failure:
                return Answer(output, latency_ms=latency_ms or (self._clock() - started) * 1000, error=str(failure))
            return Answer(output, nll, count, latency_ms, sure=sure)

    async def _answer(self, record: TestRecord) -> Said:
        body = await self._post(self._task.path, {**self._model, **self._task.body(record.question)})
        try:
            said = self._task.answer(body)
        except (LookupError, TypeError, ValueError):
            raise self._no_answer() from None
        if not isinstance(said.text, str) or len(said.text) > MAX_CHARACTERS or not _is_utf8(said.text):
            raise self._no_answer()
        return said

    def _no_answer(self) -> ItemFailed:
        return ItemFailed(f"INVALID_ANSWER: no text of at most {MAX_CHARACTERS} characters in {self._task.place}")

    async def _loss(self, record: TestRecord) -> tuple[float, int]:
        """(nats per token, tokens) of the expected answer; not measured when question and answer do not fit the model together."""
        messages = [*record.chat, {"role": "assistant", "content": record.answer}]
        scoring = {"model": self._model["model"], "messages": messages, "echo": True, "max_tokens": 0, "logprobs": 0}
        try:
            body = await self._post("/v1/completions", scoring)
        except ItemFailed as failure:
            if failure.code == "context_length_exceeded":
                return NOT_MEASURED, 0
            raise
        scores = _answer_logprobs(body)
        return -math.fsum(scores) / len(scores), len(scores)

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of a 200. Raises ItemFailed, or PlatformError when the target is gone or another one."""
        import httpx

        problem = ""
        for pause in (*self._pauses, None):
            try:
                status, answer = await self._send("POST", path, body, self._options.request_seconds)
            except TimeoutError:
                await self._alive()
                raise ItemFailed(f"TIMEOUT: no answer within {self._options.request_seconds:g} s") from None
            except httpx.HTTPError as error:
                await self._alive()
                problem = f"CONNECTION_LOST: {type(error).__name__}"
            else:
                if status == 200:
                    return _json(answer)
                if status not in _BUSY:
                    raise _refused(status, answer)
                problem = f"HTTP {status}"
            if pause is not None:
                await asyncio.sleep(pause)
        if problem.startswith("HTTP"):
            raise self._unreachable(f"{problem} {len(self._pauses) + 1} times in a row")
        raise ItemFailed(problem)  # it answers others: this one cuts the connection

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None, seconds: float) -> tuple[int, bytes]:
        """(status, body) within ``seconds``. Raises TimeoutError, httpx.HTTPError, ItemFailed for a body over the limit,
        DIGEST_MISMATCH.
        """
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", **instance_key.headers(self._key)}
        async with asyncio.timeout(seconds):
            async with self._client.stream(method, path, content=content, headers=headers) as response:
                self._require(response, headers)
                read = bytearray()
                async for part in response.aiter_bytes():
                    read += part
                    if len(read) > MAX_ANSWER_BYTES:
                        raise ItemFailed(f"INVALID_ANSWER: more than {MAX_ANSWER_BYTES} bytes")
                return response.status_code, bytes(read)

    def _require(self, response: httpx.Response, sent: Mapping[str, str]) -> None:
        """Raises unless the instance itself answers, with the digest under test."""
        if self._key and not instance_key.proves(self._key, sent[instance_key.TICKET], response.headers.get(instance_key.PROOF, "")):
            raise self._unreachable("somebody else answers there")
        found = response.headers.get(DIGEST_HEADER, "")
        if found != self._digest:
            if self._outside is not None:
                raise self._unreachable("another digest")
            raise PlatformError(422, Reason.DIGEST_MISMATCH, field="target_digest", limit=self._digest, found=found[:100], what=INSTANCE)

    def _unreachable(self, cause: str) -> PlatformError:
        """cause: shown where the target is ours."""
        facts = {"what": self._address} if self._outside is not None else {"what": INSTANCE, "cause": cause}
        return PlatformError(503, Reason.TARGET_UNREACHABLE, field="target_address", retryable=True, **facts)


async def _keep_oldest(window: deque[tuple[TestRecord, asyncio.Task[Answer]]], keep: Keep) -> None:
    record, task = window[0]
    answer = await task
    window.popleft()
    keep([(record, answer)])


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ItemFailed("INVALID_ANSWER: not JSON") from None


def _refused(status: int, body: bytes) -> ItemFailed:
    """The target's own words, if it has some in the shape of OpenAI errors."""
    try:
        error = json.loads(body)["error"]
        code, message = str(error.get("code") or ""), str(error.get("message") or "")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        code = message = ""
    text = f"HTTP {status}: {message}".rstrip(": ").encode(errors="replace").decode()
    return ItemFailed(text, code)


def _answer_logprobs(body: Any) -> list[float]:
    """Natural log-probabilities of the answer's tokens, from the scoring form of /v1/completions."""
    try:
        logprobs = body["choices"][0]["logprobs"]
        scores = logprobs["token_logprobs"][int(logprobs["answer_start"]) :]
    except (LookupError, TypeError, ValueError):
        scores = []
    if not scores or not all(type(score) in (int, float) and math.isfinite(score) for score in scores):
        raise ItemFailed("INVALID_ANSWER: no log-probabilities of the answer in choices[0].logprobs")
    return list(scores)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
