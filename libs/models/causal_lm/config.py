"""The numbers of a network in one of the layouts that companies use, read from its ``config.json``. Light: servers read it without torch.

Decides which shapes are run at all. What would compute something else than the file says (another activation, another scaling of
positions, quantised weights, code of the maker) is refused by its name and never passed over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from libs.common.errors import Reason, invalid

MOST_PARAMETERS = 200_000_000_000
"""Of one model. More is a slip or an attack: nothing that runs such a model is here."""

_BOUNDS = {
    "vocab_size": (5, 1 << 20),
    "hidden_size": (8, 1 << 15),
    "intermediate_size": (8, 1 << 18),
    "num_hidden_layers": (1, 512),
    "num_attention_heads": (1, 512),
    "num_key_value_heads": (1, 512),
    "head_dim": (2, 1024),
    "max_position_embeddings": (8, 1 << 24),
    "sliding_window": (1, 1 << 24),
}
_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "hidden_act": ("silu",),
    "mlp_bias": (False,),
    "attention_dropout": (0, 0.0),
    "partial_rotary_factor": (1, 1.0),
    "use_sliding_window": (False,),
}
"""Keys that are run at these values alone; absent or null is as good."""
_NEVER = {"quantization_config": "weights that are not quantised", "auto_map": "a layout known here: no code of a checkpoint is run"}
OURS = "modelyard"
"""The key of ``config.json`` in which an import keeps what it worked out; other readers pass it over."""


@dataclass(frozen=True, slots=True)
class Rope:
    """How positions turn queries and keys. kind: "default", "linear", or "llama3" (Llama 3.1), which stretches the long waves only."""

    base: float = 10_000.0
    kind: str = "default"
    factor: float = 1.0
    low: float = 1.0
    high: float = 4.0
    original: int = 8192


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """Shape of a ``libs.models.causal_lm.decoder.Decoder``. values: the whole ``config.json``, which goes on as it came.

    block_size: longest question plus answer in tokens. cache_heads: of keys and values, perhaps fewer than n_head. window: tokens a layer
    looks back, 0 = all. biased: which projections of the attention have a bias, of "q", "k", "v", "o". head_norm: queries and keys are
    normed by head (Qwen3).
    """

    vocab_size: int
    block_size: int
    n_layer: int
    n_head: int
    cache_heads: int
    head_dim: int
    d_model: int
    d_feed: int
    eps: float
    tied: bool
    rope: Rope
    biased: str = ""
    head_norm: bool = False
    window: int = 0
    values: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """JSON form, the content of ``config.json``."""
        return dict(self.values)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every tensor of the network by its name in the weights file."""
        layers = {f"model.layers.{layer}.{name}": shape for layer in range(self.n_layer) for name, shape in self._layer_shapes().items()}
        ends = {"model.embed_tokens.weight": (self.vocab_size, self.d_model), "model.norm.weight": (self.d_model,)}
        return ends | layers | ({} if self.tied else {"lm_head.weight": (self.vocab_size, self.d_model)})

    @property
    def parameters(self) -> int:
        layer = sum(math.prod(shape) for shape in self._layer_shapes().values())
        return layer * self.n_layer + (1 if self.tied else 2) * self.vocab_size * self.d_model + self.d_model

    def _layer_shapes(self) -> dict[str, tuple[int, ...]]:
        wide, narrow = self.n_head * self.head_dim, self.cache_heads * self.head_dim
        rows = {"q": wide, "k": narrow, "v": narrow, "o": self.d_model}
        shapes: dict[str, tuple[int, ...]] = {
            "input_layernorm.weight": (self.d_model,),
            "post_attention_layernorm.weight": (self.d_model,),
            "mlp.gate_proj.weight": (self.d_feed, self.d_model),
            "mlp.up_proj.weight": (self.d_feed, self.d_model),
            "mlp.down_proj.weight": (self.d_model, self.d_feed),
        }
        for name, size in rows.items():
            shapes[f"self_attn.{name}_proj.weight"] = (size, wide if name == "o" else self.d_model)
            if name in self.biased:
                shapes[f"self_attn.{name}_proj.bias"] = (size,)
        if self.head_norm:
            shapes |= {f"self_attn.{name}_norm.weight": (self.head_dim,) for name in "qk"}
        return shapes


