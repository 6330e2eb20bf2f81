"""The kinds of annotation, one file each: the template it begins with, and what any template of the kind must ask."""

from __future__ import annotations

from libs.data.registry import kinds_in
from libs.people.kinds import WorkKind

ANNOTATIONS: dict[str, WorkKind] = kinds_in(__name__, WorkKind)
