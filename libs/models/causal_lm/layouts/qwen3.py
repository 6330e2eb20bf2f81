"""qwen3: no bias, but queries and keys are normed by head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.models.causal_lm.config import DecoderConfig, read_decoder
from libs.models.causal_lm.layouts._decoder import layout


def _shape(values: Mapping[str, Any]) -> DecoderConfig:
    return read_decoder(values, biased="qkvo" if values.get("attention_bias") else "", head_norm=True)


KIND = layout("qwen3", "Qwen3ForCausalLM", _shape, 4)
