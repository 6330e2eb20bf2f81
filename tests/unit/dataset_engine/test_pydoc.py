"""Pages of the running interpreter: the real pydoc, a handful of modules; the same bytes every time; nothing a module does spreads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError
from libs.common.work.engine import SilentReporter
from services.dataset.engine import pydoc_pages
from services.dataset.engine.pydoc_pages import ENVIRONMENT, PydocOptions, make_pages, plan, reason_to_skip, standard_modules
from tests.unit.dataset_engine.make import records, tree

MODULES = ["json", "heapq", "os.path", "posixpath", "ftplib", "sys", "os", "_bisect", "this", "unittest.__main__", "xml.nothing"]
CHILD = Path(pydoc_pages.__file__).with_name("pydoc_child.py")


def test_pages_are_made_imported_and_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET_OF_THIS_PROCESS", "hunter2")
    job = {"options": {"modules": MODULES, "topics": False}}
    report = SilentReporter()
    first = pydoc_pages.run(job, tmp_path / "a", report)
    assert first["pages"] == first["records"] == 8
    assert first["skipped"].keys() == {"this", "unittest.__main__", "xml.nothing"}
    assert first["skipped"]["unittest.__main__"] == "runs a program when imported"
    assert "ModuleNotFoundError" in first["skipped"]["xml.nothing"]
    assert (report.progressed[8][0], report.progressed[8][2]) == (9, "pages")
    pages = tree(tmp_path / "a" / "pages")
    assert {name for name in pages if name.endswith(".html")} == {
        *(f"modules/{name}.html" for name in ("json", "heapq", "os.path", "posixpath", "ftplib", "sys", "os")),
        "private/_bisect.html",
    }
    assert b"Serialize" in pages["modules/json.html"]
    assert not any(b"hunter2" in page for page in pages.values())
    assert b"at&nbsp;0x" not in pages["modules/ftplib.html"].replace(b"at&nbsp;0x0", b"")
    again = pydoc_pages.run({"options": {**job["options"], "processes": 1}}, tmp_path / "b", SilentReporter())
    assert again["content_hash"] == first["content_hash"]
    assert {record["source"] for record in records(tmp_path / "a" / "out")} == {name for name in pages if name.endswith(".html")}


def test_an_interrupted_rendering_goes_on_where_it_was(tmp_path: Path) -> None:
    options = PydocOptions(modules=("heapq", "bisect", "keyword"), topics=False, processes=1)
    make_pages(tmp_path / "whole", options, SilentReporter())
    make_pages(tmp_path / "cut", options, SilentReporter())
    kept = (tmp_path / "cut" / "modules" / "heapq.html").stat()
    (tmp_path / "cut" / ".done.json").unlink()
    (tmp_path / "cut" / "modules" / "bisect.html").unlink()
    (tmp_path / "cut" / "modules" / "keyword.html.tmp").write_bytes(b"half")
    report = SilentReporter()
    make_pages(tmp_path / "cut", options, report)
    assert [each[0] for each in report.progressed] == [3]
    assert (tmp_path / "cut" / "modules" / "heapq.html").stat().st_mtime_ns == kept.st_mtime_ns
    pages = {name: data for name, data in tree(tmp_path / "cut").items() if name.endswith(".html")}
    assert pages == {name: data for name, data in tree(tmp_path / "whole").items() if name.endswith(".html")}


def test_topics_keywords_and_menus_are_pages_too(tmp_path: Path) -> None:
    pages, skipped = plan(PydocOptions())
    shelves = {shelf: sum(page.file.startswith(shelf) for page in pages) for shelf in ("modules", "private", "topics", "keywords", "menus")}
    assert shelves["modules"] > 200
    assert shelves["private"] > 30
    assert shelves["topics"] > 50
    assert shelves["keywords"] > 25
    assert shelves["menus"] == 3
    assert len({page.file for page in pages}) == len(pages)
    assert all(skipped.values())


def test_what_must_not_be_imported_is_not() -> None:
    names = standard_modules()
    assert {"json", "json.decoder", "xml.etree.ElementTree", "os.path"} <= set(names)
    for name in ("antigravity", "this", "idlelib", "turtledemo", "test", "lib2to3"):
        assert reason_to_skip(name)
        assert not any(each.startswith(name + ".") for each in names)
    assert reason_to_skip("json") is None


@pytest.mark.parametrize("name", ["../../etc/x", "requests", "json/../..", "", "json."])
def test_only_the_standard_library_is_imported(tmp_path: Path, name: str) -> None:
    with pytest.raises(PlatformError) as caught:
        pydoc_pages.run({"options": {"modules": [name]}}, tmp_path, SilentReporter())
    assert caught.value.field == "options.modules[0]"


HOSTILE = {
    "hangs": "while True: pass",
    "sleeps": "import time; time.sleep(1000)",
    "dies": "import os; os._exit(3)",
    "kills": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "exits": "raise SystemExit('enough')",
    "prints": "print('{\"bytes\": 1}' * 1000); import sys; sys.stderr.write('x' * 100000)\n'''Prints when imported.'''",
    "asks": "input('name? ')",
    "starts": "import subprocess; subprocess.Popen(['sleep', '1000'])\n'''Starts a program.'''",
    "good": "'''A good module.'''",
}


def test_a_module_that_misbehaves_hurts_only_its_own_page(tmp_path: Path) -> None:
    for name, code in HOSTILE.items():
        (tmp_path / f"{name}.py").write_text(code)
    environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path)}
    orders = [{"path": str(tmp_path / f"{name}.html"), "url": f"{name}.html", "module": name} for name in HOSTILE]
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-B", str(CHILD), "1.5"],
        input="".join(json.dumps(order) + "\n" for order in orders),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answers: dict[str, dict[str, Any]] = dict(zip(HOSTILE, map(json.loads, done.stdout.splitlines()), strict=True))
    assert done.stderr == ""
    for name in ("hangs", "sleeps"):
        assert answers[name] == {"why": "no page within 1.5 s"}
    for name in ("dies", "kills"):
        assert answers[name] == {"why": "the import ended the process"}
    assert answers["exits"] == {"why": "SystemExit: enough"}
    assert answers["asks"] == {"why": "EOFError: EOF when reading a line"}
    for name in ("prints", "starts", "good"):
        assert answers[name]["bytes"] == (tmp_path / f"{name}.html").stat().st_size
    assert "A good module." in (tmp_path / "good.html").read_text().replace("&nbsp;", " ")
    assert not any(command.startswith("sleep\x001000") for command in commands())


def commands() -> list[str]:
    """Command lines of all processes, where the system shows them."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found.append((process / "cmdline").read_text())
        except OSError:  # it has ended meanwhile
            continue
    return found


def test_the_renderer_leaves_when_its_parent_does(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    child = subprocess.Popen([sys.executable, "-S", "-P", "-B", str(CHILD), "5"], stdin=read_end, stdout=subprocess.PIPE, env=ENVIRONMENT)
    os.close(read_end)
    os.close(write_end)
    assert child.wait(timeout=30) == 0
    assert child.stdout is not None
    child.stdout.close()
