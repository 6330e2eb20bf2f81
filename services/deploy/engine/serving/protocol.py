"""OpenAI request bodies → jobs. Every field is checked here, so that behind this file no request can be malformed.

A wrong field is a PlatformError 400 with ``field`` (OpenAI's ``param``) and ``limit``. Fields of the OpenAI schema fall in three groups:
those that work; those that are accepted only at the value that changes nothing (``_NEUTRAL``), because silently ignoring them would give
another answer than asked for; and labels that carry no instruction (``_LABELS``). Any other key is an error, so that a typo never becomes
a default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.models.causal_lm.asking import Asking
from services.deploy.engine.serving.decoder import Job
from services.deploy.engine.serving.sampling import SamplingOptions

MAX_MESSAGES = 256
MAX_STOPS = 4
MAX_STOP_CHARACTERS = 64
MAX_PROMPTS = 64
MAX_LOGPROBS = 5
MAX_SEED = 2**63 - 1
MAX_CHARACTERS_PER_TOKEN = 32
"""Longer text than this times the block is refused before it is encoded: encoding a megabyte would stall every stream beside it."""

_COMMON = {"model", "max_tokens", "temperature", "top_p", "seed", "stop", "stream", "stream_options"}
_CHAT = _COMMON | {"messages", "max_completion_tokens"}
_COMPLETION = _COMMON | {"prompt", "messages", "echo", "logprobs"}
_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "n": (1,),
    "best_of": (1,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "response_format": ({"type": "text"},),
    "tools": ([],),
    "tool_choice": ("none",),
    "suffix": ("",),
    "modalities": (["text"],),
}
_LABELS = {"user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "parallel_tool_calls"}
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_MESSAGE_KEYS = {"role", "content", "name", "refusal"}
_MESSAGE_EMPTY = {"annotations", "tool_calls"}
"""Lists that clients send back as an answer gave them: empty ones ask for nothing."""


@dataclass(frozen=True)
class Limits:
    """What requests are checked against.

    model: (name, version) served here; None where the gateway has found this process for the name. block_size, vocab_size: of the model.
    max_new_tokens: most tokens of one answer.
    """

    model: tuple[str, int] | None
    block_size: int
    vocab_size: int
    max_new_tokens: int


@dataclass(frozen=True)
class Ask:
    """A checked request: one job per prompt, and how to answer. answer_start: first answer token of a scored chat, else None."""

    jobs: tuple[Job, ...]
    stream: bool
    include_usage: bool
    answer_start: int | None = None


def chat(body: Any, tokenizer: Asking, limits: Limits, new_seed: Callable[[], int]) -> Ask:
    """A ``/v1/chat/completions`` body. Raises: PlatformError 400 or 404 (another model)."""
    fields = _object(body, _CHAT)
    _check_model(fields, limits)
    prompt = tokenizer.prompt_messages(_messages(fields, limits))
    job = _job(fields, prompt, limits, new_seed)
    _check_prompt(job, "messages", limits)
    return Ask((job,), job.stream, _include_usage(fields))


def completion(body: Any, tokenizer: Asking, limits: Limits, new_seed: Callable[[], int]) -> Ask:
    """A ``/v1/completions`` body, see ``app`` for the scoring form. Raises as ``chat``."""
    fields = _object(body, _COMPLETION)
    _check_model(fields, limits)
    prompts, field, answer_start = _prompts(fields, tokenizer, limits)
    jobs = tuple(_job(fields, prompt, limits, new_seed) for prompt in prompts)
    for job in jobs:
        _check_prompt(job, field, limits)
    if jobs[0].stream and (len(jobs) > 1 or jobs[0].echo):
        raise invalid("stream", limit="false with several prompts or with echo")
    return Ask(jobs, jobs[0].stream, _include_usage(fields), answer_start)


def _object(body: Any, known: set[str]) -> dict[str, Any]:
    """The body's fields without nulls: OpenAI treats null as not sent."""
    if not isinstance(body, dict):
        raise invalid("body", Reason.WRONG_TYPE, limit="object")
    fields = {key: value for key, value in body.items() if value is not None}
    for key, value in fields.items():
        if key in known or key in _LABELS:
            continue
        if key not in _NEUTRAL:
            raise invalid(key, limit="a known parameter")
        if not any((value == neutral and type(value) is not bool) or value is neutral for neutral in _NEUTRAL[key]):
            raise invalid(key, limit=f"{_NEUTRAL[key][0]!r} or left out: other values are not supported")
    return fields


def _check_model(fields: Mapping[str, Any], limits: Limits) -> None:
    if limits.model is None:
        return
    name, version = limits.model
    model = fields.get("model", name)
    if not isinstance(model, str):
        raise invalid("model", Reason.WRONG_TYPE, limit="string")
    if model not in (name, f"{name}@{version}"):
        raise PlatformError(404, Reason.NOT_FOUND, field="model", limit=f"{name} or {name}@{version}", kind="model", id=model[:200])


