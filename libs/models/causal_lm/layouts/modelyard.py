"""modelyard: our own small decoder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from libs.lm.config import LMConfig
from libs.lm.tokenizer import ChatTokenizer
from libs.models.causal_lm.layouts import Layout

if TYPE_CHECKING:
    from libs.lm.model import CausalLM


def _network(shape: LMConfig) -> CausalLM:
    from libs.lm.model import CausalLM

    return CausalLM(shape)


def _tokenizer(folder: Path) -> ChatTokenizer:
    return ChatTokenizer.load(folder / "tokenizer.json")


KIND = Layout(
    name="modelyard",
    architecture="",
    shape=LMConfig.from_dict,
    network=_network,
    tokenizer=_tokenizer,
    dtypes=("F32",),
    place=1,
)
