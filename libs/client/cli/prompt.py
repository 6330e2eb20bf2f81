"""``modelyard prompt``: words a model is asked in, their versions, and the labels that say which of them programs get."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from libs.client.cli import names
from libs.client.cli.base import Limit, Sets, connect, options, print_json, show, show_list, wrong_option

app = typer.Typer(
    no_args_is_help=True,
    help="Prompts: words a model is asked in, in versions and with labels. 提示词：带版本与标签的提问文本。",
)

Prompt = Annotated[str, typer.Argument(help=names.PROMPT_HELP, metavar="PROMPT")]
Reference = Annotated[str, typer.Argument(help=names.PROMPT_VERSION_HELP, metavar="PROMPT")]
Template = Annotated[
    str,
    typer.Option(
        help="what is asked, with {{field}} where a field of the record goes, or @FILE 提问模板，{{字段}} 处填入记录字段，或 @文件"
    ),
]
System = Annotated[str | None, typer.Option(help="what the model is told first, or @FILE 系统提示，或 @文件")]
Why = Annotated[str | None, typer.Option(help="why this version is made 本版本说明")]


@app.command()
def create(
    name: str = typer.Argument(..., help="unique in the project space 空间内唯一"),
    template: Template = "{{instruction}}",
    system: System = None,
    desc: str | None = typer.Option(None, help="what it is for 说明"),
    note: Why = None,
) -> None:
    """Write a prompt in its first version. 新建提示词及其第一个版本。"""
    with connect() as client:
        show(client.prompts.create(name, _text(template, "--template"), system=_optional(system), desc=desc, note=note))


@app.command()
def update(prompt: Prompt, template: Template, system: System = None, note: Why = None) -> None:
    """Make the next version; those there are never change. 新建下一个版本，已有版本不变。"""
    with connect() as client:
        id = names.prompt_id(client, prompt)
        show(client.prompts.update(id, _text(template, "--template"), system=_optional(system), note=note))


@app.command("list")
def list_prompts(prefix: str | None = typer.Option(None, help="only names that begin so 名称前缀"), limit: Limit = 20) -> None:
    """List the prompts of this space, newest first. 列出提示词。"""
    with connect() as client:
        show_list(client.prompts.list(prefix), ("id", "name", "newest", "labels", "fields", "desc", "update_time"), limit)


@app.command("show")
def show_prompt(prompt: Reference) -> None:
    """Show the version of a prompt that a name stands for. 查看名称所指的版本。"""
    with connect() as client:
        show(client.eval.resolve_prompt(prompt))


@app.command()
def versions(prompt: Prompt, limit: Limit = 20) -> None:
    """List the versions of a prompt, newest first. 列出所有版本。"""
    with connect() as client:
        found = client.prompts.versions(names.prompt_id(client, prompt))
        show_list(found, ("id", "number", "system", "template", "note", "user_id", "create_time"), limit)


@app.command()
def label(
    prompt: Reference,
    label: str = typer.Argument(..., help="such as production 标签，如 production"),
    remove: bool = typer.Option(False, "--remove", help="take it off 移除标签"),
) -> None:
    """Put a label on the version NAME@3; programs that ask for NAME@LABEL get it. 将标签指向 名称@3。"""
    with connect() as client:
        found = client.eval.resolve_prompt(prompt)
        show(client.prompts.label(found["id"], label, 0 if remove else found["number"], expected_version=found["version"]))


@app.command()
def fill(prompt: Reference, set: Sets = None) -> None:
    """Print the messages that a record makes of it: fill qa@production --set instruction=… 打印填入记录后的消息。"""
    with connect() as client:
        try:
            print_json(client.prompts.get(prompt).messages(options(None, set, "--set") or {}))
        except ValueError as error:
            raise wrong_option("--set", str(error), " ".join(set or ())) from None


def _optional(text: str | None) -> str | None:
    return None if text is None else _text(text, "--system")


def _text(text: str, option: str) -> str:
    """As typed, or what a file holds."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong_option(option, "@FILE of UTF-8 text", str(error)) from None