def _job(fields: Mapping[str, Any], prompt: Sequence[int], limits: Limits, new_seed: Callable[[], int]) -> Job:
    temperature = _number(fields, "temperature", 0.0, low=0.0, high=2.0)
    top_p = _number(fields, "top_p", 1.0, low=0.0, high=1.0)
    if top_p == 0:
        raise invalid("top_p", Reason.TOO_SMALL, limit="(0, 1]")
    seed = _integer(fields, "seed", None, low=-MAX_SEED - 1, high=MAX_SEED)
    if seed is None:
        seed = new_seed() if temperature else 0
    echo = _boolean(fields, "echo")
    alternatives = _integer(fields, "logprobs", None, low=0, high=MAX_LOGPROBS) if fields.get("logprobs") is not False else None
    wanted = _max_tokens(fields, limits, least=0 if echo else 1)
    return Job(
        prompt=tuple(prompt),
        # An answer may also end because the model's block is full; that is a "length", not an error of the caller.
        max_tokens=min(wanted, max(0, limits.block_size - len(prompt))),
        sampling=SamplingOptions(temperature, top_p, seed),
        stop=_stop(fields),
        logprobs=alternatives,
        echo=echo,
        stream=_boolean(fields, "stream"),
    )


def _max_tokens(fields: Mapping[str, Any], limits: Limits, least: int) -> int:
    name = "max_completion_tokens" if "max_completion_tokens" in fields else "max_tokens"
    value = _integer(fields, name, limits.max_new_tokens, low=least, high=limits.max_new_tokens)
    assert value is not None
    return value


def _check_prompt(job: Job, field: str, limits: Limits) -> None:
    """A prompt that is only scored may fill the block; one that is answered must leave room for a token."""
    longest = limits.block_size if job.echo and job.max_tokens == 0 else limits.block_size - 1
    if len(job.prompt) > longest:
        raise invalid(field, Reason.TOO_LARGE, limit=f"at most {longest} tokens", tokens=len(job.prompt))


def _messages(fields: Mapping[str, Any], limits: Limits) -> list[dict[str, str]]:
    if "messages" not in fields:
        raise missing("messages")
    messages = fields["messages"]
    if not isinstance(messages, list):
        raise invalid("messages", Reason.WRONG_TYPE, limit="list")
    if not 1 <= len(messages) <= MAX_MESSAGES:
        raise invalid("messages", Reason.TOO_LARGE if messages else Reason.TOO_SMALL, limit=f"1..{MAX_MESSAGES} messages")
    checked = [_message(message, f"messages[{index}]") for index, message in enumerate(messages)]
    _check_characters(sum(len(message["content"]) for message in checked), "messages", limits)
    return checked


def _message(message: Any, field: str) -> dict[str, str]:
    if not isinstance(message, dict):
        raise invalid(field, Reason.WRONG_TYPE, limit="object")
    for key, value in message.items():
        if value is None or key in _MESSAGE_KEYS or (key in _MESSAGE_EMPTY and value == []):
            continue  # null is not sent: libraries dump a message with every member it might have
        raise invalid(f"{field}.{key}", limit="an empty list or left out" if key in _MESSAGE_EMPTY else "a known parameter")
    for key in ("role", "content"):
        if message.get(key) is None:
            raise missing(f"{field}.{key}")
    if not isinstance(message["role"], str):
        raise invalid(f"{field}.role", Reason.WRONG_TYPE, limit="string")
    if message["role"] not in _ROLES:
        raise invalid(f"{field}.role", Reason.UNKNOWN_ENUM, limit=", ".join(_ROLES))
    return {"role": _ROLES[message["role"]], "content": _content(message["content"], f"{field}.content")}


def _content(content: Any, field: str) -> str:
    """A string, or a list of text parts put together."""
    if isinstance(content, str):
        return _text(content, field)
    if not isinstance(content, list):
        raise invalid(field, Reason.WRONG_TYPE, limit="string or list of text parts")
    parts = []
    for index, part in enumerate(content):
        if not isinstance(part, dict) or part.get("type") != "text" or not isinstance(part.get("text"), str):
            raise invalid(f"{field}[{index}]", Reason.WRONG_TYPE, limit='{"type": "text", "text": string}')
        parts.append(_text(part["text"], f"{field}[{index}].text"))
    return "".join(parts)


def _prompts(fields: Mapping[str, Any], tokenizer: Asking, limits: Limits) -> tuple[list[list[int]], str, int | None]:
    """The prompts as ids, the field they came from, and where the answer begins when a chat is to be scored."""
    if "messages" in fields:
        ids, answer_start = _scored_chat(fields, tokenizer, limits)
        return [ids], "messages", answer_start
    if "prompt" not in fields:
        raise missing("prompt")
    prompt = fields["prompt"]
    several = isinstance(prompt, list) and not _is_ids(prompt)
    prompts = prompt if several else [prompt]
    if not 1 <= len(prompts) <= MAX_PROMPTS:
        raise invalid("prompt", Reason.TOO_LARGE if prompts else Reason.TOO_SMALL, limit=f"1..{MAX_PROMPTS} prompts")
    names = [f"prompt[{index}]" if several else "prompt" for index in range(len(prompts))]
    return [_prompt_ids(one, name, tokenizer, limits) for one, name in zip(prompts, names, strict=True)], "prompt", None


