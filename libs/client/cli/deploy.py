"""``modelyard deploy``: configs, work orders through every stage, approval, and the slots that serve."""

from __future__ import annotations

import json
import math
from typing import Annotated

import typer
from rich.text import Text

from libs.client.cli import names
from libs.client.cli.base import Config, Limit, Sets, connect, err, given, note, options, out, print_json, say, show, show_list
from libs.client.cli.filters import Before, Owner, Since, States, chosen
from libs.client.cli.follow import INTERRUPTED, Follow, explain
from libs.client.cli.options_view import options_command
from libs.client.domains.deploy import ORDER_ENDED
from libs.client.sdk import ApiError, Json, Modelyard

app = typer.Typer(no_args_is_help=True, help="Release: work orders, approval, serving slots. 发布：工单、审批、服务槽位。")

STAGES = (
    "PENDING",
    "CONVERTING",
    "VERIFYING",
    "PACKAGING",
    "EVALUATING",
    "AWAITING_APPROVAL",
    "PROVISIONING",
    "SMOKE_TESTING",
    "CANARY",
    "ONLINE",
)
STATUSES = (*STAGES, "FAILED", "CANCELLED", "REJECTED", "ROLLING_BACK", "ROLLED_BACK")
EVIDENCE_CHARACTERS = 160
WATCH = "modelyard deploy follow"

Order = Annotated[str, typer.Argument(help="id of a work order 工单编号", metavar="ORDER")]
Expected = Annotated[int | None, typer.Option(min=0, help="refuse when it changed since this version 版本已变则拒绝")]
Until = Annotated[str, typer.Option(help="stop watching at this stage, e.g. AWAITING_APPROVAL 到此阶段即停止查看")]


@app.command()
def config(
    target: str = typer.Argument(
        ..., help="with NAME: the model (id or name); without: id of the config to show 建配置时为模型，否则为配置编号"
    ),
    name: str | None = typer.Argument(None, help="name of the new config 新配置名称"),
    environment: str | None = typer.Option(None, help="e.g. prod 环境"),
    room: str | None = typer.Option(None, help="e.g. local 机房"),
    config: Config = None,
    set: Sets = None,
    desc: str | None = typer.Option(None, help="what it is for 说明"),
) -> None:
    """Create a deployment config for a model (MODEL NAME), or show one (ID). 新建部署配置，或查看配置。"""
    with connect() as client:
        if name is None:
            show(client.deploy.config(target))
            return
        model, settled = names.model_id(client, target), options(config, set) or {}
        if not settled.get("eval_config_id"):
            settled["eval_config_id"] = _only_judge(client, target, model)
        facts: Json = {"environment": environment, "room": room, "config": settled, "desc": desc}
        show(client.deploy.create_config(model, name, **facts))


@app.command()
def configs(model: str = typer.Argument(..., help=names.MODEL_HELP), limit: Limit = 20) -> None:
    """List the deployment configs of a model, newest first. 列出部署配置。"""
    with connect() as client:
        found = client.deploy.configs(names.model_id(client, model))
        show_list(found, ("id", "name", "environment", "room", "config", "create_time"), limit)


@app.command()
def order(
    config: str = typer.Argument(..., help=names.CONFIG_HELP),
    version: str = typer.Argument(..., help=names.MODEL_VERSION_HELP),
    name: str = typer.Option("release", help="of the work order 工单名称"),
    desc: str = typer.Option("", help="what it is for 说明"),
    follow: Follow = False,
    until: Until = "ONLINE",
) -> None:
    """Release a trained version: start a work order. 发布训练好的版本：新建工单。"""
    _checked_stage(until)
    with connect() as client:
        created = client.deploy.create_order(names.config_id(client, "deploy", config), names.model_version_id(client, version), name, desc)
        if follow:
            _finish(_watch(client, created["id"], until), until)
            return
        show(created)
        note(f"Watch it: {WATCH} {created['id']}", f"查看进度：{WATCH} {created['id']}")


@app.command()
def orders(
    model: str | None = typer.Argument(None, help=names.MODEL_OR_ALL_HELP, metavar="[MODEL]"),
    status: States = None,
    owner: Owner = "",
    since: Since = "",
    until: Before = "",
    limit: Limit = 20,
) -> None:
    """List work orders, newest first. 列出工单。"""
    with connect() as client:
        by = chosen(client, status, owner, since, until)
        found = client.deploy.list_work_orders(model_id=names.model_id(client, model) if model else None, **by)
        show_list(found, ("id", "name", "status", "status_reason", "model_version_id", "digest", "create_time"), limit)


@app.command()
def get(id: Order) -> None:
    """Show one work order with its evidence. 查看工单与证据。"""
    with connect() as client:
        show(client.deploy.order(id))


@app.command()
def approve(id: Order, comment: str = typer.Option("", help="what was looked at 审批意见"), expected_version: Expected = None) -> None:
    """Approve a release; not by who asked for it (--account). 审批发布，申请人不可自批（用 --account 指定）。"""
    with connect() as client:
        show(client.deploy.approve(id, _version(client, id, expected_version), comment))


@app.command()
def reject(id: Order, comment: str = typer.Option(..., help="why not 驳回原因"), expected_version: Expected = None) -> None:
    """Refuse a release. 驳回发布。"""
    with connect() as client:
        show(client.deploy.reject(id, _version(client, id, expected_version), comment))


@app.command()
def cancel(id: Order, cause: str = typer.Option("", help="why 原因")) -> None:
    """Stop an order that had no traffic yet. 取消尚未接流量的工单。"""
    with connect() as client:
        show(client.deploy.cancel(id, cause))


