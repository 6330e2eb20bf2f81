"""What was deleted: the way back while there is time, and for datasets the way out for good, with its proof."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from libs.client.cli.base import Limit, connect, given, note, say, show, show_list, wrong_option
from libs.client.sdk import ApiError, Json, Modelyard

Deleted = Annotated[str, typer.Argument(help="id or name of a deleted dataset 已删除数据集的编号或名称", metavar="DATASET")]
DeletedModel = Annotated[str, typer.Argument(help="id or name of a deleted model 已删除模型的编号或名称", metavar="MODEL")]


def note_way_back(noun: str, id: str) -> None:
    """After a delete: how it is taken back."""
    if not given().json:
        note(f"Take it back: modelyard {noun} restore {id}", f"撤销删除：modelyard {noun} restore {id}")


def deleted(limit: Limit = 20) -> None:
    """List what was deleted and can still come back. 列出仍可恢复的已删除数据集。"""
    with connect() as client:
        rows = ({**each["dataset"], **each} for each in client.datasets.list_deleted_datasets())
        show_list(rows, ("id", "name", "secrecy", "delete_time", "purge_time"), limit)


def restore(dataset: Deleted) -> None:
    """Take the delete of a dataset back, while there is time. 在限期内撤销对数据集的删除。"""
    with connect() as client:
        show(client.datasets.restore_dataset(_id(client, dataset)))


def deleted_models(limit: Limit = 20) -> None:
    """List the models that were deleted and can still come back. 列出仍可恢复的已删除模型。"""
    with connect() as client:
        rows = ({**each["project"], **each} for each in client.models.list_deleted_projects())
        show_list(rows, ("id", "name", "desc", "delete_time", "restore_until"), limit)


def restore_model(model: DeletedModel) -> None:
    """Take the delete of a model back, while there is time. 在限期内撤销对模型的删除。"""
    with connect() as client:
        rows = (each["project"] for each in client.models.list_deleted_projects())
        show(client.models.restore_project(_among(rows, model, "MODEL", "model", "模型")))


def purge(
    dataset: Deleted,
    reason: Annotated[str, typer.Option("--reason", help="why; it stands in the proof 原因，会写入凭证")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask 不再询问")] = False,
) -> None:
    """Take the data of a deleted dataset from the disk for good, with a proof. 彻底删除已删除数据集的数据并留下凭证。"""
    with connect() as client:
        id = _id(client, dataset)
        if not yes and (given().json or not sys.stdin.isatty()):
            raise wrong_option("--yes", "given where nobody can be asked", "")
        if not yes and not typer.confirm(say("Its data cannot be brought back. Go on?", "数据将无法恢复，继续？")):
            raise typer.Exit(1)
        show(client.datasets.purge_dataset(id, reason))


def purges(limit: Limit = 20) -> None:
    """List the proofs of data that went for good, newest first. 列出彻底删除的凭证。"""
    with connect() as client:
        show_list(client.datasets.list_purges(), ("id", "name", "status", "user_id", "cause", "delete_time", "finish_time", "proof"), limit)


def _id(client: Modelyard, text: str) -> str:
    return _among((each["dataset"] for each in client.datasets.list_deleted_datasets()), text, "DATASET", "dataset", "数据集")


def _among(rows: Iterable[Json], text: str, field: str, noun: str, zh: str) -> str:
    """An id as it is, a name looked for among what is deleted. Raises ApiError."""
    if text.isascii() and text.isdecimal():
        return text
    found = next((each for each in rows if each["name"] == text), None)
    if found is None:
        message = say(
            f"No deleted {noun} is called {text!r}. `modelyard {noun} deleted` lists them.",
            f"没有名为 {text!r} 的已删除{zh}。用 `modelyard {noun} deleted` 查看。",
        )
        raise ApiError({"code": 404, "reason": "NOT_FOUND", "field": field, "message": message})
    return str(found["id"])


COMMANDS: dict[str, Callable[..., Any]] = {"deleted": deleted, "restore": restore, "purge": purge, "purges": purges}
OF_MODELS: dict[str, Callable[..., Any]] = {"deleted": deleted_models, "restore": restore_model}
