"""``modelyard service``: accounts of programs, their keys, and the signed identity that a key is exchanged for."""

from __future__ import annotations

from typing import Annotated

import typer

from libs.client.cli.base import Limit, connect, note, show, show_list

app = typer.Typer(no_args_is_help=True, help="Service accounts of this space and their keys (owners). 本空间的服务账号与密钥（所有者）。")

Account = Annotated[str, typer.Argument(help="id of the service account 服务账号编号")]
Key = Annotated[str, typer.Argument(help="id of the key 密钥编号")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="do no more than this role; repeat it 仅限此角色，可重复")]
Cleared = Annotated[str | None, typer.Option("--clearance", help="PUBLIC, INTERNAL, CONFIDENTIAL or SECRET 密级")]
Days = Annotated[int | None, typer.Option("--days", min=1, max=3650, help="valid for so many days; default 90 有效天数")]
KEY_COLUMNS = ("id", "account", "name", "prefix", "roles", "clearance", "expire_time", "revoke_time")


@app.command("create")
def create(
    account: Annotated[str, typer.Argument(help="what it is called 账号名称")],
    name: str | None = typer.Option(None, help="what it is for 用途"),
    role: str | None = typer.Option(None, help="its role in this space, e.g. developer 在本空间的角色"),
    clearance: Cleared = None,
    acting: bool = typer.Option(False, "--acts-for-members", help="may act for members with this role 可代表具有该角色的成员操作"),
) -> None:
    """Create a service account. 新建服务账号。"""
    with connect() as client:
        show(client.services.create(account, name, role, clearance, acting or None))


@app.command("list")
def list_accounts(limit: Limit = 20) -> None:
    """List the service accounts of this space. 列出服务账号。"""
    with connect() as client:
        show_list(client.services.list(), ("id", "account", "name", "disabled", "create_time"), limit)


@app.command("disable")
def disable(id: Account) -> None:
    """End all keys of a service account, for good. 停用服务账号并永久终止其密钥。"""
    with connect() as client:
        found = next((each for each in client.services.list() if each["id"] == id), {"version": 0})
        show(client.services.update(id, found["version"], disabled=True))


@app.command("key")
def issue_key(
    id: Account,
    name: Annotated[str, typer.Argument(help="what the key is called 密钥名称")],
    days: Days = None,
    role: Roles = None,
    clearance: Cleared = None,
) -> None:
    """Make a key of a service account and show it once. 新建密钥并显示一次。"""
    with connect() as client:
        made = client.services.issue_key(id, name, days, role, clearance)
    show({**made["key"], "secret": made["secret"]})
    note("The key is not shown again.", "密钥不再显示。", "yellow")


@app.command("keys")
def list_keys(id: Annotated[str | None, typer.Argument(help="of one account only 仅限此账号")] = None, limit: Limit = 20) -> None:
    """List the keys of this space's service accounts. 列出服务账号的密钥。"""
    with connect() as client:
        show_list(client.services.keys(id), KEY_COLUMNS, limit)


@app.command("rotate")
def rotate(
    id: Key,
    overlap: int | None = typer.Option(None, min=0, max=10_080, help="minutes the old key stays valid; default 60 旧密钥保留分钟数"),
) -> None:
    """Make a key like this one, show it once, and end this one after an overlap. 轮换密钥。"""
    with connect() as client:
        made = client.services.rotate(id, overlap)
    show({**made["key"], "secret": made["secret"]})
    note("The key is not shown again.", "密钥不再显示。", "yellow")


@app.command("revoke")
def revoke(id: Key) -> None:
    """End a key at once. 立即吊销密钥。"""
    with connect() as client:
        show(client.services.revoke(id))


@app.command("identity")
def identity(
    audience: Annotated[str, typer.Argument(help="the service to call: model, dataset, train, eval, deploy or identity 目标服务")],
    space: str | None = typer.Option(None, "--in", help="id of the project space; default: the account's first 项目空间编号"),
    for_account: str | None = typer.Option(None, "--for", help="act for this member 代表此成员"),
) -> None:
    """Exchange a service account's key (MODELYARD_TOKEN) for what goes into Base.auth. 以服务密钥换取 Base.auth 签名身份。"""
    with connect() as client:
        show(client.services.identity(audience, space, for_account))
