"""Whatever is sent, the answer is a 4xx that names the field and the limit, and the server goes on."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common import instance_key
from tests.unit.deploy_engine.conftest import SERVING
from tests.unit.deploy_engine.model import BLOCK, PAIRS
from tests.unit.deploy_engine.process import KEY, ServerProcess

CHAT, COMPLETIONS = "/v1/chat/completions", "/v1/completions"
GOOD = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 2}


def message(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "x"} | fields]}


BAD_CHAT: list[tuple[Any, str | None]] = [
    ([], "body"),
    ("text", "body"),
    (None, "body"),
    ({}, "messages"),
    ({"messages": None}, "messages"),
    ({"messages": "hello"}, "messages"),
    ({"messages": {}}, "messages"),
    ({"messages": []}, "messages"),
    ({"messages": [GOOD["messages"][0]] * 257}, "messages"),  # type: ignore[index]
    ({"messages": [7]}, "messages[0]"),
    ({"messages": [None]}, "messages[0]"),
    ({"messages": [{}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    (message(content=None), "messages[0].content"),
    (message(content=5), "messages[0].content"),
    (message(content=["x"]), "messages[0].content[0]"),
    (message(content=[{"type": "image_url", "image_url": {"url": "http://x"}}]), "messages[0].content[0]"),
    (message(role="wizard"), "messages[0].role"),
    (message(role=""), "messages[0].role"),
    (message(role=3), "messages[0].role"),
    (message(role="tool"), "messages[0].role"),
    (message(color="red"), "messages[0].color"),
    (message(tool_calls=[{"id": "c"}]), "messages[0].tool_calls"),
    (message(annotations={}), "messages[0].annotations"),
    (message(content="y " * BLOCK), "messages"),
    (message(content="y" * 900_000), "messages"),
    (GOOD | {"max_tokens": -1}, "max_tokens"),
    (GOOD | {"max_tokens": 0}, "max_tokens"),
    (GOOD | {"max_tokens": SERVING["max_new_tokens"] + 1}, "max_tokens"),  # type: ignore[operator]
    (GOOD | {"max_tokens": 2**63}, "max_tokens"),
    (GOOD | {"max_tokens": 10**400}, "max_tokens"),
    (GOOD | {"max_tokens": 2.5}, "max_tokens"),
    (GOOD | {"max_tokens": "2"}, "max_tokens"),
    (GOOD | {"max_tokens": True}, "max_tokens"),
    (GOOD | {"max_completion_tokens": -5}, "max_completion_tokens"),
    (GOOD | {"temperature": -0.1}, "temperature"),
    (GOOD | {"temperature": 2.1}, "temperature"),
    (GOOD | {"temperature": "hot"}, "temperature"),
    (GOOD | {"top_p": 0}, "top_p"),
    (GOOD | {"top_p": 1.5}, "top_p"),
    (GOOD | {"top_p": [1]}, "top_p"),
    (GOOD | {"seed": 1.5}, "seed"),
    (GOOD | {"seed": 2**64}, "seed"),
    (GOOD | {"stop": 5}, "stop"),
    (GOOD | {"stop": [""]}, "stop[0]"),
    (GOOD | {"stop": ["a", 1]}, "stop[1]"),
    (GOOD | {"stop": ["a"] * 5}, "stop"),
    (GOOD | {"stop": "a" * 65}, "stop[0]"),
    (GOOD | {"stream": "yes"}, "stream"),
    (GOOD | {"stream": 1}, "stream"),
    (GOOD | {"stream_options": {"include_usage": True}}, "stream_options"),
    (GOOD | {"stream": True, "stream_options": []}, "stream_options"),
    (GOOD | {"stream": True, "stream_options": {"usage": True}}, "stream_options.usage"),
    (GOOD | {"stream": True, "stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
    (GOOD | {"max_token": 5}, "max_token"),
    (GOOD | {"n": 2}, "n"),
    (GOOD | {"logprobs": True}, "logprobs"),
    (GOOD | {"tools": [{}]}, "tools"),
    (GOOD | {"response_format": {"type": "json_object"}}, "response_format"),
    (GOOD | {"frequency_penalty": 0.5}, "frequency_penalty"),
    (GOOD | {"prompt": "x"}, "prompt"),
    (GOOD | {"model": 5}, "model"),
]
BAD_COMPLETIONS: list[tuple[Any, str | None]] = [
    ({}, "prompt"),
    ({"prompt": None}, "prompt"),
    ({"prompt": 5}, "prompt"),
    ({"prompt": {}}, "prompt"),
    ({"prompt": []}, "prompt"),
    ({"prompt": ["a", 5]}, "prompt[1]"),
    ({"prompt": [[]]}, "prompt[0]"),
    ({"prompt": [[1, True]]}, "prompt[0]"),
    ({"prompt": [1, -1]}, "prompt[1]"),
    ({"prompt": [1, 10**9]}, "prompt[1]"),
    ({"prompt": ["a"] * 65}, "prompt"),
    ({"prompt": [1] * BLOCK}, "prompt"),
    ({"prompt": [1] * (BLOCK + 1), "echo": True, "max_tokens": 0, "logprobs": 0}, "prompt"),
    ({"prompt": "y" * 900_000}, "prompt"),
    ({"prompt": "x", "max_tokens": 0}, "max_tokens"),
    ({"prompt": "x", "logprobs": 6}, "logprobs"),
    ({"prompt": "x", "logprobs": -1}, "logprobs"),
    ({"prompt": "x", "logprobs": True}, "logprobs"),
    ({"prompt": "x", "echo": "yes"}, "echo"),
    ({"prompt": ["a", "b"], "stream": True}, "stream"),
    ({"prompt": "x", "echo": True, "stream": True}, "stream"),
    ({"prompt": "x", "messages": []}, "messages"),
    ({"messages": GOOD["messages"]}, "messages"),
    ({"messages": GOOD["messages"], "echo": True, "max_tokens": 0}, "messages[0].role"),
    ({"messages": [{"role": "assistant", "content": "y " * BLOCK}], "echo": True, "max_tokens": 0}, "messages"),
    ({"prompt": "x", "best_of": 3}, "best_of"),
    ({"prompt": "x", "suffix": "z"}, "suffix"),
    ({"prompt": "x", "max_completion_tokens": 3}, "max_completion_tokens"),
]


def check_refusal(server: ServerProcess, path: str, body: Any, param: str | None) -> None:
    response = server.client.post(path, json=body)
    assert response.status_code == 400, (body, response.text)
    error = response.json()["error"]
    assert error["param"] == param, (body, error)
    assert error["type"] == "invalid_request_error"
    assert error["code"]
    assert error["limit"]
    assert param is None or param in error["message"]
    assert "?" not in error["message"], error  # a hole of the sentence that no fact filled


@pytest.mark.parametrize(("body", "param"), BAD_CHAT, ids=lambda value: str(value)[:60])
def test_bad_chat_requests_name_the_field(server: ServerProcess, body: Any, param: str | None) -> None:
    check_refusal(server, CHAT, body, param)


@pytest.mark.parametrize(("body", "param"), BAD_COMPLETIONS, ids=lambda value: str(value)[:60])
def test_bad_completion_requests_name_the_field(server: ServerProcess, body: Any, param: str | None) -> None:
    check_refusal(server, COMPLETIONS, body, param)


def test_a_prompt_that_is_too_long_says_by_how_much(server: ServerProcess) -> None:
    error = server.chat("y " * BLOCK).json()["error"]
    assert error["code"] == "context_length_exceeded"
    assert error["limit"] == f"at most {BLOCK - 1} tokens"
    far = server.chat("y " * 40_000).json()["error"]  # so long that its characters are counted, not its tokens
    assert (far["code"], far["param"], far["type"]) == ("context_length_exceeded", "messages", error["type"])


def test_another_model_is_not_found(server: ServerProcess) -> None:
    response = server.chat("x", model="gpt-9")
    assert (response.status_code, response.json()["error"]["code"], response.json()["error"]["param"]) == (404, "model_not_found", "model")


BROKEN = {
    "empty": b"",
    "not JSON": b"hello",
    "cut": b'{"messages": [',
    "not UTF-8": b'{"messages": "\xff\xfe"}',
    "NaN": b'{"messages": [], "temperature": NaN}',
    "infinite": b'{"messages": [], "temperature": 1e999}',
    "half a surrogate pair": b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
    "deep": b"[" * 200_000,
    "deep and closed": b'{"messages":' * 5000 + b"1" + b"}" * 5000,
    "two values": b"{} {}",
    "a byte order mark": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
def test_broken_json_is_refused(server: ServerProcess, path: str, content: bytes) -> None:
    response = server.client.post(path, content=content)
    assert (response.status_code, response.json()["error"]["param"]) == (400, "body")


@pytest.mark.parametrize("size", [(1 << 20) + 1, 8 << 20, 32 << 20])
def test_an_oversized_body_is_refused(server: ServerProcess, size: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.ready["port"], timeout=20)
    try:
        connection.putrequest("POST", CHAT)
        connection.putheader("content-length", str(size))
        for name, value in instance_key.headers(KEY).items():
            connection.putheader(name, value)
        connection.endheaders()
        if size <= 16 << 20:
            connection.send(b" " * size)
        response = connection.getresponse()
        error = json.loads(response.read())["error"]
    finally:
        connection.close()
    assert (response.status, error["param"], error["limit"]) == (413, "body", "at most 1048576 bytes")


def test_a_chunked_body_without_a_length_is_bounded_too(server: ServerProcess) -> None:
    response = server.client.post(CHAT, content=(b" " * 65536 for _ in range(20)))
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CHAT, 405), ("DELETE", "/v1/models", 405), ("POST", "/stats", 405), ("GET", "/", 404), ("GET", "/v1/../etc/passwd", 404)],
)
def test_unknown_routes_and_methods(server: ServerProcess, method: str, path: str, status: int) -> None:
    response = server.client.request(method, path)
    assert (response.status_code, response.json()["error"]["code"]) == (status, "unknown_url")


def test_messages_of_errors_come_in_chinese_too(server: ServerProcess) -> None:
    response = server.client.post(CHAT, json={}, headers={"accept-language": "zh-CN,zh;q=0.9"})
    assert response.json()["error"]["message"] == "缺少 messages，请补充后重试。"


def test_the_openai_client_understands_the_errors(server: ServerProcess) -> None:
    client = openai.OpenAI(base_url=f"{server.address}/v1", api_key=KEY, max_retries=0)
    with client, pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="文档问答", messages=[{"role": "user", "content": "x"}], max_tokens=-3)
    assert (caught.value.param, caught.value.code) == ("max_tokens", "too_small")


def test_a_half_request_and_garbage_do_not_disturb_others(server: ServerProcess) -> None:
    for garbage in (b"\x00" * 100, b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 100\r\n\r\n{", b"GET / HTTP/9.9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.ready["port"])) as connection:
            connection.sendall(garbage)
    assert server.answer(PAIRS[0][0]) == PAIRS[0][1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = [
    "model",
    "messages",
    "prompt",
    "max_tokens",
    "temperature",
    "top_p",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "echo",
    "logprobs",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from([CHAT, COMPLETIONS]), body=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4), keep=st.booleans())
def test_no_body_is_ever_a_server_error(server: ServerProcess, path: str, body: dict[str, Any], keep: bool) -> None:
    response = server.client.post(path, json=(GOOD if path == CHAT else {"prompt": "x", "max_tokens": 1}) | body if keep else body)
    assert response.status_code in (200, 400, 404), response.text
    assert server.stats()["errors"] == 0
