"""``modelyard dataset``: datasets, their immutable versions, and the tasks that make one version out of another."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from libs.client.cli import deleted, intake, names, outgoing
from libs.client.cli.base import Config, Limit, Sets, connect, given, options, parse_json, show, show_list, wrong_option
from libs.client.cli.filters import Before, Owner, Since, States, chosen
from libs.client.cli.follow import TASK_COLUMNS, Follow, FollowLog, Reuse, Task, finish, print_log, show_task, started, task_rows, watch
from libs.client.cli.options_view import options_command
from libs.client.sdk import Json

app = typer.Typer(no_args_is_help=True, help="Datasets: import, clean, augment, convert, split. 数据集：导入、清洗、增强、转换、划分。")

WATCH = "modelyard dataset follow"
WAYS = "Replace_Synonyms, Insert_Words, Misspell; Rotate_, Scale_, Crop_, Flip_, Noise_ or Colour_Image; Pitch_, Speed_ or Noise_Audio"
RULES = "Strip_Html, Remove_Low_Quality, Remove_Noncompliant, Deduplicate"

Dataset = Annotated[str, typer.Argument(help=names.DATASET_HELP, metavar="DATASET")]
Version = Annotated[str, typer.Argument(help=names.DATASET_VERSION_HELP, metavar="VERSION")]
Input = Annotated[
    str,
    typer.Option(
        "--input",
        "-i",
        metavar="VERSION",
        help="version to work on: id, number, latest, train or test 输入版本：编号、序号、latest、train 或 test",
    ),
]
Name = Annotated[str | None, typer.Option("--name", help="of the task 任务名称")]


@app.command()
def create(
    name: str = typer.Argument(..., help="unique in the project space 空间内唯一"),
    type: str = typer.Option("Text", help="Text, Image, Video, Audio or Multimodal 数据类型"),
    desc: str | None = typer.Option(None, help="what it is 说明"),
    source: str | None = typer.Option(None, help="where it comes from 来源"),
    secrecy: str | None = typer.Option(None, help="PUBLIC, INTERNAL, CONFIDENTIAL or SECRET 密级"),
    file_url: str | None = typer.Option(None, help="address of the original 原始地址"),
) -> None:
    """Create an empty dataset. 新建空数据集。"""
    with connect() as client:
        show(client.datasets.create(name, type, desc=desc, source=source, secrecy=secrecy, file_url=file_url))


@app.command("list")
def list_datasets(prefix: str | None = typer.Option(None, help="only names that begin so 名称前缀"), limit: Limit = 20) -> None:
    """List the datasets of this space, newest first. 列出数据集。"""
    with connect() as client:
        show_list(client.datasets.list(prefix), ("id", "name", "type", "secrecy", "desc", "create_time"), limit)


@app.command()
def get(dataset: Dataset) -> None:
    """Show one dataset. 查看数据集。"""
    with connect() as client:
        show(client.datasets.get(names.dataset_id(client, dataset)))


@app.command()
def delete(
    dataset: Dataset,
    expected_version: int | None = typer.Option(None, min=0, help="refuse when it changed since this version 版本已变则拒绝"),
) -> None:
    """Delete a dataset; it can be restored for a time. 删除数据集，限期内可恢复。"""
    with connect() as client:
        found = client.datasets.get(names.dataset_id(client, dataset))
        show(client.datasets.delete(found["id"], found["version"] if expected_version is None else expected_version))
        deleted.note_way_back("dataset", found["id"])


@app.command("import")
def import_(
    dataset: Dataset,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="files of this machine, which are sent, or files and folders below this space's import folder, or http(s) addresses "
            "本机文件（将上传），或本空间导入目录下的文件、文件夹，或 http(s) 链接",
            metavar="[PATH]...",
        ),
    ] = None,
    copy: bool = typer.Option(
        False, "--copy", help="first copy them into this space's import folder on this machine 先复制到本空间的本机导入目录"
    ),
    pydoc: bool = typer.Option(False, "--pydoc", help="import the pages of Python's own documentation instead 改为导入 Python 标准库文档"),
    media: bool = typer.Option(
        False, "--media", help="pictures (png, jpeg, webp, …) and recordings (wav, flac), or a zip of them 图像与音频，或它们的 zip"
    ),
    config: Config = None,
    set: Sets = None,
    name: Name = None,
    reuse: Reuse = False,
    follow: Follow = False,
) -> None:
    """Import files (jsonl, json, csv, tsv, parquet, txt, markdown, html, or media) as a new version. 导入文件为新版本。"""
    if pydoc == bool(paths):
        raise wrong_option("PATH", "at least one path, or --pydoc", " ".join(paths or ()))
    facts = _config(config, set)
    links = [path for path in paths or () if path.startswith(("http://", "https://"))]
    if links and len(links) != len(paths or ()):
        raise wrong_option("PATH", "addresses alone, or files alone", " ".join(paths or ()))
    if links:
        facts |= {"links": [{"url": link} for link in links], **({"media": True} if media else {})}
    elif paths:
        with connect() as client:
            root = intake.folder_of(client.me()["project_space_id"])
            facts["paths"] = [intake.copy(path, root) if copy else intake.named(client, path, root) for path in paths]
    _create(
        dataset,
        "Importing",
        "Link_Import" if links else "Pydoc_Import" if pydoc else "Media_Import" if media else "File_Import",
        None,
        facts,
        name or "import",
        reuse,
        follow,
    )


@app.command()
def upload(
    files: Annotated[list[str], typer.Argument(help="files of this machine 本机文件", metavar="FILE...")],
    name: Annotated[str, typer.Option("--name", help="label of a single file 单个文件的名称")] = "",
) -> None:
    """Send files to this space's import folder; sent again after a cut they go on. 上传文件到本空间导入目录，中断后重传会续传。"""
    if name and len(files) > 1:
        raise wrong_option("--name", "one FILE", str(len(files)))
    with connect() as client:
        for file in files:
            if not Path(file).expanduser().is_file():
                raise wrong_option("FILE", "a file of this machine", file)
            found = intake.sent(client, Path(file).expanduser(), name)
            show({key: found[key] for key in ("id", "name", "bytes", "sha256", "path")})


