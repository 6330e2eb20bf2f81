"""llama: Llama 2 and 3, and everything that took over its layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.models.causal_lm.config import DecoderConfig, read_decoder
from libs.models.causal_lm.layouts._decoder import layout


def _shape(values: Mapping[str, Any]) -> DecoderConfig:
    return read_decoder(values, biased="qkvo" if values.get("attention_bias") else "")


KIND = layout("llama", "LlamaForCausalLM", _shape, 2)
