"""The one prompt join: from a question-answer record to the chat a model is asked, and to a text that stands for this chat.

Training, evaluation, the parity check and the smoke questions all go through here, so a question is asked in exactly the words, and after
exactly the system prompt and the earlier turns, that it was trained in. Where a chat has to pass as one text (an item's input, a stored
question), a lone question stands for itself and everything else is the JSON of its messages: readable, and read back without loss.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from libs.data.records import ASKING, COMMANDING

Message = dict[str, str]
Chat = list[Message]  # {"role": system | user | assistant, "content"}; the last one is the user's
_ROLES = ("system", "user", "assistant")
_HEAD = '[{"role":'


class PromptError(ValueError):
    """Why a record cannot be asked. field: of the record. limit: what it must be. empty: it is a turn without words, and nothing else."""

    def __init__(self, field: str, limit: str, empty: bool = False) -> None:
        super().__init__(f"{field} must be {limit}")
        self.field, self.limit, self.empty = field, limit, empty


def chat_of(record: Mapping[str, Any]) -> Chat:
    """The chat of a record with ``instruction`` and perhaps ``input``, ``system`` and ``history`` ([[question, answer], …], oldest first).

    Raises PromptError.
    """
    instruction = _text(record, "instruction", required=True)
    extra = _text(record, "input")
    system = _text(record, "system")
    chat = [_said("system", system)] if system.strip() else []
    for question, answer in _history(record):
        chat += [_said("user", question), _said("assistant", answer)]
    return [*chat, _said("user", f"{instruction}\n{extra}" if extra else instruction)]


def answer_of(record: Mapping[str, Any]) -> str:
    """What the record's ``output`` says the model should answer. Raises PromptError."""
    return _text(record, "output", required=True)


def pair_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """(question as one text, answer) of a record. Raises PromptError."""
    return to_text(chat_of(record)), answer_of(record)


def preference_of(record: Mapping[str, Any]) -> tuple[str, str, str]:
    """(question as one text, preferred answer, other answer) of a record with ``prompt``, ``chosen`` and ``rejected``, each a text or the
    turns of a talk. A talk that an answer ends may be told again in it. Raises PromptError.
    """
    prompt = record.get("prompt")
    chat = [_said("user", _text(record, "prompt", required=True))] if isinstance(prompt, str) else _turns(prompt, "prompt")
    if chat[-1]["role"] != "user":
        raise PromptError("prompt", "a text, or turns of which the last is the user's")
    chosen, rejected = (_preferred(record, field, chat) for field in ("chosen", "rejected"))
    return to_text(chat), chosen, rejected


def to_text(chat: Sequence[Message]) -> str:
    """One text that stands for ``chat``; ``from_text`` reads it back."""
    if len(chat) == 1 and chat[0]["role"] == "user" and not _is_chat(chat[0]["content"]):
        return chat[0]["content"]
    return _canonical(chat)


def from_text(text: str) -> Chat:
    """The chat that ``text`` stands for. A text that ``to_text`` did not make is a question."""
    chat: Chat | None = _is_chat(text)
    return [_said("user", text)] if chat is None else chat


def _history(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    history = record.get("history")
    if history is None:
        return []
    pairs = isinstance(history, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in history)
    if not pairs or not all(isinstance(text, str) for pair in history for text in pair):
        raise PromptError("history", "a list of pairs of question and answer")
    for text in (text for pair in history for text in pair):
        _check(text, "history", required=True)
    return [(question, answer) for question, answer in history]


def _preferred(record: Mapping[str, Any], field: str, chat: Chat) -> str:
    value = record.get(field)
    if isinstance(value, str):
        return _text(record, field, required=True)
    said = _turns(value, field)
    if said[-1]["role"] != "assistant" or said[:-1] not in ([], chat):
        raise PromptError(field, "a text, or turns: perhaps the prompt's, and the assistant's answer")
    return said[-1]["content"]


def _turns(value: Any, field: str) -> Chat:
    """A talk as ``role`` and ``content`` or as ``from`` and ``value``."""
    if not isinstance(value, list) or not value or not all(isinstance(turn, dict) for turn in value):
        raise PromptError(field, "a text that is not empty, or a list of turns")
    found = []
    for turn in value:
        role = str(turn.get("role", turn.get("from"))).lower()
        content = turn.get("content", turn.get("value"))
        if not isinstance(content, str):
            raise PromptError(field, "turns whose content is a text")
        found.append(_said("user" if role in ASKING else "system" if role in COMMANDING else "assistant", _check(content, field, True)))
    return found


def _text(record: Mapping[str, Any], field: str, required: bool = False) -> str:
    value = record.get(field)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise PromptError(field, "text that is not empty" if required else "text")
    return _check(value, field, required)


def _check(text: str, field: str, required: bool) -> str:
    if required and not text.strip():
        raise PromptError(field, "text that is not empty", empty=True)
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON admits half a surrogate pair, nothing behind it does
        raise PromptError(field, "UTF-8 text") from None
    return text


def _said(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def _canonical(chat: Sequence[Message]) -> str:
    return json.dumps([_said(message["role"], message["content"]) for message in chat], ensure_ascii=False, separators=(",", ":"))


def _is_chat(text: str) -> Chat | None:
    """The chat whose one spelling ``text`` is; None where it is no such thing."""
    if not text.startswith(_HEAD):
        return None
    try:
        found = json.loads(text)
        known = all(message["role"] in _ROLES and isinstance(message["content"], str) for message in found)
        return found if known and found[-1]["role"] == "user" and _canonical(found) == text else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
