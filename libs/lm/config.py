"""The numbers that fix the shape of a model. Light on purpose: servers read it without torch.

Decides which shapes are allowed. The bounds keep a damaged or hostile ``config.json`` from asking for gigabytes before one
weight was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from libs.common.errors import Reason, invalid, missing

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

    vocab_size: int  # tokens; ids 0..vocab_size-1
    block_size: int = 128  # tokens; longest question plus answer the model was trained for
    n_layer: int = 4  # decoder blocks
    n_head: int = 4  # attention heads per block
    d_model: int = 192  # width of the residual stream

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if type(value) is not int:
                raise invalid(name, Reason.WRONG_TYPE, limit="int")
            if not low <= value <= high:
                raise invalid(name, Reason.TOO_SMALL if value < low else Reason.TOO_LARGE, limit=f"{low}..{high}")
        if self.d_model % (2 * self.n_head):
            raise invalid("d_model", limit="a multiple of 2 * n_head")

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.n_head

    def to_dict(self) -> dict[str, int]:
        """JSON form, the content of ``config.json``."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LMConfig:
        """Inverse of ``to_dict``. Raises PlatformError(400) that names the key: unknown, missing, of a wrong type or out of range."""
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise invalid(str(key), limit="one of " + ", ".join(sorted(known)))
        if "vocab_size" not in values:
            raise missing("vocab_size")
        return cls(**values)
