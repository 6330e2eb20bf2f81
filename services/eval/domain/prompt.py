"""A prompt: words a model is asked in, under a name, in numbered versions that never change. Labels say which of them is which."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from libs.common.errors import invalid
from libs.data.prompt import PromptError
from libs.data.templates import Template

LATEST = "latest"
LABELS_MAX = 20
EXPECTED = "output"  # the field of a record that holds the answer
_LABEL = re.compile(r"[^\W\d_][\w.-]{0,39}")


@dataclass(frozen=True)
class PromptVersion:
    """fields: which its texts name. note: why it was made."""

    id: int
    prompt_id: int
    project_space_id: int
    user_id: int
    number: int
    template: str
    system: str = ""
    content_hash: str = ""
    fields: list[str] = field(default_factory=list)
    note: str = ""
    create_time: int = 0

    def asked_in(self) -> dict[str, Any]:
        """Its part of a snapshot: all of its words, so that what was asked stays readable. Raises INVALID_ARGUMENT for one that gives the
        expected answer away."""
        if EXPECTED in self.fields:
            raise invalid("prompt_version_id", limit=f"a prompt without {{{{{EXPECTED}}}}}: that is the answer it is asked for")
        facts = {"version_id": str(self.id), "prompt_id": str(self.prompt_id), "number": self.number}
        return {**facts, "content_hash": self.content_hash, "system": self.system, "template": self.template}


@dataclass(frozen=True)
class Prompt:
    """prompt_version_id and what follows it: of the newest version, or of the one that was asked for. labels: the version each is on."""

    id: int
    name: str
    project_space_id: int
    user_id: int
    desc: str = ""
    prompt_version_id: int = 0
    number: int = 1
    template: str = ""
    system: str = ""
    content_hash: str = ""
    fields: list[str] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    newest: int = 1
    create_time: int = 0
    update_time: int = 0
    version: int = 0


def checked_words(system: str, template: str) -> Template:
    """Raises INVALID_ARGUMENT for a slot without the name of a field, and for a template without any."""
    words = Template(system, template)
    try:
        assert words.fields
    except PromptError as error:
        raise invalid(error.field, limit=error.limit) from None
    return words


def check_prompt_name(name: str) -> str:
    """Raises INVALID_ARGUMENT for what would be read as an id or as NAME@VERSION."""
    if "@" in name or (name.isascii() and name.isdecimal()):
        raise invalid("name", limit="a name without @ that is not a number")
    return name


def check_label(label: str) -> str:
    if label == LATEST or not _LABEL.fullmatch(label):
        raise invalid("label", limit="a word that begins with a letter and is not latest")
    return label
