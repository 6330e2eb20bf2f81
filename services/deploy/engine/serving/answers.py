"""Jobs' results → OpenAI response bodies, whole or as server-sent events.

Log-probabilities follow the legacy completions shape: ``choices[i].logprobs = {tokens, token_logprobs, top_logprobs, text_offset}``,
natural logarithms, null for the first token of a prompt; with two additions: ``token_ids``, because the text of a cut character names no
token, and ``answer_start``, the index of the first answer token when a chat is scored (null otherwise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from libs.common.errors import PlatformError
from libs.common.openai_errors import openai_error
from libs.models.causal_lm.asking import Asking
from services.deploy.engine.serving.decoder import Piece, TokenScore
from services.deploy.engine.serving.protocol import Ask

DONE = b"data: [DONE]\n\n"
encode = msgspec.json.encode


@dataclass
class Answer:
    """The pieces of one job, put together."""

    text: str = ""
    tokens: int = 0
    scores: list[TokenScore] = field(default_factory=list)
    finish: str | None = None

    def add(self, piece: Piece) -> None:
        """Raises: the PlatformError that ended the job."""
        if piece.error is not None:
            raise piece.error
        self.text += piece.text
        self.tokens += piece.tokens
        self.scores += piece.scores
        self.finish = piece.finish


@dataclass(frozen=True)
class Head:
    """What every body of one answer repeats. created: seconds since the epoch."""

    id: str
    created: int
    model: str
    fingerprint: str

    def chat(self, kind: str) -> dict[str, Any]:
        return self._common(self.id.replace("req-", "chatcmpl-", 1), kind)

    def completion(self) -> dict[str, Any]:
        return self._common(self.id.replace("req-", "cmpl-", 1), "text_completion")

    def listed(self, prefix: str) -> dict[str, Any]:
        """Of an answer that is a list, one entry an input."""
        return self._common(self.id.replace("req-", prefix, 1), "list")

    def _common(self, id: str, kind: str) -> dict[str, Any]:
        return {"id": id, "object": kind, "created": self.created, "model": self.model, "system_fingerprint": self.fingerprint}


def chat(head: Head, ask: Ask, answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish}
    return head.chat("chat.completion") | {"choices": [choice], "usage": usage(ask, [answer])}


def completion(head: Head, ask: Ask, answers: Sequence[Answer], tokenizer: Asking) -> dict[str, Any]:
    choices = []
    for index, (job, answer) in enumerate(zip(ask.jobs, answers, strict=True)):
        echoed = tokenizer.decode(job.prompt) if job.echo else ""
        logprobs = None if job.logprobs is None else _logprobs(answer.scores, tokenizer, ask.answer_start)
        choices.append({"index": index, "text": echoed + answer.text, "logprobs": logprobs, "finish_reason": answer.finish})
    return head.completion() | {"choices": choices, "usage": usage(ask, answers)}


def usage(ask: Ask, answers: Sequence[Answer]) -> dict[str, int]:
    prompt, new = sum(len(job.prompt) for job in ask.jobs), sum(answer.tokens for answer in answers)
    return {"prompt_tokens": prompt, "completion_tokens": new, "total_tokens": prompt + new}


class Events:
    """The server-sent events of one streamed answer. ``begin``, then ``piece`` for each, then ``end``.

    The constant part of an event is encoded once: a stream sends one event per token, and this is where its time went.
    """

    def __init__(self, head: Head, ask: Ask, tokenizer: Asking, chat: bool) -> None:
        self._ask, self._tokenizer, self._chat = ask, tokenizer, chat
        self._base = head.chat("chat.completion.chunk") if chat else head.completion()
        self._scored: list[int] = []  # ids whose scores were sent, for the offsets of the next
        self._empty_usage: dict[str, Any] = {"usage": None} if ask.include_usage else {}
        probe = "\u0000"
        before, after = encode(self._body(probe)).split(encode(probe))
        self._before, self._after = b"data: " + before, after + b"\n\n"

    def begin(self) -> bytes:
        if not self._chat:
            return b""
        return self._event({"choices": [self._choice({"role": "assistant", "content": "", "refusal": None})]} | self._empty_usage)

    def piece(self, piece: Piece) -> bytes:
        """The event of a piece with text; the finish is an event of its own for a chat, as clients expect it."""
        events = b""
        if self._plain(piece):
            events = self._before + encode(piece.text) + self._after if piece.text else b""
        elif piece.text or piece.scores or piece.finish:
            events = self._event(self._body(piece.text, piece))
        if self._chat and piece.finish:
            events += self._event({"choices": [self._choice({}, piece.finish)]} | self._empty_usage)
        return events

    def end(self, answer: Answer) -> bytes:
        if not self._ask.include_usage:
            return DONE
        return self._event({"choices": [], "usage": usage(self._ask, [answer])}) + DONE

    def _plain(self, piece: Piece) -> bool:
        return self._chat or not (piece.scores or piece.finish)

    def _body(self, text: str, piece: Piece | None = None) -> dict[str, Any]:
        if self._chat:
            choice = self._choice({"content": text})
        else:
            logprobs = self._scores(piece.scores) if piece and piece.scores else None
            choice = {"index": 0, "text": text, "logprobs": logprobs, "finish_reason": piece.finish if piece else None}
        return self._base | {"choices": [choice]} | self._empty_usage

    def _scores(self, scores: Sequence[TokenScore]) -> dict[str, Any]:
        logprobs = _logprobs(scores, self._tokenizer, None, self._scored)
        self._scored += [one.id for one in scores]
        return logprobs

    def _event(self, values: dict[str, Any]) -> bytes:
        return b"data: " + encode(self._base | values) + b"\n\n"

    @staticmethod
    def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _logprobs(scores: Sequence[TokenScore], tokenizer: Asking, answer_start: int | None, before: Sequence[int] = ()) -> dict[str, Any]:
    """before: ids that stand before the first of ``scores`` in the same text."""
    ids = [one.id for one in scores]
    all_ids = [*before, *ids]
    return {
        "tokens": [tokenizer.decode([id]) for id in ids],
        "token_logprobs": [one.logprob for one in scores],
        "top_logprobs": [{tokenizer.decode([id]): logprob for id, logprob in reversed(one.top)} if one.top else None for one in scores],
        "text_offset": [len(tokenizer.decode(all_ids[:end]).rstrip("\ufffd")) for end in range(len(before), len(all_ids))],
        "token_ids": ids,
        "answer_start": answer_start,
    }


def error_event(error: PlatformError, language: str = "en") -> bytes:
    """The last event of a stream that failed: clients raise on it, and no [DONE] follows."""
    return b"data: " + encode(openai_error(error, language)) + b"\n\n"
