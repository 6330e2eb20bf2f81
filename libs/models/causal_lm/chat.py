"""A chat template as plain data: the texts that stand between what is said.

What people say is never rendered by a template of strangers. Between two turns stands a text that depends on nothing but whose turns they
are; an import works these texts out once (``template``), and from then on they are put around the turns as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from libs.common.errors import Reason, invalid

START, ANSWER, END = "start", "answer", "end"
"""In place of a role: before the first turn, where the model goes on, and behind a turn that ends the text."""
ROLES = ("system", "user", "assistant")


class Piece(NamedTuple):
    """A stretch of a chat as text. said: by people, so that nothing in it may steer."""

    text: str
    said: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """joints: the text between two turns, by "role>role". strip: the template leaves out white space around what is said."""

    joints: Mapping[str, str]
    strip: bool = False

    def pieces(self, messages: Sequence[Mapping[str, Any]], then: str = ANSWER) -> Iterator[Piece]:
        """The messages with the texts around them. then: what comes behind the last, ``ANSWER`` or ``END``.

        System text that the template has no place for stands before the next user text, a line apart. Raises PlatformError(400) naming
        ``messages[i].role`` or ``.content``.
        """
        before = START
        for role, content in self._turns(messages):
            yield Piece(self._joint(before, role), said=False)
            yield Piece(content.strip() if self.strip else content, said=True)
            before = role
        yield Piece(self._joint(before, then), said=False)

    def _turns(self, messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
        """The messages in the order of roles that the joints know."""
        system, before = "", START
        for index, message in enumerate(messages):
            role, content = _checked(message, index)
            if role == "system" and f"{before}>system" not in self.joints:
                system += content + "\n"
                continue
            if role == "user":
                content, system = system + content, ""
            if f"{before}>{role}" not in self.joints:
                raise invalid(f"messages[{index}].role", limit=f"a turn that this model's template knows behind {before}", value=role)
            yield role, content
            before = role
        if system:  # instructions after the last user turn are still a turn to answer
            yield "user", system[:-1]

    def _joint(self, before: str, after: str) -> str:
        if f"{before}>{after}" not in self.joints:
            raise invalid("messages", limit=f"turns that this model's template knows: none of {after} behind {before}")
        return self.joints[f"{before}>{after}"]

    def to_json(self) -> dict[str, Any]:
        return {"joints": dict(sorted(self.joints.items())), "strip": self.strip}


def plainly(begin: str, end: str) -> Chat:
    """Of a model without a template: every turn on a line of its own. begin, end: what its texts begin and end with."""
    joints = {f"{START}>{role}": begin for role in ("system", "user")}
    joints |= {"system>user": "\n", "user>assistant": "\n", "assistant>user": f"{end}\n" if end else "\n"}
    return Chat(joints | {f"user>{ANSWER}": "\n", f"system>{ANSWER}": "\n", f"assistant>{END}": end, f"assistant>{ANSWER}": f"{end}\n"})


def read_chat(values: Any) -> Chat:
    """Inverse of ``to_json``. Raises PlatformError(400)."""
    joints = values.get("joints") if isinstance(values, Mapping) else None
    if not isinstance(joints, Mapping) or not all(isinstance(each, str) for pair in joints.items() for each in pair):
        raise invalid("chat.joints", Reason.WRONG_TYPE, limit="an object whose values are texts")
    if not isinstance(values.get("strip"), bool):
        raise invalid("chat.strip", Reason.WRONG_TYPE, limit="boolean")
    return Chat(dict(joints), values["strip"])


def _checked(message: Mapping[str, Any], index: int) -> tuple[str, str]:
    role, content = message.get("role"), message.get("content")
    if not isinstance(content, str):
        raise invalid(f"messages[{index}].content", Reason.WRONG_TYPE, limit="string")
    if role not in ROLES:
        raise invalid(f"messages[{index}].role", Reason.UNKNOWN_ENUM, limit="system, user, assistant")
    return str(role), content
