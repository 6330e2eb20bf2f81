"""Labelled texts in two languages that tests train classifiers on: three subjects, each with words of its own, and sentences for both."""

from __future__ import annotations

import json
import random
from pathlib import Path

FORMS = {
    "en": ("I read about {} and {} today", "what do you know of {}, or of {}?", "{} came first, then {}", "tell me more: {} / {}"),
    "zh": ("今天看到了{}和{}的消息", "你知道{}或者{}吗？", "先是{}，然后是{}", "再讲讲：{}、{}"),
}
WORDS = {
    "sport": {"en": "a goal|the coach|a league match|the striker|the referee|a penalty", "zh": "进球|教练|联赛|前锋|裁判|点球"},
    "economy": {"en": "interest rates|the bank|share prices|inflation|quarterly profit|exports", "zh": "利率|银行|股价|通胀|季度利润|出口"},
    "weather": {"en": "heavy rain|a snow storm|strong wind|morning fog|a heat wave|thunder", "zh": "暴雨|大雪|大风|晨雾|高温|雷电"},
}


def rows(seed: int = 1) -> list[dict[str, str]]:
    """Every pair of words of a subject in each of the sentences, in a fixed order."""
    found = []
    for label, languages in WORDS.items():
        for lang, words in languages.items():
            known = words.split("|")
            for first in known:
                for second in known:
                    for at, form in enumerate(FORMS[lang]) if first != second else ():
                        found.append({"text": form.format(first, second), "label": label, "lang": lang, "template": f"{lang}-{at}"})
    random.Random(seed).shuffle(found)
    return found


def write_jsonl(path: Path, records: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path