@app.command()
def uploads(limit: Limit = 20) -> None:
    """List your uploads of this space, newest first. 列出自己的上传。"""
    with connect() as client:
        show_list(client.datasets.list_uploads(), ("id", "name", "status", "received", "bytes", "path", "expire_time"), limit)


@app.command()
def clean(
    dataset: Dataset,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE[=JSON]", help=f"in order: {RULES}; perhaps with its options as JSON; repeat it 清洗规则，按序执行，可重复"
        ),
    ] = None,
    input: Input = "latest",
    config: Config = None,
    set: Sets = None,
    name: Name = None,
    reuse: Reuse = False,
    follow: Follow = False,
) -> None:
    """Clean a version by rules; each dropped record keeps its reason. 按规则清洗，剔除的数据均留原因。"""
    facts = _config(config, set)
    if rule:
        facts["rules"] = [parse_rule(text) for text in rule]
    _create(dataset, "Cleaning", "Custom_Cleaning", input, facts, name or "clean", reuse, follow)


@app.command()
def augment(
    dataset: Dataset,
    way: Annotated[str, typer.Option(metavar="WAY", help=f"{WAYS} 增强方式")],
    input: Input = "latest",
    config: Config = None,
    set: Sets = None,
    name: Name = None,
    reuse: Reuse = False,
    follow: Follow = False,
) -> None:
    """Make more records of those there are, e.g. --set copies=3 --set seed=7. 数据增强：由已有数据生成更多。"""
    facts = {"augmentation": way, **_config(config, set)}
    _create(dataset, "Augmentation", f"{medium_of(way)}_Augmentation", input, facts, name or "augment", reuse, follow)


