"""A look before the work: the same readers and rules as the real step, on a few rows, with what they would leave out and change.

Entry points for a child process, like those of the real steps: what strangers' files do to memory and time, they do to that child alone.
``memory_bytes`` in a job bounds what it may take. Long texts are cut, so that an answer fits into one message whatever the rows hold.
"""

from __future__ import annotations

import codecs
import resource
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from libs.common.work.engine import Reporter
from libs.data.beneath import SourceFile, open_beneath
from libs.data.options import read_options
from libs.data.records import Record, canonical, content_of
from libs.data.versions import PartFile, read_manifest, read_part
from services.dataset.engine import cleaning, columns, importing, publishing, shards
from services.dataset.engine.cleaning import Cleaning, CleaningOptions
from services.dataset.engine.csv_rows import delimiter_of
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.ledger import total
from services.dataset.engine.references import FOLDERS
from services.dataset.engine.rows import BOM, Fault, Row, looks_like
from services.dataset.engine.shapes import SHAPES, shape_of
from services.dataset.engine.shards import CHANGES, DROPPED, OUT, Mark, Stage, Unit

FILES = 20  # looked into
COLUMNS = 100  # of a file that are named
VALUE = 80  # characters of a first value
TEXT, ITEMS, DEEP = 2000, 20, 8  # characters, elements and levels of a record that are shown
BEFORE = 120  # characters shown in front of the first that differs
PLACES = 16  # parts of a version a sample is spread over
SHOWN = 50  # drops, and changed records, of a sample
SAMPLE_BYTES = 32 << 20
Stages = Sequence[tuple[Stage, Sequence[Mark]]]


def import_rows(job: Mapping[str, Any], _work: Path, report: Reporter) -> dict[str, Any]:
    """job: as of an import, with ``rows``: how many are shown, good ones and bad ones together.

    Returns files (how each is read), rows (the record, or why it is left out), suggested (a mapping to start from), whole.
    """
    refuse_unknown(job, ("root", "paths", "options", "rows", "memory_bytes"))
    bound(job)
    root, options = Path(job_field(job, "root", str)), importing.checked(read_options(importing.ImportOptions, job.get("options")))
    files = importing.wanted(root, job_field(job, "paths", list), options)
    source = importing.Source(root, files[:FILES], options, report)
    left, whole = job_field(job, "rows", int), len(files) <= FILES
    shown: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    suggested: dict[str, str] = {}
    for number, file in enumerate(files[:FILES]):
        rows = list(islice(source.rows(number), left + 1))
        whole = whole and len(rows) <= left
        shown += [_shown(file, row, options) for row in rows[:left]]
        seen = {"columns": _columns(rows), "first_values": _first_values(rows), **_shape(rows, options)}
        told.append({**_file(root, file, options), **seen})
        suggested = suggested or _suggested(rows)
        left -= len(rows[:left])
    return {"files": told, "rows": shown, "suggested": suggested, "whole": whole}


def clean_records(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: as of a cleaning, with ``records``: of how many the sample is.

    Returns ledger, rules (what each drops and changes), dropped, changed (both the first of them), whole.
    """
    refuse_unknown(job, ("input", "rules", "options", "records", "memory_bytes", FOLDERS))
    bound(job)
    folder, passes = Path(job_field(job, "input", str)), cleaning.plan(job.get("rules"))
    sample, whole = spread(folder, job_field(job, "records", int), SAMPLE_BYTES)
    chosen = as_version(sample, work / "sample", folder)
    options, references = CleaningOptions(allow_drop_share=1.0), job.get(FOLDERS) or {}
    stages = Cleaning(chosen, read_manifest(chosen), passes, work / "cleaned", options, report, references).passed()
    ledger = total([mark.ledger for mark in stages[0][1]])
    for _, later in stages[1:]:
        ledger = ledger.followed_by(total([mark.ledger for mark in later]))
    changed = _changed({record["id"]: record for record in sample}, stages)
    names = dict.fromkeys(each["rule"] for each in job["rules"])
    touched = Counter(rule for each in changed for rule in {rule.partition("@")[0] for rule in each["rules"]})
    return {
        "ledger": ledger.to_json(),
        "rules": [{"rule": name, "dropped": ledger.dropped[name], "changed": touched[name]} for name in names],
        "dropped": list(islice(_lines(stages, DROPPED), SHOWN)),
        "changed": changed[:SHOWN],
        "whole": whole,
    }


def spread(folder: Path, count: int, most_bytes: int) -> tuple[list[Record], bool]:
    """(records from the beginnings of parts all over a version, whether they are all of it)."""
    manifest = read_manifest(folder)
    places = min(len(manifest.files), PLACES, count)
    chosen = [manifest.files[place * len(manifest.files) // places] for place in range(places)]
    found: list[Record] = []
    size = 0
    for number, file in enumerate(chosen):
        for record in islice(read_part(folder, file), (count - len(found)) // (places - number)):
            size += len(canonical(record))
            if found and size > most_bytes:
                return found, False
            found.append(record)
    return found, len(found) == manifest.records


def as_version(sample: Sequence[Record], work: Path, source: Path) -> Path:
    """The folder of a version of these records, with the blobs they name. source: of the version they are from."""
    stage = publishing.stage_of(work, 0)
    marks = shards.write_stream(stage, lambda _: (Unit(None, record) for record in sample), SAMPLE_BYTES * 2)
    publishing.publish(work, [(stage, marks)], source=source)
    return work / OUT


def bound(job: Mapping[str, Any]) -> None:
    """What this child may take of memory."""
    if most := job.get("memory_bytes"):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


# --- rows of an import


def _shown(file: SourceFile, row: Row, options: importing.ImportOptions) -> dict[str, Any]:
    record, fault = importing.to_record(row, file.name, options)
    seen: dict[str, Any] = {"file": file.name, "row": row.number}
    if fault is None:
        return {**seen, "record": cut(content_of(record or {}))}
    line = importing.rejection_of(file.name, row, fault)
    return {**seen, "reason": line["reason"], "column": fault.column or "", "excerpt": line["excerpt"]}


def _file(root: Path, file: SourceFile, options: importing.ImportOptions) -> dict[str, Any]:
    with open_beneath(root, file.name) as handle:
        head = handle.peek(importing.HEAD)[: importing.HEAD]
        format = importing.format_of(file, head, options)
        told = {"file": file.name, "bytes": file.size, "format": "" if isinstance(format, Fault) else format, "encoding": _encoding(head)}
        found = options.delimiter if options.delimiter != "auto" else delimiter_of(handle, options.max_row_bytes)
        return {**told, "delimiter": {"csv": found, "tsv": "\t"}.get(str(told["format"]), "")}


def _encoding(head: bytes) -> str:
    """Of the first bytes, which may end inside a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return looks_like(head)
    return "UTF-8 with BOM" if head.startswith(BOM) else "UTF-8"


def _shape(rows: Sequence[Row], options: importing.ImportOptions) -> dict[str, Any]:
    """The shape that most rows are taken as, and the fields that speak for it; that of the file where one is named."""
    mapped = [importing.named(row.fields, options.columns or {}) for row in rows if row.fields]
    fields = [each for each in mapped if not isinstance(each, Fault)]
    if options.shape != "auto":
        return {"shape": options.shape, "shape_signs": list(next(filter(None, map(SHAPES[options.shape].signs, fields)), ()))}
    found = Counter((shape.name, shape.signs(each)) for each in fields if (shape := shape_of(each)) is not None)
    names = Counter(name for (name, _), count in found.items() for _ in range(count))
    name = names.most_common(1)[0][0] if names else ""
    signs = next((signs for (each, signs), _ in found.most_common() if each == name), ())
    return {"shape": name, "shape_signs": list(signs)}


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.fields or {}))[:COLUMNS]


