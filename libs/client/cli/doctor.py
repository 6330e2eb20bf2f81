"""``modelyard doctor``: what stands in the way, one line each, with what to do next."""

from __future__ import annotations

import typer
from rich.table import Table
from rich.text import Text

from libs.client.cli.base import given, language, out, print_json, print_table, say

_SHOWN = {
    "ok": ("green", "ok", "正常"),
    "note": ("dim", "note", "提示"),
    "warn": ("yellow", "warn", "警告"),
    "fail": ("red", "fail", "失败"),
}


def doctor() -> None:
    """Check settings, stores, ports, disk, clocks and engines. 检查配置、存储、端口、磁盘、时钟与引擎。"""
    from libs.ops import doctor as checks  # it looks at the stores: a second of imports

    found = checks.examine()
    chinese = language() == "zh"

    def text(of: checks.Text) -> str:
        return of.zh if chinese else of.en

    failed = sum(each.level == checks.FAIL for each in found)
    if given().json:
        lines = [
            {"check": each.check, "level": each.level, "subject": each.subject, "state": text(each.state), "do": text(each.do)}
            for each in found
        ]
        print_json({"ok": not failed, "findings": lines})
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for each in found:
            state = Text(text(each.state))
            if each.do != checks.NOTHING:
                state.append(f" → {text(each.do)}", "bold")
            style, *word = _SHOWN[each.level]
            table.add_row(Text(say(*word), style), each.check, Text(each.subject), state)
        print_table(table)
        warned = sum(each.level == checks.WARN for each in found)
        out.print(say(f"\n{failed} to repair, {warned} to look at.", f"\n需修复 {failed} 项，需留意 {warned} 项。"))
    if failed:
        raise typer.Exit(1)
