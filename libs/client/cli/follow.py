"""A task as it moves: a bar on a terminal, a line per step in a log, and at the end its result or why it failed.

A watcher is not the work: Ctrl-C and a restart of the platform stop neither the task nor, for the latter, the watching.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from libs.client.cli.base import blame, colour, err, given, language, note, out, print_json, say, show
from libs.client.sdk import Json

Task = Annotated[str, typer.Argument(help="id of a task 任务编号", metavar="TASK")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="show progress until it ends 显示进度直至结束")]
FollowLog = Annotated[bool, typer.Option("--follow", "-f", help="go on until the task ends 持续输出直至任务结束")]
Reuse = Annotated[bool, typer.Option("--reuse", help="answer a finished task with the same input instead 复用相同输入的已完成任务")]
Wait = Callable[..., Json]
Extra = Callable[[Json], str]
HEAVY = ("snapshot", "snapshot_hash")  # what a table of one task leaves out
INTERRUPTED = 130


def watch(wait: Wait, id: str, command: str, extra: Extra = lambda _: "") -> Json:
    """The task once it ended. ``command``: what watches it again. ``extra``: more to show beside the progress."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[extra]}", markup=False),
        console=err,
        disable=not err.is_terminal,
    ) as bar:
        shown = bar.add_task("", total=None, extra="")
        lines = Lines()

        def change(task: Json) -> None:
            text = f"{progress_text(task)} {extra(task)}".strip()
            total = int(task["progress_total"])
            bar.update(shown, description=task["status"], total=total or None, completed=min(int(task["progress_done"]), total), extra=text)
            if not err.is_terminal:
                lines.change(task, text)

        try:
            ended = wait(id, change, math.inf)
        except KeyboardInterrupt:
            note(f"Not watched any more; the task goes on. Watch again: {command}", f"已停止查看，任务继续运行。再次查看：{command}")
            raise typer.Exit(INTERRUPTED) from None
        if ended["status"] == "SUCCEEDED":
            bar.update(shown, total=max(1, int(ended["progress_total"])), completed=max(1, int(ended["progress_total"])))
    return ended


class Lines:
    """Progress for a log: a line when the state or the step changes, and every tenth of the way."""

    def __init__(self) -> None:
        self._last: tuple[Any, ...] = ()

    def change(self, task: Json, text: str) -> None:
        done, total = int(task["progress_done"]), int(task["progress_total"])
        now = (task["status"], task["progress_message"], task["attempt"], done * 10 // total if total else 0, waits_for(task))
        if now != self._last:
            self._last = now
            err.print(Text(f"{task['status']} {done}/{total} {text}".rstrip()), soft_wrap=True)


def print_log(pieces: Iterator[str]) -> None:
    """What a task printed, as it comes."""
    if given().json:
        print_json("".join(pieces).splitlines())
        return
    said = ""
    try:
        for said in filter(None, pieces):
            out.print(Text(said), end="", soft_wrap=True)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if not said:
        note("Nothing was printed yet.", "暂无日志输出。")


def progress_text(task: Json) -> str:
    """What it does now, or why it waits."""
    waits = task["reason"] if task["reason"] != "NONE" else ""
    attempt = say(f"attempt {task['attempt']}", f"第 {task['attempt']} 次尝试") if task["attempt"] > 1 else ""
    return " ".join(filter(None, (waits or task["progress_message"], waits_for(task), attempt)))


def waits_for(task: Json) -> str:
    """What holds back a task that waits, and what would let it in; "" where nothing was said of that."""
    message = task["error"].get("message") if task["status"] == "PENDING" else None
    return str(message.get(language()) or message.get("en") or "") if isinstance(message, dict) else ""


def finish(task: Json) -> None:
    """Shows an ended task; exits 1 unless it succeeded."""
    if given().json:
        print_json(task)
    elif task["status"] == "SUCCEEDED":
        show_task(task)
    else:
        explain(task["status"], task["reason"], task["error"])
    if task["status"] != "SUCCEEDED":
        raise typer.Exit(1)


def explain(status: str, reason: str, error: Mapping[str, Any]) -> None:
    """Why it failed and what to do next, in the reader's language."""
    message = error.get("message")
    sentence = message.get(language()) or message.get("en") if isinstance(message, dict) else message
    named = " ".join(dict.fromkeys(filter(None, (status, reason if reason != "NONE" else "", error.get("reason")))))
    err.print(Text.assemble((named, f"bold {colour(status) or 'red'}"), " ", str(sentence or "")), soft_wrap=True)
    blame(error, str(sentence or ""))


def show_task(task: Json) -> None:
    """One task; for people without what only machines read."""
    show(task if given().json else {key: value for key, value in task.items() if key not in HEAVY})
    if (why := waits_for(task)) and not given().json:
        note(why, why)


def started(answer: Json, field: str, wait: Wait | None, command: str, extra: Extra = lambda _: "") -> None:
    """What was just created: followed to its end when ``wait`` is given, shown otherwise. ``command``: without the task's id."""
    task = answer[field]
    if answer.get("reused"):
        note("Done before with exactly this input: the finished task is shown.", "相同输入此前已完成：以下为已完成的任务。")
    if wait is not None and not answer.get("reused"):
        task = watch(wait, task["id"], f"{command} {task['id']}", extra)
    if wait is not None or answer.get("reused"):
        finish(task)
        return
    show_task(task)
    note(f"Watch it: {command} {task['id']}", f"查看进度：{command} {task['id']}")


def task_rows(tasks: Any) -> Any:
    """Tasks with a ``progress`` to show in lists."""
    for task in tasks:
        yield task if given().json else {**task, "progress": f"{task['progress_done']}/{task['progress_total']}"}


TASK_COLUMNS: Sequence[str] = ("id", "name", "status", "reason", "progress", "attempt", "create_time")
