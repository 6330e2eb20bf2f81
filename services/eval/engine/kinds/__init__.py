"""The kinds of work of the eval domain, one file each."""

from __future__ import annotations

from libs.data.registry import Kind, kinds_in

KINDS: dict[str, Kind] = kinds_in(__name__, Kind)
