"""``modelyard annotate``: what people are asked, who they are, and how far they are. They answer in the console, or by the SDK."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from libs.client.cli import names
from libs.client.cli.base import Sets, connect, options, parse_json, show
from libs.client.cli.crew import BODY_HELP, Pools, Template, add_commands
from libs.client.cli.follow import Task, show_task

app = typer.Typer(
    no_args_is_help=True, help="Annotation by people: templates, pools, tasks, agreement. 人工标注：模板、人员池、任务与一致性。"
)

Dataset = Annotated[str, typer.Argument(help=names.DATASET_HELP, metavar="DATASET")]


@app.command()
def template(
    name: Annotated[str, typer.Argument(help="unique in the project space 空间内唯一")],
    kind: Annotated[str, typer.Argument(help="Sentiment_Analysis, Question_Answer or Text_Classification 标注类型", metavar="KIND")],
    body: Annotated[str | None, typer.Option(help=BODY_HELP)] = None,
) -> None:
    """Make a template of what people are asked. 新建标注模板。"""
    with connect() as client:
        show(client.datasets.create_template(name, kind, body=parse_json(body, "--body") if body else None))


@app.command()
def start(
    dataset: Dataset,
    template: Template,
    input: Annotated[str, typer.Option("--input", "-i", metavar="VERSION", help="version to annotate 要标注的版本")] = "latest",
    people: Annotated[int, typer.Option(min=1, max=15, help="different people per item 每条由多少人标注")] = 1,
    set: Sets = None,
    annotators: Annotated[
        Pools, typer.Option(help="pool; repeat it; default: everybody who may 人员池，可重复，默认所有可标注的人")
    ] = None,
    inspectors: Annotated[Pools, typer.Option(help="pool of those who look again; repeat it 质检人员池，可重复")] = None,
    known: Annotated[
        str | None, typer.Option(metavar="VERSION", help="version of records whose answer is known 已知答案的数据版本")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="of the task 任务名称")] = None,
) -> None:
    """Give the records of a version to people; --set KEY=VALUE changes the rule. 把一个版本交给人标注，--set 可调整规则。"""
    with connect() as client:
        id = names.dataset_id(client, dataset)
        asked: dict[str, Any] = {"people": people, **(options(None, set, "--set") or {})}
        chosen = client.datasets.get_template(template)
        task = client.datasets.start_annotation(
            id,
            chosen["kind"],
            name or chosen["name"],
            names.input_version_id(client, id, input),
            template,
            template_number=chosen["number"] or None,
            rule=asked,
            annotators=list(annotators or ()),
            inspectors=list(inspectors or ()),
            known_version_id=names.dataset_version_id(client, known) if known else None,
        )
        show_task(task)


@app.command("show")
def show_annotation(task: Task) -> None:
    """Show what a task asks, by which rule, and how far it is. 查看标注任务的要求、规则与进度。"""
    with connect() as client:
        show(client.datasets.get_annotation(task))


add_commands(app, lambda client: client.datasets)
