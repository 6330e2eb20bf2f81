"""Renders the documentation of the running interpreter's own standard library as HTML pages, and imports them.

Real pages of a vertical domain that are on every machine: public modules, private ones (many repeat a public one), language topics,
keywords (many repeat a topic) and three menus. Importing a module runs its code, so pages are made by child processes with a clean
environment and a time limit each (``pydoc_child``). The same interpreter gives the same bytes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pkgutil
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from libs.common import durable
from libs.common.errors import invalid
from libs.common.work.engine import Reporter
from libs.data.options import deciding, option, read_options
from services.dataset.engine import importing
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.shards import shard_size, working_processes

SKIPPED: Mapping[str, str] = {  # top-level module: why its pages are not made
    "antigravity": "opens a web browser when imported",
    "this": "prints when imported",
    "__hello__": "prints when run; a test module",
    "__phello__": "prints when run; a test module",
    "_testbuffer": "test code",
    "_testcapi": "test code",
    "_testclinic": "test code",
    "_testimportmultiple": "test code",
    "_testinternalcapi": "test code",
    "_testmultiphase": "test code",
    "_xxtestfuzz": "test code",
    "idlelib": "an application, not a library; its parts start windows",
    "lib2to3": "removed from Python 3.13; builds grammar files when imported",
    "test": "test code",
    "turtledemo": "programs that start windows",
}
SKIPPED_MODULES: Mapping[str, str] = {"tkinter.tix": "removed from Python 3.13; one page of 2.7 MB"}
SKIPPED_PARTS: Mapping[str, str] = {  # any later part of a dotted name
    "__main__": "runs a program when imported",
    "test": "test code",
    "tests": "test code",
    "_bundled": "data of an installer",
}
# A clean, constant environment: pages of os and sys print what they find there
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "BROWSER": "true",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}
_CHILD = Path(__file__).with_name("pydoc_child.py")


@dataclass(frozen=True, slots=True)
class PydocOptions:
    """Which pages; the rest goes to the import that follows."""

    modules: tuple[str, ...] = option(
        (), en="dotted names of the modules; empty: all of the standard library", zh="模块名列表；空表示整个标准库"
    )
    topics: bool = option(True, en="language topics, keywords and menus too", zh="同时导入语言主题、关键字与目录页")
    seconds_per_page: float = option(20.0, 0.1, 600.0, en="longest time for one page", zh="单个页面的最长处理时间", unit="s")
    processes: int = working_processes(2)
    shard_bytes: int = shard_size()


@dataclass(frozen=True, slots=True)
class Page:
    """A page to make: where it goes below the folder, pydoc's own address for it, and the module that is imported for it."""

    file: str
    url: str
    module: str | None = None


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``options`` (PydocOptions). Pages go to ``work / "pages"``, the imported version to ``work / "out"``.

    Returns the result of the import with ``pages`` (how many) and ``skipped`` ({name: why}).
    """
    refuse_unknown(job, ("options",))
    options = checked(read_options(PydocOptions, job.get("options")))
    folder = work / "pages"
    skipped = make_pages(folder, options, report)
    order = {"root": str(folder), "options": {"extensions": ["html"], "shard_bytes": options.shard_bytes}}
    result = importing.run(order, work, report)
    return {**result, "pages": result["records"], "skipped": skipped}


def checked(options: PydocOptions) -> PydocOptions:
    for position, name in enumerate(options.modules):
        if name.partition(".")[0] not in sys.stdlib_module_names or not all(part.isidentifier() for part in name.split(".")):
            raise invalid(f"options.modules[{position}]", limit="names of modules of the standard library", value=name[:100])
    return options


def make_pages(folder: Path, options: PydocOptions, report: Reporter) -> dict[str, str]:
    """Fills ``folder``; pages that are there already are kept. Returns which names have no page, and why."""
    done = folder / ".done.json"
    wanted = {"options": deciding(PydocOptions, asdict(options)) | {"modules": list(options.modules)}, "python": sys.version}
    finished = durable.read_json(done)
    if finished is not None and finished["wanted"] == wanted:
        return dict(finished["skipped"])
    pages, skipped = plan(options)
    for part in {str(Path(page.file).parent) for page in pages}:
        (folder / part).mkdir(parents=True, exist_ok=True)
    missing = [page for page in pages if not (folder / page.file).exists()]
    for count, (page, why) in enumerate(_rendered(folder, missing, options), start=1 + len(pages) - len(missing)):
        if why is not None:
            skipped[page.module or page.url] = why
        report.progress(count, len(pages), "pages")
    durable.write_json(done, {"wanted": wanted, "skipped": skipped})
    return skipped


def plan(options: PydocOptions) -> tuple[list[Page], dict[str, str]]:
    """(pages to make, {module: why it has none})."""
    pages, skipped = [], {}
    for name in options.modules or standard_modules():
        why = reason_to_skip(name)
        if why is None:
            shelf = "private" if any(part.startswith("_") for part in name.split(".")) else "modules"
            pages.append(Page(f"{shelf}/{name}.html", f"{name}.html", name))
        else:
            skipped[name] = why
    return pages + (list(_topic_pages()) if options.topics else []), skipped


def reason_to_skip(name: str) -> str | None:
    """Why a module's page is not made; None when it is."""
    first, *rest = name.split(".")
    return SKIPPED.get(first) or SKIPPED_MODULES.get(name) or next((SKIPPED_PARTS[part] for part in rest if part in SKIPPED_PARTS), None)


