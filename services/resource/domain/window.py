"""The windows after which spending is counted anew: days, weeks and months of UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from idl.enums import QuotaWindow as QuotaWindow

DAY_MS = 86_400_000


def window_of(kind: QuotaWindow, now_ms: int) -> tuple[int, int]:
    """(first millisecond of the window ``now_ms`` lies in, first one after it)."""
    day = datetime.fromtimestamp(now_ms / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if kind == QuotaWindow.DAY:
        return _ms(day), _ms(day + timedelta(days=1))
    if kind == QuotaWindow.WEEK:
        monday = day - timedelta(days=day.weekday())
        return _ms(monday), _ms(monday + timedelta(days=7))
    first = day.replace(day=1)
    return _ms(first), _ms((first + timedelta(days=32)).replace(day=1))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
