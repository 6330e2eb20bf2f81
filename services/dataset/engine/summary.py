"""What the records of a version look like, by a sample of them: which fields there are, how long their texts, which values they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from libs.data.records import Record, canonical, content_of

FIELDS = 40  # that are described
FEW = 12  # distinct values that are counted one by one
SHORT = 60  # characters of a value that may stand for itself
EDGES = (0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000)


def describe(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One description per field, those that most records have first."""
    seen: dict[str, list[Any]] = {}
    for record in records:
        for name, value in content_of(record).items():
            if value not in (None, ""):
                seen.setdefault(name, []).append(value)
    order = sorted(seen, key=lambda name: -len(seen[name]))
    return [_field(name, seen[name]) for name in order[:FIELDS]]


def _field(name: str, values: Sequence[Any]) -> dict[str, Any]:
    texts = [value if isinstance(value, str) else canonical({"v": value})[5:-1] for value in values]
    lengths = [len(text) for text in texts]
    counts = Counter(texts)
    few = len(counts) <= FEW and len(counts) < len(texts) and all(len(text) <= SHORT for text in counts)
    return {
        "field": name,
        "present": len(texts),
        "distinct": len(counts),
        "mean_length": sum(lengths) / len(lengths),
        "longest": max(lengths),
        "lengths": _bars(lengths),
        "values": [{"label": text, "records": count} for text, count in counts.most_common()] if few else [],
    }


def _bars(lengths: Sequence[int]) -> list[dict[str, Any]]:
    """Counts between fixed edges, without the empty ones at both ends."""
    uppers = [*EDGES[1:], None]
    labels = [f"{low}–{high - 1}" if high else f"{low}+" for low, high in zip(EDGES, uppers, strict=True)]
    counts = [sum(low <= length and (high is None or length < high) for length in lengths) for low, high in zip(EDGES, uppers, strict=True)]
    filled = [place for place, count in enumerate(counts) if count]
    return [{"label": labels[place], "records": counts[place]} for place in range(filled[0], filled[-1] + 1)]
