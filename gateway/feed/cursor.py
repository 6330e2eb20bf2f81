"""Where a reader of the feed is: a position per service, as one opaque text that every gateway understands."""

from __future__ import annotations

import base64

import msgspec

Positions = dict[str, int]
CURSOR_MAX = 500


def encode(positions: Positions) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(positions, order="sorted")).decode().rstrip("=")


def decode(text: str) -> Positions | None:
    """None for what this platform did not give out."""
    if len(text) > CURSOR_MAX:
        return None
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)), type=Positions)
    except (ValueError, msgspec.DecodeError):
        return None
    return found if all(position >= 0 for position in found.values()) else None
