"""``modelyard resource``: machine rooms, compute nodes, and what is reserved of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from libs.client.cli.amounts import Accelerators, AnnotationHours, Cpu, Memory, Replicas, Tokens, megabytes, rows_of, seconds, thousandths
from libs.client.cli.base import Limit, connect, given, language, out, print_json, show, show_list, wrong_option
from libs.client.failure import Json

app = typer.Typer(no_args_is_help=True, help="Machine rooms, compute nodes and what is reserved of them. 机房、计算节点与预留。")

Name = Annotated[str, typer.Argument(help="name 名称")]
Id = Annotated[str, typer.Argument(help="id 编号")]
Labels = Annotated[list[str] | None, typer.Option("--label", metavar="KEY=VALUE", help="a label; repeat it 标签，可重复")]
Room = Annotated[str | None, typer.Option(help="name of the machine room 机房名称")]
Vendor = Annotated[str | None, typer.Option(help="vendor of the accelerator 加速卡厂商")]
CardModel = Annotated[str | None, typer.Option("--card", help="model of the accelerator 加速卡型号")]
Expected = Annotated[int | None, typer.Option(min=0, help="refuse when it changed since this version 版本已变则拒绝")]
Lease = Annotated[int | None, typer.Option("--lease", min=5, max=86_400, help="seconds until it must be renewed 租约秒数")]


class Secrecy(StrEnum):
    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    CONFIDENTIAL = "CONFIDENTIAL"
    SECRET = "SECRET"  # noqa: S105  # a level, no password


Level = Annotated[Secrecy | None, typer.Option("--secrecy", help="the highest secrecy it may hold 可承载的最高密级")]


@app.command("create-room")
def create_room(name: Name, desc: str = typer.Option("", help="description 说明"), secrecy: Level = None) -> None:
    """Make a machine room (administrators). 新建机房（平台管理员）。"""
    with connect() as client:
        show(client.resource.create_room(name, desc=desc, secrecy=secrecy))


@app.command()
def rooms(limit: Limit = 20) -> None:
    """List the machine rooms. 列出机房。"""
    with connect() as client:
        show_list(client.resource.list_rooms(), ("id", "name", "secrecy", "desc"), limit)


@app.command("create-node")
def create_node(
    name: Name,
    room: str = typer.Option(..., help="name of the machine room 机房名称"),
    cpu: str = typer.Option(..., help="cores, e.g. 4 or 0.5 CPU 核数，可带小数"),
    memory: str = typer.Option(..., help="e.g. 512MB, 16GB 内存"),
    accelerators: int = typer.Option(0, min=0, help="how many accelerators, all of one kind 加速卡数量，型号须一致"),
    vendor: Vendor = None,
    card: CardModel = None,
    card_memory: str | None = typer.Option(None, help="memory of each accelerator 单卡显存"),
    share: int = typer.Option(1, min=1, max=64, help="into how many parts an accelerator may be cut 单卡可切分份数"),
    label: Labels = None,
    secrecy: Level = None,
    heartbeat: int = typer.Option(0, min=0, help="seconds between its reports; 0 = it never reports 上报间隔秒数，0 为不上报"),
) -> None:
    """Register a compute node (administrators). 登记计算节点（平台管理员）。"""
    facts: dict[str, Any] = {"vendor": vendor, "model": card, "accelerator_memory_mb": megabytes("--card-memory", card_memory)}
    facts |= {"accelerator_milli": accelerators * 1000, "labels": _labels(label), "share": share, "secrecy": secrecy}
    cores, megs = thousandths("--cpu", cpu) or 0, megabytes("--memory", memory) or 0
    with connect() as client:
        _show(client.resource.create_node(name, room, cores, megs, heartbeat_seconds=heartbeat, **facts), "capacity", "held")


@app.command()
def nodes(limit: Limit = 20) -> None:
    """List the compute nodes with what is held of them. 列出计算节点及其占用。"""
    with connect() as client:
        found = client.resource.list_nodes()
        shown = found if given().json else (rows_of(each, "capacity", "held") for each in found)
        show_list(shown, ("id", "name", "room", "health", "capacity", "held", "vendor", "model", "secrecy", "version"), limit)


@app.command("update-node")
def update_node(
    id: Id,
    cpu: Cpu = None,
    memory: Memory = None,
    accelerators: int | None = typer.Option(None, min=0, help="how many accelerators 加速卡数量"),
    label: Labels = None,
    secrecy: Level = None,
    drain: bool | None = typer.Option(None, "--drain/--no-drain", help="take nothing new 不再接收新任务"),
    expected_version: Expected = None,
) -> None:
    """Change a compute node; what is held stays held (administrators). 修改计算节点，已占用的保持不变（平台管理员）。"""
    facts: dict[str, Any] = {"cpu_milli": thousandths("--cpu", cpu), "memory_mb": megabytes("--memory", memory), "draining": drain}
    facts |= {"accelerator_milli": None if accelerators is None else accelerators * 1000, "labels": _labels(label), "secrecy": secrecy}
    with connect() as client:
        known = _version(client, id) if expected_version is None else expected_version
        _show(client.resource.update_node(id, known, **facts), "capacity", "held")


@app.command("delete-node")
def delete_node(id: Id, expected_version: Expected = None) -> None:
    """Take an empty compute node out (administrators). 移除空闲的计算节点（平台管理员）。"""
    with connect() as client:
        known = _version(client, id) if expected_version is None else expected_version
        _show(client.resource.delete_node(id, known), "capacity", "held")


@app.command("report")
def report(id: Id, node_time: int = typer.Option(..., "--time", min=0, help="the node's clock, milliseconds 节点时钟（毫秒）")) -> None:
    """Say that a node lives (administrators). 上报节点存活（平台管理员）。"""
    with connect() as client:
        _show(client.resource.report_node(id, node_time), "capacity", "held")


@app.command()
def reserve(
    holder: str = typer.Argument(..., help="what it is for: one live reservation each 用途，同一用途仅一个有效预留"),
    cpu: Cpu = None,
    memory: Memory = None,
    accelerators: Accelerators = None,
    replicas: Replicas = None,
    tokens: Tokens = None,
    annotation_hours: AnnotationHours = None,
    room: Room = None,
    vendor: Vendor = None,
    card: CardModel = None,
    label: Labels = None,
    secrecy: Level = None,
    lease: Lease = None,
    wait: bool = typer.Option(False, "--wait", help="stand in line when it does not fit 不足时排队等待"),
    unplaced: bool = typer.Option(False, "--unplaced", help="choose no node 不选节点"),
) -> None:
    """Reserve resources under a lease. 以租约预留资源。"""
    asked = _asked(cpu, memory, accelerators, replicas, tokens, annotation_hours, room, vendor, card, label, secrecy, unplaced)
    with connect() as client:
        found = client.resource.create_reservation(holder, lease_seconds=lease, wait=wait or None, **asked)
    _reserved(found)


@app.command()
def explain(
    cpu: Cpu = None,
    memory: Memory = None,
    accelerators: Accelerators = None,
    replicas: Replicas = None,
    tokens: Tokens = None,
    annotation_hours: AnnotationHours = None,
    room: Room = None,
    vendor: Vendor = None,
    card: CardModel = None,
    label: Labels = None,
    secrecy: Level = None,
    unplaced: bool = typer.Option(False, "--unplaced", help="choose no node 不选节点"),
) -> None:
    """Say what would hold a request back, and the smallest change that would admit it. 说明请求受何约束及最小改动。"""
    asked = _asked(cpu, memory, accelerators, replicas, tokens, annotation_hours, room, vendor, card, label, secrecy, unplaced)
    with connect() as client:
        found = client.resource.explain(**asked)
    if given().json:
        print_json(found)
    else:
        out.print(found[f"sentence_{language()}"], soft_wrap=True)


@app.command()
def renew(id: Id, lease: Lease = None) -> None:
    """Lengthen the lease of what is held. 延长租约。"""
    with connect() as client:
        _show(client.resource.renew_reservation(id, lease_seconds=lease), "amounts")


@app.command()
def release(
    id: Id,
    tokens_left: int | None = typer.Option(None, min=0, help="tokens that were not used 未用的词元"),
) -> None:
    """Give back what is held, or leave the queue. 归还资源或退出排队。"""
    with connect() as client:
        _show(client.resource.release_reservation(id, tokens_left=tokens_left), "amounts")


@app.command("show")
def show_reservation(id: Id) -> None:
    """Show a reservation, and of one that waits why. 查看预留；若在等待，说明原因。"""
    with connect() as client:
        _reserved(client.resource.get_reservation(id))


@app.command("list")
def list_reservations(limit: Limit = 20) -> None:
    """List the reservations of the space, newest first. 列出本空间的预留，最新的在前。"""
    with connect() as client:
        found = client.resource.list_reservations()
        shown = found if given().json else (rows_of(each, "amounts") for each in found)
        show_list(shown, ("id", "holder", "status", "amounts", "node_id", "user_id", "create_time"), limit)


# --- shared steps


def _asked(
    cpu: str | None,
    memory: str | None,
    accelerators: str | None,
    replicas: int | None,
    tokens: int | None,
    annotation_hours: str | None,
    room: str | None,
    vendor: str | None,
    card: str | None,
    label: list[str] | None,
    secrecy: Secrecy | None,
    unplaced: bool,
) -> dict[str, Any]:
    amounts = {"cpu_milli": thousandths("--cpu", cpu), "memory_mb": megabytes("--memory", memory), "replicas": replicas, "tokens": tokens}
    amounts |= {"accelerator_milli": thousandths("--accelerators", accelerators)}
    amounts |= {"annotation_seconds": seconds("--annotation-hours", annotation_hours)}
    return {
        **amounts,
        "room": room,
        "vendor": vendor,
        "model": card,
        "labels": _labels(label),
        "secrecy": secrecy,
        "unplaced": unplaced or None,
    }


def _labels(given_labels: list[str] | None) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for each in given_labels or ():
        key, equals, value = each.partition("=")
        if not key or not equals:
            raise wrong_option("--label", "KEY=VALUE", each)
        found[key] = value
    return found or None


def _version(client: Any, id: str) -> int:
    return next((int(each["version"]) for each in client.resource.list_nodes() if each["id"] == id), 0)


def _show(found: Json, *amounts: str) -> None:
    show(found if given().json else rows_of(found, *amounts))


def _reserved(found: Json) -> None:
    if given().json:
        print_json(found)
        return
    _show(found["reservation"], "amounts")
    if why := found.get("explanation"):
        out.print(why[f"sentence_{language()}"], soft_wrap=True)