def _first_values(rows: Sequence[Row]) -> dict[str, str]:
    """The first thing each column says: what shows a person what it is."""
    found: dict[str, str] = {}
    for name, value in ((name, value) for row in rows for name, value in (row.fields or {}).items() if value not in (None, "")):
        if name not in found and len(found) < COLUMNS:
            found[name] = _text(value)[:VALUE]
    return found


def _suggested(rows: Sequence[Row]) -> dict[str, str]:
    """A mapping where the file has none of our columns."""
    fields = next((row.fields for row in rows if row.fields), None)
    return columns.guess(fields) if fields and columns.lacking(fields) else {}


def cut(value: Any, depth: int = 0) -> Any:
    """A value as it is shown: long texts, long lists and what is nested deep end in …"""
    if isinstance(value, str):
        return value if len(value) <= TEXT else value[:TEXT] + "…"
    if depth >= DEEP and isinstance(value, (dict, list)):
        return "…"
    if isinstance(value, dict):
        return {name: cut(item, depth + 1) for name, item in islice(value.items(), COLUMNS)}
    if isinstance(value, list):
        return [cut(item, depth + 1) for item in value[:ITEMS]] + (["…"] if len(value) > ITEMS else [])
    return value


# --- records of a cleaning


def _lines(stages: Stages, stream: str) -> Iterator[Record]:
    for stage, marks in stages:
        for index, mark in enumerate(marks):
            if stream in mark.parts:
                yield from _of(stage, stream, index, mark.parts[stream])


def _of(stage: Stage, stream: str, index: int, file: PartFile) -> Iterator[Record]:
    return read_part(stage.part(stream, index).parent, file)


def _changed(before: Mapping[str, Record], stages: Stages) -> list[dict[str, Any]]:
    """Every record that came out as another one, with the fields that differ."""
    after = {record["id"]: record for record in _lines(stages[-1:], OUT)}
    lines = _changes(stages[-1:])
    return [{"id": line["id"], "rules": line["rules"], "changes": differing(before[line["id"]], after[line["new_id"]])} for line in lines]


def _changes(stages: Stages) -> Iterator[Record]:
    import json

    for stage, marks in stages:
        for index, mark in enumerate(marks):
            if CHANGES in mark.parts:
                yield from map(json.loads, stage.part(CHANGES, index).read_text(encoding="utf-8").splitlines())


def differing(old: Record, new: Record) -> list[dict[str, str]]:
    """The fields in which two records differ, before and after, from shortly before the first character that does."""
    names = [name for name in dict.fromkeys([*content_of(old), *content_of(new)]) if old.get(name) != new.get(name)]
    return [{"field": name, **_window(_text(old.get(name)), _text(new.get(name)))} for name in names]


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else canonical({"value": value})[9:-1]


def _window(old: str, new: str) -> dict[str, str]:
    """Both texts from shortly before the first character that differs."""
    first = next((place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, first - BEFORE)
    return {name: ("…" if start else "") + cut(text[start:]) for name, text in (("before", old), ("after", new))}
