"""A kind of people's work: the template it begins with, and what any template of the kind must ask. A service lists its own in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from libs.common.errors import invalid
from libs.data.registry import LAST
from libs.people.template import Template
from libs.people.template_reading import read_template


@dataclass(frozen=True, kw_only=True)
class WorkKind:
    """starter: the body of a template to begin with. lacking: what keeps a template from being of this kind, said as a limit; "" for one
    that is. en, zh: what it is."""

    name: str
    starter: Mapping[str, Any]
    lacking: Callable[[Template], str]
    en: str
    zh: str
    place: int = LAST

    def check(self, body: Mapping[str, Any]) -> None:
        """Raises what is wrong with the body of a template of this kind."""
        if limit := self.lacking(read_template(body, "body")):
            raise invalid("body.fields", limit=limit)
