"""What the OpenAPI document says about ``/v1``."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_WHOLE = {"type": "integer"}
_MODEL = {**_TEXT, "minLength": 1, "description": "A model that is online: its name, an alias, a former name, its id, NAME@VERSION"}

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "code", "param"],
            "properties": {
                "message": _TEXT,
                "type": _TEXT,
                "code": {**_TEXT, "description": "model_not_found, context_length_exceeded, invalid_api_key, rate_limit_exceeded, …"},
                "param": {"type": ["string", "null"]},
                "limit": {"type": ["string", "null"]},
                "reason": _TEXT,
                "request_id": _TEXT,
            },
        }
    },
}
_CARD: dict[str, Any] = {
    "type": "object",
    "required": ["id", "object", "created", "owned_by"],
    "properties": {"id": _TEXT, "object": {"const": "model"}, "created": _WHOLE, "owned_by": _TEXT},
}
_VERSION = {"type": "object", "properties": {"version": _WHOLE, "digest": _TEXT, "weight": _WHOLE}}
_ONE = {**_CARD, "properties": {**_CARD["properties"], "versions": {"type": "array", "items": _VERSION}}}
_LIST = {
    "type": "object",
    "required": ["object", "data"],
    "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": _CARD}},
}
_ASKED = {
    "model": _MODEL,
    "max_tokens": {**_WHOLE, "minimum": 1},
    "temperature": {**_NUMBER, "minimum": 0, "maximum": 2},
    "top_p": {**_NUMBER, "exclusiveMinimum": 0, "maximum": 1},
    "seed": _WHOLE,
    "stop": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "maxItems": 4}]},
    "stream": {"type": "boolean"},
    "stream_options": {"type": "object", "properties": {"include_usage": {"type": "boolean"}}},
}
_PART = {"type": "object", "required": ["type", "text"], "properties": {"type": {"const": "text"}, "text": _TEXT}}
_MESSAGE = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"enum": ["system", "developer", "user", "assistant"]},
        "content": {"anyOf": [_TEXT, {"type": "array", "items": _PART}]},
    },
}
_MESSAGES = {"type": "array", "items": _MESSAGE, "minItems": 1, "maxItems": 256}
_CHAT = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {**_ASKED, "messages": _MESSAGES, "max_completion_tokens": _WHOLE},
}
_COMPLETION = {
    "type": "object",
    "required": ["model"],
    "properties": {
        **_ASKED,
        "prompt": {"anyOf": [_TEXT, {"type": "array"}]},
        "messages": _MESSAGES,
        "echo": {"type": "boolean"},
        "logprobs": _WHOLE,
    },
}

_CLASSIFY = {
    "type": "object",
    "required": ["model", "input"],
    "properties": {
        "model": _MODEL,
        "input": {
            "description": "Texts, or pictures as data URLs",
            "anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 64}],
        },
        "top": {**_WHOLE, "minimum": 1, "description": "How many labels are answered, the likeliest first; left out: all"},
    },
}
_CLASS = {
    "type": "object",
    "required": ["index", "label", "probability", "probabilities"],
    "properties": {
        "index": _WHOLE,
        "label": _TEXT,
        "probability": _NUMBER,
        "probabilities": {"type": "object", "additionalProperties": _NUMBER},
    },
}
_CLASSES = {
    "type": "object",
    "required": ["id", "object", "created", "model", "data"],
    "properties": {
        "id": _TEXT,
        "object": {"const": "list"},
        "created": _WHOLE,
        "model": _TEXT,
        "system_fingerprint": _TEXT,
        "data": {"type": "array", "items": _CLASS},
    },
}


def paths() -> dict[str, dict[str, Any]]:
    by_name = {"name": "model", "in": "path", "required": True, "schema": _MODEL}
    return {
        "/v1/models": {"get": _operation("openai_models", "Models that are online 已上线的模型", _LIST)},
        "/v1/models/{model}": {
            "get": _operation("openai_model", "One model by any of its names 按任一名称查看模型", _ONE, parameters=[by_name])
        },
        "/v1/chat/completions": {"post": _asking("openai_chat", "A chat with a model 与模型对话", _CHAT)},
        "/v1/completions": {"post": _asking("openai_completion", "A text that a model goes on with 由模型续写文本", _COMPLETION)},
        "/v1/classify": {"post": _operation("classify", "The labels of texts 判断文本的标签", _CLASSES, requestBody=_body(_CLASSIFY))},
    }


def _operation(id: str, summary: str, answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    responses = {
        "200": {"description": "Success", "content": {"application/json": {"schema": answer}}},
        "default": {"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAIError"}}}},
    }
    return {"operationId": id, "tags": ["openai"], "summary": summary, **more, "responses": responses}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _asking(id: str, summary: str, body: dict[str, Any]) -> dict[str, Any]:
    found = _operation(id, summary, {"type": "object"}, requestBody=_body(body))
    found["responses"]["200"]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    return found
