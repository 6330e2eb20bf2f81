"""Small versions and folders for the tests of this package, made by the engine itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from libs.common.work.engine import SilentReporter
from libs.data.records import Record
from libs.data.versions import read_records
from services.dataset.engine import cleaning, importing

Rows = Iterable[Mapping[str, Any]]


def import_folder(root: Path, work: Path, paths: Sequence[str] = (".",), **options: Any) -> dict[str, Any]:
    return importing.run({"root": str(root), "paths": list(paths), "options": options}, work, SilentReporter())


def version_of(rows: Rows, place: Path, shard_bytes: int = 2000) -> Path:
    """A version with these records, in many small shards."""
    (place / "files").mkdir(parents=True)
    write_jsonl(place / "files" / "rows.jsonl", rows)
    import_folder(place / "files", place / "import", shard_bytes=shard_bytes)
    return place / "import" / "out"


def write_jsonl(path: Path, rows: Rows) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def clean(version: Path, work: Path, *rules: Any, processes: int = 1) -> dict[str, Any]:
    """rules: a name, or (name, options). Asks nobody how much may go."""
    listed = [{"rule": rule} if isinstance(rule, str) else {"rule": rule[0], "options": rule[1]} for rule in rules]
    return cleaning.run(
        {"input": str(version), "rules": listed, "options": {"processes": processes, "allow_drop_share": 1.0}}, work, SilentReporter()
    )


def records(version: Path) -> list[Record]:
    return list(read_records(version))


def lines(folder: Path) -> list[dict[str, Any]]:
    """All lines of the parts in ``dropped`` or ``changes``."""
    return [json.loads(line) for part in sorted(folder.glob("part-*.jsonl")) for line in part.read_text("utf-8").splitlines()]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def outputs(work: Path) -> dict[str, bytes]:
    """All that a finished task leaves for others."""
    return {name: data for name, data in tree(work).items() if name != "job.json"}


def runs(text: str, characters: bool, size: int = 5) -> set[tuple[str, ...]]:
    """All runs of ``size`` words or characters, by definition; the oracle of the deduplication tests."""
    parts = list("".join(text.split())) if characters else text.split()
    return {tuple(parts[at : at + size]) for at in range(max(1, len(parts) - size + 1))}


def jaccard(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    """Similarity by definition."""
    common = len(a & b)
    return common / (len(a) + len(b) - common)