@app.command()
def convert(
    dataset: Dataset,
    converter: str | None = typer.Option(None, help="python_docs (default) or instruction_format 转换方法"),
    input: Input = "latest",
    config: Config = None,
    set: Sets = None,
    name: Name = None,
    reuse: Reuse = False,
    follow: Follow = False,
) -> None:
    """Convert documents to question–answer records. 把文档转换为问答数据。"""
    facts = {"converter": "python_docs", **_config(config, set), **({"converter": converter} if converter else {})}
    _create(dataset, "Conversion", "Format_Conversion", input, facts, name or "convert", reuse, follow)


@app.command()
def split(
    dataset: Dataset,
    input: Input = "latest",
    config: Config = None,
    set: Sets = None,
    name: Name = None,
    reuse: Reuse = False,
    follow: Follow = False,
) -> None:
    """Split into train and test without a leak, e.g. --set test_fraction=0.2. 划分训练与测试，互不泄漏。"""
    _create(dataset, "Splitting", "Train_Test_Split", input, _config(config, set), name or "split", reuse, follow)


@app.command()
def task(id: Task) -> None:
    """Show one task. 查看任务。"""
    with connect() as client:
        show_task(client.datasets.task(id))


@app.command()
def tasks(
    dataset: str | None = typer.Argument(None, help=names.DATASET_OR_ALL_HELP, metavar="[DATASET]"),
    type: str | None = typer.Option(None, help="only this kind, such as Cleaning 只看该类型，如 Cleaning"),
    status: States = None,
    owner: Owner = "",
    since: Since = "",
    until: Before = "",
    limit: Limit = 20,
) -> None:
    """List tasks, newest first. 列出任务。"""
    with connect() as client:
        by = chosen(client, status, owner, since, until)
        found = client.datasets.tasks(dataset_id=names.dataset_id(client, dataset) if dataset else None, type=type, **by)
        show_list(task_rows(found), (*TASK_COLUMNS[:2], "sub_type", *TASK_COLUMNS[2:]), limit)


@app.command()
def follow(id: Task) -> None:
    """Show a task's progress until it ends; exits 1 when it fails. 跟踪任务进度，失败返回 1。"""
    with connect() as client:
        finish(watch(client.datasets.wait, id, f"{WATCH} {id}"))


@app.command()
def cancel(id: Task, cause: str = typer.Option("", help="why 原因")) -> None:
    """Stop a task; it is CANCELLED once its resources are free. 取消任务，资源释放后才算取消。"""
    with connect() as client:
        show_task(client.datasets.cancel(id, cause))


@app.command()
def versions(dataset: Dataset, limit: Limit = 20) -> None:
    """List the versions of a dataset, newest first. 列出数据版本。"""
    with connect() as client:
        found = client.datasets.versions(names.dataset_id(client, dataset))
        show_list(found, ("number", "id", "kind", "part", "records", "bytes", "content_hash", "ledger", "create_time"), limit)


@app.command()
def records(version: Version, limit: Limit = 10) -> None:
    """Show records of a version in order. 按序查看数据。"""
    with connect() as client:
        found = client.datasets.records(names.dataset_version_id(client, version))
        columns = ("id", "text", "instruction", "output", "source")
        if given().json:
            show_list(found, columns, limit)
        else:
            rows = [record for record, _ in zip(found, range(limit), strict=False)]
            show_list(rows, [column for column in columns if any(column in row for row in rows)], limit)


@app.command("export")
def export_(
    version: Version,
    file: Annotated[
        str,
        typer.Argument(
            metavar="[FILE]", help="where to; a folder takes it under its own name 保存位置，可为文件夹；默认当前目录", show_default=False
        ),
    ] = ".",
    format: Annotated[
        str | None,
        typer.Option(help="jsonl, csv, parquet, files, coco or yolo; default: as FILE ends, else jsonl 格式；默认按扩展名，否则 jsonl"),
    ] = None,
    spreadsheet: Annotated[
        bool,
        typer.Option(
            "--spreadsheet/--plain", help="csv that is safe to open in a spreadsheet, or with cells as they are csv 是否为表格软件转义公式"
        ),
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="write over a file that is there 覆盖已有文件")] = False,
) -> None:
    """Take a version out as one file for other tools. 导出版本为单个文件，供其他工具使用。"""
    with connect() as client:
        show(outgoing.saved(client, names.dataset_version_id(client, version), Path(file).expanduser(), format, spreadsheet, force))


