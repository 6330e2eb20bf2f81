"""``modelyard quota``: how much the platform, a department, a person and a space may hold at once and spend in a window."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from libs.client.cli.amounts import (
    AcceleratorHours,
    Accelerators,
    AnnotationHours,
    Cpu,
    Memory,
    Replicas,
    Tokens,
    megabytes,
    rows_of,
    seconds,
    thousandths,
)
from libs.client.cli.base import Limit, connect, given, show, show_list

app = typer.Typer(no_args_is_help=True, help="Quotas of the platform, departments, people and spaces. 平台、部门、个人与空间的配额。")
COLUMNS = ("kind", "subject_id", "limits", "used", "window", "department_id", "version")


class Kind(StrEnum):
    platform = "platform"
    department = "department"
    person = "person"
    space = "space"


class Window(StrEnum):
    day = "day"
    week = "week"
    month = "month"


Whose = Annotated[Kind, typer.Argument(help="whose 对象类型")]
Subject = Annotated[str | None, typer.Argument(help="id of the department, person or space; nothing for the platform 部门、个人或空间编号")]


@app.command("show")
def show_mine() -> None:
    """Show every quota that bounds you here, with what is used. 查看约束你的全部配额及用量。"""
    with connect() as client:
        _list(client.resource.my_quotas(), 20)


@app.command("list")
def list_all(limit: Limit = 50) -> None:
    """List the quotas of the platform (administrators). 列出全部配额（平台管理员）。"""
    with connect() as client:
        _list(client.resource.list_quotas(), limit)


@app.command("set")
def set_quota(
    kind: Whose,
    subject: Subject = None,
    department: str | None = typer.Option(None, help="of a person: the department whose quota bounds it too 个人所属部门编号"),
    cpu: Cpu = None,
    memory: Memory = None,
    accelerators: Accelerators = None,
    replicas: Replicas = None,
    accelerator_hours: AcceleratorHours = None,
    tokens: Tokens = None,
    annotation_hours: AnnotationHours = None,
    window: Window = typer.Option(Window.month, help="after which spending is counted anew, by UTC 统计周期（UTC）"),
    expected_version: int | None = typer.Option(None, min=0, help="refuse when it changed since this version 版本已变则拒绝"),
) -> None:
    """Set a quota, whole: what is left out has no limit (administrators). 整体设置配额，未给出的项不设限（平台管理员）。"""
    limits: dict[str, Any] = {"cpu_milli": thousandths("--cpu", cpu), "memory_mb": megabytes("--memory", memory), "replicas": replicas}
    limits |= {"accelerator_milli": thousandths("--accelerators", accelerators), "tokens": tokens}
    limits |= {"accelerator_seconds": seconds("--accelerator-hours", accelerator_hours)}
    limits |= {"annotation_seconds": seconds("--annotation-hours", annotation_hours)}
    with connect() as client:
        known = 0 if expected_version is not None else _version(client, kind.value.upper(), subject or "0")
        facts = {"subject_id": subject, "department_id": department, "window": window.value.upper(), **limits}
        found = client.resource.set_quota(kind.value.upper(), known if expected_version is None else expected_version, **facts)
    show(found if given().json else rows_of(found, "limits", "used"))


def _list(found: Any, limit: int) -> None:
    shown = found if given().json else (rows_of(each, "limits", "used") for each in found)
    show_list(iter(shown), COLUMNS, limit)


def _version(client: Any, kind: str, subject: str) -> int:
    """Of what is set now; 0 where nothing is."""
    return next((int(each["version"]) for each in client.resource.quotas(kind=kind, subject_id=subject)), 0)
