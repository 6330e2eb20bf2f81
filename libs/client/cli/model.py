"""``modelyard model``: projects, versions, the release gate, lineage and history, and the joined status."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from libs.client.cli import deleted, names
from libs.client.cli.base import Limit, connect, given, print_json, say, show, show_list, wrong_option
from libs.client.cli.card import COMMANDS as OF_CARD
from libs.client.cli.checkpoint import import_
from libs.client.cli.filters import moment_of, span_ms
from libs.client.cli.gate import COMMANDS as OF_GATE
from libs.client.cli.status_view import show_past, show_status
from libs.client.sdk import ApiError, Json

app = typer.Typer(no_args_is_help=True, help="Models, their versions and the release gate. 模型、版本与发布门禁。")

Model = Annotated[str, typer.Argument(help=names.MODEL_HELP, metavar="MODEL")]
Version = Annotated[str, typer.Argument(help=names.MODEL_VERSION_HELP, metavar="VERSION")]
Expected = Annotated[int | None, typer.Option(min=0, help="refuse when it changed since this version 版本已变则拒绝")]

RULE = re.compile(r"\s*(?P<metric>[^<>=\s]+)\s*(?P<comparator>>=|<=)\s*(?P<bound>[^,\s]+)(?P<more>(\s*,\s*[a-z_]+=[^,\s]+)*)\s*")
COMPARATORS = {">=": "AT_LEAST", "<=": "AT_MOST"}
HOUR_MS = 3_600_000
PASSING = ("PASS", "OFF")
ENTITIES = {
    "model_project": "ModelProjectStatus",
    "model_version": "ModelVersionStatus",
    "release_gate": "GateVerdictKind",
    "gate_override": "GateOverrideStatus",
}
for command in (*OF_GATE, *OF_CARD):
    app.command()(command)
for name, run in deleted.OF_MODELS.items():
    app.command(name)(run)
app.command("import")(import_)


@app.command()
def create(
    name: str = typer.Argument(..., help="unique in the project space 空间内唯一"),
    desc: str | None = typer.Option(None, help="what it is for 说明"),
    path: str | None = typer.Option(None, help="folder it belongs to 所属目录"),
    train_framework: str | None = typer.Option(None, help="e.g. pytorch 训练框架"),
    inference_framework: str | None = typer.Option(None, help="e.g. onnxruntime 推理框架"),
    metrics_url: str | None = typer.Option(None, help="address of a dashboard 指标页面"),
    code_repo_url: str | None = typer.Option(None, help="address of the code 代码仓库"),
    hdfs_dir: str | None = typer.Option(None, help="HDFS folder 目录（HDFS）"),
) -> None:
    """Create a model project; its release gate is on. 新建模型项目，发布门禁默认开启。"""
    facts = {
        "desc": desc,
        "path": path,
        "train_framework": train_framework,
        "inference_framework": inference_framework,
        "metrics_url": metrics_url,
        "code_repo_url": code_repo_url,
        "hdfs_dir": hdfs_dir,
    }
    with connect() as client:
        show(client.models.create(name, **facts))


@app.command("list")
def list_models(prefix: str | None = typer.Option(None, help="only names that begin so 名称前缀"), limit: Limit = 20) -> None:
    """List the models of this space, newest first. 列出模型。"""
    with connect() as client:
        show_list(client.models.list(prefix), ("id", "name", "status", "desc", "create_time"), limit)


@app.command()
def get(model: Model) -> None:
    """Show one model project. 查看模型项目。"""
    with connect() as client:
        show(_project(client, model))


@app.command()
def delete(model: Model, expected_version: Expected = None) -> None:
    """Delete a model project; it can be restored for a time. Refused while it serves. 删除模型项目，限期内可恢复；线上服务中不可删。"""
    with connect() as client:
        project = _project(client, model)
        show(client.models.delete(project["id"], project["version"] if expected_version is None else expected_version))
        deleted.note_way_back("model", project["id"])


@app.command()
def status(
    model: Model,
    at: str = typer.Option("", help="what was true and live then: 2h ago, or a date 某一时刻的状态：2h 前或日期"),
) -> None:
    """Show train, eval and deploy state in one view. 一屏查看训练、评测、部署状态。"""
    with connect() as client:
        found = client.models.status(names.model_id(client, model), as_of=moment_of("--at", at.removesuffix(" ago")))
    if given().json:
        print_json(found)
    else:
        (show_past if at else show_status)(found)


@app.command()
def versions(model: Model, limit: Limit = 20) -> None:
    """List the versions of a model, newest first. 列出模型版本。"""
    with connect() as client:
        found = client.models.versions(names.model_id(client, model))
        show_list(found, ("number", "id", "status", "layout", "source", "artifact_digest", "train_task_id", "create_time"), limit)


@app.command()
def version(version: Version) -> None:
    """Show one model version. 查看模型版本。"""
    with connect() as client:
        show(client.models.version(names.model_version_id(client, version)))


@app.command()
def alias(
    model: Model,
    name: str = typer.Argument(..., help="the second name 别名"),
    version: int = typer.Option(0, min=0, help="number of the version it means; 0: whatever is online 所指版本号，0 为当前上线版本"),
) -> None:
    """Give a model a second name, or point that name at another version. 为模型设置别名，或让别名指向另一版本。"""
    with connect() as client:
        id = names.model_id(client, model)
        known = next((each for each in client.models.aliases(id) if each["name"] == name and not each["former"]), None)
        if known is None:
            show(client.models.create_alias(id, name, version))
        else:
            show(client.models.move_alias(known["id"], known["version"], version))


@app.command()
def aliases(model: Model, limit: Limit = 20) -> None:
    """List the aliases of a model and the names it had before. 列出模型的别名与曾用名。"""
    with connect() as client:
        show_list(
            client.models.aliases(names.model_id(client, model)), ("name", "model_version_number", "former", "id", "update_time"), limit
        )


@app.command()
def unalias(model: Model, name: str = typer.Argument(..., help="an alias or a former name 别名或曾用名")) -> None:
    """Take an alias or a former name away. 删除别名或曾用名。"""
    with connect() as client:
        found = next((each for each in client.models.aliases(names.model_id(client, model)) if each["name"] == name), None)
        if found is None:
            message = say(f"{model} has no alias {name!r}.", f"{model} 没有别名 {name!r}。")
            raise ApiError({"code": 404, "reason": "NOT_FOUND", "field": "name", "message": message})
        show(client.models.delete_alias(found["id"], found["version"]))


@app.command()
def gate(model: Model) -> None:
    """Show the release gate. 查看发布门禁。"""
    with connect() as client:
        show(client.models.gate(names.model_id(client, model)))


@app.command("set-gate")
def set_gate(
    model: Model,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            help="METRIC>=BOUND or METRIC<=BOUND, then perhaps ,min_items=20,min_coverage=1.0; repeat it. Without one the rules stay. "
            "规则，可重复；不给则保留原规则"
        ),
    ] = None,
    max_age: str | None = typer.Option(None, help="how long a result counts, e.g. 48h, 30d; 0: for ever 证据有效期，0 为不过期"),
    off: str | None = typer.Option(None, metavar="REASON", help="switch the gate off, with the reason 关闭门禁并说明原因"),
    expected_version: Expected = None,
) -> None:
    """Replace the rules of the release gate, or switch it off or on. 设置发布门禁。"""
    rules = [parse_rule(text) for text in rule or ()] or None
    age = None if max_age is None else 0 if max_age == "0" else span_ms("--max-age", max_age) // HOUR_MS
    with connect() as client:
        id = names.model_id(client, model)
        known = client.models.gate(id)["version"] if expected_version is None else expected_version
        show(client.models.set_gate(id, enabled=off is None, rules=rules, off_reason=off, max_age_hours=age, expected_version=known))


@app.command()
def verdict(
    version: Version,
    digest: str | None = typer.Option(None, help="of these bytes; default: the trained weights 摘要，默认训练权重"),
    check: bool = typer.Option(False, "--check", help="exit 1 unless the gate lets it pass 未通过则返回 1"),
) -> None:
    """Compute the gate's verdict now, from stored evidence. 按已存证据计算门禁结论。"""
    with connect() as client:
        id = names.model_version_id(client, version)
        found = client.models.verdict(id, digest or client.models.version(id)["artifact_digest"])
    show(found)
    if check and found["verdict"] not in PASSING:
        raise typer.Exit(1)


