"""A deployed model, asked for an answer at one of its doors: the answer is proved to be its own, and bounded in time and size."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from libs.common import instance_key
from libs.common.errors import unavailable

MOST_BYTES = 1 << 20
MOST_CHARACTERS = 4_000
"""Of an answer: what is longer is cut."""
TOO_LONG = "context_length_exceeded"


class Door(NamedTuple):
    """address: base URL. key: of the instance, "" where it has none. weight: of its traffic."""

    address: str
    key: str
    weight: int


class PromptTooLong(Exception):
    """The model holds no such prompt: fewer passages may go."""


def write(doors: Sequence[Door], name: str, messages: list[dict[str, str]], seconds: float) -> str:
    """What the model answers. Raises UNAVAILABLE for a model that does not answer, or answers no text; PromptTooLong."""
    import httpx

    door = random.choices(doors, weights=[max(each.weight, 0) or 0.001 for each in doors])[0]
    ticket = instance_key.headers(door.key)
    body = {"messages": messages, "temperature": 0}  # as long as the model may: one that may less refuses a number
    try:
        with (
            httpx.Client(trust_env=False, timeout=seconds) as client,
            client.stream("POST", f"{door.address}/v1/chat/completions", json=body, headers=ticket) as answer,
        ):
            said = _bounded(answer.iter_bytes(), name)
            _check_proof(door.key, ticket, answer.headers, name)
    except httpx.HTTPError as error:
        raise unavailable(f"model {name}", cause=type(error).__name__) from None
    return _text(answer.status_code, said, name)


def _bounded(pieces: Any, name: str) -> bytes:
    said = b""
    for piece in pieces:
        said += piece
        if len(said) > MOST_BYTES:
            raise unavailable(f"model {name}", cause="an answer without end")
    return said


def _check_proof(key: str, ticket: Mapping[str, str], headers: Mapping[str, str], name: str) -> None:
    """Whoever took over its port does not know its key."""
    if key and not instance_key.proves(key, ticket[instance_key.TICKET], headers.get(instance_key.PROOF, "")):
        raise unavailable(f"model {name}", cause="another process answers there")


def _text(status: int, said: bytes, name: str) -> str:
    try:
        answer = json.loads(said)
        if status == 200:
            text = answer["choices"][0]["message"]["content"]
            if isinstance(text, str):
                return text[:MOST_CHARACTERS]
        elif answer["error"].get("code") == TOO_LONG:
            raise PromptTooLong
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    raise unavailable(f"model {name}", cause=f"HTTP {status}")
