"""An evaluation as one file. JSON lines: every item as it is stored. HTML: to be read and printed; it has no script, loads nothing, and
whatever a record or a model said stands in it as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import Any

from libs.common.words.metrics import meaning, metric
from services.eval.domain.item import EvalItem
from services.eval.engine.journal import NOT_MEASURED

SHOWN = 2000  # items of a page that people read; the lines have all
LANGUAGES = ("en", "zh")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # what HTML has no place for
_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#111}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #bbb;padding:4px 8px;text-align:left;vertical-align:top;overflow-wrap:anywhere}.said{white-space:pre-wrap}"
    "tr.wrong td:first-child{border-left:4px solid #b00}small{color:#555}@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}"
)
_WORDS = {
    "evaluation": ("Evaluation", "评测"),
    "facts": ("What was evaluated", "评测对象"),
    "scores": ("Scores", "得分"),
    "score": ("Score", "指标"),
    "value": ("Value", "数值"),
    "interval": ("Interval of 95 %", "95% 区间"),
    "means": ("What it says", "含义"),
    "items": ("Items", "逐条结果"),
    "counted": (
        "{shown} of {items} items are shown; {failed} have no answer and are in no score.",
        "显示 {items} 条中的 {shown} 条；{failed} 条没有应答，不计入任何得分。",
    ),
    "input": ("Input", "输入"),
    "expected": ("Expected", "期望"),
    "output": ("Output", "输出"),
    "exact": ("Right", "正确"),
    "ms": ("Time, ms", "耗时（毫秒）"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "none": ("no answer", "无应答"),
    "name": ("Name", "名称"),
    "id": ("Id", "编号"),
    "model": ("Model", "模型"),
    "digest": ("Digest of the bytes", "被测摘要"),
    "test": ("Test version", "测试版本"),
    "test_hash": ("Hash of the test", "测试内容哈希"),
    "prompt": ("Asked in the words of a prompt", "提问所用提示词"),
    "system": ("System text", "系统提示"),
    "template": ("Template", "提问模板"),
    "options": ("Options", "选项"),
    "ended": ("Ended (UTC)", "完成时间（UTC）"),
    "verdict": ("Release gate", "发布门禁"),
}


@dataclass(frozen=True)
class Report:
    """facts: by a key of ``_WORDS``, in the order they are shown. items, failed: how many there are."""

    name: str
    facts: Mapping[str, str]
    metrics: Mapping[str, float]
    items: int
    failed: int


def jsonl(items: Iterable[EvalItem]) -> Iterator[str]:
    for item in items:
        yield json.dumps(_facts(item), ensure_ascii=False) + "\n"


def _facts(item: EvalItem) -> dict[str, Any]:
    """A score that was not measured is null, and so is every score of an item without an answer: never 0."""
    loss = item.answer_tokens > 0 and item.nll != NOT_MEASURED
    return {
        "position": item.position,
        "record_id": item.record_id,
        "input": item.input,
        "expected": item.expected,
        "output": item.output,
        "exact_match": None if item.error else item.exact_match,
        "token_f1": None if item.error else item.token_f1,
        "nll": item.nll if loss else None,
        "expected_tokens": item.answer_tokens if loss else None,
        "latency_ms": item.latency_ms,
        "error": item.error or None,
        "tags": item.tags,
    }


def html(report: Report, items: Iterable[EvalItem], language: str) -> Iterator[str]:
    def say(key: str, **facts: object) -> str:
        return escape(_WORDS[key][LANGUAGES.index(language)].format(**facts))

    title = f"{say('evaluation')}: {_text(report.name)}"
    yield f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{title}</title><style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n<h2>{say('facts')}</h2><table>"
    for key, value in report.facts.items():
        yield f'<tr><th scope="row">{say(key)}</th><td class="said"><bdi>{_text(value)}</bdi></td></tr>\n'
    yield f"</table>\n<h2>{say('scores')}</h2><table><tr>"
    yield "".join(f'<th scope="col">{say(key)}</th>' for key in ("score", "value", "interval", "means")) + "</tr>\n"
    yield from _scores(report.metrics, language)
    counted = say("counted", shown=min(report.items, SHOWN), items=report.items, failed=report.failed)
    yield f"</table>\n<h2>{say('items')}</h2><p>{counted}</p><table><tr><th></th>"
    yield "".join(f'<th scope="col">{say(key)}</th>' for key in ("input", "expected", "output", "exact", "ms")) + "</tr>\n"
    for item in islice(items, SHOWN):
        right = say("none" if item.error else "yes" if item.exact_match else "no")
        wrong = "" if item.exact_match and not item.error else ' class="wrong"'
        said = "".join(f'<td class="said"><bdi>{_text(each)}</bdi></td>' for each in (item.input, item.expected, item.error or item.output))
        yield f"<tr{wrong}><td>{item.position + 1}</td>{said}<td>{right}</td><td>{item.latency_ms:.1f}</td></tr>\n"
    yield "</table></body></html>\n"


def _scores(metrics: Mapping[str, float], language: str) -> Iterator[str]:
    for name, value in metrics.items():
        if name.endswith((".low", ".high", ".coverage")):
            continue
        low, high = (metrics.get(f"{name}.{end}") for end in ("low", "high"))
        interval = "" if low is None or high is None else f"{low:.4g} … {high:.4g}"
        said = _text(metric(name, language)), f"{value:.4g}", interval, _text(meaning(name, language))
        yield "<tr>" + "".join(f"<td>{each}</td>" for each in said) + "</tr>\n"


def _text(text: str) -> str:
    return escape(_UNSEEN.sub("\ufffd", text), quote=True)
