"""What all commands share: the global options, the client they make, and how answers and failures are printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from rich.console import Console
from rich.table import Table

from libs.client.sdk import ApiError, Modelyard
from libs.common.settings import load

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Global:
    """Options before the command. gateway: "" = the one of this machine's settings. lang: "" = by the terminal."""

    json: bool = False
    gateway: str = ""
    user: int = 1
    space: int = 1
    lang: str = ""


_current = Global()


def set_global(found: Global) -> None:
    """Called once per run by the command line's callback."""
    global _current  # noqa: PLW0603 - typer hands global options over before any command runs
    _current = found


def given() -> Global:
    return _current


def language() -> str:
    """ "zh" or "en"."""
    wanted = _current.lang or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if wanted.lower().startswith("zh") else "en"


def say(en: str, zh: str) -> str:
    return zh if language() == "zh" else en


def gateway_address() -> str:
    return _current.gateway or load().gateway_address


def connect(user: int | None = None) -> Modelyard:
    return Modelyard(gateway_address(), user=user or _current.user, space=_current.space, language=language())


def show(item: Mapping[str, Any]) -> None:
    """One object: JSON, or a table of its fields."""
    if _current.json:
        _print_json(item)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for key, value in item.items():
        table.add_row(f"[bold]{key}[/bold]", cell(key, value))
    out.print(table)


def show_list(items: Iterable[Mapping[str, Any]], columns: Sequence[str], limit: int) -> None:
    """The first ``limit`` items: a JSON array, or a table of ``columns``."""
    found = list(islice(items, limit))
    if _current.json:
        _print_json(found)
        return
    if not found:
        out.print(say("Nothing here yet.", "暂无内容。"))
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for item in found:
        table.add_row(*[cell(column, item.get(column)) for column in columns])
    out.print(table)


def cell(key: str, value: Any) -> str:
    """A value for people: times as times, objects as JSON."""
    if value in (None, ""):
        return "-"
    if key.endswith("_time") or key == "as_of":
        return "-" if str(value) == "0" else datetime.fromtimestamp(int(value) / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def parse_json(text: str, option: str) -> dict[str, Any]:
    """The value of an option that takes a JSON object. Raises ApiError naming the option."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ApiError({"code": 400, "reason": "INVALID_ARGUMENT", "field": option, "limit": "one JSON object", "message": f"{option}: {error}"}) from None
    if not isinstance(value, dict):
        raise ApiError({"code": 400, "reason": "WRONG_TYPE", "field": option, "limit": "one JSON object", "message": f"{option} must be one JSON object"})
    return value


def fail(error: ApiError) -> int:
    """Prints a failure with its reason, field and limit. Returns the exit status."""
    if _current.json:
        print(json.dumps({"error": error.facts}, ensure_ascii=False), file=sys.stderr)
        return 1
    err.print(f"[red bold]{error.reason}[/red bold] {error}", soft_wrap=True)
    for name, value in ((say("field", "字段"), error.field), (say("limit", "限制"), error.limit), (say("request id", "请求编号"), error.request_id)):
        if value:
            err.print(f"  {name}: {value}", soft_wrap=True)
    return 1


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
