"""``modelyard train``: configs, tasks with live loss, and metric curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from libs.client.cli import names
from libs.client.cli.base import Limit, Sets, connect, given, language, note, options, out, print_json, print_table, show, show_list
from libs.client.cli.curve import curve
from libs.client.cli.filters import Before, Owner, Since, States, chosen
from libs.client.cli.follow import TASK_COLUMNS, Follow, FollowLog, Reuse, Task, finish, print_log, show_task, started, task_rows, watch
from libs.client.cli.options_view import options_command
from libs.client.sdk import Json, Modelyard
from libs.common.words.fields import heading
from libs.common.words.metrics import metric as words_of

app = typer.Typer(no_args_is_help=True, help="Training: configs, tasks, curves. 训练：配置、任务、曲线。")

WATCH = "modelyard train follow"
Options = Annotated[str | None, typer.Option("--options", metavar="JSON", help="one JSON object, or @FILE JSON 选项，或 @文件")]
CONFIG_COLUMNS = ("id", "name", "method", "base_version_id", "options", "create_time")
Point = tuple[int, float]


@app.command()
def config(
    target: str = typer.Argument(
        ..., help="with NAME: the model (id or name); without: id of the config to show 建配置时为模型，否则为配置编号"
    ),
    name: str | None = typer.Argument(None, help="name of the new config 新配置名称"),
    method: str | None = typer.Option(
        None, help="training method; `modelyard train options` lists them 训练方法，可用 `modelyard train options` 查看"
    ),
    base: str | None = typer.Option(None, metavar="VERSION", help="to go on from: " + names.MODEL_VERSION_HELP),
    options_text: Options = None,
    set: Sets = None,
    desc: str | None = typer.Option(None, help="what it is for 说明"),
) -> None:
    """Create a train config for a model (MODEL NAME), or show one (ID). 新建训练配置，或查看配置。"""
    with connect() as client:
        if name is None:
            show(client.train.config(target))
            return
        facts: Json = {
            "method": method,
            "options": options(options_text, set, "--options"),
            "desc": desc,
            "base_version_id": names.model_version_id(client, base) if base else None,
        }
        show(client.train.create_config(names.model_id(client, target), name, **facts))


@app.command()
def configs(model: str = typer.Argument(..., help=names.MODEL_HELP), limit: Limit = 20) -> None:
    """List the train configs of a model, newest first. 列出训练配置。"""
    with connect() as client:
        show_list(client.train.configs(names.model_id(client, model)), CONFIG_COLUMNS, limit)


@app.command()
def start(
    config: str = typer.Argument(..., help=names.CONFIG_HELP),
    data: str = typer.Option(..., "--data", "-d", metavar="VERSION", help="to train on: " + names.DATASET_VERSION_HELP),
    valid: str | None = typer.Option(None, metavar="VERSION", help="to measure the loss on 验证数据版本"),
    name: str | None = typer.Option(None, help="of the task 任务名称"),
    desc: str | None = typer.Option(None, help="what it is for 说明"),
    max_attempts: int | None = typer.Option(None, min=1, max=100, help="how often a lost worker may be replaced 最多尝试次数"),
    reuse: Reuse = False,
    follow: Follow = False,
) -> None:
    """Start a training task; it fills a new model version. 启动训练任务，产出新模型版本。"""
    with connect() as client:
        facts: Json = {
            "valid_dataset_version_id": names.dataset_version_id(client, valid) if valid else None,
            "name": name,
            "desc": desc,
            "max_attempts": max_attempts,
            "reuse": reuse or None,
        }
        answer = client.train.create_task(names.config_id(client, "train", config), names.dataset_version_id(client, data), **facts)
        warn_left_out(answer.get("preview"))
        started(answer, "train_task", client.train.wait if follow else None, WATCH, LiveLoss(client).text)


@app.command()
def task(id: Task) -> None:
    """Show one task. 查看任务。"""
    with connect() as client:
        show_task(client.train.task(id))


@app.command()
def tasks(
    model: str | None = typer.Argument(None, help=names.MODEL_OR_ALL_HELP, metavar="[MODEL]"),
    method: str | None = typer.Option(None, help="only of this method 只看该训练方法"),
    status: States = None,
    owner: Owner = "",
    since: Since = "",
    until: Before = "",
    limit: Limit = 20,
) -> None:
    """List tasks, newest first. 列出任务。"""
    with connect() as client:
        by = chosen(client, status, owner, since, until)
        found = client.train.tasks(model_id=names.model_id(client, model) if model else None, method=method, **by)
        show_list(task_rows(found), (*TASK_COLUMNS, "model_version_id"), limit)


@app.command()
def cancel(id: Task, cause: str = typer.Option("", help="why 原因")) -> None:
    """Stop a task; it is CANCELLED once its resources are free. 取消任务，资源释放后才算取消。"""
    with connect() as client:
        show_task(client.train.cancel(id, cause))


@app.command()
def pause(id: Task) -> None:
    """Stop a running task at its last checkpoint. 在最近检查点暂停。"""
    with connect() as client:
        show_task(client.train.pause(id))


@app.command()
def resume(id: Task) -> None:
    """Let a paused task go on. 继续已暂停的任务。"""
    with connect() as client:
        show_task(client.train.resume(id))


@app.command()
def follow(id: Task) -> None:
    """Show progress and loss until it ends; exits 1 when it fails. 跟踪进度与损失，失败返回 1。"""
    with connect() as client:
        finish(watch(client.train.wait, id, f"{WATCH} {id}", LiveLoss(client).text))


@app.command()
def metrics(
    id: Task,
    name: Annotated[list[str] | None, typer.Option(help="only this metric; repeat it 只看该指标，可重复")] = None,
    after_step: int | None = typer.Option(None, min=-1, help="only later steps 只看此步之后"),
    limit: Limit = 20,
) -> None:
    """Show the metrics of a task: curves and numbers. 查看训练指标：曲线与数值。"""
    with connect() as client:
        points = list(client.train.metrics(id, after_step, name))
    if given().json:
        print_json(points)
        return
    by_name = curves_of(points)
    if not by_name:
        note("No metrics yet.", "暂无指标。")
        return
    for metric in [*(name or ()), *(m for m in by_name if not name and m.endswith("loss"))]:
        lines = curve(by_name.get(metric, []))
        if len(by_name.get(metric, ())) > 1:
            out.print(Text(words_of(metric, language()), "bold"))
            out.print(Text("\n".join(lines)), soft_wrap=True)
    _print_numbers(by_name, limit)


@app.command()
def log(id: Task, follow: FollowLog = False) -> None:
    """Print what a task's engine said, the end of it. 查看任务日志（末尾部分）。"""
    with connect() as client:
        print_log(client.train.log(id, follow))


