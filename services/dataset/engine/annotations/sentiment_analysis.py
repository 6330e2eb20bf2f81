"""Sentiment_Analysis: how the writer of a text feels about what it says."""

from __future__ import annotations

from libs.people.kinds import WorkKind
from services.dataset.engine.annotations.text_classification import lacking

KIND = WorkKind(
    name="Sentiment_Analysis",
    starter={
        "instructions": "",
        "fields": [
            {
                "name": "label",
                "kind": "choice",
                "labels": [
                    {"value": "positive", "title": "正面 Positive", "key": "1", "color": "#2f9e44"},
                    {"value": "neutral", "title": "中性 Neutral", "key": "2", "color": "#868e96"},
                    {"value": "negative", "title": "负面 Negative", "key": "3", "color": "#e03131"},
                ],
            }
        ],
    },
    lacking=lacking,
    en="how the writer of a text feels",
    zh="判断文本的情感倾向",
    place=10,
)
