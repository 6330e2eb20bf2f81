"""Strip_Html: what stays, what goes, and which lines belong together."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.data.page_text import strip
from services.dataset.engine.ledger import Drop
from services.dataset.engine.operators.strip_html import StripHtml, StripHtmlOptions
from services.dataset.engine.page_guard import MEMORY, SMALL, PageGuard, PageTooHard
from tests.unit.dataset_engine.node_walk import walked


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<p>one  <b>two</b>\n three</p>", "one two three"),
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<script>var x = '<p>no</p>'</script><style>p {}</style><p>yes</p><noscript>no</noscript>", "yes"),
        ("<!-- <p>no</p> --><p title='<b>no</b>'>yes</p>", "yes"),
        ("<ul><li>a</li><li>b <i>c</i></li></ul>", "- a\n- b c"),
        ("<dl><dt>json.<b>dumps</b>(obj)</dt><dd>Turn it<br>into text.</dd></dl>", "json.dumps(obj)\n    Turn it\n    into text."),
        ("<dl><dt>a</dt><dd>b<dl><dt>c</dt><dd>d</dd></dl></dd></dl>", "a\n    b\n    c\n        d"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>&nbsp;</td><td>c</td></tr></table>", "a b\nc"),
        ("<pre>def f():\n    return 1\n\nend</pre>after", "def f():\n    return 1\n\nend\nafter"),
        ("a&nbsp;&nbsp;b &amp; c &lt;d&gt; &#20013;文", "a  b & c <d> 中文"),
        ("<p>第一段</p>\n<div>第二<span>段</span></div>", "第一段\n第二段"),
        ("<p>unclosed <b>tags<p>next", "unclosed tags\nnext"),
        ("<textarea>field</textarea><select><option>x</option></select><p>text", "text"),
        ("", ""),
    ],
)
def test_layout(page: str, text: str) -> None:
    assert strip(page)[1] == text


def test_a_row_of_many_cells_is_read_once() -> None:
    cells, empty = "<td>word</td>" * 40_000, "<td> &nbsp; </td>" * 20_000
    text = StripHtml(StripHtmlOptions(seconds_per_page=2)).judge(
        {"id": "1", "text": f"<table><tr>{empty}{cells}</tr></table>", "format": "html"}
    )
    assert not isinstance(text, Drop)  # it took 8 s, and the page was lost
    assert text["text"] == " ".join(["word"] * 40_000)


TAGS = (
    "p",
    "div",
    "li",
    "ul",
    "dd",
    "dl",
    "blockquote",
    "pre",
    "table",
    "tr",
    "td",
    "b",
    "a title='x > y <p>'",
    "script",
    "svg",
    "title",
    "head",
)
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag.split()[0]}>" for tag in TAGS]),
    st.sampled_from(
        ["<br>", "<hr>", "</br>", "<!-- <p> -->", "<!--x>y-->", "<?pi <b>?>", "<![CDATA[x]]>", "<xmp>", "</xmp>", "<textarea>"]
    ),
    st.sampled_from(
        ["a", "L", "C", " ", "\n", "  b ", "&nbsp;", "\u00a0 c", "&lt;p&gt;", "中 文", "\f", "\r\n", "\t", "\0", "&#0;", "I\n\nB"]
    ),
)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=25))
def test_the_text_is_that_of_a_walk_over_the_tree(pieces: list[str]) -> None:
    page = "".join(pieces)
    assert strip(page)[1] == walked(page)


def test_signs_that_nobody_reads_go() -> None:
    assert strip("<p>a\1b&#2;c\7</p>")[1] == "abc"


def test_title() -> None:
    assert strip("<head><title> A \n title </title></head><p>x") == ("A title", "x")


def test_nesting_does_not_exhaust_the_stack() -> None:
    depth = 5000
    assert strip("<div>" * depth + "deep" + "</div>" * depth)[1] == "deep"


@pytest.mark.parametrize("page", ["<div>" * 400_000, "<p " + " ".join(f"a{number}=1" for number in range(200_000)) + ">"])
def test_a_page_made_to_take_forever_is_dropped_in_time(page: str) -> None:
    rule = StripHtml(StripHtmlOptions(seconds_per_page=1))
    assert rule.judge({"id": "1", "text": page, "format": "html"}) == Drop("page_too_hard", None, 1)


def test_a_large_page_is_parsed_like_a_small_one_and_a_huge_one_not_at_all() -> None:
    page = "<p>一段 text</p>" * 10_000
    verdict = StripHtml(StripHtmlOptions()).judge({"id": "1", "text": page, "format": "html"})
    assert not isinstance(verdict, Drop)
    assert verdict["text"] == strip(page)[1] == "\n".join(["一段 text"] * 10_000)
    limited = StripHtml(StripHtmlOptions(max_characters=1000)).judge({"id": "1", "text": page, "format": "html"})
    assert limited == Drop("page_too_large", len(page), 1000)


def test_only_pages_are_stripped() -> None:
    rule = StripHtml(StripHtmlOptions())
    formula = {"id": "1", "text": "if a <b and c> d then"}
    assert rule.judge(formula) is formula
    pair = {"id": "1", "instruction": "<p>q</p>", "output": "a"}
    assert rule.judge(pair) is pair
    plain = {"id": "1", "text": "<p>not a page</p>", "format": "text"}
    assert rule.judge(plain) is plain
    sniffed = rule.judge({"id": "1", "text": "<div>x</div>", "source": "s"})
    assert sniffed == {"id": "1", "text": "x", "format": "text", "source": "s"}
    everything = StripHtml(StripHtmlOptions(apply_to="all")).judge(plain)
    assert not isinstance(everything, Drop)
    assert everything["text"] == "not a page"


def test_a_page_without_text_is_dropped() -> None:
    verdict = StripHtml(StripHtmlOptions()).judge({"id": "1", "text": "<script>x</script>", "format": "html"})
    assert verdict == Drop("no_text", 0, 1)


NOTE = """# Notes

