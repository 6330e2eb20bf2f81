"""``modelyard grid``: prompts by models over one test version, and which of the cells differ."""

from __future__ import annotations

from typing import Annotated

import typer

from libs.client.cli import names
from libs.client.cli.base import Limit, Sets, connect, given, note, options, print_json, say, show, show_list
from libs.client.cli.train import Options
from libs.client.sdk import Json
from libs.metrics import METRICS

app = typer.Typer(
    no_args_is_help=True, help="Grids: prompts by models over one test, and what differs. 评测矩阵：提示词 × 模型，及差异是否成立。"
)

Grid = Annotated[str, typer.Argument(help="id of a grid 矩阵编号", metavar="GRID")]


@app.command()
def create(
    name: str = typer.Argument(..., help="unique in the project space 空间内唯一"),
    data: str = typer.Option(..., "--data", "-d", metavar="VERSION", help="test data: " + names.DATASET_VERSION_HELP),
    version: Annotated[list[str] | None, typer.Option("--version", help=names.MODEL_VERSION_HELP + "; repeat it 可重复")] = None,
    server: Annotated[
        list[str] | None, typer.Option(help="MODEL_VERSION,DIGEST,http://host:port: any server; repeat it 外部服务，可重复")
    ] = None,
    prompt: Annotated[list[str] | None, typer.Option(help=names.PROMPT_VERSION_HELP + "; repeat it 可重复")] = None,
    plain: bool = typer.Option(False, "--plain", help="a row without a prompt too 另加一行不用提示词"),
    metric: Annotated[list[str] | None, typer.Option(help=", ".join(METRICS) + "; repeat it; default: all 指标，可重复，默认全部")] = None,
    options_text: Options = None,
    set: Sets = None,
    desc: str | None = typer.Option(None, help="what it is for 说明"),
) -> None:
    """Evaluate every prompt with every model; what was evaluated already is not run again. 评测每个提示词与每个模型的组合。"""
    with connect() as client:
        targets: list[Json] = [{"model_version_id": names.model_version_id(client, each)} for each in version or ()]
        for each in server or ():
            of, _, rest = each.partition(",")
            digest, _, address = rest.partition(",")
            id = names.model_version_id(client, of)
            targets.append({"model_version_id": id, "target_kind": "ENDPOINT", "target_digest": digest, "target_address": address})
        prompts: list[str | int] = [client.prompts.get(each).prompt_version_id for each in prompt or ()]
        found = client.eval.create_grid(
            name,
            names.dataset_version_id(client, data),
            targets,
            prompt_version_ids=prompts or None,
            plain=plain or None,
            metrics=metric or None,
            options=options(options_text, set, "--options"),
            desc=desc,
        )
    show(found)
    note(
        f"{found['started']} of {len(found['eval_task_ids'])} cells run now; the others were there. `modelyard grid show {found['id']}`",
        f"{len(found['eval_task_ids'])} 个单元格中新运行 {found['started']} 个，其余已有结果。`modelyard grid show {found['id']}`",
    )


@app.command("list")
def list_grids(limit: Limit = 20) -> None:
    """List the grids of this space, newest first. 列出评测矩阵。"""
    with connect() as client:
        show_list(client.eval.grids(), ("id", "name", "dataset_version_id", "started", "create_time"), limit)


@app.command("show")
def show_grid(grid: Grid, metric: str = typer.Option("exact_match", help="which score 指标")) -> None:
    """Show the cells: scores with their intervals and how many items. 查看各单元格的得分、区间与条数。"""
    with connect() as client:
        found = client.eval.grid(grid)
    if given().json:
        print_json(found)
        return
    cells = cells_of(found)
    rows = [{**each, **_score(each["task"], metric)} for each in cells]
    show_list(rows, ("prompt", "target", "eval_task_id", "status", metric, "interval", "items"), len(rows) or 1)


@app.command()
def compare(
    grid: Grid,
    first: str = typer.Argument(..., help="id of the evaluation of a cell 单元格的评测任务编号"),
    metric: str | None = typer.Option(None, help="only this score; default: all 只看该指标，默认全部"),
) -> None:
    """Hold all other cells against one of them, item by item. 将其他单元格与选定的一个逐条对比。"""
    with connect() as client:
        cells = {each["eval_task_id"]: each for each in cells_of(client.eval.grid(grid))}
        found = client.eval.compare_cells(grid, first, metric=metric)
    if given().json:
        print_json(found)
        return
    rows = [{**cells[cell["eval_task_id"]], **each} for cell in found for each in cell["metrics"]]
    show_list(rows, ("prompt", "target", "metric", "difference", "low", "high", "pairs", "p_corrected", "verdict"), len(rows) or 1)
    note(
        f"Against {first}. Interval of 95 %; p corrected for {len(rows)} comparisons (Holm).",
        f"与 {first} 对比。区间为 95%；p 值已按 {len(rows)} 次对比校正（Holm）。",
    )


def cells_of(found: Json) -> list[Json]:
    """Each cell with its row and its column in words."""
    grid, tasks = found["grid"], {task["id"]: task for task in found["eval_tasks"]}
    places = [(row, column) for row in grid["prompts"] for column in grid["targets"]]
    return [
        {
            "prompt": f"{row['name']}@{row['number']}" if row["name"] else say("as the records ask", "按记录原文"),
            "target": column["target_address"] or column["model_version_id"],
            "eval_task_id": id,
            "status": tasks[id]["status"],
            "task": tasks[id],
        }
        for (row, column), id in zip(places, grid["eval_task_ids"], strict=True)
    ]


def _score(task: Json, metric: str) -> Json:
    figures = task["metrics"]
    known = metric in figures
    bounds = [figures.get(f"{metric}.{end}") for end in ("low", "high")]
    return {
        metric: f"{figures[metric]:.4g}" if known else "",
        "interval": "" if None in bounds else f"{bounds[0]:.4g} … {bounds[1]:.4g}",
        "items": str(int(task["items"]) - int(task["failed_items"])) if known else "",
    }
