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
from typing import Literal

from libs.data.options import option
from libs.data.page_text import BLOCKS, CELLS, GONE, strip
from libs.data.records import SAID, Record, said
from services.dataset.engine.ledger import Drop, Operator
from services.dataset.engine.operators import Rule
from services.dataset.engine.page_guard import PageGuard, PageTooHard

PREFORMATTED = frozenset(("pre", "listing", "xmp"))
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
    version = 3

    def __init__(self, options: StripHtmlOptions) -> None:
        import selectolax.lexbor  # noqa: F401  # loaded before the first page is parsed beside this process

        self._options, self._strip = options, PageGuard(strip, options.seconds_per_page)

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
            title, text = self._strip(page)
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


KIND = Rule(name=StripHtml.rule, options=StripHtmlOptions, operator=StripHtml, alone=True, needs=("data",), place=40)
