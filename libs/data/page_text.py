"""A page as text: marks are put into the parser's tree where blocks begin and end, and then all its texts are taken at once.

So no text is asked for node by node, and blocks end where the tree says they do. What the layout of the text is, is said in
``services/dataset/engine/operators/strip_html``; the sets of tags that decide it are here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import dropwhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

GONE = frozenset(("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "button", "textarea", "title"))
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    )
)
CELLS = frozenset(("td", "th"))
INDENTED = frozenset(("dd", "blockquote"))
INDENT = "    "
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_UNSEEN = ("display:none", "display: none", "visibility:hidden", "visibility: hidden", "font-size:0", "font-size: 0")
HIDDEN = ", ".join(("[hidden]", '[aria-hidden="true"]', *(f'[style*="{style}" i]' for style in _UNSEEN)))
_END = "\0"  # of a text; no parsed text holds it
# What stands between texts while they are laid out. A page's own signs of these numbers are none that anybody reads, and go.
_SIGNS = _LINE, _CELL, _BREAK, _INDENT, _OUTDENT, _PRE, _PRE_END = "\1\2\3\4\5\6\7"
# A mark in the tree -> what it becomes. Its first sign looks like the end of a text in front of it, which no text is without.
_MARKS = {
    "\0L": _LINE,
    "\0C": _CELL,
    "\0B": _BREAK + _LINE,
    "\0D": _LINE + _INDENT + _LINE,
    "\0d": _LINE + _OUTDENT + _LINE,
    "\0P": _LINE + _PRE,
    "\0p": _LINE + _PRE_END,
    "\0I": _LINE + "- ",
    "\0G": "",
    **{f"\0{level}": f"{_LINE}{'#' * level} " for level in range(1, 7)},
}
_PRE_EDGE = re.compile(f"([{_PRE}{_PRE_END}])")
_SPACES = re.compile(" {2,}")
_MANY_BLANKS = re.compile(r"\n{3,}")


def strip(page: str) -> tuple[str, str]:
    """(title, text) of an HTML page. No recursion: nesting is bounded by memory, not by the stack."""
    from selectolax.lexbor import LexborHTMLParser

    return _read(LexborHTMLParser(page), _around())


def outline(page: str) -> tuple[str, str]:
    """As ``strip``, with headings as Markdown writes them, and without what the page itself says nobody should see."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page)
    for node in tree.css(HIDDEN):
        node.replace_with("\0G")  # not freed: others that are found may be inside
    return _read(tree, _around_headings())


def _read(tree: LexborHTMLParser, around: Mapping[int, tuple[str, str]]) -> tuple[str, str]:
    heading, root = tree.css_first("title"), tree.root
    title = _spaced(heading.text()).strip().replace("\u00a0", " ") if heading is not None else ""
    if root is None:
        return title, ""
    nodes = [(node, around[node.tag_id]) for node in root.traverse(include_text=False) if node.tag_id in around]
    for node, (before, after) in nodes[1:]:  # around the root is nothing
        _mark(node, before, after)
    return title, _laid_out(root.text(separator=_END))


@cache
def _around() -> dict[int, tuple[str, str]]:
    """The parser's number of a tag -> the marks before and behind its elements; none before it where it goes."""
    from selectolax.lexbor import LexborHTMLParser

    marks = dict.fromkeys(GONE, ("", "\0G")) | dict.fromkeys(BLOCKS, ("\0L", "\0L")) | dict.fromkeys(CELLS, ("\0C", ""))
    marks |= dict.fromkeys(INDENTED, ("\0D", "\0d")) | {"br": ("\0B", ""), "pre": ("\0P", "\0p"), "li": ("\0I", "\0L")}
    made = LexborHTMLParser("")
    return {made.create_node(tag).tag_id: around for tag, around in marks.items()}


@cache
def _around_headings() -> dict[int, tuple[str, str]]:
    """The same, with the level of each heading."""
    from selectolax.lexbor import LexborHTMLParser

    made = LexborHTMLParser("")
    return _around() | {made.create_node(tag).tag_id: (f"\0{level}", "\0L") for level, tag in enumerate(HEADINGS, 1)}


def _mark(node: LexborNode, before: str, after: str) -> None:
    if not before:
        node.replace_with(after)  # taken out of the tree and not freed: others of our list may be inside
        return
    node.insert_before(before)
    if after:
        node.insert_after(after)


def _laid_out(marked: str) -> str:
    """The text between marks, in lines."""
    marked = _with_marks(marked)
    lines: list[str] = []
    depth = preformatted = 0
    for part in _PRE_EDGE.split(marked) if _PRE in marked else [marked]:
        if part in (_PRE, _PRE_END):
            preformatted += 1 if part == _PRE else -1
            continue
        part = part.replace("\n", _BREAK + _LINE) if preformatted else _spaced(part)
        for line in part.replace(_END, "").split(_LINE):
            if line in (_INDENT, _OUTDENT):
                depth += 1 if line == _INDENT else -1
            elif line:
                lines += _line(line, INDENT * depth, preformatted > 0)
    return _MANY_BLANKS.sub("\n\n", "\n".join(lines)).strip("\n")


def _with_marks(marked: str) -> str:
    for sign in _SIGNS:
        marked = marked.replace(sign, "")
    marked = _END + marked
    for mark, becomes in _MARKS.items():
        marked = marked.replace(_END + mark, becomes)
    return marked


def _line(line: str, indent: str, preformatted: bool) -> list[str]:
    """One line, or none: an empty one stays only where the author asked for it (<br>, <pre>)."""
    said = line.rstrip(_BREAK)
    asked_for = len(said) < len(line)
    if _CELL in said:
        said = _cells(said)
    if not said.strip():
        return [""] if asked_for else []
    # what was collapsed at the start of a line is not an indent
    return [indent + (said if preformatted else said.lstrip(" ")).replace("\u00a0", " ").rstrip()]


def _cells(line: str) -> str:
    """Sets table cells apart; first cells that hold only space (layout) leave nothing."""
    return " ".join(dropwhile(lambda cell: not cell.strip(), line.split(_CELL)))


def _spaced(text: str) -> str:
    """Every run of white space one space; no-break spaces are none."""
    for sign in "\t\n\r\f":
        text = text.replace(sign, " ")
    return _SPACES.sub(" ", text)
