"""A prompt: what a model is told and asked, with ``{{field}}`` where a field of a record goes. Plain substitution: nothing is worked out,
and what a field says is never read as a template.

Evaluations ask in its words and programs fill it in by themselves, so both get the same chat from the same record.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from libs.data.prompt import Chat, PromptError, chat_of

_SLOT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NAME = re.compile(r"\s*([^\W\d]\w{0,99})\s*")
SLOT_LIMIT = "a text with the name of a field between {{ and }}"


@dataclass(frozen=True, slots=True)
class Template:
    """system: may be empty. template: of the last turn of the user; it names a field at least."""

    system: str
    template: str

    @property
    def fields(self) -> list[str]:
        """Which the texts name, each once, in order. Raises PromptError naming the text that is wrong."""
        asked = _fields("template", self.template)
        if not asked:
            raise PromptError("template", "a text that names a field of the record, as {{instruction}} does")
        return list(dict.fromkeys([*_fields("system", self.system), *asked]))

    @property
    def content_hash(self) -> str:
        return "sha256:" + hashlib.sha256(json.dumps([self.system, self.template]).encode()).hexdigest()

    def messages(self, record: Mapping[str, Any]) -> Chat:
        """What a model is asked of ``record``. Raises PromptError naming a field that it lacks."""
        system = _filled(self.system, record)
        asked = {"role": "user", "content": _filled(self.template, record)}
        return [*([{"role": "system", "content": system}] if system.strip() else []), asked]

    def chat(self, record: Mapping[str, Any]) -> Chat:
        """As ``messages``, behind the earlier turns of a record that has some; its own system text stands where the prompt has none."""
        before = chat_of(record)[:-1]
        said = self.messages(record)
        kept = before if len(said) == 1 else [turn for turn in before if turn["role"] != "system"]
        return [*said[:-1], *kept, said[-1]]


def _fields(text_name: str, text: str) -> list[str]:
    names = [_NAME.fullmatch(slot) for slot in _SLOT.findall(text)]
    if not all(names) or "{{" in _SLOT.sub("", text):
        raise PromptError(text_name, SLOT_LIMIT)
    return [name[1] for name in names if name]


def _filled(text: str, record: Mapping[str, Any]) -> str:
    return _SLOT.sub(lambda slot: _said(slot[1].strip(), record), text)


def _said(name: str, record: Mapping[str, Any]) -> str:
    value = record.get(name)
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise PromptError(name, "a text or a number, as the prompt asks for it")
