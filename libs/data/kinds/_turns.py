"""What several kinds have in common: turns of a talk, as ``role`` and ``content`` or as ``from`` and ``value``."""

from __future__ import annotations

from typing import Any

TURN = {"type": "object", "properties": {"role": {"type": "string"}, "from": {"type": "string"}}}


def turns(value: Any) -> bool:
    """Whether a field is a talk in which at least one turn is taken."""
    return isinstance(value, list) and bool(value) and all(isinstance(turn, dict) for turn in value)
