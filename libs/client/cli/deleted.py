"""What was deleted: the way back while there is time, and the way out for good, with its proof."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from libs.client.cli.base import Limit, connect, given, note, say, show, show_list, wrong_option
from libs.client.sdk import ApiError, Json, Modelyard

Deleted = Annotated[str, typer.Argument(help="id or name of a deleted dataset 已删除数据集的编号或名称", metavar="DATASET")]


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
    """An id as it is, a name looked for among what is deleted. Raises ApiError."""
    if text.isascii() and text.isdecimal():
        return text
    found: Json | None = next(
        (each["dataset"] for each in client.datasets.list_deleted_datasets() if each["dataset"]["name"] == text), None
    )
    if found is None:
        message = say(
            f"No deleted dataset is called {text!r}. `modelyard dataset deleted` lists them.", f"没有名为 {text!r} 的已删除数据集。"
        )
        raise ApiError({"code": 404, "reason": "NOT_FOUND", "field": "DATASET", "message": message})
    return str(found["id"])


COMMANDS: dict[str, Callable[..., Any]] = {"deleted": deleted, "restore": restore, "purge": purge, "purges": purges}
