"""Chinese output is Chinese and English output is English: the help of every command, and what is said of wrong usage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from libs.client.cli import tongue
from tests.unit.client.conftest import Run

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
SENTENCE = re.compile(r"[A-Za-z][a-z]+(?:[ \n│]+[a-z]{2,}){2,}|Usage|Options|Arguments|Commands|\[required\]|\[default|Error|Show this")


def paths(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield before
    for name, command in getattr(group, "commands", {}).items():
        yield from paths(command, (*before, name))


def english_in(text: str) -> list[str]:
    return SENTENCE.findall(re.sub(r"modelyard( [a-z][a-z-]*)*", "", text))  # commands are no sentences


def test_the_help_of_every_command_is_in_the_language_that_was_asked_for(
    command_tree: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    wrong = []
    for path in paths(command_tree):
        english, chinese = run("--lang", "en", *path, "--help"), run("--lang", "zh", *path, "--help")
        assert (english.code, chinese.code) == (0, 0)
        wrong += [(path, found) for found in CHINESE.findall(english.out)]
        wrong += [(path, found) for found in english_in(chinese.out)]
        assert "用法：" in chinese.out
        assert "Usage:" in english.out
    assert wrong == []


WRONG = {
    "no such command": ("modle", "list"),
    "no such command of a group": ("model", "lst"),
    "missing argument": ("model", "get"),
    "missing option": ("deploy", "reject", "9"),
    "no such option": ("model", "list", "--nope"),
    "a close option": ("model", "list", "--limt", "3"),
    "not a number": ("model", "list", "--limit", "many"),
    "too small": ("model", "list", "--limit", "0"),
    "no value": ("model", "list", "--limit"),
    "one too many": ("model", "get", "a", "b"),
    "a flag with a value": ("model", "verdict", "a@1", "--check=3"),
    "not a stage": ("deploy", "follow", "9", "--until", "LIVE"),
    "no data": ("eval", "config", "law", "c"),
    "no such service": ("migrate", "nope"),
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_wrong_usage_is_said_in_the_language_that_was_asked_for(
    run: Run, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    english, chinese = run("--lang", "en", *arguments), run("--lang", "zh", *arguments)
    assert (english.code, chinese.code) == (2, 2)
    assert CHINESE.findall(english.err) == []
    assert CHINESE.search(chinese.err.split("错误")[1])
    assert english_in(chinese.err) == []


@pytest.mark.parametrize(
    ("arguments", "environ", "language"),
    [
        ((), {}, "en"),
        ((), {"LANG": "zh_CN.UTF-8"}, "zh"),
        ((), {"LANG": "zh_CN.UTF-8", "MODELYARD_LANGUAGE": "en"}, "en"),
        (("--lang", "zh", "model"), {}, "zh"),
        (("--lang=zh",), {"MODELYARD_LANGUAGE": "en"}, "zh"),
        (("model", "--lang"), {}, "en"),
        (("--lang", "fr"), {"LANG": "zh_CN"}, "zh"),
    ],
)
def test_which_language_is_asked_for(
    arguments: tuple[str, ...], environ: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "MODELYARD_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert tongue.wanted(arguments) == language
