"""What ``serving.json`` fixes inside a bundle: the engine and the limits it serves under.

The limits are part of the digest on purpose: an evaluation of a digest is an evaluation of these limits too. An unknown key is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from libs.common.errors import Reason, invalid, missing

ENGINE = "onnxruntime-cb"
"""The only engine so far: own continuous batching over a plain ONNX Runtime session."""


@dataclass(frozen=True)
class ServingOptions:
    """Limits of one serving process.

    engine: name of the engine that may serve this bundle. max_new_tokens: most tokens one answer may have, 1..4096, also the default of a
    request that names none. max_rows: most answers that decode together, 1..64. max_queue: most requests that wait for a row before the
    next one is refused with 429, 0..10000. threads: threads of one inference step, 1..64.
    """

    engine: str = ENGINE
    max_new_tokens: int = 64
    max_rows: int = 8
    max_queue: int = 64
    threads: int = 1

    def __post_init__(self) -> None:
        if self.engine != ENGINE:
            raise invalid("serving.engine", Reason.UNKNOWN_ENUM, limit=ENGINE)
        for name, low, high in _RANGES:
            _check_range(name, getattr(self, name), low, high)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> ServingOptions:
        """Options from JSON values. Raises: PlatformError 400 on an unknown key, a missing engine, a wrong type or a value out of range."""
        known = {field.name for field in fields(ServingOptions)}
        for key in values:
            if key not in known:
                raise invalid(f"serving.{key}", limit="one of " + ", ".join(sorted(known)))
        if "engine" not in values:
            raise missing("serving.engine")
        return ServingOptions(**values)


_RANGES = (("max_new_tokens", 1, 4096), ("max_rows", 1, 64), ("max_queue", 0, 10_000), ("threads", 1, 64))


def _check_range(name: str, value: object, low: int, high: int) -> None:
    field = f"serving.{name}"
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(field, Reason.WRONG_TYPE, limit="integer")
    if not low <= value <= high:
        raise invalid(field, Reason.TOO_SMALL if value < low else Reason.TOO_LARGE, limit=f"{low}..{high}")
