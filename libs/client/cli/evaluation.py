"""``modelyard eval``: configs, tasks, and every stored input with its output."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from libs.client.cli import names
from libs.client.cli.base import Limit, Sets, connect, given, note, options, print_json, say, show, show_list
from libs.client.cli.filters import Before, Owner, Since, States, chosen
from libs.client.cli.follow import TASK_COLUMNS, Follow, FollowLog, Reuse, Task, finish, print_log, show_task, started, task_rows, watch
from libs.client.cli.options_view import options_command
from libs.client.cli.train import Options
from libs.client.sdk import Json
from libs.metrics import METRICS

app = typer.Typer(no_args_is_help=True, help="Evaluation: configs, tasks, inputs and outputs. 评测：配置、任务、输入与输出。")

WATCH = "modelyard eval follow"


@app.command()
def config(
    target: str = typer.Argument(
        ..., help="with NAME: the model (id or name); without: id of the config to show 建配置时为模型，否则为配置编号"
    ),
    name: str | None = typer.Argument(None, help="name of the new config 新配置名称"),
    data: str | None = typer.Option(None, "--data", "-d", metavar="VERSION", help="test data: " + names.DATASET_VERSION_HELP),
    metric: Annotated[list[str] | None, typer.Option(help=", ".join(METRICS) + "; repeat it; default: all 指标，可重复，默认全部")] = None,
    options_text: Options = None,
    set: Sets = None,
    desc: str | None = typer.Option(None, help="what it is for 说明"),
) -> None:
    """Create an eval config for a model (MODEL NAME --data VERSION), or show one (ID). 新建评测配置，或查看配置。"""
    with connect() as client:
        if name is None:
            show(client.eval.config(target))
            return
        if data is None:
            raise typer.BadParameter(say("--data is needed to create a config", "新建配置需要 --data"))
        facts: Json = {"metrics": metric or None, "options": options(options_text, set, "--options"), "desc": desc}
        version = names.dataset_version_id(client, data)
        show(client.eval.create_config(names.model_id(client, target), name, version, **facts))


@app.command()
def configs(model: str = typer.Argument(..., help=names.MODEL_HELP), limit: Limit = 20) -> None:
    """List the eval configs of a model, newest first. 列出评测配置。"""
    with connect() as client:
        found = client.eval.configs(names.model_id(client, model))
        show_list(found, ("id", "name", "dataset_version_id", "metrics", "options", "create_time"), limit)


@app.command()
def start(
    config: str = typer.Argument(..., help=names.CONFIG_HELP),
    version: str = typer.Argument(..., help=names.MODEL_VERSION_HELP),
    target: str | None = typer.Option(None, help="WEIGHTS (as trained) or ENDPOINT (any server; only informs) 评测对象，后者仅供参考"),
    digest: str | None = typer.Option(None, help="of the bytes under test 被测摘要"),
    address: str | None = typer.Option(None, help="of an ENDPOINT, http://host:port 被测服务地址"),
    prompt: str | None = typer.Option(None, help="ask in its words; only informs: " + names.PROMPT_VERSION_HELP),
    name: str | None = typer.Option(None, help="of the task 任务名称"),
    desc: str | None = typer.Option(None, help="what it is for 说明"),
    max_attempts: int | None = typer.Option(None, min=1, max=100, help="how often a lost worker may be replaced 最多尝试次数"),
    reuse: Reuse = False,
    follow: Follow = False,
) -> None:
    """Evaluate a model version; every input and output is kept. 评测模型版本，输入输出全部留存。"""
    with connect() as client:
        facts: Json = {
            "target_kind": target,
            "target_digest": digest,
            "target_address": address,
            "prompt_version_id": client.prompts.get(prompt).prompt_version_id if prompt else None,
            "name": name,
            "desc": desc,
            "max_attempts": max_attempts,
            "reuse": reuse or None,
        }
        answer = client.eval.create_task(names.config_id(client, "eval", config), names.model_version_id(client, version), **facts)
        started(answer, "eval_task", client.eval.wait if follow else None, WATCH)


@app.command()
def task(id: Task) -> None:
    """Show one task with its scores and verdict. 查看任务、得分与结论。"""
    with connect() as client:
        show_task(client.eval.task(id))


@app.command()
def tasks(
    model: str | None = typer.Argument(None, help=names.MODEL_OR_ALL_HELP, metavar="[MODEL]"),
    version: str | None = typer.Option(None, help=names.MODEL_VERSION_HELP),
    target: str | None = typer.Option(None, help="only of this target, WEIGHTS or ENDPOINT 只看该评测对象"),
    status: States = None,
    owner: Owner = "",
    since: Since = "",
    until: Before = "",
    limit: Limit = 20,
) -> None:
    """List tasks, newest first. 列出任务。"""
    with connect() as client:
        found = client.eval.tasks(
            model_id=names.model_id(client, model) if model else None,
            model_version_id=names.model_version_id(client, version) if version else None,
            target_kind=target,
            **chosen(client, status, owner, since, until),
        )
        show_list(task_rows(found), (*TASK_COLUMNS, "model_version_id", "metrics", "verdict"), limit)


@app.command()
def cancel(id: Task, cause: str = typer.Option("", help="why 原因")) -> None:
    """Stop a task; it is CANCELLED once its resources are free. 取消任务，资源释放后才算取消。"""
    with connect() as client:
        show_task(client.eval.cancel(id, cause))


@app.command()
def items(
    id: Task,
    only_wrong: bool = typer.Option(False, "--only-wrong", help="only answers that are not exactly right 只看错误回答"),
    limit: Limit = 20,
) -> None:
    """Show inputs, expected answers and outputs. 查看输入、期望与输出。"""
    with connect() as client:
        columns = ("position", "input", "expected", "output", "exact_match", "token_f1", "latency_ms", "error")
        show_list(client.eval.items(id, only_wrong), columns, limit)


@app.command()
def export(
    id: Task,
    file: Path = typer.Argument(..., help="to write, or a folder: .html to be read and printed, .jsonl with every item 文件或目录"),
    format: str | None = typer.Option(None, help="html or jsonl; default: by the name of the file 默认按文件名"),
    force: bool = typer.Option(False, "--force", help="write over a file that is there 覆盖已有文件"),
) -> None:
    """Take a finished evaluation out as one file. 将已完成的评测导出为单个文件。"""
    format = format or ("jsonl" if file.suffix.lower() == ".jsonl" else "html")
    if file.is_file() and not force:
        raise typer.BadParameter(say(f"{file} is there already; add --force", f"{file} 已存在，如需覆盖请加 --force"))
    with connect() as client:
        saved = client.eval.export(id, file, format)
    show({"path": str(saved), "bytes": str(saved.stat().st_size)})


First = Annotated[str, typer.Argument(help="id of an evaluation 评测任务编号", metavar="FIRST")]
Second = Annotated[str, typer.Argument(help="id of another one on the same test 同一测试上的另一次评测", metavar="SECOND")]


@app.command()
def compare(first: First, second: Second) -> None:
    """Say whether SECOND is better or worse than FIRST, or that no difference is shown. 逐条对比两次评测，说明差异是否成立。"""
    with connect() as client:
        found = client.eval.compare(first, second)
    if given().json:
        print_json(found)
        return
    columns = ("metric", "first", "second", "difference", "low", "high", "pairs", "test", "p_corrected", "verdict")
    rows = [{**each, **{name: _short(each.get(name)) for name in columns[1:6] + columns[8:9]}} for each in found["metrics"]]
    show_list(rows, columns, len(rows) or 1)
    pairs, left_out = found["pairs"], found["left_out"]
    note(
        f"Over {pairs} items that both answered; {left_out} left out. Interval of 95 %; p corrected for {len(rows)} scores (Holm).",
        f"基于双方均有回答的 {pairs} 条，未计入 {left_out} 条。区间为 95%；p 值已按 {len(rows)} 个指标校正（Holm）。",
    )


@app.command()
def differences(
    first: First,
    second: Second,
    verdict: str | None = typer.Option(None, help="BETTER, WORSE or NO_DIFFERENCE_SHOWN: of the second answer 第二个回答更好、更差或相当"),
    contains: str | None = typer.Option(None, help="only where it stands in what was asked or answered 只看包含该文字的条目"),
    limit: Limit = 20,
) -> None:
    """Show what two evaluations answered differently. 查看两次评测回答不同的条目。"""
    with connect() as client:
        found = client.eval.differences(first, second, verdict=verdict, contains=contains)
        show_list(map(_side_by_side, found), ("position", "input", "expected", "first", "second", "verdict"), limit)


def _side_by_side(found: Json) -> Json:
    if given().json:
        return found
    said = {name: found[name]["error"] or found[name]["output"] for name in ("first", "second")}
    return {**found["first"], **said, "verdict": found["verdict"]}


def _short(value: float | None) -> str | None:
    return None if value is None else f"{value:.4g}"


@app.command()
def follow(id: Task) -> None:
    """Show a task's progress until it ends; exits 1 when it fails. 跟踪任务进度，失败返回 1。"""
    with connect() as client:
        finish(watch(client.eval.wait, id, f"{WATCH} {id}"))


@app.command()
def log(id: Task, follow: FollowLog = False) -> None:
    """Print what a task's engine said, the end of it. 查看任务日志（末尾部分）。"""
    with connect() as client:
        print_log(client.eval.log(id, follow))


app.command("options")(options_command("eval"))
