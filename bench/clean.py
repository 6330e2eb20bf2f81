"""Cleaning: pages of documentation through Strip_Html, Remove_Noncompliant with 50 000 words, Remove_Low_Quality and Deduplicate.

``PAGES=n`` of them and four times as many. They come from Debian's documentation packages, fetched once by ``apt-get download`` and
unpacked under ``.venv/bench/pages``; nothing is installed. ``python -m bench.clean run VERSION WORK`` is the process that is measured.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import lexicon
from bench.measure import tree
from libs.common.work.engine import SilentReporter
from libs.data.versions import read_records
from services.dataset.engine import cleaning, importing
from services.dataset.engine.ledger import Drop, Operator
from services.dataset.engine.operators import OPERATORS
from services.dataset.engine.operators.deduplicate import Signer

PACKAGES = ("python3.11-doc", "python-django-doc", "git-doc", "developers-reference", "debian-reference-zh-cn", "debian-faq-zh-cn")
WORDS, LARGEST, PROCESSES = 50_000, 2 << 20, 2


def main(environments: Path) -> None:
    pages = found_pages(environments / "pages")
    count = int(os.environ.get("PAGES", 300))
    if len(pages) < 4 * count:
        print(
            f"clean: {4 * count} pages wanted, {len(pages)} found; it needs apt-get, dpkg-deb and {', '.join(PACKAGES)}, or a smaller PAGES"
        )
        return
    random.Random(1).shuffle(pages)
    with tempfile.TemporaryDirectory(prefix="bench-clean-") as scratch:
        versions = {size: version_of(pages[:size], Path(scratch) / str(size)) for size in (count, 4 * count)}
        by_stage(versions[4 * count], 4 * count)
        lexicon.compare(environments / "pyahocorasick", [record["text"] for record in read_records(versions[count])], words())
        small, large = (whole(versions[size], Path(scratch) / f"{size}-out", size) for size in versions)
    print(f"  {count} -> {4 * count} pages: CPU per page {large[0] / small[0]:.2f}, peak memory {large[1] / small[1]:.2f}")


def found_pages(folder: Path) -> list[Path]:
    """Every page of the packages, those that are fetched already included."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES if shutil.which("apt-get") and shutil.which("dpkg-deb") else ():
        target = folder / package
        if not target.exists():
            subprocess.run(["apt-get", "download", "--quiet", package], cwd=folder, capture_output=True, check=False)
            for archive in folder.glob(f"{package}_*.deb"):
                subprocess.run(["dpkg-deb", "-x", archive, target], check=True)
    return sorted(path for path in folder.rglob("*.html") if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST)


def version_of(pages: list[Path], place: Path) -> Path:
    files = place / "files"
    files.mkdir(parents=True)
    with (files / "pages.jsonl").open("w", encoding="utf-8") as out:
        for page in pages:
            out.write(json.dumps({"text": page.read_text(encoding="utf-8", errors="replace"), "format": "html"}, ensure_ascii=False) + "\n")
    importing.run({"root": str(files), "paths": ["."], "options": {}}, place / "import", SilentReporter())
    return place / "import" / "out"


def words() -> list[str]:
    """Half of them Chinese; the same in every run, and hardly ever said."""
    dice = random.Random(7)
    english = ["".join(dice.choices(string.ascii_lowercase, k=dice.randint(7, 12))) for _ in range(WORDS // 2)]
    return english + ["".join(chr(dice.randint(0x4E00, 0x9F00)) for _ in range(4)) for _ in range(WORDS // 2)]


def rules() -> list[dict[str, Any]]:
    return [{"rule": "Strip_Html"}, {"rule": "Remove_Noncompliant", "options": {"words": words()}}, {"rule": "Remove_Low_Quality"}]


def by_stage(version: Path, size: int) -> None:
    """CPU time of each stage per page, in one process and with what it starts; and of the libraries alone, which do the native part."""
    clock, signer = Clock(), Signer(near=True)
    operators = [OPERATORS[each["rule"]].build(each.get("options"), "options") for each in rules()]
    libraries = libraries_alone()
    for record in timed(clock, "read", read_records(version)):
        clock.of("libraries alone", lambda page=record["text"]: libraries(page))  # type: ignore[misc]
        kept = sifted(clock, operators, record)
        if kept is not None:
            clock.of("signature", lambda kept=kept: signer.add(kept))  # type: ignore[misc]
    print(f"\nclean, by stage ({size} pages, one process, CPU of a page)")
    for name, seconds in clock.spent.items():
        print(f"  {name:24} {seconds / size * 1e3:7.3f} ms")


def sifted(clock: Clock, operators: list[Operator], record: dict[str, Any]) -> dict[str, Any] | None:
    for operator in operators:
        verdict = clock.of(operator.rule, lambda operator=operator, record=record: operator.judge(record))  # type: ignore[misc]
        if isinstance(verdict, Drop):
            return None
        record = verdict
    return record


def libraries_alone() -> Callable[[str], object]:
    """Parse and text by the parser, one search of the automaton: nothing of ours."""
    from ahocorasick_rs import BytesAhoCorasick, Implementation
    from selectolax.lexbor import LexborHTMLParser

    automaton = BytesAhoCorasick([word.encode() for word in words()], implementation=Implementation.ContiguousNFA)
    return lambda page: automaton.find_matches_as_indexes((LexborHTMLParser(page).text() or "").lower().encode())


class Clock:
    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def of(self, name: str, work: Callable[[], Any]) -> Any:
        start = cpu()
        result = work()
        self.spent[name] = self.spent.get(name, 0.0) + cpu() - start
        return result


def timed(clock: Clock, name: str, items: Iterator[Any]) -> Iterator[Any]:
    end = object()
    while (item := clock.of(name, lambda: next(items, end))) is not end:
        yield item


def cpu() -> float:
    """Of this process and of those it has waited for, precise where no child is."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def whole(version: Path, work: Path, size: int) -> tuple[float, int]:
    """(CPU ms of a page, peak memory in MB) of the whole cleaning, start and import of libraries included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "bench.clean", "run", str(version), str(work)], stdout=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        peak = max(peak, memory(process.pid))
        time.sleep(0.05)
    seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / size * 1e3
    assert process.stdout is not None
    ledger = json.loads(process.stdout.read())
    print(f"  whole, {PROCESSES} processes: {size / seconds:6.0f} pages/s  {spent:6.2f} ms CPU a page  {peak >> 20} MB  {ledger}")
    return spent, peak


def memory(pid: int) -> int:
    """Proportional set size of the process tree, bytes."""
    total = 0
    for each in tree([pid]):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue  # it has ended
        total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return total


def run(version: str, work: str) -> None:
    options = {"processes": PROCESSES, "allow_drop_share": 1.0}
    job = {"input": version, "rules": [*rules(), {"rule": "Deduplicate"}], "options": options}
    print(json.dumps(cleaning.run(job, Path(work), SilentReporter())["ledger"]))


if __name__ == "__main__":
    run(*sys.argv[2:])
