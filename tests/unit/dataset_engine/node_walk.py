"""The text of a page by its definition: a walk over the tree, node by node. The oracle of the tests of Strip_Html."""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from libs.data.page_text import BLOCKS, CELLS, GONE, INDENT, INDENTED

_COLLAPSIBLE = re.compile(r"[ \t\r\n\f]+")


def walked(page: str) -> str:
    text = _Text()
    _visit(LexborHTMLParser(page).root, text)
    text.end_line()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(text.lines)).strip("\n")


def _visit(node: Any, text: _Text) -> None:
    if node.tag == "-text":
        text.add(node.text_content or "")
    if node.tag == "br":
        text.end_line(keep_empty=True)
    if node.tag in CELLS:
        text.next_cell()
    block = node.tag in BLOCKS
    if block:
        text.end_line()
        text.depth += node.tag in INDENTED
        text.preformatted += node.tag == "pre"
    if node.tag == "li":
        text.line.append("- ")
    child = node.first_child if node.tag not in GONE else None
    while child is not None:
        _visit(child, text)
        child = child.next
    if block:
        text.end_line()
        text.depth -= node.tag in INDENTED
        text.preformatted -= node.tag == "pre"


class _Text:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = self.preformatted = 0

    def add(self, text: str) -> None:
        if not self.preformatted:
            text = _COLLAPSIBLE.sub(" ", text)
            self.line += [text] if text != " " or self.line else []
            return
        head, *rest = text.split("\n")
        self.line.append(head)
        for line in rest:
            self.end_line(keep_empty=True)
            self.line.append(line)

    def next_cell(self) -> None:
        self.line = [*self.line, " "] if "".join(self.line).strip() else []

    def end_line(self, keep_empty: bool = False) -> None:
        line = "".join(self.line).replace("\u00a0", " ").rstrip()
        if not self.preformatted and self.line and self.line[0].startswith(" "):
            line = line[1:]
        self.line = []
        if line.strip():
            self.lines.append(INDENT * self.depth + line)
        elif keep_empty:
            self.lines.append("")