@app.command()
def left_out(
    id: Task, reason: str | None = typer.Option(None, help="only of this one: too_long, empty_turn 只看该原因"), limit: Limit = 20
) -> None:
    """List the records a training could not use. 列出训练未能使用的数据。"""
    with connect() as client:
        show_list(client.train.left_out(id, reason), ("reason", "file", "row", "tokens", "excerpt"), limit)


def warn_left_out(preview: Json | None) -> None:
    """What the training would leave out, before it does."""
    if not preview or not int(preview["left_out"]):
        return
    left, seen, block, longest = (int(preview[key]) for key in ("left_out", "looked_at", "block_size", "longest"))
    share, most = left / seen, float(preview["max_left_out"])
    note(
        f"{left} of the first {seen} records ({share:.0%}) would be left out: longer than block_size={block} tokens (the longest has"
        f" {longest}), or a turn is empty." + (f" More than max_left_out={most:g}: the task will fail." if share > most else ""),
        f"前 {seen} 条数据中有 {left} 条（{share:.0%}）将不参与训练：超过 block_size={block} 个词元（最长 {longest} 个），或含空白轮次。"
        + (f"已超出 max_left_out={most:g}，任务将失败。" if share > most else ""),
    )


class LiveLoss:
    """The newest loss of a task, fetched once per change and only what is new."""

    def __init__(self, client: Modelyard) -> None:
        self._client, self._after, self._loss = client, -1, ""

    def text(self, task: Json) -> str:
        done = int(task["progress_done"])
        if done < self._after:  # another attempt goes on from an earlier checkpoint
            self._after = done - 1
        for point in self._client.train.metrics(task["id"], self._after, ["loss"]):
            self._after = max(self._after, int(point["step"]))
            if point.get("value") is not None:
                self._loss = f"{words_of('loss', language())} {point['value']:.4f}"
        return self._loss


def curves_of(points: Sequence[Json]) -> dict[str, list[Point]]:
    """metric -> [(step, value)] by rising step. A step that was done again counts as its last attempt measured it."""
    found: dict[str, dict[int, tuple[int, float]]] = {}
    for point in points:
        if point.get("value") is None:
            continue
        steps = found.setdefault(point["name"], {})
        step, attempt = int(point["step"]), int(point.get("attempt", 0))
        if step not in steps or steps[step][0] <= attempt:
            steps[step] = (attempt, float(point["value"]))
    return {name: [(step, steps[step][1]) for step in sorted(steps)] for name, steps in sorted(found.items())}


def _print_numbers(by_name: dict[str, list[Point]], limit: int) -> None:
    """A row per step, spread evenly over the run when there are more than ``limit``; first and last are always there."""
    values = {name: dict(points) for name, points in by_name.items()}
    steps = sorted({step for points in values.values() for step in points})
    if len(steps) > limit:
        steps = sorted({steps[round(index * (len(steps) - 1) / max(1, limit - 1))] for index in range(limit)} | {steps[-1]})[-limit:]
    table = Table(box=None, pad_edge=False)
    for column in (heading("step", language()), *(words_of(name, language()) for name in values)):
        table.add_column(column, justify="right")
    for step in steps:
        table.add_row(str(step), *[f"{points[step]:.6g}" if step in points else "-" for points in values.values()])
    print_table(table)


app.command("options")(options_command("train"))
