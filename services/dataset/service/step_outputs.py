"""Outputs of steps: found by what they were made of, kept while they are of use, and then removed with their bytes.

A row speaks for its artifacts as a version does for its own. What no row, version or task speaks for any more is taken from the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from libs.common.context import CallContext, system_context
from libs.common.store.database import Database
from libs.common.store.storage import ArtifactStore
from services.dataset.domain.recipe import StepOutput
from services.dataset.domain.task import DatasetTask
from services.dataset.repository import DatasetRepository
from services.dataset.service.recipes import RecipeRules

AT_ONCE = 100  # outputs swept in one round


class StepOutputs:
    db: Database
    store: DatasetRepository
    rules: RecipeRules
    _artifacts: ArtifactStore

    def kept_steps(self, task: DatasetTask, reached: Sequence[str]) -> list[StepOutput]:
        """Of the first steps of a plan those whose outputs are there, without a gap, and noted as of use now."""
        ctx, found = _context(task), []
        with self.db.begin(ctx) as tx:
            for each in reached:
                output = self.store.step_outputs.first_by(tx.conn, ctx, reached=each)
                if output is None:
                    break
                self.store.use_step(tx, output.id)
                found.append(output)
        return found

    def keep_step(self, task: DatasetTask, reached: str, kind: str, ledger: dict[str, Any], **uris: Any) -> None:
        """Also where it is kept already: then it was of use."""
        ctx = _context(task)
        with self.db.begin(ctx) as tx:
            known = self.store.step_outputs.first_by(tx.conn, ctx, reached=reached)
            if known is not None:
                self.store.use_step(tx, known.id)
                return
            made = StepOutput(
                self.db.ids.next(), task.project_space_id, task.dataset_id, reached, kind, ledger=ledger, used_time=tx.now, **uris
            )
            self.store.step_outputs.insert(tx, made)

    def sweep_steps(self) -> int:
        """Removes what was of no use for too long. Returns how many outputs went."""
        gone: list[StepOutput] = []
        with self.db.read() as conn:
            unused = self.store.unused_steps(conn, self.db.clock.now_ms() - self.rules.kept, AT_ONCE)
        for output in unused:
            with self.db.begin(system_context(0, output.project_space_id)) as tx:
                if self.store.forget_step(tx, output):
                    gone.append(output)
        self.remove_unspoken(uri for output in gone for uri in (output.uri, output.dropped_uri, output.changes_uri))
        return len(gone)

    def remove_unspoken(self, uris: Iterable[str]) -> list[str]:
        """Takes artifacts from the disk that nothing speaks for. Returns which."""
        wanted = {uri for uri in uris if uri}
        if not wanted:
            return []
        with self.db.read() as conn:
            wanted -= self.store.addresses(conn)
        return [uri for uri in sorted(wanted) if self._artifacts.remove(uri, partial(self._spoken, uri))]

    def _spoken(self, uri: str) -> bool:
        with self.db.read() as conn:
            return uri in self.store.addresses(conn)


def _context(task: DatasetTask) -> CallContext:
    return system_context(task.user_id, task.project_space_id)
