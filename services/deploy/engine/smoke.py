"""The last look before traffic: a running server is asked questions over HTTP and must give the answers that are expected of it.

Expected are the answers the evaluation of the same digest stored, and those of the trained model itself, so any difference means that
something else is running than what was trained and approved: another bundle, a broken route, a cut answer. The first probe is asked once
more as a stream where answers stream, because users stream. Every answer must prove that it comes from the instance whose key was given.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import httpx

from libs.common import instance_key
from libs.common.errors import PlatformError, Reason, missing
from libs.common.lines import lines
from libs.models.tasks import Task, task_of

DIGEST_HEADER = "x-modelyard-digest"
_SHOWN = 3


def check(
    address: str,
    key: str,
    expected_digest: str,
    probes: Sequence[Mapping[str, str]],
    *,
    max_tokens: int | None = None,
    timeout_s: float = 30.0,
) -> dict[str, Any]:
    """Ask every probe. address: base URL. key: of the instance. probes: ``{"question", "answer"}``, at least one. max_tokens: length the
    stored answers were made with, None for the server's own limit. timeout_s: of each request.

    Returns: ``{"probes", "equal", "digest", "slowest_ms"}``. Raises: PlatformError 422 DIGEST_MISMATCH when another digest answers,
    422 SMOKE_FAILED when the server is not ready, fails, or answers otherwise; 400 without a probe, as asking nothing proves nothing.
    """
    if not probes:
        raise missing("probes")
    slowest = 0.0
    unequal: list[dict[str, str]] = []
    # Environment proxies are for outside addresses; a server of ours is asked directly.
    with httpx.Client(base_url=address, timeout=timeout_s, trust_env=False, auth=_Ticket(key)) as client:
        try:
            _require(client.get("/readyz"), expected_digest)
            task = task_of(_require(client.get("/v1/models"), expected_digest).json())
            limit = {} if max_tokens is None or not task.streams else {"max_tokens": max_tokens}
            for probe in probes:
                started = time.perf_counter()
                answer = _ask(client, task, probe["question"], limit, expected_digest)
                slowest = max(slowest, time.perf_counter() - started)
                if answer != probe["answer"]:
                    unequal.append({"question": probe["question"], "expected": probe["answer"], "found": answer})
            asked = task.body(probes[0]["question"]) | limit
            streamed = _streamed(client, task.path, asked, expected_digest) if task.streams else probes[0]["answer"]
        except httpx.HTTPError as error:
            raise _failed(f"the instance does not answer: {type(error).__name__}") from error
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise _failed(f"an answer has an unknown shape: {type(error).__name__}") from error
    if unequal:
        raise _failed(f"{len(unequal)} of {len(probes)} answers differ", unequal=unequal[:_SHOWN])
    if streamed != probes[0]["answer"]:
        raise _failed("the streamed answer differs", unequal=[{**probes[0], "found": streamed}])
    return {"probes": len(probes), "equal": len(probes), "digest": expected_digest, "slowest_ms": 1000 * slowest}


class _Ticket(httpx.Auth):
    """A ticket on every request, and the proof for it in every answer."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        ticket = instance_key.ticket(self._key)
        request.headers[instance_key.TICKET] = ticket
        response = yield request
        if not instance_key.proves(self._key, ticket, response.headers.get(instance_key.PROOF, "")):
            raise PlatformError(
                422, Reason.DIGEST_MISMATCH, field=DIGEST_HEADER, limit="the instance that was started", found="somebody without its key"
            )


def _ask(client: httpx.Client, task: Task, question: str, limit: dict[str, Any], digest: str) -> str:
    response = _require(client.post(task.path, json=task.body(question) | limit), digest)
    return str(task.answer(response.json()).text)


def _streamed(client: httpx.Client, path: str, body: dict[str, Any], digest: str) -> str:
    answer, done = "", False
    with client.stream("POST", path, json=body | {"stream": True}) as response:
        if response.status_code != 200:
            response.read()
        _require(response, digest)
        for line in lines(response.iter_bytes()):
            if line == "data: [DONE]":
                done = True
            elif line.startswith("data: "):
                answer += json.loads(line[6:])["choices"][0]["delta"].get("content", "")
    if not done:
        raise _failed("the stream broke off before its end")
    return answer


def _require(response: httpx.Response, digest: str) -> httpx.Response:
    """The digest first: another bundle's error is not ours to judge."""
    found = response.headers.get(DIGEST_HEADER)
    if found != digest:
        raise PlatformError(422, Reason.DIGEST_MISMATCH, field=DIGEST_HEADER, limit=digest, found=found)
    if response.status_code != 200:
        raise _failed(f"{response.request.url.path} answered {response.status_code}: {response.text[:200]}")
    return response


def _failed(limit: str, **facts: Any) -> PlatformError:
    return PlatformError(422, Reason.SMOKE_FAILED, limit=limit, **facts)
