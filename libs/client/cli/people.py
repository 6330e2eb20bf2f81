"""``modelyard sign-in | sign-out | whoami`` and the groups ``user``, ``space``, ``department``, ``key``: who may do what."""

from __future__ import annotations

from typing import Annotated

import typer

from libs.client.cli.base import Limit, connect, gateway_address, given, language, note, out, print_json, say, show, show_list
from libs.client.cli.service import KEY_COLUMNS
from libs.client.credentials import Credentials
from libs.client.failure import ApiError
from libs.client.sdk import Modelyard
from libs.common.settings import load

departments = typer.Typer(no_args_is_help=True, help="Departments (administrators). 部门（平台管理员）。")
users = typer.Typer(no_args_is_help=True, help="Users and their passwords (administrators). 用户与密码（平台管理员）。")
spaces = typer.Typer(no_args_is_help=True, help="Project spaces, their members and what was done in them. 项目空间、成员与审计。")
keys = typer.Typer(no_args_is_help=True, help="Your API keys in this space. 本空间中你的 API 密钥。")

Name = Annotated[str, typer.Argument(help="name 名称")]
Account = Annotated[str, typer.Argument(help="account 账号")]
Secret = Annotated[bool, typer.Option("--password-stdin", help="read the password from standard input 从标准输入读取密码")]


def sign_in(account: Account, password_stdin: Secret = False) -> None:
    """Sign in on this machine; the session is kept in a file only you can read. 登录本机，会话存于仅本人可读的文件。"""
    password = input() if password_stdin else typer.prompt(say("password", "密码"), hide_input=True, err=True)
    address = gateway_address()
    with Modelyard(address, language=language()) as client:
        opened = client.sign_in(account, password)
    Credentials(load().home_path).keep(address, opened["user"]["account"], opened)
    if given().json:
        print_json(opened["user"])
    else:
        out.print(say(f"Signed in as {opened['user']['account']}.", f"已登录：{opened['user']['account']}。"))


def sign_out() -> None:
    """End the session of this machine. 结束本机会话。"""
    try:
        with connect() as client:
            client.sign_out()
    except ApiError as error:
        if error.code != 401:
            raise
    Credentials(load().home_path).drop(gateway_address(), given().account)
    if given().json:
        print_json({"signed_out": True})
    else:
        out.print(say("Signed out.", "已退出登录。"))


def whoami() -> None:
    """Show who you are, in which space, with which roles. 查看当前身份、空间与角色。"""
    with connect() as client:
        me = client.me()
    if given().json:
        print_json(me)
        return
    roles = ", ".join(me["roles"]) or "-"
    show({"account": me["user"]["account"], "user": me["user"]["id"], "space": me["project_space_id"], "roles": roles})


# --- departments


@departments.command("create")
def create_department(name: Name, desc: str | None = typer.Option(None, help="what it is 说明")) -> None:
    """Create a department. 新建部门。"""
    with connect() as client:
        show(client.departments.create(name, desc))


@departments.command("list")
def list_departments(limit: Limit = 20) -> None:
    """List departments. 列出部门。"""
    with connect() as client:
        show_list(client.departments.list(), ("id", "name", "desc", "create_time"), limit)


# --- users


@users.command("create")
def create_user(
    account: Account,
    name: str | None = typer.Option(None, help="as people know them 姓名"),
    department: str | None = typer.Option(None, help="id of the department 部门编号"),
    administrator: bool = typer.Option(False, "--administrator", help="of the whole platform 平台管理员"),
    issuer: str | None = typer.Option(None, help="OpenID provider they sign in through 外部登录的提供方"),
    subject: str | None = typer.Option(None, help="who they are there 在提供方的标识 (sub)"),
) -> None:
    """Create a user and show a first password, once; no password with --issuer. 新建用户并显示一次初始密码（指定提供方时无密码）。"""
    with connect() as client:
        made = client.users.create(account, name, department, administrator or None, issuer, subject)
        password = "" if issuer else client.users.issue_password(made["id"])
    if issuer:
        show(made)
    else:
        show({**made, "password": password})
        note("The password is not shown again.", "密码不再显示。", "yellow")


@users.command("list")
def list_users(limit: Limit = 20) -> None:
    """List users. 列出用户。"""
    with connect() as client:
        show_list(client.users.list(), ("id", "account", "name", "administrator", "disabled", "create_time"), limit)


@users.command("password")
def issue_password(id: Annotated[str, typer.Argument(help="id of the user 用户编号")]) -> None:
    """Make a new password, show it once and end the user's sessions and keys. 重置密码并终止其会话与密钥。"""
    with connect() as client:
        show({"id": id, **client.users.reset_password(id)})


@users.command("keys")
def list_user_keys(
    id: Annotated[str | None, typer.Argument(help="of one user only 仅限此用户")] = None,
    limit: Limit = 20,
) -> None:
    """List API keys of the whole platform. 列出全平台的 API 密钥。"""
    with connect() as client:
        show_list(client.keys.everybodys(id, everywhere=True), (*KEY_COLUMNS, "project_space_id"), limit)


