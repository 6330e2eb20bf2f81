"""html: the page is one document, or one per section. Its tags stay: taking them away is a rule of cleaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from services.dataset.engine.formats import Format
from services.dataset.engine.formats._documents import Heading, read_documents

_TOKEN = re.compile(r"<!--|-->|<(/?)(script|style|textarea|template|h[1-6])(?=[\s/>])", re.IGNORECASE)
_OPENED = re.compile(r"""(?:"[^"]*"|'[^']*'|[^'">])*>""")  # the rest of a tag, from its name on
_TAG = re.compile(r"<[^<>]*>")
_TITLE = 2000  # characters of source in which a heading's end is looked for
_COMMENT = "--"


def headings(text: str) -> Iterator[Heading]:
    """The headings of a page, those inside comments and scripts aside. One pass over the source."""
    inside = ""
    for token in _TOKEN.finditer(text):
        name = (token[2] or _COMMENT).lower()
        closes = token[0] == "-->" or bool(token[1])
        if inside:
            inside = "" if closes and name == inside else inside
        elif closes:
            continue
        elif name[0] == "h":
            yield Heading(token.start(), int(name[1]), _title(text[token.end() : token.end() + _TITLE], name))
        else:
            inside = name


def _title(rest: str, name: str) -> str:
    """The words of a heading, from inside its first tag on."""
    opened, end = _OPENED.match(rest), rest.lower().find(f"</{name}")
    return unescape(_TAG.sub("", rest[opened.end() : end])) if opened and end >= 0 else ""


def foreign(head: bytes) -> str | None:
    return "plain text" if head.strip() and b"<" not in head else None


KIND = Format(
    name="html",
    extensions=("html", "htm", "xhtml"),
    read=lambda handle, how: read_documents(handle, how.limit, "html", headings if how.sections else None),
    foreign=foreign,
    place=8,
)
