"""``modelyard up | down | status``: the processes of this machine."""

from __future__ import annotations

import os
import signal
import sys
import threading

import typer
from rich.table import Table

from libs.client import supervisor
from libs.client.cli.base import err, given, out, say, show
from libs.client.supervisor import AlreadyUpError, Supervisor
from libs.common.settings import load


def up() -> None:
    """Start everything, supervise it, stop it on Ctrl-C. 启动并守护全部进程，Ctrl-C 停止。"""
    settings = load()
    try:
        platform = Supervisor(settings)
    except AlreadyUpError:
        err.print(say(f"Already up under {settings.home_path}. See `modelyard status`.", f"{settings.home_path} 下已在运行，请看 `modelyard status`。"))
        raise typer.Exit(1) from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: platform.stop.set())
    _end_with_parent(platform)
    try:
        with out.status(say("starting …", "启动中 …")):
            platform.start(lambda part: out.print(f"  [green]✓[/green] {part.name:14} {part.address}"))
        out.print(say("\nReady. Ctrl-C stops everything.", "\n已就绪。Ctrl-C 全部停止。"))
        platform.watch()
    except RuntimeError as error:
        err.print(f"[red]{error}[/red]", soft_wrap=True)
        raise typer.Exit(1) from None
    finally:
        out.print(say("stopping …", "正在停止 …"))
        platform.close()


def down() -> None:
    """Stop what `modelyard up` started. 停止平台。"""
    settings = load()
    state = supervisor.read_state(settings)
    if state is None:
        out.print(say("Nothing is running.", "没有正在运行的进程。"))
        return
    os.kill(state["pid"], signal.SIGTERM)
    if not supervisor.wait_down(settings, settings.drain_seconds * 3 + 20):
        err.print(say(f"Process {state['pid']} does not stop; look at {settings.home_path / 'logs'}.", f"进程 {state['pid']} 未停止，请查看日志。"))
        raise typer.Exit(1)
    out.print(say("Stopped.", "已停止。"))


def status() -> None:
    """Show every process and whether it can work. 查看各进程状态。"""
    settings = load()
    state = supervisor.read_state(settings)
    parts = [
        {"name": p.name, "address": p.address, "pid": known.get("pid", 0), "restarts": known.get("restarts", 0), "ready": p.ready()}
        for p in supervisor.parts_of(settings)
        for known in [next((s for s in (state or {}).get("parts", []) if s["name"] == p.name), {})]
    ]
    if given().json:
        show({"up": state is not None, "parts": parts})
    else:
        table = Table(box=None, pad_edge=False)
        for column in ("process", "ready", "pid", "restarts", "address"):
            table.add_column(column)
        for part in parts:
            ready = "[green]yes[/green]" if part["ready"] else "[red]no[/red]"
            table.add_row(str(part["name"]), ready, str(part["pid"] or "-"), str(part["restarts"]), str(part["address"]))
        out.print(table)
    if not all(part["ready"] for part in parts):
        raise typer.Exit(1)


def _end_with_parent(platform: Supervisor) -> None:
    """A supervisor that was started through a pipe ends with whoever started it."""
    import stat

    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        threading.Thread(target=lambda: (_drain_stdin(), platform.stop.set()), daemon=True).start()


def _drain_stdin() -> None:
    while os.read(0, 4096):
        pass

