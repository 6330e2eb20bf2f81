"""``modelyard up | down | status``: the processes of this machine."""

from __future__ import annotations

import os
import signal
import stat
import threading
from contextlib import suppress
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from libs.client.cli.base import given, note, out, print_table, say, show
from libs.client.credentials import FirstOwner, first_start
from libs.common.settings import load
from libs.common.signals import on_signal
from libs.ops import supervisor
from libs.ops.supervisor import AlreadyUpError, Supervisor


def up() -> None:
    """Start everything, supervise it, stop it on Ctrl-C. 启动并守护全部进程，Ctrl-C 停止。"""
    settings = load()
    try:
        platform = Supervisor(settings)
    except AlreadyUpError:
        home = settings.home_path
        note(f"Already up under {home}. See `modelyard status`.", f"{home} 下已在运行，请看 `modelyard status`。")
        raise typer.Exit(1) from None
    try:
        on_signal(platform.stop.set, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
        _end_with_parent(platform)
        _run(platform)
    except RuntimeError as error:
        note(str(error), str(error))
        raise typer.Exit(1) from None
    finally:
        platform.close()


def _run(platform: Supervisor) -> None:
    owner = first_start(platform.settings)
    if owner is not None:
        show_first_owner(owner, platform.settings.gateway_address)
    with out.status(say("starting …", "启动中 …")):
        platform.start(lambda part: _tell(f"  [green]✓[/green] {part.name:14} {escape(part.address)}"))
    if not platform.stop.is_set():
        _tell(say("\nReady. Ctrl-C stops everything.", "\n已就绪。Ctrl-C 全部停止。"))
    platform.watch(_tell_ready)
    _tell(say("stopping …", "正在停止 …"))


def _tell(text: str) -> None:
    """Words that are lost, not the platform, where the disk they go to is full."""
    with suppress(OSError):
        out.print(text, soft_wrap=True)


def _tell_ready(part: supervisor.Part, ready: bool) -> None:
    log = f"logs/{part.name}.log"
    if ready:
        _tell(say(f"  {part.name} is ready again.", f"  {part.name} 已恢复就绪。"))
    else:
        why = say(f"is not ready; {part.probe} and {log} say why.", f"未就绪，原因见 {part.probe} 与 {log}。")
        _tell(f"  {part.name} {escape(why)}")


def show_first_owner(owner: FirstOwner, address: str = "") -> None:
    """Once, and nowhere else: only a hash of it is kept. address: of a console that asks for another one at first."""
    out.print(say(f"First start. Account {owner.account}, password", f"首次启动。账号 {owner.account}，密码"), end=" ")
    out.print(Text(owner.password, "bold"), soft_wrap=True)
    if address:
        out.print(say(f"Open {address} to choose your own.", f"请打开 {address} 设置自己的密码。"), soft_wrap=True)
    out.print(say("Keep it: it is not shown again. This machine is signed in.", "请妥善保存，不再显示。本机已登录。"))


def down() -> None:
    """Stop what `modelyard up` started. 停止平台。"""
    settings = load()
    state = supervisor.read_state(settings, starting=True)
    if state is not None:
        os.kill(state["pid"], signal.SIGTERM)
        if not supervisor.wait_down(settings, supervisor.stop_seconds(settings)):
            logs = settings.home_path / "logs"
            note(f"Process {state['pid']} does not stop; look at {logs}.", f"进程 {state['pid']} 未停止，请查看 {logs}。")
            raise typer.Exit(1)
    if given().json:
        show({"stopped": state is not None})
    elif state is None:
        out.print(say("Nothing is running.", "没有正在运行的进程。"))
    else:
        out.print(say("Stopped.", "已停止。"))


def status() -> None:
    """Show every process and whether it can work. 查看各进程状态。"""
    settings = load()
    state = supervisor.read_state(settings, starting=True)
    known = {part["name"]: part for part in (state or {}).get("parts", [])}
    parts = [
        {
            "name": p.name,
            "ready": p.ready(),
            "address": p.address,
            **{key: known.get(p.name, {}).get(key, 0) for key in ("pid", "restarts")},
        }
        for p in supervisor.parts_of(settings)
    ]
    if given().json:
        show({"up": state is not None, "parts": parts})
    else:
        print_table(_table(parts))
    if not all(part["ready"] for part in parts):
        raise typer.Exit(1)


def _table(parts: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in (say("process", "进程"), say("ready", "就绪"), "pid", say("restarts", "重启"), say("address", "地址")):
        table.add_column(column, no_wrap=True)
    for part in parts:
        ready = Text(say("yes", "是"), "green") if part["ready"] else Text(say("no", "否"), "red")
        table.add_row(part["name"], ready, str(part["pid"] or "-"), str(part["restarts"]), Text(part["address"]))
    return table


def _end_with_parent(platform: Supervisor) -> None:
    """A supervisor that was started through a pipe ends with whoever started it."""
    try:
        piped = stat.S_ISFIFO(os.fstat(0).st_mode)
    except OSError:  # started with its stdin closed
        return
    if piped:
        threading.Thread(target=_watch_stdin, args=(platform.stop,), name="stdin", daemon=True).start()


def _watch_stdin(stop: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stop.set()
