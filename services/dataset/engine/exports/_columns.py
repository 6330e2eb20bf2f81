"""Records as a table: its columns, and how a value that is no plain cell is written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from libs.data.records import PROVENANCE, Record


def columns_of(records: Iterable[Record]) -> list[str]:
    """Every field that occurs, in the order in which it first does; id and source come first."""
    found: dict[str, None] = dict.fromkeys(PROVENANCE)
    for record in records:
        found.update(dict.fromkeys(record))
    return list(found)


def json_text(value: Any) -> str:
    """A value in the one spelling of JSON that records have."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
