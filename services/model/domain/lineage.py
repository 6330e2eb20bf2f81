"""Lineage: edges "from was made out of, or judged by, to". Append-only; ids of other domains are kept as text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LineageEdge:
    id: int
    project_space_id: int
    model_version_id: int
    from_kind: str
    from_id: str
    to_kind: str
    to_id: str
    relation: str
    create_time: int = 0
