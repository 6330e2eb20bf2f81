"""``modelyard recipe``: plans of steps under a name, a look at what one would do, and running one over a version."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from libs.client.cli import names
from libs.client.cli.base import Limit, connect, given, note, parse_json, say, show, show_list, wrong_option
from libs.client.cli.data import WATCH
from libs.client.cli.deleted import note_way_back
from libs.client.cli.follow import Follow, Reuse, started
from libs.client.sdk import Json, Modelyard

app = typer.Typer(
    no_args_is_help=True,
    help="Recipes: steps of work on data as one plan. 配方：把数据处理的各步写成一份方案。",
)

MADE_SHOWN = 300  # characters of a record
SHOWN = ("id", "name", "number", "desc", "plan_hash", "update_time")
Recipe = Annotated[str, typer.Argument(help=names.RECIPE_HELP, metavar="RECIPE")]
Version = Annotated[str, typer.Argument(help=names.DATASET_VERSION_HELP, metavar="VERSION")]
Steps = Annotated[
    list[str] | None,
    typer.Option(
        "--step",
        metavar="KIND[=JSON]",
        help="in order: a rule, an augmentation, a converter or Train_Test_Split, perhaps with its options as JSON; repeat it "
        "步骤，按序，可重复",
    ),
]
Plan = Annotated[str | None, typer.Option("--plan", help='the whole plan as JSON or @FILE: {"steps": [{"kind", "options"}]} 整份方案')]
Revision = Annotated[int, typer.Option("--revision", min=0, help="of its plans; 0: the newest 修订号，0 为最新")]
Records = Annotated[int, typer.Option(min=1, max=500, help="of the sample 样本记录数")]


@app.command()
def create(
    name: str = typer.Argument(..., help="unique in the project space 空间内唯一"),
    step: Steps = None,
    plan: Plan = None,
    desc: str | None = typer.Option(None, help="what it is 说明"),
) -> None:
    """Keep a plan of steps under a name. 以一个名称保存步骤方案。"""
    with connect() as client:
        show(client.datasets.create_recipe(name, names.with_version_ids(client, plan_of(step, plan)), desc=desc))


@app.command("list")
def list_recipes(prefix: str | None = typer.Option(None, help="only names that begin so 名称前缀"), limit: Limit = 20) -> None:
    """List the recipes of this space, newest first. 列出配方。"""
    with connect() as client:
        show_list(client.datasets.list_recipes(name_prefix=prefix), SHOWN, limit)


@app.command()
def get(recipe: Recipe, revision: Revision = 0) -> None:
    """Show a recipe with its plan. 查看配方及其方案。"""
    with connect() as client:
        show(client.datasets.get_recipe(names.recipe_id(client, recipe), number=revision or None))


@app.command()
def revisions(recipe: Recipe, limit: Limit = 20) -> None:
    """List the plans a recipe has had, newest first. 列出配方用过的方案。"""
    with connect() as client:
        found = client.datasets.list_recipe_revisions(names.recipe_id(client, recipe))
        show_list(found, ("number", "plan", "plan_hash", "user_id", "create_time"), limit)


@app.command()
def update(
    recipe: Recipe,
    step: Steps = None,
    plan: Plan = None,
    name: str | None = typer.Option(None, help="another name 新名称"),
    desc: str | None = typer.Option(None, help="what it is 说明"),
) -> None:
    """Change a recipe; another plan is its next revision. 修改配方；方案有变即成为下一修订。"""
    with connect() as client:
        found = client.datasets.get_recipe(names.recipe_id(client, recipe))
        sent: Json = {"name": name, "desc": desc, "plan": names.with_version_ids(client, plan_of(step, plan)) if step or plan else None}
        show(client.datasets.update_recipe(found["id"], found["version"], **sent))


@app.command()
def delete(recipe: Recipe) -> None:
    """Take a recipe out of the lists; what it made stays. 移除配方，其产出不变。"""
    with connect() as client:
        found = client.datasets.get_recipe(names.recipe_id(client, recipe))
        show(client.datasets.delete_recipe(found["id"], found["version"]))
        note_way_back("recipe", found["id"])


@app.command()
def restore(recipe: Annotated[str, typer.Argument(help="id of a deleted recipe 已删除配方的编号", metavar="RECIPE")]) -> None:
    """Take a delete back, while there is time. 在限期内撤销删除。"""
    with connect() as client:
        show(client.datasets.restore_recipe(recipe))


@app.command()
def preview(recipe: Recipe, version: Version, records: Records = 200, revision: Revision = 0) -> None:
    """Show what a recipe would do to a sample of a version. 在样本上查看配方的效果。"""
    with connect() as client:
        found = client.datasets.get_recipe(names.recipe_id(client, recipe), number=revision or None)
        looked = client.datasets.preview_recipe(names.dataset_version_id(client, version), found["plan"], records=records)
        show_look(looked)


@app.command("run")
def run_(
    recipe: Recipe,
    version: Version,
    preview: str = typer.Option("", help="hash of a preview you have seen; without it, one is shown first 已看过的预览标识；不填则先预览"),
    yes: bool = typer.Option(False, "--yes", "-y", help="run it after the preview without asking 预览后不再询问"),
    records: Records = 200,
    revision: Revision = 0,
    name: str | None = typer.Option(None, help="of the task 任务名称"),
    reuse: Reuse = False,
    follow: Follow = False,
) -> None:
    """Take a version through all steps as one task. 让版本依次通过所有步骤，作为一个任务。"""
    with connect() as client:
        found = client.datasets.get_recipe(names.recipe_id(client, recipe), number=revision or None)
        id = names.dataset_version_id(client, version)
        preview = preview or _looked_at(client, found, id, records, yes)
        facts: Json = {"number": found["number"], "preview": preview, "name": name, "reuse": reuse or None}
        answer = client.datasets.run_recipe(found["id"], id, **facts)
        started(answer, "dataset_task", client.datasets.wait if follow else None, WATCH)


def _looked_at(client: Modelyard, recipe: Json, version: str, records: int, yes: bool) -> str:
    """The hash of a preview that was shown. Raises Exit where it is not to run."""
    if not yes and (given().json or not sys.stdin.isatty()):
        raise wrong_option("--yes", "given, or --preview", "")
    looked = client.datasets.preview_recipe(version, recipe["plan"], records=records)
    if not given().json:
        show_look(looked)
    if not yes and not typer.confirm(say("Run it on the whole version?", "在整个版本上运行？")):
        raise typer.Exit(1)
    return str(looked["preview"])


def show_look(looked: Json) -> None:
    """What each step does, then the first records that went and changed; with --json all of it."""
    if given().json:
        show(looked)
        return
    steps = [_counted(number, step) for number, step in enumerate(looked["steps"], start=1)]
    show_list(steps, ("step", "kind", "in", "made", "out", "dropped", "changed", "problem"), len(steps))
    if looked["dropped"]:
        note("Left out, the first:", "被剔除的前几条：")
        show_list(looked["dropped"], ("step", "rule", "reason", "excerpt"), 5)
    changes = [change for record in looked["changed"][:5] for change in record["changes"]]
    if changes:
        note("Changed, the first:", "被改动的前几条：")
        show_list(changes, ("field", "before", "after"), 10)
    if looked["made"]:
        note("Made anew, the first:", "新产生的前几条：")
        show_list([{"record": _said(each)} for each in looked["made"]], ("record",), 5)
    note(f"preview: {looked['preview']}", f"预览标识：{looked['preview']}")


def _said(record: Json) -> str:
    """A record in a line, without the small picture a look has of it."""
    return json.dumps({name: value for name, value in record.items() if name != "_picture"}, ensure_ascii=False)[:MADE_SHOWN]


def _counted(number: int, step: Json) -> Json:
    ledger = step["ledger"]
    counts = {
        "in": ledger.get("in"),
        "made": ledger.get("added", 0),
        "out": ledger.get("out"),
        "dropped": sum((ledger.get("dropped") or {}).values()),
    }
    return {"step": number, "kind": step["kind"], **counts, "changed": step["changed"], "problem": step["problem"]}


def plan_of(steps: list[str] | None, plan: str | None) -> Json:
    """The plan that ``--step`` or ``--plan`` say. Raises ApiError where both or neither do."""
    if bool(steps) == bool(plan):
        raise wrong_option("--step", "given, or --plan", plan or "")
    if plan:
        return parse_json(plan, "--plan")
    return {"steps": [_step(text) for text in steps or ()]}


def _step(text: str) -> Json:
    kind, separator, written = text.partition("=")
    if not kind or (separator and not written):
        raise wrong_option("--step", "KIND or KIND={JSON}", text)
    options: Any = parse_json(written, "--step") if separator else None
    return {"kind": kind, **({"options": options} if options is not None else {})}
