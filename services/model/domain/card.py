"""A model card: what people should know before they use a version.

Its sections are the words of people; its facts come from the records and cannot be edited. A version nobody has written for yet shows the
sections of the newest version before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from libs.common.errors import invalid
from libs.common.words.metrics import metric
from services.model.domain.gate import Evidence
from services.model.domain.lineage import LineageEdge
from services.model.domain.wording import Words, moment


class Section(NamedTuple):
    """hint: what belongs into it."""

    name: str
    title: Words
    hint: Words


SECTIONS = (
    Section("purpose", Words("Purpose", "用途"), Words("What it is for, and for whom.", "用来做什么，给谁用。")),
    Section(
        "out_of_scope",
        Words("Not for", "不适用范围"),
        Words("Uses it was not made for or must not be put to.", "未针对或不得用于的场景。"),
    ),
    Section(
        "limitations",
        Words("Limitations", "局限"),
        Words("Where it is known to fail, and for which people, words or inputs.", "已知会出错的情形：哪些人群、措辞或输入。"),
    ),
    Section(
        "data",
        Words("About the data", "数据说明"),
        Words("Where the data comes from, its licence, what it lacks.", "数据来源、许可，以及缺少什么。"),
    ),
    Section(
        "evaluation",
        Words("About the evaluation", "评测说明"),
        Words("What the figures mean for its use, and what they do not show.", "指标对实际使用意味着什么，又没有说明什么。"),
    ),
    Section("contact", Words("Contact", "联系人"), Words("Who answers questions and takes reports.", "谁来答疑和接收反馈。")),
)


@dataclass(frozen=True)
class CardText:
    """Of one section; "" takes the section away."""

    name: str
    text: str


@dataclass(frozen=True)
class WrittenCard:
    """What people wrote for one version, by section."""

    id: int
    project_id: int
    project_space_id: int
    model_version_id: int
    model_version_number: int
    user_id: int
    sections: dict[str, str] = field(default_factory=dict)
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class CardSection:
    name: str
    title: Words
    hint: Words
    text: str


@dataclass(frozen=True)
class CardFact:
    name: str
    title: Words
    value: Words


@dataclass(frozen=True)
class ModelCard:
    """written_for_number: the version the sections were written for, 0 while nobody wrote any. user_id, update_time, version: of that
    text; version is 0 where it was written for another one. markdown: the whole card.
    """

    model_version_id: int
    model_version_number: int
    written_for_number: int
    sections: list[CardSection]
    facts: list[CardFact]
    markdown: Words
    user_id: int
    update_time: int
    version: int


def checked(texts: Sequence[CardText]) -> dict[str, str]:
    """By section. Raises INVALID_ARGUMENT for a section that does not exist, or one that is named twice."""
    known = [section.name for section in SECTIONS]
    for index, each in enumerate(texts):
        if each.name not in known:
            raise invalid(f"sections[{index}].name", limit="one of " + ", ".join(known))
        if each.name in (before.name for before in texts[:index]):
            raise invalid(f"sections[{index}].name", limit="each section once")
    return {each.name: each.text for each in texts}


def merged(before: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in {**before, **changes}.items() if text}


def sections(texts: Mapping[str, str]) -> list[CardSection]:
    """All there are, in their order, also those nobody has written."""
    return [CardSection(*section, texts.get(section.name, "")) for section in SECTIONS]


def facts(edges: Sequence[LineageEdge], evidence: Sequence[Evidence], digest: str, gate: Words) -> list[CardFact]:
    """evidence: what may decide about the version, newest first. digest: of its weights, "" while there are none. gate: the verdict."""
    found = [
        CardFact("weights", Words("Weights", "权重"), Words(digest, digest)),
        _linked("trained_on", Words("Trained on dataset versions", "训练数据版本"), edges, "TRAINED_ON"),
        _linked("base", Words("Made from model version", "基础模型版本"), edges, "BASED_ON"),
        _linked("made_with", Words("Made with", "训练环境"), edges, "MADE_WITH"),
        CardFact("measured", Words("Measured", "评测结果"), _measured(evidence)),
        CardFact("gate", Words("Release gate", "发布门禁"), gate),
        _packages(edges),
    ]
    return [fact for fact in found if fact.value.en]


def _linked(name: str, title: Words, edges: Sequence[LineageEdge], relation: str) -> CardFact:
    found = ", ".join(edge.to_id for edge in edges if edge.relation == relation)
    return CardFact(name, title, Words(found, found))


def _packages(edges: Sequence[LineageEdge]) -> CardFact:
    found = ", ".join(dict.fromkeys(edge.from_id for edge in edges if edge.relation == "PACKAGED_FROM"))
    return CardFact("packages", Words("Packages", "打包产物"), Words(found, found))


def _measured(evidence: Sequence[Evidence]) -> Words:
    if not evidence:
        return Words()
    newest = evidence[0]
    when = moment(newest.create_time)
    figures = [(name, value) for name, value in sorted(newest.metrics.items()) if "." not in name]  # not their bounds and parts
    en = ", ".join(f"{metric(name, 'en')} {value:.4g}" for name, value in figures)
    zh = "、".join(f"{metric(name, 'zh')} {value:.4g}" for name, value in figures)
    return Words(
        f"{en}; {newest.items} items, {newest.failed_items} failed (evaluation {newest.eval_task_id}, {when})",
        f"{zh}；{newest.items} 条，失败 {newest.failed_items} 条（评测 {newest.eval_task_id}，{when}）",
    )


def markdown(name: str, number: int, written: Sequence[CardSection], known: Sequence[CardFact]) -> Words:
    """The whole card for one reader. name: of the model."""
    return Words(
        _markdown(f"# {_plain(name)} v{number}", "en", "## From the records", written, known),
        _markdown(f"# {_plain(name)} v{number}", "zh", "## 平台记录", written, known),
    )


def _markdown(head: str, tongue: str, records: str, written: Sequence[CardSection], known: Sequence[CardFact]) -> str:
    parts = [head]
    parts += [f"## {getattr(each.title, tongue)}\n\n{each.text}" for each in written if each.text]
    lines = [f"- **{getattr(each.title, tongue)}:** {_plain(getattr(each.value, tongue))}" for each in known]
    return "\n\n".join([*parts, *([records, "\n".join(lines)] if lines else [])]) + "\n"


def _plain(text: str) -> str:
    """What the records say is text, whatever signs are in it."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)
