"""The server as its users see it, with the ``openai`` client as the judge of the protocol."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, unquote

import httpx
import openai
import pytest
from prometheus_client.parser import text_string_to_metric_families

from libs.lm.tokenizer import BOS, ChatTokenizer
from libs.models.causal_lm.session import OnnxLM
from tests.unit.deploy_engine.model import BLOCK, PAIRS, QUESTIONS
from tests.unit.deploy_engine.process import KEY, MODEL, VERSION, ServerProcess, until


@pytest.fixture
def client(server: ServerProcess) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


def user(question: str) -> list[openai.types.chat.ChatCompletionMessageParam]:
    return [{"role": "user", "content": question}]


def test_chat_answers_what_was_trained(client: openai.OpenAI, tokenizer: ChatTokenizer) -> None:
    for question, answer in PAIRS:
        result = client.chat.completions.create(model=MODEL, messages=user(question))
        choice = result.choices[0]
        assert (choice.message.content, choice.message.role, choice.finish_reason) == (answer, "assistant", "stop")
        assert result.usage is not None
        prompt = len(tokenizer.prompt(question))
        new = len(tokenizer.encode(answer)) + 1
        assert (result.usage.prompt_tokens, result.usage.completion_tokens, result.usage.total_tokens) == (prompt, new, prompt + new)


def test_a_stream_is_the_same_answer_in_whole_characters(client: openai.OpenAI) -> None:
    for question, answer in PAIRS:
        stream = client.chat.completions.create(model=MODEL, messages=user(question), stream=True, stream_options={"include_usage": True})
        chunks = list(stream)
        texts = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
        assert "".join(texts) == answer
        assert not any("\ufffd" in text for text in texts)
        finishes = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
        assert finishes == ["stop"]
        assert chunks[0].choices[0].delta.role == "assistant"
        assert chunks[-1].choices == []
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens >= 1
        assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_sends_tokens_one_by_one(server: ServerProcess) -> None:
    body = {"messages": user(PAIRS[0][0]), "stream": True}
    with server.client.stream("POST", "/v1/chat/completions", json=body) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = [line for line in response.iter_lines() if line]
    assert all(event.startswith("data: ") for event in events)
    assert events[-1] == "data: [DONE]"
    texts = [json.loads(event[6:])["choices"][0]["delta"].get("content") for event in events[:-1]]
    assert len([text for text in texts if text]) > 5


def test_finish_reasons_and_stop_strings(client: openai.OpenAI) -> None:
    question, answer = PAIRS[0]
    cut = client.chat.completions.create(model=MODEL, messages=user(question), max_tokens=3)
    assert cut.choices[0].finish_reason == "length"
    assert answer.startswith(cut.choices[0].message.content or "?")
    stopped = client.chat.completions.create(model=MODEL, messages=user(question), stop=["object"], max_completion_tokens=60)
    assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == ("It serializes an ", "stop")


def test_completions_continue_text_and_ids(client: openai.OpenAI, tokenizer: ChatTokenizer) -> None:
    question, answer = PAIRS[2]
    ids = tokenizer.prompt(question)
    from_ids = client.completions.create(model=MODEL, prompt=ids)
    assert (from_ids.choices[0].text, from_ids.choices[0].finish_reason) == (answer, "stop")
    several = client.completions.create(model=MODEL, prompt=[ids, tokenizer.prompt(PAIRS[4][0])])
    assert [choice.text for choice in several.choices] == [answer, PAIRS[4][1]]
    assert [choice.index for choice in several.choices] == [0, 1]
    text = client.completions.create(model=MODEL, prompt="It returns", max_tokens=4)
    same = client.completions.create(model=MODEL, prompt=[BOS, *tokenizer.encode("It returns")], max_tokens=4)
    assert text.choices[0].text == same.choices[0].text
    chunks = list(client.completions.create(model=MODEL, prompt=ids, stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == answer
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"


def test_generated_tokens_can_carry_their_logprobs(client: openai.OpenAI, tokenizer: ChatTokenizer, lm: OnnxLM) -> None:
    ids = tokenizer.prompt(PAIRS[1][0])
    whole = client.completions.create(model=MODEL, prompt=ids, logprobs=2)
    logprobs = whole.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.token_logprobs is not None
    new = [*tokenizer.encode(PAIRS[1][1]), tokenizer.eos_id]
    assert logprobs.token_ids == new  # type: ignore[attr-defined]
    assert logprobs.token_logprobs == pytest.approx(lm.logprobs([*ids, *new])[len(ids) - 1 :], abs=1e-4)
    chunks = list(client.completions.create(model=MODEL, prompt=ids, logprobs=2, stream=True))
    parts = [chunk.choices[0].logprobs.model_dump() for chunk in chunks if chunk.choices[0].logprobs]
    streamed = [one for part in parts for one in zip(part["token_ids"], part["text_offset"], strict=True)]
    assert streamed == list(zip(new, logprobs.text_offset or [], strict=True))


def test_an_answer_can_be_scored_for_perplexity(server: ServerProcess, tokenizer: ChatTokenizer, lm: OnnxLM) -> None:
    for question, answer in PAIRS:
        messages = [*user(question), {"role": "assistant", "content": answer}]
        body = {"messages": messages, "echo": True, "max_tokens": 0, "logprobs": 0}
        response = server.client.post("/v1/completions", json=body)
        assert response.status_code == 200, response.text
        choice = response.json()["choices"][0]
        logprobs = choice["logprobs"]
        ids, start = tokenizer.pair(question, answer)
        assert (logprobs["token_ids"], logprobs["answer_start"]) == (ids, start)
        assert logprobs["token_logprobs"][0] is None
        assert logprobs["token_logprobs"][1:] == pytest.approx(lm.logprobs(ids), abs=1e-5)
        assert math.exp(-sum(logprobs["token_logprobs"][start:]) / (len(ids) - start)) < 1.2  # the model knows its answers
        assert choice["text"] == question + answer
        assert len(logprobs["tokens"]) == len(logprobs["text_offset"]) == len(logprobs["top_logprobs"]) == len(ids)
        assert response.json()["usage"] == {"prompt_tokens": len(ids), "completion_tokens": 0, "total_tokens": len(ids)}


def test_several_texts_are_scored_at_once(client: openai.OpenAI, tokenizer: ChatTokenizer, lm: OnnxLM) -> None:
    texts = ["It returns the current folder.", "返回当前目录 📁。"]
    result = client.completions.create(model=MODEL, prompt=texts, echo=True, max_tokens=0, logprobs=1)
    for text, choice in zip(texts, result.choices, strict=True):
        assert choice.text == text
        assert choice.logprobs is not None
        assert choice.logprobs.token_logprobs is not None
        assert choice.logprobs.token_logprobs[1:] == pytest.approx(lm.logprobs([BOS, *tokenizer.encode(text)]), abs=1e-5)


def test_a_seed_fixes_a_sampled_answer(client: openai.OpenAI) -> None:
    def sample(seed: int | None, temperature: float) -> str:
        options = {"temperature": temperature, "top_p": 0.9, "seed": seed, "max_tokens": 30}
        result = client.chat.completions.create(model=MODEL, messages=user("x y z"), extra_body=options)
        return result.choices[0].message.content or ""

    assert sample(1, 1.5) == sample(1, 1.5)
    assert len({sample(None, 2.0) for _ in range(5)}) > 1
    assert len({sample(seed, 0) for seed in range(3)}) == 1


def test_many_concurrent_clients_each_get_their_own_answer(server: ServerProcess) -> None:
    with ThreadPoolExecutor(6) as pool:  # more than the four rows
        answers = list(pool.map(server.answer, QUESTIONS * 4))
    assert answers == [answer for _, answer in PAIRS] * 4


def test_system_messages_parts_and_history_are_understood(client: openai.OpenAI, server: ServerProcess) -> None:
    question, answer = PAIRS[2]
    parts: list[openai.types.chat.ChatCompletionContentPartTextParam] = [
        {"type": "text", "text": question[:6]},
        {"type": "text", "text": question[6:]},
    ]
    result = client.chat.completions.create(model=f"{MODEL}@{VERSION}", messages=[{"role": "user", "content": parts}])
    assert result.choices[0].message.content == answer
    history = [*user("a"), {"role": "assistant", "content": "b"}, {"role": "developer", "content": "c"}, *user("d")]
    assert server.client.post("/v1/chat/completions", json={"messages": history, "max_tokens": 2}).status_code == 200


def test_an_answer_can_be_sent_back_as_the_library_dumps_it(client: openai.OpenAI, server: ServerProcess) -> None:
    """A message and its stream options have null for all that was not used."""
    said = client.chat.completions.create(model=MODEL, messages=user(PAIRS[0][0]), max_tokens=4).choices[0].message
    dumped = {**said.model_dump(), "tool_calls": [], "annotations": None, "audio": None}
    talk: Any = [*user(PAIRS[0][0]), dumped, *user("And then?")]
    assert client.chat.completions.create(model=MODEL, messages=talk, max_tokens=2).choices[0].message.content is not None
    body = {"messages": user("x"), "max_tokens": 2, "stream": True, "stream_options": {"include_usage": None}, "tools": None}
    assert server.client.post("/v1/chat/completions", json=body).text.endswith("data: [DONE]\n\n")


def test_the_gateway_says_what_the_model_is_called_now(server: ServerProcess) -> None:
    """A renamed model keeps its process."""
    body = {"model": "old name", "messages": user(PAIRS[0][0]), "max_tokens": 2}
    assert server.client.post("/v1/chat/completions", json=body).status_code == 404
    answer = server.client.post("/v1/chat/completions", json=body, headers={"x-modelyard-name": quote("新名")})
    assert (answer.status_code, answer.json()["model"]) == (200, "新名")


def test_models_names_the_one_that_is_served(client: openai.OpenAI, server: ServerProcess) -> None:
    (card,) = client.models.list().data
    assert (card.id, card.object, card.owned_by) == (MODEL, "model", "modelyard")
    extra = card.model_dump()
    assert (extra["version"], extra["digest"], extra["max_model_len"]) == (VERSION, server.digest, BLOCK)
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("another")


@pytest.mark.parametrize("path", ["/v1/models", "/healthz", "/readyz", "/stats", "/metrics", "/nowhere"])
def test_every_response_names_what_answered(server: ServerProcess, path: str) -> None:
    headers = server.client.get(path).headers
    assert unquote(headers["x-modelyard-model"]) == MODEL
    assert headers["x-modelyard-model-version"] == str(VERSION)
    assert headers["x-modelyard-digest"] == server.digest
    assert headers["x-request-id"].startswith("req-")


def test_request_ids_are_taken_over_when_they_are_harmless(server: ServerProcess) -> None:
    assert server.chat("x", max_tokens=1).headers["x-request-id"].startswith("req-")
    given = server.client.get("/stats", headers={"x-request-id": "trace-1.2:3"})
    assert given.headers["x-request-id"] == "trace-1.2:3"
    for bad in ("", "a b", "x" * 129, 'a"b'):
        assert server.client.get("/stats", headers={"x-request-id": bad}).headers["x-request-id"].startswith("req-")


def test_health_stats_and_metrics(server: ServerProcess) -> None:
    assert server.client.get("/healthz").json() == {"alive": True}
    assert server.client.get("/readyz").json()["ready"] is True
    before = server.stats()
    server.answer(QUESTIONS[0])
    server.chat(QUESTIONS[0], max_tokens=-1)
    after = server.stats()
    assert after["requests"] == before["requests"] + 2
    assert after["refused"] == before["refused"] + 1
    assert after["errors"] == before["errors"] == 0
    assert after["completion_tokens"] > before["completion_tokens"]
    assert 0 < after["p50_ms"] <= after["p99_ms"]
    assert after["qps"] > 0
    assert (after["digest"], after["version"], after["providers"]) == (server.digest, VERSION, ["CPUExecutionProvider"])
    families = {one.name: one for one in text_string_to_metric_families(server.client.get("/metrics").text)}
    sample = families["modelyard_serving_requests"].samples[0]
    assert (sample.value, sample.labels["model"], sample.labels["digest"]) == (after["requests"], MODEL, server.digest)


def test_probes_are_not_traffic(server: ServerProcess) -> None:
    before = server.stats()["requests"]
    for path in ("/healthz", "/readyz", "/v1/models", "/metrics"):
        server.client.get(path)
    assert server.stats()["requests"] == before


def test_a_client_that_leaves_frees_its_row(endless_server: ServerProcess) -> None:
    """Two rows, one waiting place: whoever leaves, streaming or waiting for a whole answer or in the queue, must give it back."""
    body = {"messages": user("x"), "max_tokens": 4000}
    streams = [endless_server.client.stream("POST", "/v1/chat/completions", json=body | {"stream": True}) for _ in range(2)]
    lines = [stream.__enter__().iter_lines() for stream in streams]
    for line in lines:
        next(line)
    assert endless_server.stats()["rows"] == 2
    with pytest.raises(httpx.ReadTimeout):
        endless_server.client.post("/v1/chat/completions", json=body, timeout=0.1)  # waits in the queue, then leaves
    until(lambda: endless_server.stats()["waiting"] == 0)
    for stream in streams:
        stream.__exit__(None, None, None)
    until(lambda: endless_server.stats()["rows"] == 0)
    with pytest.raises(httpx.ReadTimeout):
        endless_server.client.post("/v1/chat/completions", json=body, timeout=0.1)  # decodes, then leaves
    until(lambda: endless_server.stats()["rows"] == 0)
    stats = endless_server.stats()
    assert (stats["cancelled"], stats["errors"], stats["in_flight"]) == (4, 0, 0)
    assert stats["completion_tokens"] < 4 * 4000


def test_a_full_server_refuses_at_once_and_a_late_joiner_is_not_kept_waiting(endless_server: ServerProcess) -> None:
    long = {"messages": user("x"), "max_tokens": 4000, "stream": True}
    with endless_server.client.stream("POST", "/v1/chat/completions", json=long) as first:
        lines = first.iter_lines()
        next(lines)
        assert endless_server.answer(QUESTIONS[0], max_tokens=8)  # joins and ends while the first goes on
        assert endless_server.stats()["rows"] == 1
        with ThreadPoolExecutor(6) as pool:
            statuses = list(pool.map(lambda _: endless_server.chat("y", max_tokens=300).status_code, range(6)))
        assert set(statuses) == {200, 429}
        refused = next(response for _ in range(50) if (response := _crowd(endless_server)).status_code == 429)
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        assert refused.headers["retry-after"] == "1"


def _crowd(server: ServerProcess) -> httpx.Response:
    """The last answer of five requests at once, a refusal if there was one."""
    with ThreadPoolExecutor(5) as pool:
        return max(pool.map(lambda _: server.chat("y", max_tokens=200), range(5)), key=lambda response: response.status_code)