@users.command("revoke-key")
def revoke_user_key(id: Annotated[str, typer.Argument(help="id of the key 密钥编号")]) -> None:
    """End anybody's key. 吊销任意密钥。"""
    with connect() as client:
        show(client.keys.revoke_anybodys(id, everywhere=True))


@users.command("disable")
def disable_user(id: Annotated[str, typer.Argument(help="id of the user 用户编号")]) -> None:
    """End all sessions and keys of a user, for good. 停用用户，并永久终止其会话与密钥。"""
    with connect() as client:
        show(client.users.update(id, client.users.get(id)["version"], disabled=True))


# --- spaces


@spaces.command("create")
def create_space(
    name: Name,
    department: str = typer.Option(..., help="id of the department 部门编号"),
    desc: str | None = typer.Option(None, help="what it is for 说明"),
) -> None:
    """Create a project space and own it. 新建项目空间。"""
    with connect() as client:
        show(client.spaces.create(name, department, desc))


@spaces.command("list")
def list_spaces() -> None:
    """List the spaces you may work in. 列出你可进入的空间。"""
    with connect() as client:
        places = client.me().get("places", [])
    rows = [{**place, "roles": ", ".join(place.get("roles", []))} for place in places]
    show_list(rows, ("project_space_id", "space_name", "roles", "clearance"), len(rows) or 1)


@spaces.command("add")
def add_member(
    account: Account,
    role: str = typer.Option(..., help="owner, developer, annotator, rater, inspector, agent, viewer or operator 角色"),
    clearance: str | None = typer.Option(None, help="PUBLIC, INTERNAL, CONFIDENTIAL or SECRET 密级"),
    acting: bool = typer.Option(False, "--acts-for-members", help="a service account may act for members 服务账号可代表成员操作"),
) -> None:
    """Give somebody, or a service account, a role in this space. 授予成员或服务账号角色。"""
    with connect() as client:
        show(client.memberships.create(account, role, clearance, acting or None))


@spaces.command("members")
def list_members(limit: Limit = 50) -> None:
    """List who has which role in this space. 列出成员与角色。"""
    with connect() as client:
        show_list(client.memberships.list(), ("id", "account", "kind", "role", "clearance", "acting", "create_time"), limit)


@spaces.command("remove")
def remove_member(id: Annotated[str, typer.Argument(help="id of the membership 成员关系编号")]) -> None:
    """Take a role away. 移除角色。"""
    with connect() as client:
        found = next((each for each in client.memberships.list() if each["id"] == id), {"version": 0})
        show(client.memberships.delete(id, found["version"]))


@spaces.command("keys")
def list_space_keys(limit: Limit = 20) -> None:
    """List everybody's API keys of this space (owners). 列出本空间所有人的密钥（所有者）。"""
    with connect() as client:
        show_list(client.keys.everybodys(), KEY_COLUMNS, limit)


@spaces.command("revoke-key")
def revoke_space_key(id: Annotated[str, typer.Argument(help="id of the key 密钥编号")]) -> None:
    """End anybody's key of this space (owners). 吊销本空间任意密钥（所有者）。"""
    with connect() as client:
        show(client.keys.revoke_anybodys(id))


@spaces.command("audit")
def show_audit(
    everywhere: bool = typer.Option(False, "--everywhere", help="of all spaces (administrators) 全平台"), limit: Limit = 20
) -> None:
    """Show what was done, newest first. 查看审计记录。"""
    with connect() as client:
        columns = ("event_time", "user_id", "credential", "method", "object", "outcome", "address", "request_id")
        show_list(client.users.audit(everywhere), columns, limit)


# --- keys


@keys.command("create")
def create_key(
    name: Name,
    days: int | None = typer.Option(None, min=1, max=3650, help="valid for so many days; default 90 有效天数"),
    role: Annotated[list[str] | None, typer.Option("--role", help="do no more than this role; repeat it 仅限此角色，可重复")] = None,
    clearance: str | None = typer.Option(None, help="see no more than PUBLIC, INTERNAL, CONFIDENTIAL or SECRET 密级上限"),
) -> None:
    """Make an API key and show it once. 新建 API 密钥并显示一次。"""
    with connect() as client:
        made = client.keys.create(name, days, role, clearance)
    show({**made["key"], "secret": made["secret"]})
    note("The key is not shown again.", "密钥不再显示。", "yellow")


@keys.command("list")
def list_keys(limit: Limit = 20) -> None:
    """List your keys of this space. 列出密钥。"""
    with connect() as client:
        show_list(client.keys.list(), KEY_COLUMNS, limit)


@keys.command("revoke")
def revoke_key(id: Annotated[str, typer.Argument(help="id of the key 密钥编号")]) -> None:
    """End a key. 吊销密钥。"""
    with connect() as client:
        show(client.keys.revoke(id))
