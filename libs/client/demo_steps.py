"""How the demo shows its steps: a title, the bar of a task while it runs, and what an earlier run has done already."""

from __future__ import annotations

from collections.abc import Callable

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from libs.client.cli.base import SafeConsole, err, language, say
from libs.client.cli.follow import Lines, progress_text
from libs.client.failure import ApiError, Json

out = SafeConsole(highlight=False, emoji=False, soft_wrap=True)  # a log keeps one line per line


class DemoFailedError(Exception):
    """The chain did not reach its goal; the text says where and why."""


def title(number: int, en: str, zh: str) -> None:
    """What comes now."""
    out.print(f"\n[bold]{number}. {say(en, zh)}[/]")


def found_or_made(find: Callable[[], Json], make: Callable[[], Json]) -> Json:
    """What an earlier run of the demo left, or a new one."""
    try:
        return find()
    except (ApiError, StopIteration) as error:
        if isinstance(error, ApiError) and error.code != 404:
            raise
        return make()


def follow(
    wait: Callable[..., Json],
    task: Json,
    name: str,
    reused: bool,
    on_change: Callable[[Json], None] = lambda _: None,
    note: Callable[[Json], str] = lambda _: "",
) -> Json:
    """Shows a task until it ended. Raises DemoFailedError with its reason when it did not succeed."""
    if reused:
        out.print(say("    done before: skipped", "    此前已完成：跳过"))
        return task
    with Progress(
        TextColumn("    {task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        shown, lines = bar.add_task(name, total=None, note=""), Lines()

        def change(found: Json) -> None:
            text = f"{progress_text(found)} {note(found)}".strip()
            bar.update(shown, total=int(found["progress_total"]) or None, completed=int(found["progress_done"]), note=text)
            if not err.is_terminal:
                lines.change(found, text)
            on_change(found)

        ended = wait(task["id"], change)
    if ended["status"] != "SUCCEEDED":
        message = ended["error"].get("message", {}).get(language()) or ended["reason"]
        raise DemoFailedError(f"{name}: {ended['status']} — {message}")
    seconds = (int(ended["finish_time"]) - int(ended["start_time"])) / 1000
    out.print(f"    {name}: {seconds:.1f} s")
    return ended
