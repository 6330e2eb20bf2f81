"""``modelyard watch``: what changes in the space, as it changes."""

from __future__ import annotations

from datetime import datetime

import typer
from rich.text import Text

from libs.client.cli.base import colour, connect, given, note, out, say
from libs.client.sdk import Json
from libs.common.visible import json_text, one_line

WORDS = {"MADE": ("made", "新建"), "CHANGED": ("changed", "变更"), "DELETED": ("deleted", "删除"), "PROGRESS": ("progress", "进展")}


def watch(
    entity: list[str] = typer.Option(
        [], "--entity", "-e", help="only these kinds, such as train_task; repeat it 只看这些类型，如 train_task，可重复"
    ),
    progress: bool = typer.Option(False, "--progress", help="also each step of running tasks 也显示运行中任务的每一步"),
    after: str = typer.Option("", "--after", help="go on from this cursor of an earlier --json line 从之前 --json 行的游标继续"),
    count: int = typer.Option(0, "--count", "-n", min=0, help="end after so many; 0: never 显示这么多条后结束，0 为不结束"),
) -> None:
    """Watch what changes in the space, until Ctrl-C. 持续查看空间内的变化，按 Ctrl-C 结束。"""
    shown = 0
    with connect() as client:
        feed = client.watch(after)
        try:
            for change in feed:
                if "entity" in change and ((entity and change["entity"] not in entity) or (change["kind"] == "PROGRESS" and not progress)):
                    continue
                _show({**change, "cursor": feed.cursor})
                shown += "entity" in change
                if count and shown >= count:
                    return
        except KeyboardInterrupt:
            return


def _show(change: Json) -> None:
    if given().json:
        print(json_text(change), flush=True)  # one line a change: a stream is no single document
    elif "entity" not in change:
        _about_the_feed(change)
    else:
        out.print(_line(change), soft_wrap=True)


def _line(change: Json) -> Text:
    at = datetime.fromtimestamp(int(change["time"]) / 1000).strftime("%H:%M:%S")
    word = say(*WORDS.get(change["kind"], (change["kind"],) * 2))
    state = change["state"] or word
    said = f" {word} " if change["state"] else " "
    what = (state, colour(state)), said, (one_line(change["name"]), "bold")
    return Text.assemble((at, "dim"), f" {change['entity']} {change['id']} ", *what)


def _about_the_feed(change: Json) -> None:
    if change["kind"] == "RESET":
        note("Something may have been missed in between.", "其间可能有遗漏的变化。", "yellow")
    elif change["kind"] == "SILENT":
        note(f"{change['service']} does not answer; its changes are not told.", f"{change['service']} 无应答，其变化暂不显示。", "yellow")
    else:
        note(f"{change['service']} answers again.", f"{change['service']} 已恢复应答。", "green")
