"""Verbs on datasets, their versions, and the tasks that make one version out of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, invalid, missing, not_found
from libs.common.store.database import Database, Transaction
from libs.common.store.filters import chosen
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, decode_cursor, encode_cursor
from libs.common.store.storage import ArtifactStore
from libs.common.work.lifecycle import TaskLifecycle, snapshot_hash
from libs.common.work.task import TaskStatus
from libs.common.work.tasklog import TaskLog
from services.dataset.domain.dataset import Dataset, DatasetType, SecrecyLevel
from services.dataset.domain.task import DatasetTask, DatasetTaskSubType, DatasetTaskType, DroppedRecord, check_type
from services.dataset.domain.version import TEST, TRAIN, DatasetVersion
from services.dataset.engine import reading, recipe
from services.dataset.repository import DatasetRepository
from services.dataset.service import references

MAX_ATTEMPTS = 3
LATEST = "latest"
NUMBER_MAX = 2**31 - 1  # of a version
REMEMBERED = 1000  # steps back in which a part is looked for


@dataclass(frozen=True)
class CreatedTask:
    dataset_task: DatasetTask
    reused: bool


class Datasets:
    db: Database
    store: DatasetRepository
    lifecycle: TaskLifecycle[DatasetTask]
    _artifacts: ArtifactStore

    # --- datasets

    @mutation
    def create_dataset(
        self,
        ctx: CallContext,
        *,
        name: str,
        type: DatasetType,
        desc: str = "",
        file_url: str = "",
        secrecy: SecrecyLevel = SecrecyLevel.PUBLIC,
        source: str = "",
    ) -> Dataset:
        """Raises ALREADY_EXISTS for a name taken in this space, FORBIDDEN for a level its maker could not see."""
        if secrecy > ctx.clearance:
            raise PlatformError(403, Reason.FORBIDDEN, field="secrecy", limit=f"secrecy at most your clearance ({ctx.clearance})")
        with self.db.begin(ctx) as tx:
            self.store.datasets.refuse_twin(tx, "a project space", name=name)
            made = Dataset(self.db.ids.next(), name, type, ctx.space_id, ctx.user_id, desc, file_url, secrecy, source)
            return tx.done(self.store.datasets.insert(tx, made))

    def get_dataset(self, ctx: CallContext, *, id: int) -> Dataset:
        with self.db.read() as conn:
            return self.store.datasets.get(conn, ctx, id)

    def find_dataset(self, ctx: CallContext, *, name: str) -> Dataset:
        with self.db.read() as conn:
            found = self.store.datasets.first(conn, ctx, self.store.datasets.column("name") == name, newest=False)
        if found is None:
            raise not_found("dataset", name)
        return found

    def list_datasets(self, ctx: CallContext, *, page: PageRequest, name_prefix: str = "") -> Page:
        where = [self.store.datasets.column("name").startswith(name_prefix, autoescape=True)] if name_prefix else []
        with self.db.read() as conn:
            return self.store.datasets.page(conn, ctx, page, *where)

    @mutation
    def update_dataset(
        self, ctx: CallContext, *, id: int, name: str | None = None, desc: str | None = None, source: str | None = None
    ) -> Dataset:
        sent = {key: value for key, value in {"name": name, "desc": desc, "source": source}.items() if value is not None}
        with self.db.begin(ctx) as tx:
            dataset = self.store.datasets.get(tx.conn, ctx, id)
            if name is not None and name != dataset.name:
                self.store.datasets.refuse_twin(tx, "a project space", name=name)
            return tx.done(self.store.datasets.update_expected(tx, dataset, **sent))

    @mutation
    def delete_dataset(self, ctx: CallContext, *, id: int) -> Dataset:
        """Marks deleted; its versions stay readable for what was made of them until the time to undo is over (``deletion``)."""
        with self.db.begin(ctx) as tx:
            return tx.done(self.store.datasets.delete(tx, self.store.datasets.get(tx.conn, ctx, id)))

    # --- tasks

    @mutation
    def create_task(
        self,
        ctx: CallContext,
        *,
        dataset_id: int,
        type: DatasetTaskType,
        sub_type: DatasetTaskSubType,
        name: str,
        desc: str = "",
        input_version_id: int = 0,
        config: dict[str, Any] | None = None,
        reuse: bool = False,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> CreatedTask:
        """Freezes input and config into a snapshot. With ``reuse`` a task of this dataset that already did exactly this is answered
        instead; a file import is never recognised, because files change under their names."""
        check_type(type, sub_type)
        made = recipe.read(sub_type.name, config or {})
        facts = {"dataset_id": dataset_id, "input_version_id": input_version_id, "type": type, "sub_type": sub_type}
        return self._begin(
            ctx, made, reuse, str((config or {}).get("preview", "")), **facts, name=name, desc=desc, max_attempts=max_attempts
        )

    def get_task(self, ctx: CallContext, *, id: int) -> DatasetTask:
        with self.db.read() as conn:
            return self.store.tasks.get(conn, ctx, id)

    def get_task_log(self, ctx: CallContext, *, task_id: int, after: int = 0) -> TaskLog:
        return self.lifecycle.log(ctx, task_id, after)

    def list_tasks(
        self,
        ctx: CallContext,
        *,
        page: PageRequest,
        dataset_id: int | None = None,
        statuses: list[TaskStatus] | None = None,
        type: DatasetTaskType | None = None,
        user_id: int | None = None,
        from_time: int | None = None,
        to_time: int | None = None,
    ) -> Page:
        equal = {"dataset_id": dataset_id, "type": type, "user_id": user_id}
        with self.db.read() as conn:
            return chosen(self.store.tasks, conn, ctx, page, statuses=statuses, from_time=from_time, to_time=to_time, **equal)

    @mutation
    def cancel_task(self, ctx: CallContext, *, id: int, cause: str = "") -> DatasetTask:
        with self.db.begin(ctx) as tx:
            return tx.done(self.lifecycle.cancel(tx, id, cause))

    def shows(self, ctx: CallContext, entity: str, entity_id: int) -> bool:
        """Whether the history of an object may be seen: the history itself knows no secrecy. That of an item people work on would tell
        who answered what."""
        if entity != "dataset_task":
            return entity != "people_item"
        with self.db.read() as conn:
            return self.store.tasks.find(conn, ctx, entity_id) is not None

    def finish(self, task: DatasetTask, outputs: Sequence[DatasetVersion], result: dict[str, Any]) -> DatasetTask:
        """RUNNING -> SUCCEEDED with its versions, in one transaction. A version whose content this dataset already has from the same parent
        is that version, not another one. Raises STALE_EPOCH for a worker that lost its lease."""
        with self.db.begin(system_context(task.user_id, task.project_space_id)) as tx:
            current = self.lifecycle.held(tx, task)
            kept = [self._kept(tx, version) for version in outputs]
            return self.lifecycle.succeed_in(tx, current, result, output_version_ids=[version.id for version in kept])

    # --- versions

    def get_version(self, ctx: CallContext, *, id: int) -> DatasetVersion:
        """Raises PURGED for one whose data is gone for good."""
        with self.db.read() as conn:
            found = self.store.versions.get(conn, ctx, id)
        if not found.uri:
            raise PlatformError(410, Reason.PURGED, field="id", limit="a version whose data is there", number=found.number)
        return found

    def find_version(self, ctx: CallContext, *, dataset_id: int, reference: str) -> DatasetVersion:
        """What people call a version: ``latest``, ``train``, ``test`` or its number. Raises NOT_FOUND; INVALID_ARGUMENT for ``latest``
        where the last step made two parts, because either would be a surprise."""
        with self.db.read() as conn:
            self.store.datasets.get(conn, ctx, dataset_id)
            found = self._called(conn, ctx, dataset_id, reference)
        if found is None:
            raise not_found("dataset_version", reference)
        return found

    def list_versions(self, ctx: CallContext, *, dataset_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self.store.datasets.get(conn, ctx, dataset_id)
            return self.store.versions.page(conn, ctx, page, self.store.versions.column("dataset_id") == dataset_id)

    def read_records(self, ctx: CallContext, *, dataset_version_id: int, page: PageRequest, contains: str = "", field: str = "") -> Page:
        """Records in their order. A search looks through a bounded stretch per page: a page may be short, or empty, and not be the last.
        Raises CHECKSUM_MISMATCH for a damaged part."""
        version = self.get_version(ctx, id=dataset_version_id)
        folder = self._artifacts.open(version.uri, verify=False)  # parts carry checksums of their own; those of this page are checked
        start = decode_cursor(page.cursor) if page.cursor else 0
        if contains:
            found, after = reading.matching(folder, start, page.limit, contains, field)
        else:
            found, after = reading.records(folder, start, page.limit)
        return Page(found, None if after is None else encode_cursor(after))

    def list_dropped(self, ctx: CallContext, *, task_id: int, page: PageRequest, rule: str = "") -> Page:
        """What an ended task left out, or would have, in its order. Raises CHECKSUM_MISMATCH when that was damaged."""
        task = self.get_task(ctx, id=task_id)
        if "dropped_uri" not in task.result:
            return Page([], None)
        folder = self._artifacts.open(task.result["dropped_uri"])
        lines, after = reading.dropped(folder, decode_cursor(page.cursor) if page.cursor else 0, page.limit, rule or None)
        return Page([dropped_of(line) for line in lines], None if after is None else encode_cursor(after))

    # --- shared steps

    def _called(self, conn: Any, ctx: CallContext, dataset_id: int, reference: str) -> DatasetVersion | None:
        versions = self.store.versions
        if reference.isascii() and reference.isdecimal():
            return versions.first_by(conn, ctx, dataset_id=dataset_id, number=min(int(reference), NUMBER_MAX))
        if reference not in (LATEST, TRAIN, TEST):
            raise invalid("reference", Reason.UNKNOWN_ENUM, f"{LATEST}, {TRAIN}, {TEST} or the number of a version", value=reference)
        for task in self.store.finished(conn, ctx, dataset_id, 1 if reference == LATEST else REMEMBERED):
            made = [version for id in task.output_version_ids if (version := versions.find(conn, ctx, id)) is not None]
            if reference != LATEST:
                made = [version for version in made if version.part == reference]
            if len(made) > 1:
                raise invalid("reference", limit=f"{TRAIN} or {TEST}, which the last step made, or the number of a version", task=task.name)
            if made:
                return made[0]
        return None

    def _begin(self, ctx: CallContext, made: recipe.Recipe, reuse: bool, preview: str, more: Any = None, **facts: Any) -> CreatedTask:
        """more: what else the snapshot says of the work, and what decides nothing."""
        self.get_dataset(ctx, id=facts["dataset_id"])
        source = self._input(ctx, facts["dataset_id"], made, facts["input_version_id"])
        references.check(self._found(ctx), made.job.values, "config", source.secrecy if source else None)
        content = source.content_hash if source else None
        snapshot = {"dataset_id": facts["dataset_id"], "input": content, "recipe": made.to_json()}
        hashed = snapshot_hash({**snapshot, "recipe": made.deciding()})
        twin = self.lifecycle.finished_twin(ctx, hashed) if reuse and made.kind.repeats else None
        if twin is None and source is not None:
            self._allow(ctx, made, source, preview)
        with self.db.begin(ctx) as tx:
            if twin is not None:
                return tx.done(CreatedTask(twin, True))
            whose: dict[str, Any] = {"id": self.db.ids.next(), "project_space_id": ctx.space_id, "user_id": ctx.user_id}
            task = DatasetTask(**whose, **facts, snapshot={**snapshot, **(more or {})}, snapshot_hash=hashed)
            return tx.done(CreatedTask(self.lifecycle.create(tx, task), False))

    def _found(self, ctx: CallContext) -> references.Find:
        return lambda id: self.get_version(ctx, id=id)

    def _readable(self, ctx: CallContext, values: dict[str, Any], path: str, source: DatasetVersion) -> dict[str, Any]:
        """The arguments of a look with the folders of the versions they name. Raises what the real run would raise."""
        references.check(self._found(ctx), values, path, source.secrecy)
        return references.with_folders(self._found(ctx), self._artifacts, values, verify=False)

    def _allow(self, ctx: CallContext, made: recipe.Recipe, source: DatasetVersion, preview: str) -> None:
        """Raises where work may not begin yet (``recipes``)."""

    def _input(self, ctx: CallContext, dataset_id: int, made: recipe.Recipe, id: int) -> DatasetVersion | None:
        if made.kind.imports:
            if id:
                raise invalid("input_version_id", limit="absent for an import")
            return None
        if not id:
            raise missing("input_version_id")
        version = self.get_version(ctx, id=id)
        if version.dataset_id != dataset_id:
            raise invalid("input_version_id", limit="a version of this dataset")
        if TEST in made.makes and version.part == TEST:
            raise invalid("input_version_id", limit="a version that is not held back for tests", part=version.part)
        return version

    def _kept(self, tx: Transaction, version: DatasetVersion) -> DatasetVersion:
        versions = self.store.versions
        mine = versions.column("dataset_id") == version.dataset_id
        same = versions.first(
            tx.conn,
            tx.ctx,
            mine,
            versions.column("content_hash") == version.content_hash,
            versions.column("parent_version_id") == version.parent_version_id,
            versions.column("part") == version.part,
        )
        if same is not None:
            return same
        last = versions.first(tx.conn, tx.ctx, mine)
        # The id is given here, above that of the one before, so that the newest by id is the one with the highest number.
        id = self.db.ids.next(after=last.id if last else 0)
        return versions.insert(tx, replace(version, id=id, number=last.number + 1 if last else 1))


def dropped_of(line: dict[str, Any]) -> DroppedRecord:
    known = {key: line[key] for key in DroppedRecord.__dataclass_fields__ if line.get(key) is not None}
    return DroppedRecord(**known)
