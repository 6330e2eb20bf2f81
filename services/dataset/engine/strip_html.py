"""Strip_Html: pages to plain text that still shows which lines belong together.

Decides the layout of the text: a block starts on its own line, ``<dd>`` and ``<blockquote>`` are indented by four spaces, list items start
with "- ", table cells are apart by a space, ``<pre>`` keeps its white space, no-break spaces become spaces. Scripts, styles and form
fields vanish. A documented function therefore stays a line with its signature followed by indented lines that describe it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from services.dataset.engine.ledger import Drop, Operator
from services.dataset.engine.options import option
from services.dataset.engine.page_guard import PageTooHard, guarded
from services.dataset.engine.records import Record

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

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
PREFORMATTED = frozenset(("pre", "listing", "xmp"))
INDENT = "    "
_COLLAPSIBLE = re.compile(r"[ \t\r\n\f]+")
_LOOKS_LIKE_HTML = re.compile(r"<(?:!doctype html|html|body|div|p|a|span|table|br|h[1-6]|ul|li)\b[^>]*>", re.IGNORECASE)
_MANY_BLANKS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class StripHtmlOptions:
    """Which records are pages, and how much a page may ask for."""

    apply_to: Literal["pages", "all"] = "pages"  # pages: format "html", or text with HTML tags; all: every text
    min_characters: int = option(1, 0, 1 << 20)  # a page with less text is dropped
    max_characters: int = option(8 << 20, 1, 1 << 28)  # a longer page is dropped unread: a tree is many times its page
    seconds_per_page: int = option(20, 1, 600)  # processor time; a page that takes longer is dropped


class StripHtml(Operator):
    rule = "Strip_Html"
    version = 1

    def __init__(self, options: StripHtmlOptions) -> None:
        import selectolax.lexbor  # noqa: F401  # loaded before the first page is parsed in a fork

        self._options = options

    def judge(self, record: Record) -> Record | Drop:
        page = record.get("text")
        if not isinstance(page, str) or not self._is_page(record, page):
            return record
        if len(page) > self._options.max_characters:
            return Drop("page_too_large", len(page), self._options.max_characters)
        try:
            title, text = guarded(strip, page, self._options.seconds_per_page)
        except PageTooHard:
            return Drop("page_too_hard", threshold=self._options.seconds_per_page)
        if len(text) < self._options.min_characters:
            return Drop("no_text", len(text), self._options.min_characters)
        stripped = {**record, "text": text, "format": "text"}
        return {**stripped, "title": title} if title and "title" not in record else stripped

    def _is_page(self, record: Record, text: str) -> bool:
        format = record.get("format")
        return self._options.apply_to == "all" or format == "html" or (format is None and _LOOKS_LIKE_HTML.search(text) is not None)


def strip(page: str) -> tuple[str, str]:
    """(title, text) of an HTML page. Walks without recursion: nesting is bounded by memory, not by the stack."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page)
    heading = tree.css_first("title")
    title = _COLLAPSIBLE.sub(" ", heading.text()).strip().replace("\u00a0", " ") if heading is not None else ""
    text = _Text()
    if tree.root is not None:
        _walk(tree.root, text)
    return title, text.done()


class _Text:
    """Collects lines. Inline text goes on in the line; white space is collapsed unless it is preformatted."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self.depth = 0  # indented blocks we are in
        self.preformatted = 0  # <pre> we are in

    def add(self, text: str) -> None:
        if not self.preformatted:
            text = _COLLAPSIBLE.sub(" ", text)
            if text == " " and not self._line:
                return
            self._line.append(text)
            return
        head, *rest = text.split("\n")
        self._line.append(head)
        for line in rest:
            self.end_line(keep_empty=True)
            self._line.append(line)

    def next_cell(self) -> None:
        """Sets table cells apart; cells that hold only space (layout) leave nothing."""
        if "".join(self._line).strip():
            self._line.append(" ")
        else:
            self._line = []

    def end_line(self, keep_empty: bool = False) -> None:
        """Ends the line; an empty one stays only where the author asked for it (<br>, <pre>)."""
        line = "".join(self._line).replace("\u00a0", " ").rstrip()
        if not self.preformatted and self._line and self._line[0].startswith(" "):
            line = line[1:]  # what was collapsed at the start of a line is not an indent
        self._line = []
        if line.strip():
            self._lines.append(INDENT * self.depth + line)
        elif keep_empty:
            self._lines.append("")

    def done(self) -> str:
        self.end_line()
        return _MANY_BLANKS.sub("\n\n", "\n".join(self._lines)).strip("\n")


def _walk(root: LexborNode, text: _Text) -> None:
    node: LexborNode | None = root
    last = root.mem_id
    while node is not None:
        inner = _enter(node, text)
        if inner is not None:
            node = inner
            continue
        while node is not None:
            _leave(node, text)
            if node.mem_id == last:
                return
            if node.next is not None:
                node = node.next
                break
            node = node.parent


def _enter(node: LexborNode, text: _Text) -> LexborNode | None:
    """Opens ``node``. Returns its first child, None when there is nothing inside to see."""
    tag = node.tag
    if tag == "-text":
        text.add(node.text_content or "")
        return None
    if tag == "br":
        text.end_line(keep_empty=True)
    elif tag in CELLS:
        text.next_cell()
    elif tag in BLOCKS:
        text.end_line()
        text.depth += tag in INDENTED
        text.preformatted += tag in PREFORMATTED
        if tag == "li":
            text.add("- ")
    if tag in GONE:
        return None
    return node.first_child


def _leave(node: LexborNode, text: _Text) -> None:
    tag = node.tag
    if tag in BLOCKS:
        text.end_line()
        text.depth -= tag in INDENTED
        text.preformatted -= tag in PREFORMATTED
