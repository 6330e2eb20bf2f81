"""Which columns make a row a record, and what to say when a file calls them by other names.

Other names are never taken by guess: what a column means is the caller's to say, with the option ``columns``. The refusal shows the columns
that are there and a mapping to start from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from libs.data.classes import LABEL
from libs.data.kinds import RECORD_KINDS, conversation, kind_of, question_answer
from libs.data.kinds.term import CATEGORY, TERM
from libs.data.records import PAIR

COLUMNS = (
    "text",
    "title",
    "instruction",
    "input",
    "output",
    "system",
    "history",
    "messages",
    "conversations",
    *PAIR,
    "tools",
    TERM,
    CATEGORY,
    LABEL,
    "lang",
    "subject",
    "template",
)
_NEEDED = ", or ".join(kind.en for kind in reversed(RECORD_KINDS.values()))
_SHOWN = 12  # columns that a refusal names
_PAIR_NAMES: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "question", "instruction", "query", "q", "问题", "提问"),
    "chosen": ("chosen", "preferred", "winner", "better", "response_chosen", "accepted", "更好", "优选", "好回答"),
    "rejected": ("rejected", "dispreferred", "loser", "worse", "response_rejected", "更差", "拒绝", "差回答"),
}
_LABEL_NAMES = ("label", "category", "class", "target", "sentiment", "intent", "标签", "类别", "分类")
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "instruction": ("question", "prompt", "query", "q", "user", "问题", "提问", "问"),
    "output": ("answer", "response", "completion", "reply", "a", "assistant", "target", "答案", "回答", "答"),
    "input": ("context", "passage", "上下文", "背景"),
    "text": ("content", "body", "document", "passage", "article", "正文", "内容", "文本"),
}


def lacking(fields: Mapping[str, Any]) -> str | None:
    """The column that keeps a row from being a record of the kind it is meant to be; None when it is one."""
    return kind_of(fields).lacking(fields)


def needed(fields: Mapping[str, Any]) -> str:
    """What a row must have. One with none of our columns is told which it has, and how to say what they are."""
    if any(name in fields for name in ("text", TERM, *question_answer.NEEDED, *conversation.TURNS, *PAIR[1:])) or not fields:
        return _NEEDED
    names = ", ".join(repr(name[:40]) for name in list(fields)[:_SHOWN]) + (", …" if len(fields) > _SHOWN else "")
    example = json.dumps(guess(fields), ensure_ascii=False)
    return f"{_NEEDED}; its columns are {names}: say with the option columns what they are, such as columns={example}"


def guess(fields: Mapping[str, Any]) -> dict[str, str]:
    """A mapping that may be meant: by the names where they are known ones, else the first column as text."""
    known = {name.lower(): name for name in fields}
    pair = _known(known, _PAIR_NAMES)
    if all(pair.values()):
        return {name: theirs for name, theirs in pair.items() if name != theirs}
    found = _known(known, _OTHER_NAMES)
    if found["instruction"] and found["output"]:
        return {name: found[name] for name in ("instruction", "input", "output") if found[name]}
    label = _known(known, {LABEL: _LABEL_NAMES})[LABEL]
    return {"text": found["text"] or next(iter(fields)), **({LABEL: label} if found["text"] and label not in ("", LABEL) else {})}


def _known(columns: Mapping[str, str], names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The column that goes by one of the names of each of ours, "" where none does."""
    return {ours: next((columns[name] for name in theirs if name in columns), "") for ours, theirs in names.items()}
