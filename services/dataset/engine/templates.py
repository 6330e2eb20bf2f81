"""Phrasings of a question about one named thing, as data: an id, a language, a text with the one placeholder ``{subject}``.

Ids are part of every record made from them and never reused for another wording. ``HELD_OUT`` are the phrasings meant for the test part:
whole wordings, so that a test asks in words that training never used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PLACEHOLDER = "{subject}"
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Template:
    """One phrasing."""

    id: str
    lang: Language
    text: str

    def ask(self, subject: str) -> str:
        """The question about ``subject``: plain replacement, whatever characters it has."""
        return self.text.replace(PLACEHOLDER, subject)


TEMPLATES: tuple[Template, ...] = (
    Template("en-01", "en", "What does {subject} do?"),
    Template("en-02", "en", "What is {subject} for?"),
    Template("en-03", "en", "Explain {subject} in one sentence."),
    Template("en-04", "en", "Describe {subject} briefly."),
    Template("en-05", "en", "What is the purpose of {subject}?"),
    Template("en-06", "en", "Tell me what {subject} does."),
    Template("en-07", "en", "In Python, what is {subject} used for?"),
    Template("en-08", "en", "Give a short description of {subject}."),
    Template("en-09", "en", "How would you describe {subject}?"),
    Template("en-10", "en", "Can you explain what {subject} does?"),
    Template("en-11", "en", "I found {subject} in some Python code. What does it do?"),
    Template("zh-01", "zh", "{subject} 有什么作用？"),
    Template("zh-02", "zh", "{subject} 是做什么的？"),
    Template("zh-03", "zh", "请用一句话说明 {subject}。"),
    Template("zh-04", "zh", "请解释一下 {subject} 的用途。"),
    Template("zh-05", "zh", "Python 里的 {subject} 是干什么用的？"),
    Template("zh-06", "zh", "简单介绍一下 {subject}。"),
    Template("zh-07", "zh", "请告诉我 {subject} 的功能。"),
    Template("zh-08", "zh", "在 Python 中，{subject} 用来做什么？"),
    Template("zh-09", "zh", "代码里出现了 {subject}，它有什么用？"),
)
HELD_OUT: tuple[str, ...] = ("en-06", "en-10", "zh-04", "zh-08")


def templates(ids: tuple[str, ...] = (), languages: tuple[str, ...] = ()) -> list[Template]:
    """The phrasings with these ids in these languages; empty means all."""
    return [each for each in TEMPLATES if (not ids or each.id in ids) and (not languages or each.lang in languages)]