def read_decoder(values: Mapping[str, Any], *, biased: str = "", head_norm: bool = False, window: int = 0) -> DecoderConfig:
    """The shape that a ``config.json`` of others describes. Raises PlatformError(400) that names the key and what it may be, before
    anything of that size is made."""
    _refuse_unknown(values)
    width, heads = _whole(values, "hidden_size"), _whole(values, "num_attention_heads")
    cache_heads = _whole(values, "num_key_value_heads", heads)
    if heads % cache_heads:
        raise invalid("num_key_value_heads", limit="a divisor of num_attention_heads")
    if values.get("head_dim") is None and width % heads:
        raise invalid("num_attention_heads", limit="a divisor of hidden_size")
    head_dim = _whole(values, "head_dim", width // heads)
    if head_dim % 2:
        raise invalid("head_dim", limit="an even number")
    found = DecoderConfig(
        vocab_size=_whole(values, "vocab_size"),
        block_size=_whole(values, "max_position_embeddings"),
        n_layer=_whole(values, "num_hidden_layers"),
        n_head=heads,
        cache_heads=cache_heads,
        head_dim=head_dim,
        d_model=width,
        d_feed=_whole(values, "intermediate_size"),
        eps=_number(values, "rms_norm_eps", 1e-6, 0.0, 1.0),
        tied=_flag(values, "tie_word_embeddings"),
        rope=_rope(values),
        biased=biased,
        head_norm=head_norm,
        window=window,
        values=values,
    )
    if found.parameters > MOST_PARAMETERS:
        raise invalid("config.json", Reason.TOO_LARGE, limit=f"at most {MOST_PARAMETERS:,} parameters", parameters=found.parameters)
    return found


def window_of(values: Mapping[str, Any]) -> int:
    """``sliding_window``; 0 where there is none."""
    return 0 if values.get("sliding_window") is None else _whole(values, "sliding_window")


def _refuse_unknown(values: Mapping[str, Any]) -> None:
    for key, limit in _NEVER.items():
        if values.get(key):
            raise invalid(key, limit=limit)
    for key, allowed in _NEUTRAL.items():
        if values.get(key) is not None and values[key] not in allowed:
            raise invalid(key, limit=f"{allowed[0]!r}: another value is not run here", value=str(values[key])[:100])


def _rope(values: Mapping[str, Any]) -> Rope:
    """From ``rope_theta`` and ``rope_scaling``, or from ``rope_parameters``, where newer files keep both."""
    newer = values.get("rope_parameters")
    scaling = newer if newer is not None else values.get("rope_scaling") or {}
    if not isinstance(scaling, Mapping):
        raise invalid("rope_scaling", Reason.WRONG_TYPE, limit="an object")
    base = _number({**values, **scaling}, "rope_theta", 10_000.0, 1.0, 1e12)
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if _number(scaling, "partial_rotary_factor", 1.0, 0.0, 1.0) != 1.0:
        raise invalid("partial_rotary_factor", limit="1: another value is not run here")
    if kind == "default":
        return Rope(base)
    if kind == "linear":
        return Rope(base, kind, _number(scaling, "factor", None, 1.0, 1e4))
    if kind == "llama3":
        low, high = (_number(scaling, f"{end}_freq_factor", None, 0.0, 1e4) for end in ("low", "high"))
        if not low < high:
            raise invalid("rope_scaling.low_freq_factor", limit="less than high_freq_factor")
        original = _number(scaling, "original_max_position_embeddings", None, 8, 1 << 24)
        return Rope(base, kind, _number(scaling, "factor", None, 1.0, 1e4), low, high, int(original))
    raise invalid("rope_scaling", Reason.UNKNOWN_ENUM, limit="default, linear, llama3", value=str(kind)[:100])


def _whole(values: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = values.get(key, default)
    value = default if value is None else value
    low, high = _BOUNDS[key]
    if type(value) is not int:
        raise invalid(key, Reason.WRONG_TYPE, limit="integer")
    if not low <= value <= high:
        raise invalid(key, Reason.TOO_SMALL if value < low else Reason.TOO_LARGE, limit=f"{low}..{high}", value=str(value)[:40])
    return value


def _number(values: Mapping[str, Any], key: str, default: float | None, low: float, high: float) -> float:
    value = values.get(key)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid(key, Reason.WRONG_TYPE, limit="number")
    if not low <= value <= high:  # false for NaN
        raise invalid(key, limit=f"{low:g}..{high:g}")
    return float(value)


def _flag(values: Mapping[str, Any], key: str) -> bool:
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise invalid(key, Reason.WRONG_TYPE, limit="boolean")
    return value
