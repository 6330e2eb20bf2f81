"""What lists of work are filtered by on the command line: states, owner and time."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Annotated, Any

import typer

from libs.client.cli.base import say
from libs.client.sdk import ApiError, Modelyard

States = Annotated[list[str] | None, typer.Option("--status", metavar="STATE", help="only in this state; repeat it 只看该状态，可重复")]
Owner = Annotated[str, typer.Option("--owner", metavar="ID|me", help="only whose: a user's id, or me 只看该用户的，填编号或 me")]
Since = Annotated[str, typer.Option("--since", help="made since: 30m, 2h, 3d, or a date 此后创建：30m、2h、3d 或日期")]
Before = Annotated[str, typer.Option("--until", help="made before, in the same words 此前创建，写法相同")]
_AGO = re.compile(r"(\d{1,6})([mhd])")
_UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def chosen(client: Modelyard, states: list[str] | None, owner: str, since: str, until: str) -> dict[str, Any]:
    """As the SDK's lists take them. Raises ApiError for a time that is none."""
    return {
        "statuses": [state.upper() for state in states or ()] or None,
        "user_id": client.me()["user"]["id"] if owner == "me" else owner or None,
        "from_time": moment_of("--since", since),
        "to_time": moment_of("--until", until),
    }


def span_ms(option: str, text: str) -> int:
    """Milliseconds of 30m, 2h, 3d. Raises ApiError for what is no span."""
    found = _AGO.fullmatch(text)
    if found is None:
        message = say(f"{option}: {text} is no span. Write 30m, 12h or 3d.", f"{option}：{text} 不是时长。请写 30m、12h 或 3d。")
        raise ApiError({"code": 400, "reason": "INVALID_ARGUMENT", "field": option, "message": message})
    return int(found[1]) * _UNIT_MS[found[2]]


def moment_of(option: str, text: str) -> int | None:
    """Milliseconds since the epoch of 2h (ago) or a date, None for "". Raises ApiError."""
    if not text:
        return None
    if found := _AGO.fullmatch(text):
        return int(time.time() * 1000) - int(found[1]) * _UNIT_MS[found[2]]
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        message = say(
            f"{option}: {text} is no time. Write 30m, 2h, 3d or a date such as 2026-11-26T08:00.",
            f"{option}：{text} 不是时间。请写 30m、2h、3d，或 2026-11-26T08:00 这样的日期。",
        )
        raise ApiError({"code": 400, "reason": "INVALID_ARGUMENT", "field": option, "message": message}) from None
