"""A door, a client of it, and the command line run in this process as the console script runs it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import typer.main

from libs.client import cli
from libs.client.cli import base
from libs.client.sdk import Modelyard
from tests.unit.client.door import Door, Server


@dataclass
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def door() -> Iterator[Door]:
    with Server() as opened:
        yield opened


@pytest.fixture
def client(door: Door) -> Iterator[Modelyard]:
    with Modelyard(door.address, timeout=10) as made:
        yield made


@pytest.fixture(scope="session")
def command_tree() -> Any:
    """Built once: most of the time of a short command goes into it. The tests with processes build it as users do."""
    return typer.main.get_command(cli.app)


@pytest.fixture
def run(command_tree: Any, door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("model", "list")`` against the door, in English unless the arguments say otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "MODELYARD_GATEWAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setattr(cli, "app", command_tree)
    monkeypatch.setattr(base, "_current", base.Global())  # what the command sets is put back, as if its process had ended

    def command(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["modelyard", "--gateway", door.address, *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return command
