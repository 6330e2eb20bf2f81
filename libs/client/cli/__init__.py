"""The ``modelyard`` command line: the platform (up, down, status, demo, ask) and one noun–verb group per domain."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import typer
from typer.core import TyperGroup

from libs.client.cli import tongue
from libs.client.cli.base import Global, fail, language, set_global
from libs.client.cli.commands import ENTRIES, Commands
from libs.client.failure import ApiError
from libs.common.errors import PlatformError

UsageError: Any = typer.BadParameter.__mro__[1]  # the library exports only this kind of it


class Front(TyperGroup):
    """``--json`` may stand anywhere before ``--``: people add it to the end of what they just typed. Help and usage errors are in the
    language that is asked for, and no command is imported before it is used."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**{**facts, "commands": Commands()})
        self._language, self._telling = "en", False

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(ENTRIES)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in ENTRIES:
            return None
        found = ENTRIES[cmd_name].told(cmd_name) if self._telling else self.commands[cmd_name]
        tongue.speak(found, self._language)
        return found

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._telling = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._telling = False

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        first = ["--json"] if "--json" in args[:end] else []
        self._language = tongue.wanted(args[:end])
        tongue.speak_alone(self, self._language)
        with self._translated():
            return super().parse_args(ctx, [*first, *(word for word in args[:end] if word != "--json"), *args[end:]])

    def invoke(self, ctx: Any) -> Any:
        with self._translated():
            return super().invoke(ctx)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except UsageError as error:
            if self._language == "en" or type(error).__name__ == "NoArgsIsHelpError":
                raise
            raise UsageError(tongue.told(error.format_message()), error.ctx) from None


class Language(StrEnum):
    en = "en"
    zh = "zh"


app = typer.Typer(
    name="modelyard",
    cls=Front,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From raw data to a live, evaluated, answering model. 从原始数据到可信上线的模型。",
)


@app.callback()
def options(
    json: bool = typer.Option(
        False, "--json", help="print one JSON document instead of tables; allowed anywhere 输出 JSON，可写在任意位置"
    ),
    gateway: str = typer.Option(
        "", help="address of the gateway; default: MODELYARD_GATEWAY, or the one on this machine 网关地址，默认取环境变量或本机"
    ),
    account: str = typer.Option("", help="act as this account, which has signed in 以该已登录账号操作"),
    space: int | None = typer.Option(None, min=1, help="act in this project space; default: your first 项目空间编号，默认为首个"),
    _told_version: bool = typer.Option(
        False, "--version", is_eager=True, callback=lambda said: _version(said), help="print the version 显示版本号"
    ),
    lang: Language | None = typer.Option(None, help="default: the language of the terminal 界面语言，默认随终端"),
) -> None:
    set_global(Global(json, gateway, account, space, lang.value if lang else ""))


def _version(said: bool) -> None:
    if said:
        from importlib.metadata import version

        print(f"modelyard {version('modelyard')}")
        raise typer.Exit


def main() -> None:
    """The console script: a failure prints what happened, what to do next, and exits 1; never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal that lacks Chinese still shows something
    # httpx brings a command line of its own along, half of what importing it costs, and goes without where there is none.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    try:
        app()
    except ApiError as error:
        sys.exit(fail(error))
    except PlatformError as error:
        sys.exit(fail(ApiError(_facts(error))))
    except Exception as error:
        sys.exit(fail(ApiError(_unforeseen(error))))


def _facts(error: PlatformError) -> dict[str, Any]:
    from libs.common.words.messages import sentence

    details = {name: str(value) for name, value in error.details.items()}
    facts = {"code": error.code, "reason": error.reason.name, "field": error.field, "limit": error.limit, "details": details}
    return {**facts, "message": sentence(error, language())}


def _unforeseen(error: Exception) -> dict[str, Any]:
    """A mistake of ours or of this machine: where it happened, in one line."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else "?"
    return {"code": 0, "reason": "INTERNAL", "message": f"{type(error).__name__}: {error} ({where})"}


if __name__ == "__main__":
    main()
