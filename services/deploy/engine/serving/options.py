"""What ``serving.json`` fixes inside a bundle: the engine and the limits it serves under.

The limits are part of the digest on purpose: an evaluation of a digest is an evaluation of these limits too. An unknown key is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from libs.common.errors import Reason, invalid, missing
from libs.data.options import check_options, option, read_options

ENGINE = "onnxruntime-cb"
"""The only engine so far: own continuous batching over a plain ONNX Runtime session."""


@dataclass(frozen=True)
class ServingOptions:
    """Limits of one serving process."""

    engine: str = option(ENGINE, en="the engine that may serve this bundle", zh="可为该包提供服务的引擎")
    max_new_tokens: int = option(
        64, 1, 4096, unit="tokens", en="longest answer, also that of a request that names none", zh="回答的最大长度，也是请求未指定时的取值"
    )
    max_rows: int = option(8, 1, 64, en="most answers that decode together", zh="同时解码的回答数上限")
    max_queue: int = option(
        64, 0, 10_000, en="requests that wait for a row; the next one is refused with 429", zh="排队请求上限，超出返回 429"
    )
    threads: int = option(1, 1, 64, en="threads of one inference step", zh="单步推理的线程数")

    def __post_init__(self) -> None:
        check_options(self, "serving")
        if self.engine != ENGINE:
            raise invalid("serving.engine", Reason.UNKNOWN_ENUM, limit=ENGINE)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> ServingOptions:
        """Options from JSON values. Raises: PlatformError 400 on an unknown key, a missing engine, a wrong type or a value out of range."""
        made = read_options(ServingOptions, values, "serving", exact=True)
        if "engine" not in values:
            raise missing("serving.engine")
        return made
