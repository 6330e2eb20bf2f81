"""The layouts of the family, one file each: how ``config.json`` names it, and what its numbers mean.

Everything that differs between two layouts is said there. Training, export, sessions, evaluation and serving ask ``layout_of`` through
``artifact`` and treat all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from libs.common.errors import Reason, invalid
from libs.data.registry import LAST, kinds_in

if TYPE_CHECKING:
    from pathlib import Path

    from libs.models.causal_lm.asking import Asking

FAMILY = "causal_lm"


class Shape(Protocol):
    """The numbers of a model that everybody needs. block_size: tokens of question and answer together. cache_heads: of the cache."""

    @property
    def vocab_size(self) -> int: ...
    @property
    def block_size(self) -> int: ...
    @property
    def n_layer(self) -> int: ...
    @property
    def cache_heads(self) -> int: ...
    @property
    def head_dim(self) -> int: ...
    def to_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True, kw_only=True)
class Layout:
    """architecture: what ``config.json`` calls it, "" for ours, which says nothing. shape: reads the numbers of ``config.json``, raises
    PlatformError(400). network: the torch module of a shape. tokenizer: of a folder. dtypes: of the weights, as safetensors calls them."""

    name: str
    architecture: str
    shape: Callable[[Mapping[str, Any]], Any]
    network: Callable[[Any], Any]
    tokenizer: Callable[[Path], Asking]
    dtypes: tuple[str, ...]
    place: int = LAST


LAYOUTS: dict[str, Layout] = kinds_in(__name__, Layout)


def layout_of(values: Mapping[str, Any]) -> Layout:
    """The layout of a ``config.json``. Raises PlatformError(400) that says what it is and what is supported."""
    said = values.get("architectures") or []
    name = str(said[0]) if isinstance(said, list) and said else ""
    for layout in LAYOUTS.values():
        if layout.architecture == name and (name or not values.get("model_type")):
            return layout
    known = ", ".join(layout.architecture for layout in LAYOUTS.values() if layout.architecture)
    raise invalid("architectures", Reason.UNKNOWN_ENUM, limit=known, value=(name or str(values.get("model_type")))[:100])
