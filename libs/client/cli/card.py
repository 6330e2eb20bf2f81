"""``modelyard model card`` and ``write-card``: what people should know before they use a version."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from libs.client.cli import names
from libs.client.cli.base import connect, given, language, note, out, print_json

Version = Annotated[str, typer.Argument(help=names.MODEL_VERSION_HELP, metavar="VERSION")]
Expected = Annotated[int | None, typer.Option(min=0, help="refuse when it changed since this version 版本已变则拒绝")]


def card(version: Version) -> None:
    """Show the model card of a version, as Markdown. 以 Markdown 显示版本的模型卡。"""
    with connect() as client:
        _show(client.models.card(names.model_version_id(client, version)))


def write_card(
    version: Version,
    section: str = typer.Argument(..., help="e.g. purpose, limitations; a wrong one lists all 章节名，填错会列出全部"),
    text: str = typer.Argument(
        ..., help="Markdown; - reads standard input, nothing between quotes takes the section away 章节内容，- 为标准输入，空串为删除"
    ),
    expected_version: Expected = None,
) -> None:
    """Write one section of a version's model card. 编写版本模型卡的一个章节。"""
    with connect() as client:
        id = names.model_version_id(client, version)
        known = client.models.card(id)["version"] if expected_version is None else expected_version
        said = sys.stdin.read() if text == "-" else text
        _show(client.models.set_card(id, [{"name": section, "text": said}], known))


def _show(found: dict[str, object]) -> None:
    if given().json:
        print_json(found)
        return
    text: object = found["markdown"]
    out.print(text[language()] if isinstance(text, dict) else "", soft_wrap=True, markup=False, highlight=False)
    number, written = found["model_version_number"], found["written_for_number"]
    if written not in (0, number):
        note(f"Written for v{written}; nobody has looked at it for v{number} yet.", f"内容写于 v{written}，尚未针对 v{number} 更新。")


COMMANDS = (card, write_card)
