"""What becomes of a model after it was deleted: for a time its owner can bring it back, with its other names.

Nothing of it is taken from the disk: its versions are what was made of data and what may have served, and lineage names them.
"""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.context import CallContext
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.model.domain.project import ModelProject
from services.model.service.naming import Naming
from services.model.service.shared import Shared


@dataclass(frozen=True)
class DeletedProject:
    """A model that can still come back."""

    project: ModelProject
    delete_time: int
    restore_until: int


class Deletion(Naming, Shared):
    """undo: milliseconds in which a delete can be taken back."""

    undo: int

    @mutation
    def restore_project(self, ctx: CallContext, *, id: int) -> ModelProject:
        """Raises NOT_FOUND for one that is not deleted, or too long ago; ALREADY_EXISTS where its name was given again."""
        with self.db.begin(ctx) as tx:
            gone = self.store.projects.restorable(tx, id, self.undo)
            self._take(tx, gone.name)
            back = self.store.projects.restore(tx, id, self.undo, "a project space")
            tx.event("model_project", id, back.status, back.status, "RESTORE")
            self._remember(tx, gone, self.undo)
            return tx.done(self._refresh_project(tx, back))

    def list_deleted_projects(self, ctx: CallContext, *, page: PageRequest) -> Page:
        """Those that can still come back, the newest first."""
        since = self.db.clock.now_ms() - self.undo
        with self.db.read() as conn:
            found = self.store.projects.deleted(conn, ctx, page, self.store.projects.column("update_time") >= since)
        items = [DeletedProject(each, each.update_time, each.update_time + self.undo) for each in found.items]
        return Page(items, found.next_cursor)