def _scored_chat(fields: Mapping[str, Any], tokenizer: Asking, limits: Limits) -> tuple[list[int], int]:
    if "prompt" in fields:
        raise invalid("messages", limit="left out when prompt is sent")
    if fields.get("echo") is not True or fields.get("max_tokens") != 0:
        raise invalid("messages", limit="sent with echo true and max_tokens 0, or as prompt")
    messages = _messages(fields, limits)
    if messages[-1]["role"] != "assistant":
        raise invalid(f"messages[{len(messages) - 1}].role", limit="assistant: the answer to score is the last message")
    return tokenizer.pair(messages[:-1], messages[-1]["content"])


def _prompt_ids(prompt: Any, field: str, tokenizer: Asking, limits: Limits) -> list[int]:
    """Text starts with the token every trained text starts with; ids are taken as they are."""
    if isinstance(prompt, str):
        _check_characters(len(prompt), field, limits)
        return tokenizer.plain(_text(prompt, field))
    if not isinstance(prompt, list) or not prompt or not _is_ids(prompt):
        raise invalid(field, Reason.WRONG_TYPE, limit="string or non-empty list of token ids")
    for index, id in enumerate(prompt):
        if not 0 <= id < limits.vocab_size:
            raise invalid(f"{field}[{index}]", Reason.TOO_LARGE if id > 0 else Reason.TOO_SMALL, limit=f"0..{limits.vocab_size - 1}")
    return list(prompt)


def _check_characters(count: int, field: str, limits: Limits) -> None:
    most = limits.block_size * MAX_CHARACTERS_PER_TOKEN
    if count > most:
        raise invalid(field, Reason.TOO_LARGE, limit=f"at most {most} characters", characters=count)


def _is_ids(value: list[Any]) -> bool:
    return bool(value) and all(type(item) is int for item in value)


def _stop(fields: Mapping[str, Any]) -> tuple[str, ...]:
    value = fields.get("stop", [])
    stops = [value] if isinstance(value, str) else value
    if not isinstance(stops, list):
        raise invalid("stop", Reason.WRONG_TYPE, limit="string or list of strings")
    if len(stops) > MAX_STOPS:
        raise invalid("stop", Reason.TOO_LARGE, limit=f"at most {MAX_STOPS} strings")
    for index, stop in enumerate(stops):
        if not isinstance(stop, str):
            raise invalid(f"stop[{index}]", Reason.WRONG_TYPE, limit="string")
        if not 1 <= len(stop) <= MAX_STOP_CHARACTERS:
            raise invalid(f"stop[{index}]", Reason.TOO_LARGE if stop else Reason.TOO_SMALL, limit=f"1..{MAX_STOP_CHARACTERS} characters")
        _text(stop, f"stop[{index}]")
    return tuple(stops)


def _include_usage(fields: Mapping[str, Any]) -> bool:
    options = fields.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict):
        raise invalid("stream_options", Reason.WRONG_TYPE, limit="object")
    if fields.get("stream") is not True:
        raise invalid("stream_options", limit="left out unless stream is true")
    options = {key: value for key, value in options.items() if value is not None}
    for key in options:
        if key not in ("include_usage", "include_obfuscation"):
            raise invalid(f"stream_options.{key}", limit="a known parameter")
    return _boolean(options, "include_usage", "stream_options.include_usage")


def _boolean(fields: Mapping[str, Any], name: str, field: str | None = None) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise invalid(field or name, Reason.WRONG_TYPE, limit="boolean")
    return value


def _integer(fields: Mapping[str, Any], name: str, default: int | None, low: int, high: int) -> int | None:
    if name not in fields:
        return default
    value = fields[name]
    if type(value) is not int:
        raise invalid(name, Reason.WRONG_TYPE, limit="integer")
    if not low <= value <= high:
        raise invalid(name, Reason.TOO_SMALL if value < low else Reason.TOO_LARGE, limit=f"{low}..{high}")
    return value


def _number(fields: Mapping[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = fields.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid(name, Reason.WRONG_TYPE, limit="number")
    if not low <= value <= high:
        raise invalid(name, Reason.TOO_SMALL if value < low else Reason.TOO_LARGE, limit=f"{low:g}..{high:g}")
    return float(value)


def _text(value: str, field: str) -> str:
    """JSON can spell half a surrogate pair, which no encoding can carry further."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise invalid(field, Reason.NOT_UTF8, limit="no lone surrogates") from error
    return value
