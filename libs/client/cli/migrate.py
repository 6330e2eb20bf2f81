"""``modelyard migrate``: brings the records of all services, or of one, to what this version needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import typer

from idl import manifest
from libs.client.cli.base import given, out, print_json, say
from libs.common.settings import load

if TYPE_CHECKING:
    from libs.common.store.schema import Migrated


def migrate(service: str = typer.Argument("", help="one service; default: all of them 只迁移一个服务，默认全部")) -> None:
    """Create or update the tables of the records, forward only. Safe to repeat. 创建或更新数据表，只进不退，可重复执行。"""

    from libs.common.store import schema  # a second of imports
    from libs.common.store.database import service_url

    settings = load()
    known = list(manifest.NAMES)
    if service and service not in known:
        raise typer.BadParameter(
            say(f"there is no service {service}: use {', '.join(known)}", f"没有服务 {service}，可用值：{'、'.join(known)}")
        )
    done: list[dict[str, Any]] = []
    for name in [service] if service else known:
        url = service_url(settings.database_url, settings.home_path, name)
        found = schema.upgrade(url, importlib.import_module(f"services.{name}.repository").METADATA, name, settings.home_path)
        platform = {"before": found.platform.before, "after": found.platform.after}
        own = {"before": found.own.before, "after": found.own.after}
        done.append({"service": name, **own, "created": found.created, "platform": platform})
        if not given().json:
            _tell(found)
    if given().json:
        print_json({"migrated": done})


def _tell(found: Migrated) -> None:
    if found.created:
        out.print(say(f"{found.service}: schema created", f"{found.service}：已创建数据库"))
    steps = [step for step in (found.platform, found.own) if step.before != step.after]
    for step in steps:
        out.print(f"{found.service}: {step.told}")
    if not steps:
        out.print(say(f"{found.service}: at {found.own.after} already", f"{found.service}：已是 {found.own.after}"))
