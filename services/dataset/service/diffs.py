"""Verbs on the difference between two versions. It is worked out once, in a child of its own, and kept for as long as this process lives.

A version never changes, so neither does what was found. Large ones take longer than a call: that is answered with BUSY while the work goes
on, and asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.common.context import CallContext
from libs.common.errors import Reason, invalid
from libs.common.store.repository import Page, PageRequest, decode_cursor, encode_cursor
from libs.common.work.child import Child
from services.dataset.domain.version import DatasetVersion
from services.dataset.engine import diff_pages
from services.dataset.service.datasets import Datasets
from services.dataset.service.kept import Kept
from services.dataset.service.samples import FieldChange, outcome

SECONDS = 6.0  # that one call waits
KEPT = 16  # results
STEPS = 100  # between two versions that are followed


@dataclass(frozen=True)
class VersionDiff:
    """Every record of both versions is in exactly one of the counts: before = same + changed + removed, after = same + changed + added."""

    before: int
    after: int
    same: int
    changed: int
    removed: int
    added: int


@dataclass(frozen=True)
class VersionChange:
    change: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changes: list[FieldChange]


def _compared(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    child = Child("services.dataset.engine.version_diff:run", job, folder, {"SQLITE_TMPDIR": str(folder)})
    try:
        return outcome(list(child.messages()), timed_out=False)
    finally:
        child.kill()
        child.wait()


class Diffs(Datasets):
    """Verbs that compare. kept: what was found so far."""

    kept: Kept[dict[str, Any]]

    def diff_versions(self, ctx: CallContext, *, old_version_id: int, new_version_id: int) -> VersionDiff:
        """Exact counts. Raises NOT_FOUND, CHECKSUM_MISMATCH, BUSY."""
        old, new = (self.get_version(ctx, id=id) for id in (old_version_id, new_version_id))
        return self._counts(ctx, old, new)

    def list_version_changes(
        self, ctx: CallContext, *, old_version_id: int, new_version_id: int, page: PageRequest, change: str = ""
    ) -> Page:
        """Records that changed, went or came, the changed ones first; in the order of their hashes, so that any page is a fair sample."""
        if change and change not in diff_pages.KINDS:
            raise invalid("change", Reason.UNKNOWN_ENUM, "one of " + ", ".join(diff_pages.KINDS), value=change)
        old, new = (self.get_version(ctx, id=id) for id in (old_version_id, new_version_id))
        self._counts(ctx, old, new)
        folders = [self._artifacts.open(version.uri, verify=False) for version in (old, new)]
        start = decode_cursor(page.cursor) if page.cursor else 0
        found, after = diff_pages.page(self.kept.folder((old.id, new.id)), diff_pages.Versions(*folders), start, page.limit, change)
        items = [VersionChange(each.change, each.before, each.after, [FieldChange(**field) for field in each.fields]) for each in found]
        return Page(items, None if after is None else encode_cursor(after))

    def _counts(self, ctx: CallContext, old: DatasetVersion, new: DatasetVersion) -> VersionDiff:
        folders = [str(self._artifacts.open(version.uri, verify=False)) for version in (old, new)]  # parts are checked as they are read
        job = {"old": folders[0], "new": folders[1], **self._steps(ctx, old, new)}
        seconds = min(SECONDS, ctx.deadline.left() * 0.8)
        return VersionDiff(**self.kept.get((old.id, new.id), lambda folder: _compared(job, folder), seconds))

    def _steps(self, ctx: CallContext, old: DatasetVersion, new: DatasetVersion) -> dict[str, Any]:
        """The changes that led from one version to the other, in order; backward where the new one is the older."""
        if (steps := self._between(ctx, old, new)) is not None:
            return {"steps": steps, "backward": False}
        return {"steps": self._between(ctx, new, old) or [], "backward": True}

    def _between(self, ctx: CallContext, first: DatasetVersion, last: DatasetVersion) -> list[str] | None:
        """None where the last was not made of the first."""
        found: list[str] = []
        with self.db.read() as conn:
            for _ in range(STEPS):
                if last.id == first.id:
                    return found[::-1]
                parent = self.store.versions.find(conn, ctx, last.parent_version_id) if last.parent_version_id else None
                if parent is None:
                    return None
                task = self.store.tasks.find(conn, ctx, last.task_id)
                if task is not None and "changes_uri" in task.result:
                    found += _folders(self._artifacts.open(task.result["changes_uri"]))[::-1]
                last = parent
        return None


def _folders(changes: Path) -> list[str]:
    """Those of the steps of a recipe, in order; of any other task the one it has."""
    return [str(path) for path in sorted(changes.iterdir()) if path.is_dir()] or [str(changes)]
