"""What an evaluation may be told, and with which metrics. Light: the service checks configs with it.

Decides the ranges, and that the frozen snapshot holds every option with its value, so that a later default cannot change what an old task
meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from libs.common.errors import invalid
from libs.data.options import check_options, option, read_options
from libs.metrics import ANSWERS, METRICS

ENGINE_VERSION = 2
"""Part of every snapshot: raised when the same input would be measured differently."""


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """Options of one evaluation."""

    max_new_tokens: int = option(64, 1, 4096, en="longest answer", zh="回答的最大长度", unit="tokens")
    batch_size: int = option(32, 1, 1024, en="records worked on together", zh="每批记录数", unit="records")
    in_flight: int = option(4, 1, 64, en="requests an endpoint is asked at once", zh="同时发往服务的请求数")
    limit_items: int = option(
        0, 0, 1_000_000_000, en="only the first so many records; 0: all", zh="只取前若干条；0 表示全部", unit="records"
    )
    measure_loss: bool | None = option(
        None, en="score the expected answers too", zh="同时计算参考答案损失", none=("when perplexity is measured", "随困惑度")
    )
    request_seconds: float = option(30.0, 0.05, 600.0, en="time an endpoint has for one answer", zh="单个回答的时限", unit="s")

    def __post_init__(self) -> None:
        check_options(self)

    def to_dict(self) -> dict[str, Any]:
        """JSON form with every field, as stored in a config and a frozen snapshot."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EvalOptions:
        """Options from JSON; absent keys take the default. Raises PlatformError 400 naming ``options.…``."""
        return read_options(cls, values, exact=True)


def settle(metrics: Sequence[str], options: EvalOptions, kind: str = ANSWERS) -> tuple[list[str], EvalOptions]:
    """The metrics and options an evaluation really runs with: no metrics means those usual for records of the test's ``kind``, and whether
    loss is measured is decided.

    Raises PlatformError 400 for an unknown or repeated metric, for one that such records do not give, and for one that needs the loss
    without it.
    """
    for index, name in enumerate(metrics):
        if name not in METRICS:
            raise invalid(f"metrics[{index}]", limit="one of " + ", ".join(METRICS))
        if kind not in METRICS[name].of:
            known = ", ".join(each.name for each in METRICS.values() if kind in each.of)
            raise invalid(f"metrics[{index}]", limit=f"one that {kind} records give: {known}")
        if name in metrics[:index]:
            raise invalid(f"metrics[{index}]", limit="each metric once")
    for name in metrics:
        if METRICS[name].loss and options.measure_loss is False:
            raise invalid("options.measure_loss", limit=f"true or left out while {name} is among the metrics")
    usual = [name for name, metric in METRICS.items() if metric.usual(kind) and (not metric.loss or options.measure_loss is not False)]
    wanted = list(metrics) or usual
    measured = any(METRICS[name].loss for name in wanted) if options.measure_loss is None else options.measure_loss
    return wanted, replace(options, measure_loss=measured)
