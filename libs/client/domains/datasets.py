"""Datasets, their versions, tasks, files in and files out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from libs.client import uploading
from libs.client.domains.waiting import SILENT_SECONDS, Waits, while_busy
from libs.client.download import Download, save
from libs.client.failure import Json
from libs.client.groups.dataset import DatasetCalls
from libs.client.uploading import Told


class Datasets(DatasetCalls, Waits):
    """Datasets, their versions and tasks."""

    get, find = DatasetCalls.get_dataset, DatasetCalls.find_dataset
    update, delete = DatasetCalls.update_dataset, DatasetCalls.delete_dataset
    version, versions, records = DatasetCalls.get_version, DatasetCalls.list_versions, DatasetCalls.read_records
    tasks, events = DatasetCalls.list_tasks, DatasetCalls.list_state_events

    def create(self, name: str, type: str = "Text", **facts: Any) -> Json:
        return self.create_dataset(name, type, **facts)

    def list(self, prefix: str | None = None) -> Iterator[Json]:
        return self.list_datasets(name_prefix=prefix)

    def task(self, id: str) -> Json:
        return self.get_task(id)

    def upload(self, path: str | Path, name: str = "", on_progress: Told = lambda *_: None, patience: float = SILENT_SECONDS) -> Json:
        """Sends a file; a file import reads it under the answer's ``path``. Sent again after a cut it goes on where it stopped.

        name: a label, the file's own when empty. on_progress: called with the bytes that arrived and those of the file. patience: seconds
        without progress after which it gives up. Raises ApiError, OSError.
        """
        return uploading.upload(self, Path(path), name or Path(path).name, on_progress, patience)

    def diff(self, old: str | int, new: str | int, seconds: float = 3600) -> Json:
        """How many records went, came and changed between two versions; waits while large ones are compared. Raises ApiError."""
        return while_busy(lambda: self.diff_versions(old, new), seconds)

    def differences(self, old: str | int, new: str | int, change: str | None = None, seconds: float = 3600) -> Iterator[Json]:
        """The records themselves: changed, removed or added, or all in this order."""

        def begun() -> Iterator[Json]:
            found = self.list_version_changes(old, new, change=change)
            first = next(found, None)
            return iter(()) if first is None else chain((first,), found)

        return while_busy(begun, seconds)

    def prepared(self, version: str | int, format: str = "jsonl", spreadsheet: bool = True, seconds: float = 3600) -> Json:
        """What an export will be, once it is made. Raises ApiError."""
        found: Json = while_busy(lambda: self.prepare_export(version, format, spreadsheet=spreadsheet), seconds)
        return found

    def export(
        self,
        version: str | int,
        path: str | Path,
        format: str = "jsonl",
        *,
        spreadsheet: bool = True,
        on_progress: Told = lambda *_: None,
        patience: float = SILENT_SECONDS,
        seconds: float = 3600,
    ) -> Json:
        """Takes a version out as one file, and says what is in it. path: of the file, or a folder, in which it gets its own name.

        spreadsheet: of csv, whether it is made for one. on_progress: called with the bytes that arrived and those of the file. patience:
        seconds without a byte after which it gives up; seconds: how long a large one may be made. Raises ApiError, OSError.
        """
        found = self.prepared(version, format, spreadsheet, seconds)
        target = Path(path) / found["file"]["name"] if Path(path).is_dir() else Path(path)

        def begin(start: int) -> Download:
            return while_busy(lambda: self.fetch_export(version, format, spreadsheet=spreadsheet, start=start), seconds)

        save(begin, target, on_progress, patience, self._client.language)
        return {**found, "path": str(target)}

    def cancel(self, id: str, cause: str = "") -> Json:
        return self.cancel_task(id, cause=cause)

    def dropped(self, task_id: str, rule: str | None = None) -> Iterator[Json]:
        return self.list_dropped(task_id, rule=rule)
