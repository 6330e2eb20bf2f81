"""Commands on people's work that are the same wherever there is some: templates, pools, who works on a task, and how far they agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from libs.client.cli.base import Limit, connect, parse_json, print_json, show, show_list
from libs.client.cli.follow import Task
from libs.client.sdk import Modelyard

Calls = Callable[[Modelyard], Any]
Template = Annotated[str, typer.Argument(help="id of a template 模板编号", metavar="TEMPLATE")]
Pools = list[str] | None
BODY_HELP = "what is asked, as JSON or @FILE; default: a template to begin with 模板内容（JSON 或 @文件），默认为起始模板"


def add_commands(app: typer.Typer, calls: Calls) -> None:
    """calls: the group of a client whose work it is."""
    for command in (_templates, _body, _revise, _pool, _pools, _members, _agreement):
        app.command(command.__name__.removeprefix("_"))(command(calls))
    app.command("mine")(mine)


def _templates(calls: Calls) -> Callable[..., None]:
    def templates(limit: Limit = 20) -> None:
        """List the templates of this space, newest first. 列出模板。"""
        with connect() as client:
            show_list(calls(client).list_templates(), ("id", "name", "kind", "number", "update_time"), limit)

    return templates


def _body(calls: Calls) -> Callable[..., None]:
    def body(
        template: Template,
        number: Annotated[int | None, typer.Option(min=1, help="of a version; default: the newest 版本序号，默认最新")] = None,
    ) -> None:
        """Print what a template asks, as JSON that can be changed and given back. 以 JSON 输出模板内容，可修改后再提交。"""
        with connect() as client:
            print_json(calls(client).get_template(template, number=number)["body"])

    return body


def _revise(calls: Calls) -> Callable[..., None]:
    def revise(
        template: Template,
        body: Annotated[str, typer.Argument(help="what is asked, as JSON or @FILE 模板内容（JSON 或 @文件）", metavar="BODY")],
    ) -> None:
        """Make the next version of a template; work under way keeps its own. 新建模板的下一个版本，进行中的任务不受影响。"""
        with connect() as client:
            found = calls(client).get_template(template)
            show(calls(client).update_template(template, parse_json(body, "BODY"), found["version"]))

    return revise


def _pool(calls: Calls) -> Callable[..., None]:
    def pool(
        name: Annotated[str, typer.Argument(help="unique in the project space 空间内唯一")],
        users: Annotated[list[str], typer.Argument(help="ids of users 用户编号", metavar="USER...")],
    ) -> None:
        """Name people who can be asked to work together. 建立人员池。"""
        with connect() as client:
            show(calls(client).create_pool(name, list(users)))

    return pool


def _pools(calls: Calls) -> Callable[..., None]:
    def pools(limit: Limit = 20) -> None:
        """List the pools of people of this space, newest first. 列出人员池。"""
        with connect() as client:
            show_list(calls(client).list_pools(), ("id", "name", "users", "update_time"), limit)

    return pools


def _members(calls: Calls) -> Callable[..., None]:
    def members(task: Task, limit: Limit = 50) -> None:
        """List who works on a task, with their figures. 列出参与者及其统计。"""
        counts = ("answered", "held", "skipped", "lapsed", "gold_met", "gold_missed", "compared", "agreed", "inspected", "upheld")
        with connect() as client:
            show_list(calls(client).list_members(task), ("person_id", "role", *counts), limit)

    return members


def _agreement(calls: Calls) -> Callable[..., None]:
    def agreement(task: Task) -> None:
        """Show how far the people of a task agree, field by field. 查看各字段的一致性。"""
        with connect() as client:
            show_list(calls(client).get_agreement(task), ("field", "items", "percent", "alpha", "kappa"), 100)

    return agreement


def mine() -> None:
    """List the tasks in which you may work now, of annotation and rating alike. 列出你现在可以参与的任务（标注与评测）。"""
    with connect() as client:
        columns = ("task_id", "name", "kind", "role", "held", "answered", "compared", "agreed", "items_done", "items")
        show_list(client.my_work(), columns, 200)
