"""A chat template of strangers, worked out once: rendered on chats of ours and reduced to the texts between turns.

A template is a program. It is run here and nowhere else, when a checkpoint is imported: in Jinja's sandbox, in a process of its own with
bounds on time, memory and output. What comes out must be the same texts around whatever is said, or the template is refused; so serving,
training and evaluation put texts together and run nothing.

``python -m libs.models.causal_lm.template`` is that process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from libs.common.errors import PlatformError, Reason
from libs.models.causal_lm.chat import ANSWER, END, START, Chat

SECONDS, MEMORY_BYTES, OUTPUT_CHARACTERS = 5, 512 << 20, 20_000
MOST_CHARACTERS = 100_000
"""Of a template."""

_WORDS = ("mkq{0}zu", "  vwx{0} \n yz{0}\n\n", "{{{{ {0} }}}} <b>\"q'\\ & 中文 {0}: {{% if %}}")
"""What is said in the chats, {0}: a number. Plain words; white space around and inside; what a template might take for something else."""
_ALWAYS = (("user",), ("user", "assistant", "user"), ("user", "assistant", "user", "assistant", "user"))
_SYSTEM = (("system", "user"), ("system", "user", "assistant", "user"))
_PERHAPS = (("user", "user"), ("system", "system", "user"), ("assistant", "user"))
"""Turns that a template may refuse."""


class Asked(NamedTuple):
    """One chat that is rendered. then: ``ANSWER`` where the model is to go on, else ``END``."""

    roles: tuple[str, ...]
    then: str
    words: int = 0

    @property
    def messages(self) -> list[dict[str, str]]:
        return [{"role": role, "content": _WORDS[self.words].format(number)} for number, role in enumerate(self.roles)]


class Reduced(NamedTuple):
    """chat: the template as data. examples: chats and what the template made of them."""

    chat: Chat
    examples: list[tuple[Asked, str]]


def reduce(template: str, names: Mapping[str, str]) -> Reduced:
    """names: what the template may ask for by name (``bos_token`` and such). Raises CHECKPOINT_REFUSED with what is wrong."""
    if len(template) > MOST_CHARACTERS:
        raise refused(f"at most {MOST_CHARACTERS} characters of template")
    plain = [Asked(roles, then) for roles in (*_ALWAYS, *_SYSTEM, *_PERHAPS) for then in (ANSWER, END)]
    plain += [Asked((*roles, "assistant"), END) for roles in (*_ALWAYS, *_SYSTEM)]
    first = _rendered(template, names, plain)
    joints = _joints(first)
    asked = [Asked(each.roles, each.then, words) for each in first for words in range(len(_WORDS)) if _known(joints, each)]
    examples = list(_rendered(template, names, asked).items())
    for strip in (False, True):
        chat = Chat(joints, strip)
        if all(_text(chat, each) == text for each, text in examples):
            return Reduced(chat, examples)
    raise refused("a template that puts the same texts around every turn, whatever is said in it")


def refused(limit: str) -> PlatformError:
    return PlatformError(422, Reason.CHECKPOINT_REFUSED, file="chat_template", limit=limit)


def _text(chat: Chat, asked: Asked) -> str:
    return "".join(piece.text for piece in chat.pieces(asked.messages, asked.then))


def _joints(rendered: Mapping[Asked, str]) -> dict[str, str]:
    """The texts between turns. Raises where one of the plainest chats is not rendered; what else it cannot do is left out."""
    joints: dict[str, str] = {}
    for asked, text in rendered.items():
        found = _between(asked, text)
        if found is not None and all(joints.get(name, between) == between for name, between in found.items()):
            joints |= found
    if not _known(joints, Asked(_ALWAYS[0], ANSWER)):
        raise refused("a template that repeats what the user says as it was said")
    return joints


def _between(asked: Asked, text: str) -> dict[str, str] | None:
    """The texts of one chat, by the turns they stand between. None where not everything that was said stands in it once, in order."""
    found: dict[str, str] = {}
    before, rest = START, text
    for message in asked.messages:
        between, said, rest = rest.partition(message["content"])
        if not said or found.setdefault(f"{before}>{message['role']}", between) != between:
            return None
        before = message["role"]
    return found | {f"{before}>{asked.then}": rest}


def _known(joints: Mapping[str, str], asked: Asked) -> bool:
    steps = zip((START, *asked.roles), (*asked.roles, asked.then), strict=True)
    return all(f"{before}>{after}" in joints for before, after in steps)


def _rendered(template: str, names: Mapping[str, str], chats: Sequence[Asked]) -> dict[Asked, str]:
    """What the template makes of each chat; those it refuses are left out. Raises CHECKPOINT_REFUSED where it does not end."""
    job = {"template": template, "names": dict(names), "chats": [[each.messages, each.then == ANSWER] for each in chats]}
    command = [sys.executable, "-I", "-c", _START, *sys.path]
    try:
        done = subprocess.run(command, input=json.dumps(job).encode(), capture_output=True, timeout=SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode < 0:
        raise refused(f"a template that ends within {SECONDS} s and {MEMORY_BYTES >> 20} MB")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise refused(f"a template that ends within {SECONDS} s and {MEMORY_BYTES >> 20} MB") from None
    if isinstance(found, str):
        raise refused(f"a template that can be read ({found})")
    return {each: text for each, text in zip(chats, found, strict=True) if text is not None}


_START = "import sys; sys.path[:] = sys.argv[1:]; from libs.models.causal_lm.template import main; main()"


def main() -> None:
    """The process beside: reads a job, writes a list of texts (None for a chat that is refused), or why the template cannot be read."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    job = json.loads(sys.stdin.buffer.read())
    made = _environment()  # before the bound: what the libraries map is not the template's
    resource.setrlimit(resource.RLIMIT_AS, (_mapped() + MEMORY_BYTES,) * 2)
    try:
        template = made.from_string(job["template"])
    except Exception as error:  # a syntax error, or whatever a hostile text makes of the parser
        found: Any = f"{type(error).__name__}: {error}"[:200]
    else:
        found = [_render(template, job["names"], messages, answer) for messages, answer in job["chats"]]
    sys.stdout.write(json.dumps(found))


def _environment() -> Any:
    """As the templates of this world expect it, and without anything of ours inside."""
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    made.globals = {
        "raise_exception": _raise,
        "strftime_now": lambda _: "",
        "range": made.globals["range"],
        "namespace": made.globals["namespace"],
    }
    made.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
    return made


def _raise(message: Any) -> None:
    raise ValueError(str(message)[:200])


def _render(template: Any, names: Mapping[str, str], messages: list[dict[str, str]], answer: bool) -> str | None:
    text = ""
    try:
        for part in template.generate(messages=messages, add_generation_prompt=answer, tools=None, documents=None, **names):
            text += part
            if len(text) > OUTPUT_CHARACTERS:
                return None
    except Exception:  # the template refuses this chat, or reaches for what it may not have
        return None
    return text


def _mapped() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
