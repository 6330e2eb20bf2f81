"""Text of others on a terminal: whatever a name, an answer or an error holds, nothing of it is acted on."""

from __future__ import annotations

import io
import json

import pytest
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text

from libs.client.cli import base
from libs.client.sdk import ApiError
from libs.common.visible import json_text, visible

HOSTILE = "a\x1b[2J\x1b]0;owned\x07\x9b31m\x08\r\x7fb\u202eתג"
ACTED_ON = {chr(code) for code in (*range(32), *range(127, 160))} - {"\n"}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What reaches a terminal that knows no colours, so that every control character in it is somebody else's."""
    found = io.StringIO()
    for name in ("out", "err"):
        monkeypatch.setattr(base, name, base.SafeConsole(file=found, force_terminal=True, color_system=None, width=200))
    monkeypatch.setattr(base, "_current", base.Global(lang="en"))
    return found


def inert(text: str) -> bool:
    return not ACTED_ON & set(text) and "\u202e" not in text


def test_lists_objects_notes_and_failures_show_it_and_do_nothing(shown: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    item = {"id": "1", "name": HOSTILE, HOSTILE: HOSTILE, "list": [HOSTILE], "nested": {HOSTILE: HOSTILE}}
    base.show(item)
    base.show_list([item], ("id", "name", "list"), 5)
    base.note(HOSTILE, HOSTILE)
    base.out.print(HOSTILE, markup=False)
    base.out.print(Text.assemble((HOSTILE, "red"), HOSTILE))
    base.fail(ApiError({"code": 400, "reason": HOSTILE, "message": HOSTILE, "field": HOSTILE, "limit": HOSTILE}))
    with Progress(TextColumn("{task.description}", markup=False), console=base.err, transient=False, auto_refresh=False) as bar:
        bar.console.print(HOSTILE)
    assert "\\x1b" in shown.getvalue()
    assert inert(shown.getvalue().replace("\x1b[?25l", "").replace("\x1b[?25h", "").replace("\r\x1b[2K", ""))
    assert inert(capsys.readouterr().out)


def test_one_value_is_one_row(shown: io.StringIO) -> None:
    base.show_list([{"name": "first\nadmin  granted\r\nmore"}], ("name",), 5)
    assert len(shown.getvalue().splitlines()) == 2


def test_a_table_into_a_pipe_and_json_are_safe_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    table.add_column("name")
    table.add_row(Text(HOSTILE))
    base.print_table(table)
    base.print_json({HOSTILE: [HOSTILE, "中文"]})
    monkeypatch.setattr(base, "_current", base.Global(json=True))
    base.fail(ApiError({"code": 400, "reason": "X", "message": HOSTILE}))
    said = capsys.readouterr()
    assert inert(said.out)
    assert inert(said.err)
    assert "中文" in said.out
    assert json.loads(said.err)["error"]["message"] == HOSTILE
    assert json.loads(json_text({HOSTILE: [HOSTILE]})) == {HOSTILE: [HOSTILE]}


def test_ordinary_text_is_left_alone() -> None:
    for text in ("模型 é 😀", "two\nlines\tand a tab", ""):
        assert visible(text) == text
    assert str(base.cell("name", "模型 v1")) == "模型 v1"
