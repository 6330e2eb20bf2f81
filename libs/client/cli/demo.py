"""``modelyard demo``: the whole chain on real input."""

from __future__ import annotations

import typer


def demo(
    fresh: bool = typer.Option(
        False, "--fresh", help="do every step again instead of recognising finished ones 重做每一步，不复用已完成的"
    ),
    keep: bool = typer.Option(False, "--keep", help="leave the platform running at the end 结束后保持平台运行"),
) -> None:
    """Walk the whole chain: real pages to a live, evaluated, answering model. 用真实网页走完全链路。"""
    from libs.client.demo import run

    raise typer.Exit(run(fresh=fresh, keep=keep))
