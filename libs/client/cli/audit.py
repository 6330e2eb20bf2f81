"""``modelyard audit``: reads everything that is stored, changes nothing, and exits 1 when an invariant is broken."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from libs.client.cli.base import given, note, out, print_table, say, show
from libs.common.clock import SystemClock
from libs.common.settings import load


def audit(
    settle: Annotated[float, typer.Option(min=0, help="seconds until a second look; only what it finds again counts 复查间隔秒数")] = 3.0,
    lease: Annotated[float, typer.Option(min=0, help="seconds a lease may be over before somebody must have swept it 租约宽限秒数")] = 30.0,
    delivery: Annotated[float, typer.Option(min=0, help="seconds a message may wait in the outbox 消息投递宽限秒数")] = 600.0,
) -> None:
    """Check the invariants over everything that is stored; read-only. 只读检查全部不变量。"""
    from libs.common.store.audit import Patience  # it reads the stores: a second of imports
    from libs.ops.audit import audit as audited
    from libs.ops.audit import counted

    clock = SystemClock()
    report = audited(load(), lambda: Patience(clock.now_ms(), int(lease * 1000), int(delivery * 1000)), settle)
    if given().json:
        looked = [{"invariant": i, "what": what, "count": count, "violations": wrong} for i, what, count, wrong in counted(report)]
        show({"looked": looked, "violations": [asdict(found) for found in report.violations]})
    else:
        table = Table(box=None, pad_edge=False)
        for column in (say("invariant", "不变量"), say("looked at", "检查对象"), say("count", "数量"), say("violations", "违反")):
            table.add_column(column, no_wrap=True)
        last = ""
        for invariant, what, count, wrong in counted(report):
            shown = "" if invariant == last else str(wrong)
            table.add_row(invariant, what, str(count), Text(shown, "red" if wrong else "green"))
            last = invariant
        print_table(table)
        for found in report.violations:
            out.print(Text(f"{found.invariant} {found.service} {found.kind} {found.id}: {found.fact}", "red"), soft_wrap=True)
    if not report.looked:
        note("Nothing is stored here.", "此处没有任何记录。")
    if report.violations:
        raise typer.Exit(1)
