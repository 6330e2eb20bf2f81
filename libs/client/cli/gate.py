"""``modelyard model explain`` and the overrides of the gate: what each rule lacks, and the word of two people past it."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.text import Text

from libs.client.cli import names
from libs.client.cli.base import Limit, colour, connect, given, language, moment, note, out, print_json, say, show, show_list
from libs.client.cli.filters import span_ms
from libs.client.sdk import Json

Version = Annotated[str, typer.Argument(help=names.MODEL_VERSION_HELP, metavar="VERSION")]
Override = Annotated[str, typer.Argument(help="id of an override 放行编号", metavar="OVERRIDE")]
Expected = Annotated[int | None, typer.Option(min=0, help="refuse when it changed since this version 版本已变则拒绝")]
Digest = Annotated[str | None, typer.Option(help="of these bytes; default: what was evaluated last 摘要，默认最近评测的产物")]


def explain(
    version: Version,
    digest: Digest = None,
    evaluation: str | None = typer.Option(None, help="judge by this evaluation alone 仅按该评测判断"),
) -> None:
    """Explain the gate rule by rule: what it needs, what there is, and the next step. 逐条说明门禁：需要什么、现有什么、下一步。"""
    with connect() as client:
        found = client.models.explain(names.model_version_id(client, version), digest=digest, eval_task_id=evaluation)
    if given().json:
        print_json(found)
        return
    verdict = found["verdict"]
    out.print(Text.assemble((verdict["verdict"], colour(verdict["verdict"])), f"  {_said(found['summary'])}  {verdict['digest'][:19]}…"))
    for each in found["rules"]:
        _rule(each)
    for override in found["overrides"]:
        out.print(override_line(override), soft_wrap=True)


def _rule(each: Json) -> None:
    held = each["result"]["verdict"] == "PASS"
    mark = Text("✓ " if held else "✗ ", "green" if held else "red")
    out.print(Text.assemble(mark, _said(each["needs"])), soft_wrap=True)
    out.print(Text(f"    {say('there is', '现有')}: {_said(each['found'])}", "dim"), soft_wrap=True)
    if step := _said(each["step"]):
        out.print(Text(f"    → {step}", "yellow"), soft_wrap=True)


def _said(words: Json) -> str:
    return str(words.get(language(), ""))


def override_line(override: Json) -> Text:
    """One override: whose word it is, until when, and why."""
    state, until = override["status"], moment(override["end_time"])
    words = say(f"override {override['id']} until {until}", f"门禁放行 {override['id']}，截止 {until}")
    return Text.assemble(f"{words}  ", (state, colour(state)), f"  v{override['model_version_number']}  {override['cause']}")


def override(
    version: Version,
    reason: str = typer.Option(..., help="why it must go on in spite of the gate 放行原因"),
    last: str = typer.Option("24h", "--for", help="how long, e.g. 12h, 3d; at most 7d 有效时长，最长 7d"),
    digest: Digest = None,
) -> None:
    """Ask for a release past the gate; a second person confirms it. 申请门禁放行，须由第二人确认。"""
    end = int(time.time() * 1000) + span_ms("--for", last)
    with connect() as client:
        id = names.model_version_id(client, version)
        bytes_of = digest or client.models.explain(id)["verdict"]["digest"]
        asked = client.models.request_override(id, bytes_of, reason, end)
    show(asked)
    command = f"modelyard --account NAME model confirm {asked['id']}"
    note(f"Somebody else confirms it: {command}", f"须由他人确认：{command}")


def confirm(id: Override, comment: str = typer.Option("", help="what was looked at 确认意见"), expected_version: Expected = None) -> None:
    """Confirm an override; not by who asked for it (--account). 确认门禁放行，申请人不可自行确认（用 --account 指定）。"""
    with connect() as client:
        known = client.models.override(id)["version"] if expected_version is None else expected_version
        show(client.models.confirm_override(id, known, comment=comment))


def withdraw(id: Override, comment: str = typer.Option("", help="why 原因"), expected_version: Expected = None) -> None:
    """End an override before its time. 提前结束门禁放行。"""
    with connect() as client:
        known = client.models.override(id)["version"] if expected_version is None else expected_version
        show(client.models.withdraw_override(id, known, comment=comment))


def overrides(model: str = typer.Argument(..., help=names.MODEL_HELP, metavar="MODEL"), limit: Limit = 20) -> None:
    """List the overrides of a model's gate, newest first. 列出门禁放行记录。"""
    with connect() as client:
        found = client.models.overrides(names.model_id(client, model))
        show_list(found, ("id", "model_version_number", "status", "user_id", "confirmer_id", "end_time", "cause"), limit)


COMMANDS = (explain, override, confirm, withdraw, overrides)
