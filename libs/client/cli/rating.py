"""``modelyard rate``: people rate what a run answered. They answer in the console, or by the SDK."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from libs.client.cli import names
from libs.client.cli.base import Sets, connect, options, parse_json, show, show_list
from libs.client.cli.crew import BODY_HELP, Pools, Template, add_commands
from libs.client.cli.follow import Task, show_task

app = typer.Typer(
    no_args_is_help=True,
    help="Rating by people: templates, pools, blind ratings of stored outputs. 人工评测：模板、人员池与对已存输出的盲评。",
)

KINDS = "Scale_Rating, Category_Rating, Pairwise_Rating or Free_Text_Rating 评测类型"
Run = Annotated[str, typer.Argument(help="id of an evaluation whose outputs are rated 被评输出所属的评测任务编号", metavar="RUN")]


@app.command()
def template(
    name: Annotated[str, typer.Argument(help="unique in the project space 空间内唯一")],
    kind: Annotated[str, typer.Argument(help=KINDS, metavar="KIND")],
    body: Annotated[str | None, typer.Option(help=BODY_HELP)] = None,
) -> None:
    """Make a template of what raters are asked. 新建评测模板。"""
    with connect() as client:
        show(client.eval.create_template(name, kind, body=parse_json(body, "--body") if body else None))


@app.command()
def config(
    model: Annotated[str, typer.Argument(help=names.MODEL_HELP)],
    name: Annotated[str, typer.Argument(help="name of the new config 新配置名称")],
    template: Template,
    data: Annotated[str, typer.Option("--data", "-d", metavar="VERSION", help="test data: " + names.DATASET_VERSION_HELP)],
    people: Annotated[int, typer.Option(min=1, max=15, help="different people per output 每条由多少人评")] = 2,
    set: Sets = None,
    raters: Annotated[Pools, typer.Option(help="pool; repeat it; default: everybody who may 人员池，可重复，默认所有可评测的人")] = None,
    inspectors: Annotated[Pools, typer.Option(help="pool of those who look again; repeat it 质检人员池，可重复")] = None,
    good: Annotated[
        list[str] | None,
        typer.Option(help="label that counts for the score; repeat it; default: the first 计入得分的标签，可重复，默认第一个"),
    ] = None,
) -> None:
    """Create an eval config that names people; --set KEY=VALUE changes their rule. 新建指定了评测人员的配置，--set 可调整规则。"""
    with connect() as client:
        asked: dict[str, Any] = {"people": people, **(options(None, set, "--set") or {})}
        found = client.eval.create_config(
            names.model_id(client, model),
            name,
            names.dataset_version_id(client, data),
            template_id=template,
            rule=asked,
            annotators=list(raters or ()),
            inspectors=list(inspectors or ()),
            good=list(good) if good else None,
        )
        show(found)


@app.command()
def start(
    run: Run,
    config: Annotated[
        str | None, typer.Option(help="that names people; default: that of the run 指定了人员的配置，默认为该评测的配置")
    ] = None,
    against: Annotated[str | None, typer.Option(metavar="RUN", help="the run it is compared with, for pairs 用于对比的另一次评测")] = None,
    name: Annotated[str | None, typer.Option("--name", help="what raters read 评测人员看到的名称")] = None,
) -> None:
    """Give the stored outputs of a run to people, blind. 把一次评测的输出交给人盲评。"""
    with connect() as client:
        chosen = names.config_id(client, "eval", config) if config else None
        show_task(client.eval.start_rating(run, eval_config_id=chosen, against_task_id=against, name=name))


@app.command("show")
def show_rating(task: Task) -> None:
    """Show what a rating asks, by which rule, and how far it is. 查看人工评测的要求、规则与进度。"""
    with connect() as client:
        show(client.eval.get_rating(task))


@app.command()
def raters(task: Task) -> None:
    """List what each rater said on the whole. 列出每位评测员的总体评分。"""
    with connect() as client:
        show_list(client.eval.get_raters(task), ("person_id", "items", "score"), 200)


add_commands(app, lambda client: client.eval)
