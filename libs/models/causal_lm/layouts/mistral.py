"""mistral: Llama's layout, where a layer may look back over a window only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.models.causal_lm.config import DecoderConfig, read_decoder, window_of
from libs.models.causal_lm.layouts._decoder import layout


def _shape(values: Mapping[str, Any]) -> DecoderConfig:
    return read_decoder(values, window=window_of(values))


KIND = layout("mistral", "MistralForCausalLM", _shape, 5)
