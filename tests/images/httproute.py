"""What this project uses of Gateway API's HTTPRoute (gateway.networking.k8s.io/v1), as a JSON schema of our own: kubernetes-validate knows
built-in kinds only. A field that is not here is refused, so a slip of the pen is found; a field newly used is added here with its bounds.
"""

from __future__ import annotations

from typing import Any


def _closed(required: list[str], **fields: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": fields}


_NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}
_HOST = {"type": "string", "maxLength": 253, "pattern": r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"}
_DURATION = {"type": "string", "pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$"}
_HEADER = _closed(
    ["name", "value"],
    type={"enum": ["Exact", "RegularExpression"]},
    name={"type": "string", "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$"},
    value={"type": "string", "minLength": 1, "maxLength": 4096},
)
_PATH = _closed(["type", "value"], type={"enum": ["Exact", "PathPrefix", "RegularExpression"]}, value={"type": "string", "pattern": "^/"})
_RULE = _closed(
    ["backendRefs"],
    matches={
        "type": "array",
        "minItems": 1,
        "maxItems": 64,
        "items": _closed([], path=_PATH, headers={"type": "array", "maxItems": 16, "items": _HEADER}),
    },
    timeouts=_closed([], request=_DURATION, backendRequest=_DURATION),
    backendRefs={
        "type": "array",
        "minItems": 1,
        "maxItems": 16,
        "items": _closed(
            ["name", "port"],
            name=_NAME,
            namespace=_NAME,
            port={"type": "integer", "minimum": 1, "maximum": 65535},
            weight={"type": "integer", "minimum": 0, "maximum": 1_000_000},
        ),
    },
)

HTTP_ROUTE = _closed(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "gateway.networking.k8s.io/v1"},
    kind={"const": "HTTPRoute"},
    metadata=_closed(
        ["name", "namespace"], name=_NAME, namespace=_NAME, labels={"type": "object", "additionalProperties": {"type": "string"}}
    ),
    spec=_closed(
        ["parentRefs", "rules"],
        parentRefs={
            "type": "array",
            "minItems": 1,
            "maxItems": 32,
            "items": _closed(
                ["name"], name=_NAME, namespace=_NAME, sectionName=_NAME, port={"type": "integer", "minimum": 1, "maximum": 65535}
            ),
        },
        hostnames={"type": "array", "maxItems": 16, "items": _HOST},
        rules={"type": "array", "minItems": 1, "maxItems": 16, "items": _RULE},
    ),
)
