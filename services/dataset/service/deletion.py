"""What becomes of a dataset after it was deleted: it comes back while there is time, and then its data goes for good, with a proof.

A purge is decided in one transaction: from then on nothing speaks for the data, so that nobody can read it, and the row says what there
was. Its bytes go after that, in as many rounds as it takes; a kill in between is gone on from. What another dataset speaks for too stays,
and the proof says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from libs.common import fault
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, busy
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.dataset.domain.dataset import Dataset
from services.dataset.domain.purge import KEPT_FOR_OTHERS, MACHINE, DatasetPurge, PurgedArtifact, PurgedVersion, PurgeStatus, proof_of
from services.dataset.domain.recipe import Recipe
from services.dataset.service.datasets import Datasets
from services.dataset.service.step_outputs import StepOutputs

SCHEME = "artifact://"
TIME_IS_OVER = "the time to undo was over"
AT_ONCE = 20  # datasets of one round
AGAIN_MS = 60_000  # before a purge that is not done is looked at again


@dataclass(frozen=True)
class DeletedDataset:
    """delete_time: when it was deleted. purge_time: when its data goes for good."""

    dataset: Dataset
    delete_time: int
    purge_time: int


class Deletion(StepOutputs, Datasets):
    """undo: milliseconds in which a delete can be taken back."""

    undo: int

    @mutation
    def restore_dataset(self, ctx: CallContext, *, id: int) -> Dataset:
        """Raises NOT_FOUND for one that is not deleted, or too long ago; PURGED; ALREADY_EXISTS where its name was given again."""
        with self.db.begin(ctx) as tx:
            if self.store.purges.first_by(tx.conn, ctx, dataset_id=id) is not None:
                raise PlatformError(410, Reason.PURGED, field="id", limit="a dataset whose data is there")
            return tx.done(self.store.datasets.restore(tx, id, self.undo, "a project space", "name"))

    @mutation
    def restore_recipe(self, ctx: CallContext, *, id: int) -> Recipe:
        with self.db.begin(ctx) as tx:
            return tx.done(self.store.recipes.restore(tx, id, self.undo, "a project space", "name"))

    def list_deleted_datasets(self, ctx: CallContext, *, page: PageRequest) -> Page:
        """Those that can still come back, the newest first."""
        since = self.db.clock.now_ms() - self.undo
        with self.db.read() as conn:
            found = self.store.datasets.deleted(
                conn, ctx, page, self.store.datasets.column("update_time") >= since, self.store.has_its_data()
            )
        items = [DeletedDataset(each, each.update_time, each.update_time + self.undo) for each in found.items]
        return Page(items, found.next_cursor)

    @mutation
    def purge_dataset(self, ctx: CallContext, *, id: int, cause: str) -> DatasetPurge:
        """The data of a deleted dataset, before its time: nothing of it can be read from here on, and the next sweep takes the bytes.

        Raises NOT_FOUND, BUSY while a task works on it.
        """
        with self.db.begin(ctx) as tx:
            dataset = self.store.datasets.get_deleted(tx.conn, ctx, id)
            known = self.store.purges.first_by(tx.conn, ctx, dataset_id=id)
            return tx.done(known or self._begin_purge(tx, dataset, ctx.user_id, cause))

    def get_purge(self, ctx: CallContext, *, id: int) -> DatasetPurge:
        with self.db.read() as conn:
            return self.store.purges.get(conn, ctx, id)

    def list_purges(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.purges.page(conn, ctx, page)

    def sweep_deleted(self) -> int:
        """Goes on with purges that are not done, and begins those whose time has come. Returns how many are done now."""
        with self.db.read() as conn:
            open_ = self.store.open_purges(conn, AT_ONCE)
            overdue = self.store.overdue(conn, self.db.clock.now_ms() - self.undo, AT_ONCE)
        begun = [purge for dataset in overdue if (purge := self._begun(dataset)) is not None]
        done = [self._finish_purge(purge) for purge in (*open_, *begun)]
        return sum(purge.status == PurgeStatus.DONE for purge in done)

    # --- shared steps

    def _begun(self, dataset: Dataset) -> DatasetPurge | None:
        """None while a task works on it: the next round looks again."""
        with self.db.begin(system_context(0, dataset.project_space_id)) as tx:
            if self.store.works_on(tx.conn, dataset.id):
                return None
            return self._begin_purge(tx, dataset, 0, TIME_IS_OVER)

    def _begin_purge(self, tx: Transaction, dataset: Dataset, user_id: int, cause: str) -> DatasetPurge:
        if self.store.works_on(tx.conn, dataset.id):
            raise busy("tasks of this dataset", "ended tasks")
        versions = self.store.versions_of(tx.conn, dataset.id)
        uris = self.store.addresses_of(tx.conn, dataset.id)
        artifacts = [PurgedArtifact(uri.removeprefix(SCHEME), self._artifacts.size(uri) or 0) for uri in sorted(uris)]
        was = [PurgedVersion(each.id, each.number, each.content_hash, each.records, each.bytes) for each in versions]
        id = self.db.ids.next()
        made = DatasetPurge(
            id,
            dataset.project_space_id,
            dataset.id,
            dataset.name,
            dataset.secrecy,
            user_id,
            cause,
            dataset.update_time,
            versions=was,
            artifacts=artifacts,
        )
        tx.event("dataset_purge", id, PurgeStatus.PURGING, PurgeStatus.PURGING, "CREATE", cause)
        stored = self.store.purges.insert(tx, made)
        self.store.silence(tx, dataset.id)
        return stored

    def _finish_purge(self, purge: DatasetPurge) -> DatasetPurge:
        """As far as it can be done now: what was published within the hour goes later, and is looked at once a minute until then."""
        if purge.version and self.db.clock.now_ms() - purge.update_time < AGAIN_MS:
            return purge
        fault.point("dataset.after_purge_begins_before_bytes")
        self.remove_unspoken(SCHEME + each.digest for each in purge.artifacts)
        with self.db.read() as conn:
            spoken = self.store.addresses(conn)
        now = [self._outcome(each, spoken) for each in purge.artifacts]
        with self.db.begin(system_context(0, purge.project_space_id)) as tx:
            current = self.store.purges.get(tx.conn, tx.ctx, purge.id)
            if current.status == PurgeStatus.DONE:
                return current
            if not all(each.settled for each in now):
                return self.store.purges.update(tx, current, artifacts=now)
            status = MACHINE.next(current.status, "FINISH")
            tx.event("dataset_purge", purge.id, current.status, status, "FINISH")
            proof = proof_of(replace(current, artifacts=now))
            return self.store.purges.update(tx, current, status=status, artifacts=now, proof=proof, finish_time=tx.now)

    def _outcome(self, artifact: PurgedArtifact, spoken: set[str]) -> PurgedArtifact:
        uri = SCHEME + artifact.digest
        if self._artifacts.size(uri) is None:
            return replace(artifact, removed=True)
        return replace(artifact, kept_for=KEPT_FOR_OTHERS) if uri in spoken else artifact