A `Pair<Left, Right>` holds two; Go writes map[string]int, Rust Option<Box<T>>.
The <div> tag sets a block, <br> ends a line.

    if a < b and c > d:
        swap(a, b)
"""


@pytest.mark.parametrize(
    "text", [NOTE, "Write Optional<User> find(<a>)\nthen call it", "x < y\n    and y > z", "see <p> & <li>", "<T> is a type"]
)
def test_text_that_speaks_of_tags_is_no_page(text: str) -> None:
    record = {"id": "1", "text": text}
    assert StripHtml(StripHtmlOptions()).judge(record) is record


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("\n<!DOCTYPE html><html><head><title>t</title></head><body><p>The <b>lid</b> shuts.</p></body></html>\n", "The lid shuts."),
        ("<html>\n<p>one</p>", "one"),
        ("<!-- made by hand --><p>one</p><p>List&lt;int&gt;</p>", "one\nList<int>"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<p>one</p> and <p>two</p>", "one\nand\ntwo"),
        ("<span>a</span><br/>", "a"),
    ],
)
def test_a_document_that_is_markup_is_a_page(page: str, text: str) -> None:
    verdict = StripHtml(StripHtmlOptions()).judge({"id": "1", "text": page})
    assert not isinstance(verdict, Drop)
    assert verdict["text"] == text


def everything(record: dict[str, object]) -> dict[str, object] | Drop:
    return StripHtml(StripHtmlOptions(apply_to="all")).judge({"id": "1", **record})


def test_all_means_every_text_that_is_said() -> None:
    pair = {
        "instruction": "<b>When</b> does it open?",
        "input": "",
        "output": "<p>At <i>eight</i>.</p><p>Doors&nbsp;A &amp; B.<br>Not C.</p>",
    }
    assert everything({**pair, "system": "Be <em>kind</em>.", "history": [["<p>Hi</p>", "Yes &lt;3"]], "note": "<p>mine</p>"}) == {
        "id": "1",
        "instruction": "When does it open?",
        "input": "",
        "output": "At eight.\nDoors A & B.\nNot C.",
        "system": "Be kind.",
        "history": [["Hi", "Yes <3"]],
        "note": "<p>mine</p>",
    }
    turns = [{"role": "user", "content": "New?"}, {"role": "assistant", "content": [{"type": "text", "text": "<ul><li>a</li></ul>"}]}]
    verdict = everything({"messages": turns})
    assert isinstance(verdict, dict)
    assert verdict["messages"] == [turns[0], {"role": "assistant", "content": [{"type": "text", "text": "- a"}]}]
    chat = everything({"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "<b>a</b>"}]})
    assert isinstance(chat, dict)
    assert chat["conversations"] == [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Use List<String> here", "Use List<String> here"),
        ("a < b\n  and c > d", "a < b\n  and c > d"),
        ("Line <b>one</b>\n    if x < y and Vec<T>:\nline two", "Line one\n    if x < y and Vec<T>:\nline two"),
        ("<p>Use Map<K, V></p><p>now</p>", "Use Map<K, V>\nnow"),
        ("R&D and AT&T", "R&D and AT&T"),
        ("5 &lt; 6", "5 < 6"),
    ],
)
def test_in_all_texts_only_tags_that_html_knows_are_markup(text: str, plain: str) -> None:
    record = {"instruction": "q", "output": text}
    assert everything(record) == {"id": "1", "instruction": "q", "output": plain}


def test_an_answer_that_was_only_markup_takes_its_record_with_it() -> None:
    assert everything({"instruction": "q", "output": "<img src=x>"}) == Drop("no_text", 0, 1)


def beside(parse: Callable[[str], tuple[str, str]], seconds: float = 1) -> Callable[[str], tuple[str, str]]:
    """``parse`` behind a guard that takes every page for a large one."""
    guard = PageGuard(parse, seconds)
    return lambda page: guard(page + " " * SMALL)


def hard(page: str) -> tuple[str, str]:
    """A page that says how it ends its parser; else the number of the process that parsed it, and what it got."""
    ends: dict[str, Callable[[], object]] = {
        "hang": lambda: list(iter(int, 1)),
        "crash": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "raise": lambda: 1 // 0,
        "eat": lambda: bytearray(MEMORY),
    }
    ends.get(page.strip(), lambda: None)()
    return str(os.getpid()), page.strip()


@pytest.mark.parametrize("page", ["hang", "crash", "raise", "eat"])
def test_a_page_that_ends_its_parser_is_lost_alone(page: str) -> None:
    parse = beside(hard)
    first, said = parse("one \ud800")
    assert said == "one \ud800"
    assert parse("two") == (first, "two")  # the same process: none is made for a page
    with pytest.raises(PageTooHard):
        parse(page)
    again, said = parse("three")
    assert said == "three"
    assert again not in (first, str(os.getpid()))


def test_the_process_beside_leaves_with_its_guard() -> None:
    parse = beside(hard)
    number = int(parse("one")[0])
    del parse
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_time_is_counted_page_by_page() -> None:
    def busy(page: str) -> tuple[str, str]:
        start = time.process_time()
        while time.process_time() - start < 0.1:
            pass
        return str(os.getpid()), page.strip()

    parse = beside(busy, seconds=0.3)
    assert len({parse(str(number))[0] for number in range(4)}) == 1  # 0.4 s in all, and a limit of 0.3
