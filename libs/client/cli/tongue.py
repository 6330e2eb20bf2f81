"""Help and usage errors in one language. Help is written once, "English 中文", beside what it is about; a reader is shown one half.

What the command line library says by itself is in English; its forms are here with their Chinese. Another form is shown as it is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from libs.client.speech import LANGUAGES, language_of

_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_OPTION = "--lang"
_FORMS = (
    (r"Invalid value for (.+?): (.+)", r"\1 的取值无效：{}"),
    (r"Invalid value: (.+)", r"取值无效：{}"),
    (r"Missing argument (.+?)\.", r"缺少参数 \1。"),
    (r"Missing option (.+?)\.", r"缺少选项 \1。"),
    (r"Missing command\.", "缺少命令。"),
    (r"No such command (.+?)\. Did you mean (.+)\?", r"没有命令 \1，是否想写 \2？"),
    (r"No such command (.+?)\.", r"没有命令 \1。"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", r"没有选项 \1，相近的有：\2。"),
    (r"No such option: (\S+)(?: Did you mean (\S+)\?)?", r"没有选项 \1。"),
    (r"Got unexpected extra argument\(s\) \((.+)\)", r"多余的参数：\1"),
    (r"Option (.+) does not take a value\.", r"选项 \1 不带取值。"),
    (r"Option (.+) requires an argument\.", r"选项 \1 需要取值。"),
    (r"Option (.+) requires (\d+) arguments\.", r"选项 \1 需要 \2 个取值。"),
    (r".+ is not a valid int(eger)?( range)?\.?", "应为整数"),
    (r".+ is not a valid float( range)?\.?", "应为数字"),
    (r"(.+) is not one of (.+?)\.?", r"\1 不在可用值之内：\2"),
    (r"(.+) is not in the range (.+?)\.?", r"\1 超出范围 \2"),
)
_TITLES = {  # of typer.rich_utils: (English, Chinese)
    "DEFAULT_STRING": ("[default: {}]", "[默认：{}]"),
    "REQUIRED_LONG_STRING": ("[required]", "[必填]"),
    "ARGUMENTS_PANEL_TITLE": ("Arguments", "参数"),
    "OPTIONS_PANEL_TITLE": ("Options", "选项"),
    "COMMANDS_PANEL_TITLE": ("Commands", "命令"),
    "ERRORS_PANEL_TITLE": ("Error", "错误"),
    "ABORTED_TEXT": ("Aborted.", "已中止。"),
    "RICH_HELP": ("Try [blue]'{command_path} {help_option}'[/] for help.", "用法见 [blue]{command_path} {help_option}[/]。"),
}
_HELP = "Show this message and exit. 显示本说明。"
_USAGE = ("Usage: ", "用法：")


def wanted(arguments: Sequence[str]) -> str:
    """The language these arguments ask for, before anything has read them."""
    words = [*arguments, ""]
    said = [words[at + 1] if word == _OPTION else word.removeprefix(_OPTION + "=") for at, word in enumerate(words) if _asks(word)]
    return language_of(said[-1] if said and said[-1] in LANGUAGES else "")


def half(text: str, language: str) -> str:
    """The part of "English 中文" in one language; all of it when it has one part."""
    found = _CHINESE.search(text)
    if found is None or found.start() == 0:
        return text
    return text[found.start() :] if language == "zh" else text[: found.start()].rstrip()


def speak(command: Any, language: str) -> None:
    """Everything below ``command`` has its help in ``language`` from now on."""
    for each in _commands(command):
        speak_alone(each, language)


def speak_alone(command: Any, language: str) -> None:
    """``command`` has, and what the library says around it."""
    chinese = language == "zh"
    command.help = _kept(command, "help", half, language)
    command.short_help = _kept(command, "short_help", half, language)
    command.get_usage = _usage(command, chinese)
    for parameter in command.params:
        parameter.help = _kept(parameter, "help", half, language)
    option = command.get_help_option(_context(command))
    if option is not None:
        option.help = half(_HELP, language)
    if chinese or "typer.rich_utils" in sys.modules:
        from typer import rich_utils

        for name, both in _TITLES.items():
            setattr(rich_utils, name, both[chinese])


def told(message: str) -> str:
    """A usage error of the library in Chinese."""
    message = message.strip()
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(message)
        if found:
            inner = told(found[found.re.groups]) if "{}" in chinese else ""
            return found.expand(chinese).replace("{}", inner)
    return message


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(form, re.DOTALL), chinese) for form, chinese in _FORMS)


def _asks(word: str) -> bool:
    return word == _OPTION or word.startswith(_OPTION + "=")


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _commands(each)


def _kept(owner: Any, name: str, cut: Any, language: str) -> Any:
    """What ``owner`` was made with, cut anew: a process may speak twice."""
    both = owner.__dict__.setdefault(f"both_{name}", getattr(owner, name, None))
    return cut(both, language) if both else both


def _usage(command: Any, chinese: bool) -> Any:
    def get_usage(ctx: Any) -> str:
        said: str = type(command).get_usage(command, ctx)
        return said.replace(*_USAGE, 1) if chinese else said

    return get_usage


def _context(command: Any) -> Any:
    return command.context_class(command, info_name=command.name)
