"""The numbers that fix the shape of a model. Light on purpose: servers read it without torch.

Decides which shapes are allowed. The bounds keep a damaged or hostile ``config.json`` from asking for gigabytes before one
weight was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass
from typing import Any

from libs.common.errors import invalid
from libs.data.options import check_options, option, read_options

LIMITS: Mapping[str, tuple[int, int]] = {
    "vocab_size": (5, 262_144),
    "block_size": (8, 32_768),
    "n_layer": (1, 64),
    "n_head": (1, 64),
    "d_model": (8, 8_192),
}


@dataclass(frozen=True, slots=True)
class LMConfig:
    """Shape of a ``libs.lm.model.CausalLM``. Ranges are in ``LIMITS``; d_model / n_head must be a whole, even number (rotary pairs)."""

    vocab_size: int = option(MISSING, *LIMITS["vocab_size"], unit="tokens", en="ids 0..vocab_size-1", zh="词表大小")
    block_size: int = option(128, *LIMITS["block_size"], unit="tokens", en="longest question plus answer", zh="问答总长上限")
    n_layer: int = option(4, *LIMITS["n_layer"], en="decoder blocks", zh="解码层数")
    n_head: int = option(4, *LIMITS["n_head"], en="attention heads per block", zh="每层注意力头数")
    d_model: int = option(192, *LIMITS["d_model"], en="width of the residual stream", zh="模型宽度")

    def __post_init__(self) -> None:
        check_options(self, "")
        if self.d_model % (2 * self.n_head):
            raise invalid("d_model", limit="a multiple of 2 * n_head")

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.n_head

    @property
    def cache_heads(self) -> int:
        """Heads of keys and values: each query has its own."""
        return self.n_head

    def to_dict(self) -> dict[str, Any]:
        """JSON form, the content of ``config.json``."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LMConfig:
        """Inverse of ``to_dict``. Raises PlatformError(400) that names the key: unknown, missing, of a wrong type or out of range."""
        return read_options(cls, values, "", exact=True)