@app.command()
def rollback(id: Order, cause: str = typer.Option("", help="why 原因")) -> None:
    """Take an online order back to what served before. 回滚到此前的版本。"""
    with connect() as client:
        show(client.deploy.roll_back(id, cause))


@app.command()
def slots(model: str | None = typer.Argument(None, help=names.MODEL_OR_ALL_HELP, metavar="[MODEL]"), limit: Limit = 20) -> None:
    """List the serving slots: weights and instances. 列出服务槽位：权重与实例。"""
    with connect() as client:
        found = client.deploy.slots(names.model_id(client, model) if model else None)
        rows = found if given().json else map(_slot_row, found)
        show_list(rows, ("id", "model_id", "environment", "room", "serves", "instances", "qps", "p99_ms", "update_time"), limit)


@app.command()
def follow(id: Order, until: Until = "ONLINE") -> None:
    """Show each stage as it passes; exits 1 unless it gets there. 逐阶段跟踪工单，未达成返回 1。"""
    _checked_stage(until)
    with connect() as client:
        _finish(_watch(client, id, until), until)


class Stages:
    """Prints every stage once, as passed, current or failed, with the evidence each one left."""

    def __init__(self) -> None:
        self._passed = 0
        self._status = ""
        self._evidence: set[str] = set()
        self._console = err if given().json else out

    def change(self, order: Json) -> None:
        status = order["status"]
        if status in STAGES:
            place = STAGES.index(status)
            for stage in STAGES[self._passed : place]:
                self._line("✓", stage, "", "green")
            self._passed = max(self._passed, place)
        self._new_evidence(order.get("evidence") or {})
        if status != self._status:
            self._status = status
            self._show(order)

    def _show(self, order: Json) -> None:
        status = order["status"]
        mark, style = {"ONLINE": ("✓", "green"), "FAILED": ("✗", "red"), "REJECTED": ("✗", "red")}.get(status, ("…", "cyan"))
        lost = status in ORDER_ENDED and status != "ONLINE"  # its reason is explained at the end, with field and limit
        self._line(mark, status, "" if lost else order.get("status_reason") or "", style)
        if status == "AWAITING_APPROVAL":
            command = f"modelyard --account NAME deploy approve {order['id']}"
            note(f"  Somebody else approves it: {command}", f"  须由他人审批：{command}", "yellow")

    def _new_evidence(self, evidence: Json) -> None:
        for name, found in evidence.items():
            if name not in self._evidence and found:
                self._evidence.add(name)
                self._console.print(
                    Text(f"    {name}: {json.dumps(found, ensure_ascii=False)[:EVIDENCE_CHARACTERS]}", "dim"), soft_wrap=True
                )

    def _line(self, mark: str, stage: str, reason: str, style: str) -> None:
        self._console.print(Text.assemble((f"{mark} {stage}", style), (f"  {reason}" if reason else "", "dim")), soft_wrap=True)


def _watch(client: Modelyard, id: str, until: str) -> Json:
    command = f"{WATCH} {id}"
    try:
        return client.deploy.wait(id, frozenset({until}), Stages().change, math.inf)
    except KeyboardInterrupt:
        note(f"Not watched any more; the order goes on. Watch again: {command}", f"已停止查看，工单继续。再次查看：{command}")
        raise typer.Exit(INTERRUPTED) from None


def _finish(order: Json, until: str) -> None:
    """Exits 1 unless the order got where it should."""
    if given().json:
        print_json(order)
    if order["status"] in (until, "ONLINE"):
        return
    if not given().json:
        error = order.get("error") or {}
        explain(order["status"], "" if error else order.get("status_reason") or "", error)
    raise typer.Exit(1)


def _only_judge(client: Modelyard, model: str, model_id: str) -> str:
    """The evaluation that judges a release when none was said: the only one there is. Raises ApiError that says what to do."""
    known = list(client.eval.configs(model_id))
    if len(known) == 1:
        note(f"Releases are judged by {known[0]['name']}, the only eval config.", f"发布由唯一的评测配置 {known[0]['name']} 评判。", "dim")
        return str(known[0]["id"])
    there = ", ".join(f"{config['id']} ({config['name']})" for config in known)
    message = say(
        f"Say which evaluation judges releases: --set eval_config_id=ID. {model} has: {there}."
        if known
        else f"{model} has no eval config to judge releases by. Make one: modelyard eval config {model} NAME --data VERSION.",
        f"请用 --set eval_config_id=编号 指定由哪个评测评判发布。{model} 现有：{there}。"
        if known
        else f"{model} 还没有可用于评判发布的评测配置，请先建：modelyard eval config {model} 名称 --data 版本。",
    )
    raise ApiError({"code": 400, "reason": "MISSING_FIELD", "field": "eval_config_id", "message": message})


def _checked_stage(until: str) -> None:
    if until not in STATUSES:
        raise typer.BadParameter(say(f"--until must be one of {', '.join(STATUSES)}", f"--until 可用值：{', '.join(STATUSES)}"))


def _version(client: Modelyard, id: str, expected: int | None) -> int:
    return int(client.deploy.order(id)["version"]) if expected is None else expected


def _slot_row(slot: Json) -> Json:
    ready = [instance for instance in slot["instances"] if instance["state"] == "READY"]
    slowest = max((instance["p99_ms"] for instance in ready), default=-1.0)
    return {
        **slot,
        "serves": ", ".join(
            f"v{weight['model_version_number']} {weight['weight']}% {weight['digest'][:19]}…" for weight in slot["weights"]
        ),
        "instances": f"{len(ready)}/{len(slot['instances'])} {say('ready', '就绪')}",
        "qps": f"{sum(instance['qps'] for instance in ready):.2f}",
        "p99_ms": f"{slowest:.0f}" if slowest >= 0 else "-",
    }


app.command("options")(options_command("deploy"))
