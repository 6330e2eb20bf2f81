"""What a deployment may be told. Decides the ranges, and that a stored config holds every option with its value, so that a later default
cannot change what an old order meant.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from libs.common.errors import Reason, invalid, missing
from libs.data.options import check_options, option, read_options

_ID_MAX = (1 << 63) - 1


@dataclass(frozen=True)
class DeployOptions:
    """Options of a deployment."""

    eval_config_id: int = option(en="the evaluation config that judges the packaged model", zh="评判打包模型的评测配置编号")
    replicas: int = option(1, 1, 8, en="serving processes of one version", zh="每个版本的服务进程数")
    threads: int = option(1, 1, 64, en="CPU threads", zh="CPU 线程数")
    max_new_tokens: int = option(64, 1, 4096, en="longest answer", zh="回答的最大长度", unit="tokens")
    parity_items: int = option(64, 1, 1000, en="questions on which export and training must agree", zh="核对导出与训练一致性的问题数")
    parity_tolerance: float = option(1e-4, 1e-9, 1.0, en="largest allowed difference of a logit", zh="logit 允许的最大差")
    smoke_probes: int = option(
        5, 1, 100, en="stored answers that an instance must repeat before it gets traffic", zh="放流量前必须复现的预存答案数"
    )
    canary_steps: tuple[int, ...] = option(
        (),
        en="rising shares of the traffic, the last one 100; empty: straight to 100",
        zh="灰度流量比例，递增至 100；空表示直接 100",
        unit="%",
    )
    canary_hold_seconds: float = option(60.0, 0.0, 86_400.0, en="a step is not promoted sooner", zh="每步至少保持的时间", unit="s")
    canary_timeout_seconds: float = option(
        3600.0, 0.0, 604_800.0, en="a step without enough traffic for so long is rolled back", zh="流量不足超过此时间则回滚", unit="s"
    )
    canary_min_requests: int = option(
        20, 1, 1_000_000, en="fewer answered requests in a step are no data", zh="每步至少需要的请求数", unit="requests"
    )
    canary_max_error_rate: float = option(
        0.01, 0.0, 1.0, en="share of requests that may fail on our side", zh="服务端错误率上限", unit="0..1"
    )
    warm_seconds: float = option(
        600.0, 0.0, 604_800.0, en="how long what served before is kept running for a rollback", zh="旧版本保留以便回滚的时间", unit="s"
    )
    approval: Literal["required"] = option(
        "required", en="required: by somebody else than who asked", zh="required：须由申请人以外的人审批"
    )

    def __post_init__(self) -> None:
        check_options(self, "config")
        _check_steps(self.canary_steps)
        if self.canary_timeout_seconds < self.canary_hold_seconds:
            raise invalid("config.canary_timeout_seconds", Reason.TOO_SMALL, limit="at least canary_hold_seconds")

    def to_dict(self) -> dict[str, Any]:
        """JSON form with every field."""
        return {**asdict(self), "eval_config_id": str(self.eval_config_id), "canary_steps": list(self.canary_steps)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DeployOptions:
        """Options from JSON; absent keys take the default. Raises PlatformError 400 naming an unknown, missing or bad key as
        ``config.<key>``.
        """
        if values.get("eval_config_id") is None:
            raise missing("config.eval_config_id")
        return read_options(cls, {**values, "eval_config_id": _id(values["eval_config_id"])}, "config", exact=True)


def content_hash(options: Mapping[str, Any]) -> str:
    """``sha256:…`` over the canonical JSON: the same options have the same hash."""
    text = json.dumps(options, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _id(value: Any) -> int:
    """Ids travel as text in JSON; a number is taken too."""
    text = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20
    id = int(value) if text else value
    if type(id) is not int or not 0 < id <= _ID_MAX:
        raise invalid("config.eval_config_id", limit="the id of an eval config")
    return id


def _check_steps(steps: tuple[Any, ...]) -> None:
    rising = all(low < high for low, high in zip((0, *steps), steps, strict=False))
    if steps and (not rising or steps[-1] != 100):
        raise invalid("config.canary_steps", limit="rising percentages of 1..100 that end with 100")
