"""Strip_Html: what stays, what goes, and which lines belong together."""

from __future__ import annotations

import pytest

from services.dataset.engine.ledger import Drop
from services.dataset.engine.strip_html import StripHtml, StripHtmlOptions, strip


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
