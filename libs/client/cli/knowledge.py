"""``modelyard knowledge``: knowledge bases, their documents, and what is found in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from libs.client.cli import names
from libs.client.cli.base import Limit, connect, given, out, print_json, say, show, show_list, wrong_option
from libs.client.sdk import ApiError, Json, Modelyard

app = typer.Typer(no_args_is_help=True, help="Knowledge bases: documents, and what is found in them. 知识库：文档与检索。")

Base = Annotated[str, typer.Argument(help="id or name of a knowledge base 知识库编号或名称", metavar="BASE")]
Id = Annotated[str, typer.Argument(help="id 编号")]
Level = Annotated[str | None, typer.Option("--secrecy", help="PUBLIC, INTERNAL, CONFIDENTIAL or SECRET 密级")]
Threshold = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="so much of a question must be in a passage, or it is refused 低于此比例则拒答"),
]
Writer = Annotated[
    str | None, typer.Option("--model", help='name of a model that writes answers; "" quotes passages 作答模型名称，空则引用原文')
]
Expected = Annotated[int | None, typer.Option(min=0, help="refuse when it changed since this version 版本已变则拒绝")]
KINDS = {".txt": "PLAIN", ".md": "MARKDOWN", ".markdown": "MARKDOWN", ".html": "HTML", ".htm": "HTML", ".jsonl": "PAIRS"}


REFUSED = {
    "NONE": ("It was not answered.", "未作答。"),
    "NOTHING_FOUND": ("Not answered: nothing in the base has a word of it.", "未作答：知识库中没有相关内容。"),
    "BELOW_THRESHOLD": (
        "Not answered: {share:.0%} of it is in the nearest passage, and {threshold:.0%} are asked for.",
        "未作答：最相关的段落只覆盖问题的 {share:.0%}，低于阈值 {threshold:.0%}。",
    ),
    "UNSUPPORTED": ("Not answered: no passage says what the model wrote.", "未作答：模型所写的内容没有段落支持。"),
}


@app.command()
def create(
    name: str = typer.Argument(..., help="unique in the project space 空间内唯一"),
    desc: str | None = typer.Option(None, help="what it is for 说明"),
    secrecy: Level = None,
    threshold: Threshold = None,
    model: Writer = None,
) -> None:
    """Make a knowledge base. 新建知识库。"""
    with connect() as client:
        show(client.knowledge.create(name, desc=desc, secrecy=secrecy, threshold=threshold, model=model))


@app.command()
def update(
    base: Base,
    name: str | None = typer.Option(None, help="new name 新名称"),
    desc: str | None = typer.Option(None, help="what it is for 说明"),
    threshold: Threshold = None,
    model: Writer = None,
    expected_version: Expected = None,
) -> None:
    """Change a knowledge base, and how it answers. 修改知识库及其作答方式。"""
    with connect() as client:
        found = client.knowledge.get(_base_id(client, base))
        known = found["version"] if expected_version is None else expected_version
        show(client.knowledge.update(found["id"], known, name=name, desc=desc, threshold=threshold, model=model))


@app.command("list")
def list_bases(limit: Limit = 20) -> None:
    """List the knowledge bases of this space, newest first. 列出知识库。"""
    with connect() as client:
        show_list(client.knowledge.list(), ("id", "name", "secrecy", "documents", "chunks", "desc", "update_time"), limit)


@app.command()
def get(base: Base) -> None:
    """Show a knowledge base. 查看知识库。"""
    with connect() as client:
        show(client.knowledge.get(_base_id(client, base)))


@app.command()
def delete(base: Base, expected_version: Expected = None) -> None:
    """Remove a knowledge base with all its texts, for good. 彻底删除知识库，不可恢复。"""
    with connect() as client:
        found = client.knowledge.get(_base_id(client, base))
        show(client.knowledge.delete(found["id"], found["version"] if expected_version is None else expected_version))


@app.command()
def add(
    base: Base,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="files: .txt, .md, .html, or .jsonl with a question and an answer in each line "
            "文件：.txt、.md、.html，或每行含 question 与 answer 的 .jsonl",
            metavar="FILE...",
        ),
    ],
    name: str | None = typer.Option(None, help="of a single document; default: the file's 单个文档的名称，默认为文件名"),
    secrecy: Level = None,
) -> None:
    """Add documents; one with the same name becomes a new version of it. 添加文档，同名则成为其新版本。"""
    if name is not None and len(files) > 1:
        raise wrong_option("--name", "said for one file", name)
    with connect() as client:
        id = _base_id(client, base)
        added = [client.knowledge.add(id, name or file.name, _kind(file), secrecy=secrecy, **_content(file)) for file in files]
        if given().json:
            print_json(added)
        else:
            columns = ("id", "name", "kind", "number", "characters", "chunks", "changed")
            show_list(({**each["knowledge_document"], "changed": each["changed"]} for each in added), columns, len(added))


@app.command("add-dataset")
def add_dataset(base: Base, version: Annotated[str, typer.Argument(help=names.DATASET_VERSION_HELP, metavar="VERSION")]) -> None:
    """Add the records of a dataset version as documents. 将数据集版本的记录添加为文档。"""
    with connect() as client:
        show(client.knowledge.add_dataset(_base_id(client, base), names.dataset_version_id(client, version)))


@app.command()
def documents(base: Base, prefix: str | None = typer.Option(None, help="only names that begin so 名称前缀"), limit: Limit = 20) -> None:
    """List the documents of a knowledge base, newest first. 列出知识库中的文档。"""
    with connect() as client:
        found = client.knowledge.documents(_base_id(client, base), name_prefix=prefix)
        show_list(found, ("id", "name", "kind", "secrecy", "number", "characters", "chunks", "update_time"), limit)


@app.command()
def document(
    id: Id, version: str | None = typer.Option(None, help="id of one of its versions; default: the newest 文档版本编号，默认最新")
) -> None:
    """Show what a document says, or said. 查看文档全文，或其某一版本。"""
    with connect() as client:
        found = client.knowledge.document(id, document_version_id=version)
    if given().json:
        print_json(found)
    else:
        out.print(Text(found["document_text"]["text"]), soft_wrap=True)


@app.command("delete-document")
def delete_document(id: Id, expected_version: Expected = None) -> None:
    """Remove a document with all its texts, for good. 彻底删除文档，不可恢复。"""
    with connect() as client:
        known = client.knowledge.document(id)["knowledge_document"]["version"] if expected_version is None else expected_version
        show(client.knowledge.delete_document(id, known))


@app.command()
def search(base: Base, question: str = typer.Argument(..., help="in words 问题"), limit: Limit = 5) -> None:
    """Find the passages nearest to a question. 检索与问题最相关的段落。"""
    with connect() as client:
        found = client.knowledge.search(_base_id(client, base), question, want=min(limit, 50))
    if given().json:
        print_json(found)
        return
    if not found:
        out.print(say("Nothing was found.", "没有找到相关内容。"))
    for number, passage in enumerate(found, start=1):
        out.print(Text(f"[{number}] {_place(passage)}  {passage['score']:.2f} · {passage['share']:.0%}", style="bold"), soft_wrap=True)
        out.print(_marked(passage), soft_wrap=True)


@app.command()
def ask(base: Base, question: str = typer.Argument(..., help="in words 问题")) -> None:
    """Answer a question, each sentence with where it stands; or refuse. 回答问题并附出处，没有把握则拒答。"""
    with connect() as client:
        found = client.knowledge.ask(_base_id(client, base), question)
    if given().json:
        print_json(found)
        return
    out.print(Text(_answer(found)), soft_wrap=True)
    for cited in found["citations"]:
        place = " › ".join((cited["document"], *cited["headings"]))
        out.print(Text(f"[{cited['number']}] {place} v{cited['document_number']}, {cited['start']}–{cited['stop']}"), soft_wrap=True)


# --- shared steps


def _answer(found: Json) -> str:
    if found["outcome"] == "REFUSED":
        return say(*REFUSED[found["cause"]]).format(share=found["share"], threshold=found["threshold"])
    return " ".join(each["text"] + ("".join(f"[{number}]" for number in each["citations"]) or "[?]") for each in found["sentences"])


def _base_id(client: Modelyard, text: str) -> str:
    """Only digits are an id; everything else is a name within the caller's space. Raises NOT_FOUND."""
    if text.isdecimal():
        return text
    for base in client.knowledge.list():
        if base["name"] == text:
            return str(base["id"])
    message = say(
        f"There is no knowledge base {text} in this space. See `modelyard knowledge list`.",
        f"本空间没有知识库 {text}。请用 `modelyard knowledge list` 查看。",
    )
    raise ApiError({"code": 404, "reason": "NOT_FOUND", "message": message})


def _kind(file: Path) -> str:
    try:
        return KINDS[file.suffix.lower()]
    except KeyError:
        raise wrong_option("FILE", "a file that ends in " + ", ".join(KINDS), file.name) from None


def _content(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        raise wrong_option("FILE", "a file of UTF-8 text that can be read", file.name) from None
    return {"pairs": [_pair(line, file) for line in text.splitlines() if line.strip()]} if _kind(file) == "PAIRS" else {"content": text}


def _pair(line: str, file: Path) -> Json:
    """As a line says it, or as a dataset of questions and answers does."""
    try:
        said = json.loads(line)
        return {"question": said.get("question") or said["instruction"], "answer": said.get("answer") or said["output"]}
    except (ValueError, KeyError, AttributeError):
        raise wrong_option("FILE", "a question and an answer in each line", file.name) from None


def _place(passage: Json) -> str:
    return " › ".join((passage["document"], *passage["headings"]))


def _marked(passage: Json) -> Text:
    shown = Text(passage["text"])
    for hit in passage["hits"]:
        shown.stylize("bold yellow", int(hit["start"]), int(hit["stop"]))
    return shown
