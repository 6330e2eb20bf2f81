"""What a deployment may be told. Decides the ranges, and that a stored config holds every option with its value, so that a later default
cannot change what an old order meant.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from libs.common.errors import Reason, invalid, missing

REQUIRED = "required"
_ID_MAX = (1 << 63) - 1
_INTEGERS: Mapping[str, tuple[int, int]] = {
    "replicas": (1, 8),
    "threads": (1, 64),
    "max_new_tokens": (1, 4096),
    "parity_items": (1, 1000),
    "smoke_probes": (1, 100),
    "canary_min_requests": (1, 1_000_000),
}
_NUMBERS: Mapping[str, tuple[float, float]] = {
    "parity_tolerance": (1e-9, 1.0),
    "canary_hold_seconds": (0.0, 86_400.0),
    "canary_timeout_seconds": (0.0, 604_800.0),
    "canary_max_error_rate": (0.0, 1.0),
    "warm_seconds": (0.0, 604_800.0),
}


@dataclass(frozen=True)
class DeployOptions:
    """Options of a deployment; ``_INTEGERS`` and ``_NUMBERS`` hold the bounds (inclusive)."""

    eval_config_id: int  # the evaluation that judges the packaged digest; JSON text in the stored config, as every 64-bit id
    replicas: int = 1  # serving processes of one digest
    threads: int = 1  # of one serving process
    max_new_tokens: int = 64  # longest answer that is served, part of the digest
    parity_items: int = 64  # real questions, evenly spaced over the test version, on which export and training must agree
    parity_tolerance: float = 1e-4  # largest allowed absolute difference of a logit
    smoke_probes: int = 5  # stored answers every instance must repeat before it gets traffic
    canary_steps: tuple[int, ...] = ()  # rising shares of the traffic in percent, the last one 100; () = straight to 100, not held
    canary_hold_seconds: float = 60.0  # a step is not promoted sooner
    canary_timeout_seconds: float = 3600.0  # a step without enough traffic for so long is rolled back
    canary_min_requests: int = 20  # fewer answered requests in a step are no data
    canary_max_error_rate: float = 0.01  # share of requests that may fail on our side
    warm_seconds: float = 600.0  # how long what served before is kept running for a rollback
    approval: str = REQUIRED  # a person other than the requester; there is no other way

    def __post_init__(self) -> None:
        if type(self.eval_config_id) is not int or not 0 < self.eval_config_id <= _ID_MAX:
            raise invalid("config.eval_config_id", limit="the id of an eval config")
        for name, (low, high) in _INTEGERS.items():
            _check(name, getattr(self, name), (int,), low, high)
        for name, (least, most) in _NUMBERS.items():
            _check(name, getattr(self, name), (int, float), least, most)
        _check_steps(self.canary_steps)
        if self.canary_timeout_seconds < self.canary_hold_seconds:
            raise invalid("config.canary_timeout_seconds", Reason.TOO_SMALL, limit="at least canary_hold_seconds")
        if self.approval != REQUIRED:
            raise invalid("config.approval", Reason.UNKNOWN_ENUM, limit=REQUIRED)

    def to_dict(self) -> dict[str, Any]:
        """JSON form with every field."""
        return {**asdict(self), "eval_config_id": str(self.eval_config_id), "canary_steps": list(self.canary_steps)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DeployOptions:
        """Options from JSON; absent keys take the default. Raises PlatformError 400 naming an unknown, missing or bad key as
        ``config.<key>``.
        """
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise invalid(f"config.{key}"[:200], limit="one of " + ", ".join(sorted(known)))
        if values.get("eval_config_id") is None:
            raise missing("config.eval_config_id")
        steps = values.get("canary_steps", ())
        if not isinstance(steps, (list, tuple)):
            raise invalid("config.canary_steps", Reason.WRONG_TYPE, limit="list of whole percentages")
        return cls(**{**values, "eval_config_id": _id(values["eval_config_id"]), "canary_steps": tuple(steps)})


def content_hash(options: Mapping[str, Any]) -> str:
    """``sha256:…`` over the canonical JSON: the same options have the same hash."""
    text = json.dumps(options, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _id(value: Any) -> Any:
    """Ids travel as text in JSON; a number is taken too. Anything else is left for the check."""
    text = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20
    return int(value) if text else value


def _check(name: str, value: Any, kinds: tuple[type, ...], low: float, high: float) -> None:
    if type(value) not in kinds or not math.isfinite(value):
        raise invalid(f"config.{name}", Reason.WRONG_TYPE, limit="number" if float in kinds else "integer")
    if not low <= value <= high:
        raise invalid(f"config.{name}", Reason.TOO_SMALL if value < low else Reason.TOO_LARGE, limit=f"{low:g}..{high:g}")


def _check_steps(steps: tuple[Any, ...]) -> None:
    for index, step in enumerate(steps):
        if type(step) is not int:
            raise invalid(f"config.canary_steps[{index}]", Reason.WRONG_TYPE, limit="integer")
    rising = all(low < high for low, high in zip((0, *steps), steps, strict=False))
    if steps and (not rising or steps[-1] != 100):
        raise invalid("config.canary_steps", limit="rising percentages of 1..100 that end with 100")
