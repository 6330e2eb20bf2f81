"""Looks before the work: what an import would read, what rules would do, what a version looks like. Nothing is stored.

Files of strangers and rules of any cost run in a child of their own, with a bound on memory and on time, and few at once.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, busy, deadline_exceeded
from libs.common.rpc.deadline import Deadline
from libs.common.store.storage import ArtifactStore
from libs.common.work.child import Child, raised
from services.dataset.domain.task import DroppedRecord
from services.dataset.engine import recipe, sampling, summary
from services.dataset.service.datasets import Datasets, dropped_of

ROWS, RECORDS, SUMMARIZED = 20, 200, 2000
SECONDS = 8.0
AT_ONCE = 2  # children of this process
MEMORY_BYTES = 2 << 30  # of addresses, most of which libraries only map
SUMMARY_BYTES = 16 << 20
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class SampledFile:
    file: str
    bytes: int
    format: str
    delimiter: str
    encoding: str
    columns: list[str]
    first_values: dict[str, str]
    shape: str
    shape_signs: list[str]


@dataclass(frozen=True)
class SampledRow:
    """record: what an import would make of it; left out, it has a reason instead."""

    file: str
    row: int
    record: dict[str, Any] | None = None
    reason: str = ""
    column: str = ""
    excerpt: str = ""


@dataclass(frozen=True)
class RuleSample:
    rule: str
    dropped: int
    changed: int


@dataclass(frozen=True)
class FieldChange:
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangedRecord:
    record_id: str
    rules: list[str]
    changes: list[FieldChange]


@dataclass(frozen=True)
class Bar:
    label: str
    records: int


@dataclass(frozen=True)
class FieldSummary:
    field: str
    present: int
    distinct: int
    mean_length: float
    longest: int
    lengths: list[Bar]
    values: list[Bar]


@dataclass(frozen=True)
class ImportSample:
    files: list[SampledFile]
    rows: list[SampledRow]
    suggested: dict[str, str]
    whole: bool


@dataclass(frozen=True)
class CleaningSample:
    rules: list[RuleSample]
    dropped: list[DroppedRecord]
    changed: list[ChangedRecord]
    ledger: dict[str, Any]
    whole: bool


@dataclass(frozen=True)
class VersionSummary:
    records: int
    fields: list[FieldSummary]
    whole: bool


class Samples(Datasets):
    """Verbs that only look. imports: holds one folder per project space, named by its id."""

    _artifacts: ArtifactStore
    imports: Path

    def preview_import(self, ctx: CallContext, *, config: dict[str, Any], rows: int = ROWS) -> ImportSample:
        """Reads as a file import with this config would, and goes on behind bad rows. Raises what it would raise before its first row."""
        made = recipe.read("File_Import", config)
        job = {**made.job.values, "root": str(self.imports / str(ctx.space_id)), "rows": rows}
        found = in_child("services.dataset.engine.sampling:import_rows", job, ctx.deadline)
        files = [SampledFile(**each) for each in found["files"]]
        return ImportSample(files, [SampledRow(**each) for each in found["rows"]], found["suggested"], found["whole"])

    def preview_cleaning(
        self, ctx: CallContext, *, dataset_version_id: int, config: dict[str, Any], records: int = RECORDS
    ) -> CleaningSample:
        """Runs the rules of a custom cleaning on a sample spread over the version."""
        made = recipe.read("Custom_Cleaning", config)
        version = self.get_version(ctx, id=dataset_version_id)
        folder = self._artifacts.open(version.uri, verify=False)  # a look makes nothing; the real run reads and checks all of it
        job = {**self._readable(ctx, made.job.values, "config", version), "input": str(folder), "records": records}
        found = in_child("services.dataset.engine.sampling:clean_records", job, ctx.deadline)
        changed = [
            ChangedRecord(each["id"], each["rules"], [FieldChange(**change) for change in each["changes"]]) for each in found["changed"]
        ]
        rules = [RuleSample(**each) for each in found["rules"]]
        return CleaningSample(rules, [dropped_of(line) for line in found["dropped"]], changed, found["ledger"], found["whole"])

    def summarize_version(self, ctx: CallContext, *, dataset_version_id: int) -> VersionSummary:
        version = self.get_version(ctx, id=dataset_version_id)
        records, whole = sampling.spread(self._artifacts.open(version.uri, verify=False), SUMMARIZED, SUMMARY_BYTES)
        fields = [
            FieldSummary(**{**each, "lengths": [Bar(**bar) for bar in each["lengths"]], "values": [Bar(**bar) for bar in each["values"]]})
            for each in summary.describe(records)
        ]
        return VersionSummary(len(records), fields, whole)


def in_child(entry: str, job: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
    """The result of an engine's entry point. Raises what it raised; BUSY, DEADLINE_EXCEEDED."""
    with _place(), _folder() as work:
        child = Child(entry, {**job, "memory_bytes": MEMORY_BYTES}, work, {"OPENBLAS_NUM_THREADS": "1"})
        timer = threading.Timer(min(SECONDS, deadline.left() * 0.9), child.kill)
        timer.start()
        try:
            messages = list(child.messages())
        finally:
            timed_out = not timer.is_alive()
            timer.cancel()
            child.kill()
            child.wait()
        return outcome(messages, timed_out)


def outcome(messages: list[dict[str, Any]], timed_out: bool) -> dict[str, Any]:
    """The result a child reported. Raises what it raised."""
    for message in messages:
        if "done" in message:
            done: dict[str, Any] = message["done"]
            return done
        if "error" in message:
            raise raised(message["error"])
    raise deadline_exceeded("preview") if timed_out else PlatformError(500, Reason.INTERNAL)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise busy("previews", str(AT_ONCE))
    try:
        yield
    finally:
        _places.release()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="modelyard-preview-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
