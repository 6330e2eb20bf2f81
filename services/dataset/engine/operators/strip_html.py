"""Strip_Html: pages to plain text that still shows which lines belong together.

Decides the layout of the text: a block starts on its own line, ``<dd>`` and ``<blockquote>`` are indented by four spaces, list items start
with "- ", table cells are apart by a space, ``<pre>`` keeps its white space, no-break spaces become spaces. Scripts, styles and form
fields vanish. A documented function therefore stays a line with its signature followed by indented lines that describe it.

Decides too what is a page: a document that says so, begins as one, or is markup from its first sign to its last. Text that speaks of tags
is not. ``apply_to: all`` takes the markup out of every text that is said, in questions, answers and turns as well: there only tags that
HTML knows count, so that ``List<String>`` stays, and lines stay lines where no block sets them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from libs.data.options import option
from libs.data.records import SAID, Record, said
from services.dataset.engine.ledger import Drop, Operator
from services.dataset.engine.operators import Rule
from services.dataset.engine.page_guard import PageTooHard, guarded

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
INLINE = frozenset(
    (
        *("a", "abbr", "area", "audio", "b", "base", "bdi", "bdo", "big", "br", "canvas", "cite", "code", "col", "colgroup", "data", "del"),
        *("dfn", "em", "embed", "font", "i", "img", "input", "ins", "kbd", "label", "legend", "link", "map", "mark", "meta", "nobr"),
        *("option", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "time"),
        *("tt", "u", "var", "video", "wbr"),
    )
)


def _any_of(tags: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(tags)) + r")\b"


_KNOWN = _any_of((*GONE, *BLOCKS, *CELLS, *PREFORMATTED, *INLINE))
_BEGINS_A_PAGE = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--|<!doctype html\b|<(?:html|head|body)\b)", re.IGNORECASE)
_BEGINS_MARKUP = re.compile(r"\s*<" + _any_of((*BLOCKS, "span", "a", "br")) + r"[^<>]*>", re.IGNORECASE)
_ENDS_MARKUP = re.compile(r"(?:</" + _KNOWN + r"\s*>|<br\s*/?>)\s*\Z", re.IGNORECASE)
_MARKUP = re.compile(rf"</?{_KNOWN}[^<>]*>|<!--|&(?:#\d{{1,7}}|#x[0-9a-f]{{1,6}}|[a-z]{{2,8}}\d?);", re.IGNORECASE)
_SETS_LINES = re.compile("</?" + _any_of((*BLOCKS, *CELLS, "br")) + "[^<>]*>", re.IGNORECASE)
_NO_TAG = re.compile(rf"<(?!/?{_KNOWN}|!--)", re.IGNORECASE)
_TAIL = 200  # characters at the end of a text that show how it ends
_MANY_BLANKS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class StripHtmlOptions:
    """Which records are pages, and how much a page may ask for."""

    apply_to: Literal["pages", "all"] = option(
        "pages", en="pages: only what is HTML; all: every text", zh="pages：仅 HTML 页面；all：所有文本"
    )
    min_characters: int = option(1, 0, 1 << 20, en="a page with less text is dropped", zh="文本少于此值的页面被剔除", unit="characters")
    max_characters: int = option(
        8 << 20, 1, 1 << 28, en="a longer page is dropped unread", zh="超过此值的页面不读取，直接剔除", unit="characters"
    )
    seconds_per_page: int = option(20, 1, 600, en="longest time for one page", zh="单个页面的最长处理时间", unit="s")


class StripHtml(Operator):
    rule = "Strip_Html"
    version = 2

    def __init__(self, options: StripHtmlOptions) -> None:
        import selectolax.lexbor  # noqa: F401  # loaded before the first page is parsed in a fork

        self._options = options

    def judge(self, record: Record) -> Record | Drop:
        text = record.get("text")
        page = isinstance(text, str) and is_page(record.get("format"), text)
        try:
            if page:
                record = self._page(record, str(text))
            return self._said(record, SAID if page else ("text", *SAID)) if self._options.apply_to == "all" else record
        except _Dropped as why:
            return why.drop

    def _page(self, record: Record, page: str) -> Record:
        title, text = self._stripped(page)
        stripped = {**record, "text": text, "format": "text"}
        return {**stripped, "title": title} if title and "title" not in record else stripped

    def _said(self, record: Record, keys: Iterable[str]) -> Record:
        """Every text without its markup; the same record where there was none."""
        plain = {key: said(record[key], self._plain) for key in keys if key in record}
        return record if all(record[key] == value for key, value in plain.items()) else {**record, **plain}

    def _plain(self, text: str) -> str:
        if _BEGINS_A_PAGE.match(text):
            return self._stripped(text)[1]
        if _MARKUP.search(text) is None:
            return text
        markup = _NO_TAG.sub("&lt;", text)
        return self._stripped(markup if _SETS_LINES.search(markup) else f"<pre>{markup}</pre>")[1]

    def _stripped(self, page: str) -> tuple[str, str]:
        if len(page) > self._options.max_characters:
            raise _Dropped(Drop("page_too_large", len(page), self._options.max_characters))
        try:
            title, text = guarded(strip, page, self._options.seconds_per_page)
        except PageTooHard:
            raise _Dropped(Drop("page_too_hard", threshold=self._options.seconds_per_page)) from None
        if len(text) < self._options.min_characters:
            raise _Dropped(Drop("no_text", len(text), self._options.min_characters))
        return title, text


class _Dropped(Exception):
    """One text of the record cannot be stripped, and the record goes with it."""

    def __init__(self, drop: Drop) -> None:
        super().__init__(drop.reason)
        self.drop = drop


def is_page(format: object, text: str) -> bool:
    """Whether a text is HTML: format says so, or, where it says nothing, the text begins as a page or is all markup."""
    if format is not None:
        return format == "html"
    if _BEGINS_A_PAGE.match(text):
        return True
    return _BEGINS_MARKUP.match(text) is not None and _ENDS_MARKUP.search(text[-_TAIL:]) is not None


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
        self._blank = True  # the line holds nothing but space

    def add(self, text: str) -> None:
        if not self.preformatted:
            text = _COLLAPSIBLE.sub(" ", text)
            if text == " " and not self._line:
                return
            self._go_on(text)
            return
        head, *rest = text.split("\n")
        self._go_on(head)
        for line in rest:
            self.end_line(keep_empty=True)
            self._go_on(line)

    def _go_on(self, text: str) -> None:
        self._line.append(text)
        self._blank = self._blank and not text.strip()

    def next_cell(self) -> None:
        """Sets table cells apart; cells that hold only space (layout) leave nothing."""
        if self._blank:
            self._line = []
        else:
            self._line.append(" ")

    def end_line(self, keep_empty: bool = False) -> None:
        """Ends the line; an empty one stays only where the author asked for it (<br>, <pre>)."""
        line = "".join(self._line).replace("\u00a0", " ").rstrip()
        if not self.preformatted and self._line and self._line[0].startswith(" "):
            line = line[1:]  # what was collapsed at the start of a line is not an indent
        self._line, self._blank = [], True
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


KIND = Rule(name=StripHtml.rule, options=StripHtmlOptions, operator=StripHtml, alone=True, needs=("data",), place=40)
