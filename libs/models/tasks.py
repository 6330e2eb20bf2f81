"""What models are asked for over HTTP: where, in which words, and what of the answer is the answer. Evaluations and the last look before
traffic ask alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from libs.data.prompt import from_text

CHAT_PATH, COMPLETIONS_PATH, CLASSIFY_PATH = "/v1/chat/completions", "/v1/completions", "/v1/classify"


class Said(NamedTuple):
    """An answer. sure: the probability it was given, None where there is none."""

    text: str
    sure: float | None = None


@dataclass(frozen=True)
class Task:
    """body: of a question as one text. answer: of a body; raises LookupError, TypeError, ValueError for one that holds none. kind: of the
    records that ask it. place: of the answer in a body, for people. streams: whether an answer can come in pieces."""

    name: str
    path: str
    kind: str
    body: Callable[[str], dict[str, Any]]
    answer: Callable[[Any], Said]
    place: str
    streams: bool = False


def _chat_answer(body: Any) -> Said:
    return Said(body["choices"][0]["message"]["content"])


def _class_answer(body: Any) -> Said:
    first = body["data"][0]
    return Said(first["label"], float(first["probability"]))


CHAT = Task(
    "chat",
    CHAT_PATH,
    "question_answer",
    lambda question: {"messages": from_text(question), "temperature": 0},
    _chat_answer,
    "choices[0].message.content",
    streams=True,
)
CLASSIFY = Task("classify", CLASSIFY_PATH, "classification", lambda question: {"input": question}, _class_answer, "data[0].label")
TASKS: Mapping[str, Task] = {each.name: each for each in (CHAT, CLASSIFY)}


def task_of(models: Any) -> Task:
    """What the first card of a ``/v1/models`` answer says its model is for; one that says nothing is for chats."""
    try:
        return TASKS[models["data"][0]["task"]]
    except (LookupError, TypeError):
        return CHAT
