"""What the layouts of others share: one network, one tokenizer, three precisions of their weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.models.causal_lm.config import DecoderConfig
from libs.models.causal_lm.layouts import Layout

if TYPE_CHECKING:
    from libs.models.causal_lm.decoder import Decoder
    from libs.models.causal_lm.tokenizer import FolderTokenizer

DTYPES = ("F32", "BF16", "F16")


def layout(name: str, architecture: str, shape: Callable[[Mapping[str, Any]], DecoderConfig], place: int) -> Layout:
    return Layout(name=name, architecture=architecture, shape=shape, network=_network, tokenizer=_tokenizer, dtypes=DTYPES, place=place)


def _network(shape: DecoderConfig) -> Decoder:
    from libs.models.causal_lm.decoder import Decoder

    return Decoder(shape)


def _tokenizer(folder: Path) -> FolderTokenizer:
    from libs.models.causal_lm.tokenizer import FolderTokenizer

    return FolderTokenizer.load(folder)
