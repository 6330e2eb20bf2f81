"""qwen2: Qwen 2 and 2.5, whose queries, keys and values have a bias."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.models.causal_lm.config import DecoderConfig, read_decoder
from libs.models.causal_lm.layouts._decoder import layout


def _shape(values: Mapping[str, Any]) -> DecoderConfig:
    return read_decoder(values, biased="qkv")


KIND = layout("qwen2", "Qwen2ForCausalLM", _shape, 3)