def standard_modules() -> list[str]:
    """Dotted names of all standard modules of this interpreter that exist here, found without importing them."""
    names = []
    for name in sorted(sys.stdlib_module_names):
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError):  # "__main__" and others without a spec
            continue
        if spec is not None:
            names.append(name)
            if reason_to_skip(name) is None:
                names += _below(name, spec.submodule_search_locations or ())
    return [*names, "os.path"]


def _below(package: str, folders: Iterable[str]) -> Iterator[str]:
    folders = list(folders)
    for module in pkgutil.iter_modules(folders, package + "."):
        yield module.name
        if module.ispkg and reason_to_skip(module.name) is None:
            last = module.name.rpartition(".")[2]
            yield from _below(module.name, [os.path.join(folder, last) for folder in folders])


def _topic_pages() -> Iterator[Page]:
    import pydoc

    for shelf, names in (("topics", pydoc.Helper.topics), ("keywords", pydoc.Helper.keywords)):
        for name in sorted(names):
            yield Page(f"{shelf}/{name}.html", f"topic?key={name}")
    for menu in ("index", "topics", "keywords"):
        yield Page(f"menus/{menu}.html", f"{menu}.html")


def _rendered(folder: Path, pages: Sequence[Page], options: PydocOptions) -> Iterator[tuple[Page, str | None]]:
    """(page, why there is none) as they get ready, from ``options.processes`` children that take the next page when they are free."""
    orders: queue.SimpleQueue[Page] = queue.SimpleQueue()
    for page in pages:
        orders.put(page)
    answers: queue.SimpleQueue[tuple[Page, str | None] | BaseException] = queue.SimpleQueue()
    stop = threading.Event()
    threads = [
        threading.Thread(target=_serve, args=(folder.resolve(), orders, answers, options.seconds_per_page, stop), daemon=True)
        for _ in range(min(options.processes, len(pages)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in pages:
            answer = answers.get()
            if isinstance(answer, BaseException):
                raise answer
            yield answer
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _serve(folder: Path, orders: queue.SimpleQueue[Page], answers: queue.SimpleQueue[Any], seconds: float, stop: threading.Event) -> None:
    """One child and the thread that feeds it."""
    try:
        command = [sys.executable, "-S", "-P", "-B", "-W", "ignore", str(_CHILD), str(seconds)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, cwd="/", text=True) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            while not stop.is_set() and not orders.empty():
                try:
                    page = orders.get_nowait()
                except queue.Empty:
                    break
                order = {"path": str(folder / page.file), "url": page.url} | ({"module": page.module} if page.module else {})
                child.stdin.write(json.dumps(order) + "\n")
                child.stdin.flush()
                answer = json.loads(child.stdout.readline())
                answers.put((page, answer.get("why")))
    except BaseException as error:
        answers.put(error)
