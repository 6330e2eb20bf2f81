"""``modelyard dataset|train|eval|deploy options``: what each kind of work may be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from libs.client.cli.base import language, say, show_list

_UNITS = {
    "tokens": "词元",
    "records": "条",
    "characters": "字符",
    "words": "词",
    "bytes": "字节",
    "requests": "次请求",
    "steps": "步",
    "s": "秒",
}


def options_command(domain: str) -> Callable[..., None]:
    """The command of one domain. ``KIND`` matters where a domain has several."""

    def options(kind: str = typer.Argument("", metavar="KIND", help="one kind of work; default: all 某一类工作，默认全部")) -> None:
        """List what --set and --config may hold, with unit, range and default. 列出可用选项及其单位、范围与默认值。"""
        from libs.ops.options import KINDS, options_of  # all engines' options: more than a short command needs

        known = KINDS[domain]
        if kind and kind not in known:
            raise typer.BadParameter(
                say(f"there is no kind {kind}: use {', '.join(known)}", f"没有类别 {kind}，可用值：{'、'.join(known)}")
            )
        rows = [_row(option) for option in options_of(domain, kind)]
        show_list(rows, ("kind", "name", "type", "default", "range", "unit", "meaning"), len(rows))

    return options


def _row(option: Any) -> dict[str, Any]:
    return {
        **option._asdict(),
        "range": _range(option),
        "unit": say(option.unit, _UNITS.get(option.unit, option.unit)),
        "default": _default(option),
        "meaning": option.meaning[language()],
    }


def _default(option: Any) -> Any:
    return say("required", "必填") if option.required else option.default


def _range(option: Any) -> str:
    if option.choices:
        return " | ".join(option.choices)
    low, high = ("" if bound is None else f"{bound:g}" if isinstance(bound, float) else str(bound) for bound in (option.low, option.high))
    counted = {"list": say(" items", " 项"), "text": say(" characters", " 个字符")}.get(option.type, "") if low or high else ""
    return f"{low}..{high}{counted}" if low or high else ""
