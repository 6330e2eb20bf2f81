"""Who rates the outputs of a config's runs, what they are asked, and by which rule. Frozen with the config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idl.enums import RatingType as RatingType


@dataclass(frozen=True)
class Raters:
    """kind: the name of a ``RatingType``. annotators, inspectors: pools; without annotators everybody who may rate, without inspectors
    nobody looks again. good: labels that count for the score."""

    kind: str
    template_id: int
    template_version_id: int
    template_number: int
    rule: dict[str, Any]
    annotators: list[int] = field(default_factory=list)
    inspectors: list[int] = field(default_factory=list)
    good: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As it is stored and shown: ids are text, as everywhere in JSON."""
        return {
            "rating_type": self.kind,
            "template_id": str(self.template_id),
            "template_version_id": str(self.template_version_id),
            "template_number": self.template_number,
            "rule": self.rule,
            "annotators": [str(id) for id in self.annotators],
            "inspectors": [str(id) for id in self.inspectors],
            "good": self.good,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Raters:
        return cls(
            kind=stored["rating_type"],
            template_id=int(stored["template_id"]),
            template_version_id=int(stored["template_version_id"]),
            template_number=stored["template_number"],
            rule=dict(stored["rule"]),
            annotators=[int(id) for id in stored["annotators"]],
            inspectors=[int(id) for id in stored["inspectors"]],
            good=list(stored["good"]),
        )
