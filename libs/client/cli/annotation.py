"""``modelyard annotate``: what people are asked, who they are, and how far they are. They answer in the console, or by the SDK."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from libs.client.cli import names
from libs.client.cli.base import Limit, Sets, connect, options, parse_json, print_json, show, show_list
from libs.client.cli.follow import Task, show_task

app = typer.Typer(
    no_args_is_help=True, help="Annotation by people: templates, pools, tasks, agreement. 人工标注：模板、人员池、任务与一致性。"
)

Template = Annotated[str, typer.Argument(help="id of a template 模板编号", metavar="TEMPLATE")]
Dataset = Annotated[str, typer.Argument(help=names.DATASET_HELP, metavar="DATASET")]
Pools = list[str] | None


@app.command()
def template(
    name: Annotated[str, typer.Argument(help="unique in the project space 空间内唯一")],
    kind: Annotated[str, typer.Argument(help="Sentiment_Analysis, Question_Answer or Text_Classification 标注类型", metavar="KIND")],
    body: Annotated[
        str | None,
        typer.Option(help="what is asked, as JSON or @FILE; default: a template to begin with 模板内容（JSON 或 @文件），默认为起始模板"),
    ] = None,
) -> None:
    """Make a template of what people are asked. 新建标注模板。"""
    with connect() as client:
        show(client.datasets.create_template(name, kind, body=parse_json(body, "--body") if body else None))


@app.command()
def templates(limit: Limit = 20) -> None:
    """List the templates of this space, newest first. 列出标注模板。"""
    with connect() as client:
        show_list(client.datasets.list_templates(), ("id", "name", "kind", "number", "update_time"), limit)


@app.command()
def body(
    template: Template,
    number: Annotated[int | None, typer.Option(min=1, help="of a version; default: the newest 版本序号，默认最新")] = None,
) -> None:
    """Print what a template asks, as JSON that can be changed and given back. 以 JSON 输出模板内容，可修改后再提交。"""
    with connect() as client:
        print_json(client.datasets.get_template(template, number=number)["body"])


@app.command()
def revise(
    template: Template,
    body: Annotated[str, typer.Argument(help="what is asked, as JSON or @FILE 模板内容（JSON 或 @文件）", metavar="BODY")],
) -> None:
    """Make the next version of a template; work under way keeps its own. 新建模板的下一个版本，进行中的任务不受影响。"""
    with connect() as client:
        found = client.datasets.get_template(template)
        show(client.datasets.update_template(template, parse_json(body, "BODY"), found["version"]))


@app.command()
def pool(
    name: Annotated[str, typer.Argument(help="unique in the project space 空间内唯一")],
    users: Annotated[list[str], typer.Argument(help="ids of users 用户编号", metavar="USER...")],
) -> None:
    """Name people who can be asked to work together. 建立人员池。"""
    with connect() as client:
        show(client.datasets.create_pool(name, list(users)))


@app.command()
def pools(limit: Limit = 20) -> None:
    """List the pools of people of this space, newest first. 列出人员池。"""
    with connect() as client:
        show_list(client.datasets.list_pools(), ("id", "name", "users", "update_time"), limit)


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


@app.command()
def members(task: Task, limit: Limit = 50) -> None:
    """List who works on a task, with their figures. 列出参与者及其统计。"""
    columns = ("person_id", "role", "answered", "held", "skipped", "lapsed", "gold_met", "gold_missed", "compared", "agreed", "inspected")
    with connect() as client:
        show_list(client.datasets.list_members(task), (*columns, "upheld"), limit)


@app.command()
def agreement(task: Task) -> None:
    """Show how far the people of a task agree, field by field. 查看各字段的标注一致性。"""
    with connect() as client:
        show_list(client.datasets.get_agreement(task), ("field", "items", "percent", "alpha", "kappa"), 100)


@app.command()
def mine() -> None:
    """List the tasks in which you may work now. 列出你现在可以参与的任务。"""
    with connect() as client:
        columns = ("task_id", "name", "kind", "role", "held", "answered", "compared", "agreed", "items_done", "items")
        show_list(client.datasets.get_my_work(), columns, 200)