@app.command()
def log(id: Task, follow: FollowLog = False) -> None:
    """Print what a task's engine said, the end of it. 查看任务日志（末尾部分）。"""
    with connect() as client:
        print_log(client.datasets.log(id, follow))


@app.command()
def diff(
    old: Version,
    new: Version,
    change: Annotated[str | None, typer.Option("--show", help="list these: changed, removed or added 列出改动、删除或新增的记录")] = None,
    limit: Limit = 10,
) -> None:
    """Count what went, came and changed between two versions, or list it. 比较两个版本：删除、新增与改动。"""
    with connect() as client:
        before, after = (names.dataset_version_id(client, version) for version in (old, new))
        if change is None:
            show(client.datasets.diff(before, after))
        elif given().json:
            show_list(client.datasets.differences(before, after, change), ("change", "before", "after", "changes"), limit)
        else:
            rows = islice(client.datasets.differences(before, after, change), limit)
            show_list([line for row in rows for line in _lines_of(row)], ("field", "before", "after"), limit * 10)


def _lines_of(change: Json) -> list[Json]:
    """One line per field that differs; of a record that went or came, its fields."""
    if change["changes"]:
        return list(change["changes"])
    side = "before" if change["change"] == "removed" else "after"
    return [{"field": name, side: value} for name, value in (change[side] or {}).items()]


@app.command()
def dropped(task: Task, rule: str | None = typer.Option(None, help=f"only of this rule: {RULES} 只看该规则"), limit: Limit = 20) -> None:
    """Show what a task left out, each with rule and reason. 查看被剔除的数据及原因。"""
    with connect() as client:
        show_list(client.datasets.dropped(task, rule), ("rule", "reason", "source", "score", "threshold", "kept_id", "excerpt"), limit)


def parse_rule(text: str) -> Json:
    """``Deduplicate`` or ``Deduplicate={"threshold": 0.9}`` as one entry of the rules."""
    rule, separator, written = text.partition("=")
    if not rule or (separator and not written):
        raise wrong_option("--rule", "RULE or RULE={JSON}", text)
    return {"rule": rule, "options": parse_json(written, "--rule")} if separator else {"rule": rule}


def medium_of(way: str) -> str:
    """Text, Image or Audio. Raises ApiError for a way to make more that is not known here."""
    from services.dataset.engine.augmentations import AUGMENTATIONS  # more than a short command needs

    if way not in AUGMENTATIONS:
        raise wrong_option("--way", "one of " + ", ".join(AUGMENTATIONS), way)
    return AUGMENTATIONS[way].of


def _config(text: str | None, sets: list[str] | None) -> Json:
    """The whole config of a task, with each --set among its ``options``."""
    config: Json = parse_json(text, "--config") if text else {}
    if sets:
        within = config.get("options", {})
        config["options"] = {**(within if isinstance(within, dict) else {}), **(options(None, sets) or {})}
    return config


def _create(dataset: str, type: str, sub_type: str, input: str | None, config: Json, name: str, reuse: bool, follow: bool) -> None:
    with connect() as client:
        id = names.dataset_id(client, dataset)
        source = None if input is None else names.input_version_id(client, id, input)
        facts: Json = {"input_version_id": source, "config": names.with_version_ids(client, config) or None, "reuse": reuse or None}
        answer = client.datasets.create_task(id, type, sub_type, name, **facts)
        started(answer, "dataset_task", client.datasets.wait if follow else None, WATCH)


for command, run in deleted.COMMANDS.items():
    app.command(command)(run)
app.command("options")(options_command("dataset"))
