"""What kinds are called, and that what a message tells people to type or to ask is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from idl import registry
from libs.client.cli import app
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.words.messages import sentence
from libs.common.words.nouns import NOUNS, Noun

ROOT = Path(__file__).parents[3]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def kinds() -> set[str]:
    """Every kind that the source says cannot be found or is taken: of a repository, or written out."""
    found = set()
    for path in (path for folder in ("libs", "services", "gateway") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Repository", "not_found") and node.args:
                first = node.args[0]
                found |= {first.value} if isinstance(first, ast.Constant) else set()
    return found


def commands(group: Any, path: tuple[str, ...] = ()) -> set[str]:
    below = getattr(group, "commands", {})
    return {" ".join(path)} | {each for name, command in below.items() for each in commands(command, (*path, name))}


def routes() -> set[str]:
    """Paths that are read, with their parameters left blank."""
    return {re.sub(r"\{\w+\}", "{}", rpc.http.path) for rpc in registry.reachable() if rpc.http is not None and rpc.http.verb == "GET"}


def test_every_kind_has_a_noun() -> None:
    assert len(kinds()) > 20
    assert kinds() <= NOUNS.keys()


@pytest.mark.parametrize("kind", NOUNS)
def test_what_is_not_there_is_named_with_the_way_to_what_is(kind: str) -> None:
    noun: Noun = NOUNS[kind]
    english, chinese = (sentence(not_found(kind, 7), language) for language in ("en", "zh"))
    assert english.startswith(f"There is no {noun.en} 7 ")
    assert f"没有{noun.zh} 7。" in chinese
    assert not CHINESE.search(english)
    assert not re.search(r"[a-z]{3,}", re.sub(r"`[^`]+`|GET \S+", "", chinese)), "English left in it"
    for text in (english, chinese):
        assert noun.command in text
        assert noun.route in text


def test_each_command_and_route_that_lists_is_there() -> None:
    typed = commands(typer.main.get_command(app))
    told = {re.sub(r" [A-Z]+$", "", noun.command) for noun in NOUNS.values() if noun.command}
    assert told <= typed
    assert {re.sub(r"\{\w+\}", "{}", noun.route) for noun in NOUNS.values() if noun.route} <= routes()


def test_a_kind_that_nobody_named_is_still_a_sentence() -> None:
    error = PlatformError(404, Reason.NOT_FOUND, kind="new_thing", id="7")
    assert sentence(error, "en") == "There is no new thing 7 in this project space. Check its id."