@app.command()
def lineage(version: Version) -> None:
    """Show what a version was made of, judged by and packed into. 查看版本血缘。"""
    with connect() as client:
        edges = client.models.lineage(names.model_version_id(client, version))
    show_list(edges, ("relation", "from_kind", "from_id", "to_kind", "to_id", "create_time"), len(edges))


@app.command()
def events(
    id: str = typer.Argument(
        ..., metavar="ID", help="id or name of a model; with --of another kind: its id 模型编号或名称，或 --of 所指对象编号"
    ),
    of: str = typer.Option("model_project", help="model_project, model_version, release_gate or gate_override 对象类型"),
    limit: Limit = 100,
) -> None:
    """Show the history of a model, a version or a gate, oldest first. 查看状态历史。"""
    with connect() as client:
        entity_id = (
            names.model_id(client, id) if of == "model_project" else names.model_version_id(client, id) if of == "model_version" else id
        )
        found = client.models.events(of, entity_id)
        columns = ("create_time", "event", "from_status", "to_status", "user_id", "reason", "request_id")
        show_list(found if given().json else map(_state_namer(of), found), columns, limit)


def parse_rule(text: str) -> Json:
    """``exact_match>=0.9,min_items=20`` as the gateway takes it. Raises ApiError naming --rule."""
    limit = "METRIC>=BOUND or METRIC<=BOUND[,min_items=N][,min_coverage=0..1]"
    found = RULE.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        rule: Json = {"metric": found["metric"], "comparator": COMPARATORS[found["comparator"]], "bound": float(found["bound"])}
        for each in filter(None, (part.strip() for part in found["more"].split(","))):
            key, _, value = each.partition("=")
            rule[key] = {"min_items": int, "min_coverage": float}[key](value)
    except (ValueError, KeyError):
        raise wrong_option("--rule", limit, text) from None
    return rule


def _project(client: Any, text: str) -> Json:
    return client.models.get(names.model_id(client, text))  # type: ignore[no-any-return]


def _state_namer(entity: str) -> Any:
    """History keeps numbers; their names are the contract's."""
    import idl

    known = getattr(idl.load("model"), ENTITIES[entity])._VALUES_TO_NAMES if entity in ENTITIES else {}
    return lambda event: {**event, **{key: known.get(event[key], event[key]) for key in ("from_status", "to_status")}}
