"""What an evaluation may be told, and which metrics it can report. Light: the service checks configs with it.

Decides the ranges, and that the frozen snapshot holds every option with its value, so that a later default cannot change what an old task
meant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from libs.common.errors import Reason, invalid

ENGINE_VERSION = 2
"""Part of every snapshot: raised when the same input would be measured differently."""

EXACT_MATCH, TOKEN_F1, PERPLEXITY, LATENCY = METRICS = ("exact_match", "token_f1", "perplexity", "latency")

LEAK = "leak"
"""Measured by every evaluation: the share of the test that repeats what the model was trained on. Absent where that is not known."""

_RANGES: Mapping[str, tuple[float, float]] = {
    "max_new_tokens": (1, 4096),
    "batch_size": (1, 1024),
    "in_flight": (1, 64),
    "limit_items": (0, 1_000_000_000),
    "request_seconds": (0.05, 600.0),
}


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """Options of one evaluation; ``_RANGES`` holds the bounds (inclusive) of every number."""

    max_new_tokens: int = 64  # tokens of one answer at most; an endpoint that allows fewer is asked for as many as it allows
    batch_size: int = 32  # records that weights answer together
    in_flight: int = 4  # requests an endpoint is asked at once
    limit_items: int = 0  # only the first so many records; 0 = all
    measure_loss: bool | None = None  # score the expected answers too; None = when perplexity is among the metrics
    request_seconds: float = 30.0  # seconds an endpoint has for one answer; then the item has failed

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            kinds = (int, float) if name == "request_seconds" else (int,)
            if type(value) not in kinds or not math.isfinite(value):
                raise invalid(f"options.{name}", Reason.WRONG_TYPE, limit="number" if float in kinds else "integer")
            if not low <= value <= high:
                raise invalid(f"options.{name}", Reason.TOO_SMALL if value < low else Reason.TOO_LARGE, limit=f"{low:g}..{high:g}")
        if self.measure_loss is not None and type(self.measure_loss) is not bool:
            raise invalid("options.measure_loss", Reason.WRONG_TYPE, limit="boolean")

    def to_dict(self) -> dict[str, Any]:
        """JSON form with every field, as stored in a config and a frozen snapshot."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EvalOptions:
        """Options from JSON; absent keys take the default. Raises PlatformError 400 naming an unknown key or a bad value as
        ``options.<key>``.
        """
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise invalid(f"options.{key}"[:200], limit="one of " + ", ".join(sorted(known)))
        return cls(**values)


def settle(metrics: Sequence[str], options: EvalOptions) -> tuple[list[str], EvalOptions]:
    """The metrics and options an evaluation really runs with: no metrics means all it can measure, and whether loss is measured is decided.

    Raises PlatformError 400 for an unknown or repeated metric, and for perplexity without loss.
    """
    for index, name in enumerate(metrics):
        if name not in METRICS:
            raise invalid(f"metrics[{index}]", limit="one of " + ", ".join(METRICS))
        if name in metrics[:index]:
            raise invalid(f"metrics[{index}]", limit="each metric once")
    if PERPLEXITY in metrics and options.measure_loss is False:
        raise invalid("options.measure_loss", limit="true or left out while perplexity is among the metrics")
    wanted = list(metrics) or [name for name in METRICS if name != PERPLEXITY or options.measure_loss is not False]
    measured = PERPLEXITY in wanted if options.measure_loss is None else options.measure_loss
    return wanted, replace(options, measure_loss=measured)
