"""How much of what, as people type it: cores and accelerators with a point, memory with its unit, time in hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import typer

from libs.client.cli.base import say, wrong_option
from libs.client.failure import Json

Cpu = Annotated[str | None, typer.Option(help="cores, e.g. 4 or 0.5 CPU 核数，可带小数")]
Memory = Annotated[str | None, typer.Option(help="e.g. 512MB, 16GB 内存")]
Accelerators = Annotated[str | None, typer.Option(help="accelerators, e.g. 1 or 0.25 加速卡数，可为切分")]
Replicas = Annotated[int | None, typer.Option(min=0, help="replicas 副本数")]
Tokens = Annotated[int | None, typer.Option(min=0, help="tokens per window 每周期词元数")]
AcceleratorHours = Annotated[str | None, typer.Option(help="accelerator hours per window 每周期加速卡小时数")]
AnnotationHours = Annotated[str | None, typer.Option(help="annotation hours per window 每周期标注小时数")]

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?")
_MEMORY = re.compile(r"([0-9]{1,9})(MB|GB|TB)", re.IGNORECASE)
_MB = {"MB": 1, "GB": 1024, "TB": 1024 * 1024}


def thousandths(option: str, text: str | None) -> int | None:
    """Of cores and accelerators. Raises ApiError."""
    return None if text is None else int(_number(option, text) * 1000)


def megabytes(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    found = _MEMORY.fullmatch(text)
    if found is None:
        raise wrong_option(option, say("a whole number with MB, GB or TB", "带 MB、GB 或 TB 的整数"), text)
    return int(found[1]) * _MB[found[2].upper()]


def seconds(option: str, text: str | None) -> int | None:
    """Of hours."""
    return None if text is None else int(_number(option, text) * 3600)


def _number(option: str, text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise wrong_option(
            option, say("a number not below zero, at most three digits behind the point", "不小于零的数，小数最多三位"), text
        )
    return Decimal(text)


def told(amounts: Mapping[str, object] | None) -> str:
    """Amounts of an answer in one line; what is nothing or not bounded is left out."""
    shown = [(name, int(str(value))) for name, value in (amounts or {}).items() if value is not None and int(str(value))]
    return ", ".join(_told(name, value) for name, value in shown) or "-"


_TOLD = {
    "cpu_milli": (1000, "CPU", "CPU"),
    "memory_mb": (1, "MB", "MB"),
    "accelerator_milli": (1000, "accelerators", "加速卡"),
    "replicas": (1, "replicas", "副本"),
    "accelerator_seconds": (3600, "accelerator h", "加速卡小时"),
    "tokens": (1, "tokens", "词元"),
    "annotation_seconds": (3600, "annotation h", "标注小时"),
}


def _told(name: str, value: int) -> str:
    unit, en, zh = _TOLD[name]
    return f"{value / unit:g} {say(en, zh)}" if unit > 1 else f"{value} {say(en, zh)}"


def rows_of(found: Json, *names: str) -> Json:
    """An answer whose ``names`` are amounts, as a line of a table."""
    return {**found, **{name: told(found.get(name)) for name in names}}
