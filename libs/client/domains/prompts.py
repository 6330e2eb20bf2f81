"""Prompts: words programs ask in, by name and label, filled in here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from libs.client.failure import Json
from libs.data.templates import Template

if TYPE_CHECKING:
    from libs.client.sdk import Modelyard

KEPT_SECONDS = 60.0  # how long a program goes on with what a name or a label stood for


@dataclass(frozen=True)
class PromptText:
    """One version of a prompt. number: of it. fields: which its texts name."""

    id: str
    name: str
    number: int
    prompt_version_id: str
    system: str
    template: str
    content_hash: str
    fields: tuple[str, ...]

    def messages(self, record: Mapping[str, Any] | None = None, **fields: Any) -> list[dict[str, str]]:
        """What a model is asked of ``record`` and ``fields``, as messages of a chat. Raises ValueError naming a field that is missing."""
        return Template(self.system, self.template).messages({**(record or {}), **fields})


class Prompts:
    """``yard.prompts.get("qa@production").messages(instruction="…")``. clock: seconds."""

    def __init__(self, client: Modelyard, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls, self._clock = client.eval, clock
        self._kept: dict[str, tuple[float, PromptText]] = {}

    def get(self, reference: str, *, fresh: bool = False) -> PromptText:
        """NAME, NAME@3, NAME@latest or NAME@LABEL. What it stands for is asked once a minute; ``fresh`` asks now."""
        kept = self._kept.get(reference)
        if kept is not None and not fresh and self._clock() < kept[0]:
            return kept[1]
        found = _text(self._calls.resolve_prompt(reference))
        self._kept[reference] = (self._clock() + KEPT_SECONDS, found)
        return found

    def list(self, name_prefix: str | None = None) -> Iterator[Json]:
        return self._calls.list_prompts(name_prefix=name_prefix)

    def versions(self, id: str | int) -> Iterator[Json]:
        return self._calls.list_prompt_versions(id)

    def create(self, name: str, template: str, *, system: str | None = None, desc: str | None = None, note: str | None = None) -> Json:
        return self._calls.create_prompt(name, template, system=system, desc=desc, note=note)

    def update(
        self, id: str | int, template: str, *, system: str | None = None, note: str | None = None, expected_version: int | None = None
    ) -> Json:
        """Its next version. expected_version: as it was read; absent = as it is now."""
        version = self._calls.get_prompt(id)["version"] if expected_version is None else expected_version
        return self._calls.update_prompt(id, template, system=system, note=note, expected_version=version)

    def label(self, id: str | int, label: str, number: int, *, expected_version: int | None = None) -> Json:
        """number: of the version it stands on from now, 0 takes it off."""
        version = self._calls.get_prompt(id)["version"] if expected_version is None else expected_version
        return self._calls.set_prompt_label(id, label, number, expected_version=version)


def _text(found: Json) -> PromptText:
    return PromptText(
        id=found["id"],
        name=found["name"],
        number=found["number"],
        prompt_version_id=found["prompt_version_id"],
        system=found["system"],
        template=found["template"],
        content_hash=found["content_hash"],
        fields=tuple(found["fields"]),
    )
