"""What an engine prints, made fit to be read by people elsewhere: whole lines without secrets, without this machine's folders and without
anything a terminal would act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from libs.common.errors import without_folders
from libs.common.sight.logs import is_secret, unsigned
from libs.common.visible import visible

LINE_MAX = 4000  # characters kept of one line
_LINE_BYTES = 1 << 16  # a line without an end is one all the same from here on
_HIDDEN = "***"
_SECRET_MIN = 6  # characters: what is shorter would hide ordinary words
_COLOURS = re.compile("\x1b\\[[0-9;?]*[ -/]*[@-~]")
_TOKEN = re.compile(r"\bmy[a-z]{0,2}_[A-Za-z0-9_-]{16,}|(?<=[Bb]earer )[^\s\"']{6,}")
_NAMED = re.compile(
    r"""([\w.-]{0,40}(?:passw(?:or)?d|secret|token|api[_-]?key|credentials?|authorization)["']?\s*[:=]\s*["']?)(?!bearer\b)[^\s"',;)}\]]{6,}""",
    re.IGNORECASE,
)


class Printed:
    """Takes bytes as they come and gives lines. secrets: words that must not be seen in them."""

    def __init__(self, secrets: Iterator[str]) -> None:
        self._secrets = sorted({each for each in secrets if len(each) >= _SECRET_MIN}, key=len, reverse=True)
        self._rest, self._text = b"", ""

    def say(self, line: str) -> None:
        """A line of somebody else than the engine."""
        self._text += self._clean(line) + "\n"

    def take(self, data: bytes, last: bool = False) -> None:
        """last: nothing follows, so that a line without an end is whole."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if self._rest and (last or len(self._rest) > _LINE_BYTES):
            lines, self._rest = [*lines, self._rest], b""
        self._text += "".join(self._clean(line.decode(errors="replace")) + "\n" for line in lines)

    def text(self) -> str:
        """The lines since this was last asked."""
        found, self._text = self._text, ""
        return found

    def _clean(self, line: str) -> str:
        shown = line.rstrip("\r").rpartition("\r")[2]  # a bar of progress is drawn over and over on one line
        for secret in self._secrets:
            shown = shown.replace(secret, _HIDDEN)
        shown = shown if len(shown) <= LINE_MAX else shown[:LINE_MAX] + "…"  # before what takes more than one look at each character
        shown = _NAMED.sub(rf"\1{_HIDDEN}", _TOKEN.sub(_HIDDEN, unsigned(_COLOURS.sub("", shown))))
        return visible(without_folders(shown))


def secrets_of(value: Any, name: str = "") -> Iterator[str]:
    """What an engine was given under a name that says that it is secret."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from secrets_of(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from secrets_of(item, name)
    elif isinstance(value, str) and (name == "key" or is_secret(name)):
        yield value
