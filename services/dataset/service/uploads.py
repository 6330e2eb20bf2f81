"""Uploads: files reach a space's import folder in parts, over the wire. Only who declared one sees it.

The row says what will be before it is: the hash is stored before the file gets its name, so that whoever finishes after a kill finds
either the part or the file that it became. What a row no longer speaks for is swept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from libs.common import fault
from libs.common.context import CallContext, system_context
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.rpc.deadline import Deadline
from libs.common.settings import Settings
from libs.common.store.database import Database, Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.dataset.domain.upload import LIVING, MACHINE, PER_PERSON, PER_SPACE, Upload, UploadStatus, checked_hash, path_of
from services.dataset.engine.formats import EXTENSIONS
from services.dataset.engine.incoming import Incoming, Part, incomplete
from services.dataset.repository import DatasetRepository

CHECK_SECONDS = 4.0  # of hashing in one call; then the caller is told how far it is
STRAY_SECONDS = 3600.0
AT_ONCE = 100  # uploads swept in one round
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class UploadLimits:
    """bytes: of one file. space_bytes: of all uploads of a space. silent, kept: milliseconds until an unfinished and a finished one is
    swept."""

    bytes: int = 4 << 30
    space_bytes: int = 64 << 30
    silent: int = 24 * HOUR_MS
    kept: int = 168 * HOUR_MS

    @classmethod
    def of(cls, settings: Settings) -> UploadLimits:
        silent, kept = (int(hours * HOUR_MS) for hours in (settings.upload_hours, settings.upload_kept_hours))
        return cls(settings.upload_bytes, settings.upload_space_bytes, silent, kept)


class Uploads:
    """Verbs on uploads. incoming: where their bytes lie."""

    db: Database
    store: DatasetRepository
    incoming: Incoming
    limits: UploadLimits

    @mutation
    def create_upload(self, ctx: CallContext, *, name: str, bytes: int, sha256: str = "") -> Upload:
        """Raises TOO_LARGE for a file over the limit, TOO_MANY_UPLOADS."""
        if bytes > self.limits.bytes:
            raise PlatformError(413, Reason.TOO_LARGE, field="bytes", limit=f"at most {self.limits.bytes} bytes")
        digest = checked_hash(sha256)
        with self.db.begin(ctx) as tx:
            self._check_room(tx, bytes)
            id, ends = self.db.ids.next(), tx.now + self.limits.silent
            made = Upload(id, ctx.space_id, ctx.user_id, name, bytes, digest, expire_time=ends)
            tx.event("upload", id, UploadStatus.RECEIVING, UploadStatus.RECEIVING, "CREATE")
            return tx.done(self.store.uploads.insert(tx, made))

    @mutation
    def write_upload(self, ctx: CallContext, *, id: int, offset: int, data: bytes) -> Upload:
        """A part may come twice, or overlap what is there. One that goes beyond what was declared ends the upload."""
        upload = self._own(ctx, id)
        MACHINE.next(upload.status, "FINISH")  # nothing may be added to what has ended
        with self.incoming.held(id) as part:
            if offset > part.size:
                raise incomplete(part.size, upload.bytes, "offset")
            if offset + len(data) > upload.bytes:
                self._refuse(ctx, id)
                raise PlatformError(422, Reason.TOO_LARGE, field="data", limit=f"at most the {upload.bytes} bytes that were declared")
            received = part.write(offset, data)
            with self.db.begin(ctx) as tx:
                current = self._live(tx, id)
                return tx.done(self.store.uploads.update(tx, current, received=received, expire_time=tx.now + self.limits.silent))

    @mutation
    def finish_upload(self, ctx: CallContext, *, id: int) -> Upload:
        """Checks, then gives the file its place. What is not as declared is thrown away."""
        upload = self._own(ctx, id)
        if upload.status == UploadStatus.COMPLETE:
            return upload
        MACHINE.next(upload.status, "FINISH")
        with self.incoming.held(id) as part:
            upload = self._own(ctx, id)  # as whoever held it before us left it
            if upload.status == UploadStatus.COMPLETE:
                self.incoming.discard(id)
                return upload
            MACHINE.next(upload.status, "FINISH")
            if part.size == 0 and self._placed(upload):  # a finish that was killed after the file had got its place, or one like it
                self.incoming.discard(id)
                return self._complete(ctx, id)
            if part.size != upload.bytes:
                raise incomplete(part.size, upload.bytes, "bytes")
            self._check(ctx, upload, part)
            fault.point("upload.after_check_before_place")
            self.incoming.settle(part, upload.project_space_id, _path(self._own(ctx, id)))
            fault.point("upload.after_place_before_complete")
            return self._complete(ctx, id)

    @mutation
    def discard_upload(self, ctx: CallContext, *, id: int) -> Upload:
        upload = self._own(ctx, id)
        MACHINE.next(upload.status, "DISCARD")
        with self.incoming.held(id):
            return self._end(ctx, upload, "DISCARD")

    def get_upload(self, ctx: CallContext, *, id: int) -> Upload:
        return self._so_far(self._own(ctx, id))

    def list_uploads(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            found = self.store.uploads.page(conn, ctx, page, self.store.uploads.column("user_id") == ctx.user_id)
        return Page([self._so_far(each) for each in found.items], found.next_cursor)

    def sweep_uploads(self) -> int:
        """Ends what was left alone for too long, and removes parts that no row speaks for. Returns how many uploads ended."""
        uploads = self.store.uploads
        with self.db.read() as conn:
            overdue = uploads.everything().where(
                uploads.column("status").in_([int(status) for status in LIVING]), uploads.column("expire_time") < self.db.clock.now_ms()
            )
            found = [uploads.load(row) for row in conn.execute(overdue.order_by(uploads.column("expire_time")).limit(AT_ONCE))]
            strays = [id for id in self.incoming.silent(STRAY_SECONDS) if self._is_stray(conn, id)]
        for upload in found:
            self._end(system_context(upload.user_id, upload.project_space_id), upload, "EXPIRE")
        for id in strays:
            self.incoming.discard(id)
        return len(found)

    # --- shared steps

    def _own(self, ctx: CallContext, id: int) -> Upload:
        """Raises NOT_FOUND also for one of somebody else's."""
        with self.db.read() as conn:
            found = self.store.uploads.get(conn, ctx, id)
        if found.user_id != ctx.user_id:
            raise not_found("upload", id)
        return found

    def _live(self, tx: Transaction, id: int) -> Upload:
        """As it is now. Raises ILLEGAL_TRANSITION for one that ended meanwhile."""
        current = self.store.uploads.get(tx.conn, tx.ctx, id)
        MACHINE.next(current.status, "FINISH")
        return current

    def _so_far(self, upload: Upload) -> Upload:
        if upload.status != UploadStatus.RECEIVING:
            return upload
        return replace(upload, received=upload.bytes if self._placed(upload) else self.incoming.received(upload.id))

    def _placed(self, upload: Upload) -> bool:
        """Whether a file of this content lies in its place already."""
        return bool(upload.sha256) and self.incoming.settled(upload.project_space_id, _path(upload), upload.bytes)

    def _check_room(self, tx: Transaction, bytes: int) -> None:
        table = self.store.uploads.table
        open, mine = table.c.status == int(UploadStatus.RECEIVING), table.c.user_id == tx.ctx.user_id
        living = table.c.status.in_([int(status) for status in LIVING])

        def figure(what: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> int:
            query = sa.select(what).where(table.c.project_space_id == tx.ctx.space_id, table.c.mark_delete == 0, *where)
            return int(tx.conn.execute(query).scalar() or 0)

        if figure(sa.func.count(), open, mine) >= PER_PERSON:
            raise _too_many(f"at most {PER_PERSON} unfinished uploads of one person in a space")
        if figure(sa.func.count(), open) >= PER_SPACE:
            raise _too_many(f"at most {PER_SPACE} unfinished uploads in a space")
        if figure(sa.func.sum(table.c.bytes), living) + bytes > self.limits.space_bytes:
            raise _too_many(f"at most {self.limits.space_bytes} bytes of uploads in a space")

    def _check(self, ctx: CallContext, upload: Upload, part: Part) -> None:
        """The hash, as declared or stored now. Raises CHECKSUM_MISMATCH after the bytes are gone."""
        ends = _before_the_end(ctx.deadline)
        found = part.sha256(lambda: ends.expired)
        if upload.sha256 and found != upload.sha256:
            self._refuse(ctx, upload.id)
            raise PlatformError(422, Reason.CHECKSUM_MISMATCH, field="sha256", limit=upload.sha256, file=upload.name, found=found)
        if not upload.sha256:
            with self.db.begin(_unkeyed(ctx)) as tx:
                self.store.uploads.update(tx, self._live(tx, upload.id), sha256=found)

    def _refuse(self, ctx: CallContext, id: int) -> None:
        self._move(_unkeyed(ctx), id, "REFUSE")
        self.incoming.discard(id)

    def _complete(self, ctx: CallContext, id: int) -> Upload:
        def placed(upload: Upload, now: int) -> dict[str, Any]:
            return {"path": _path(upload), "received": upload.bytes, "expire_time": now + self.limits.kept}

        return self._move(ctx, id, "FINISH", placed)

    def _end(self, ctx: CallContext, upload: Upload, event: str) -> Upload:
        """Without its bytes: those of a finished one go with the last row that speaks for them, inside the transaction that looks."""
        with self.db.begin(ctx) as tx:
            ended = self._moved(tx, upload.id, event)
            if ended.path and not self._spoken_for(tx, ended):
                self.incoming.remove(ended.project_space_id, ended.path)
            tx.done(ended)
        self.incoming.discard(upload.id)
        return ended

    def _move(self, ctx: CallContext, id: int, event: str, changes: Callable[[Upload, int], dict[str, Any]] | None = None) -> Upload:
        with self.db.begin(ctx) as tx:
            return tx.done(self._moved(tx, id, event, changes))

    def _moved(self, tx: Transaction, id: int, event: str, changes: Callable[[Upload, int], dict[str, Any]] | None = None) -> Upload:
        current = self.store.uploads.get(tx.conn, tx.ctx, id)
        status = MACHINE.next(current.status, event)
        tx.event("upload", id, current.status, status, event)
        return self.store.uploads.update(tx, current, status=status, **(changes(current, tx.now) if changes else {}))

    def _spoken_for(self, tx: Transaction, ended: Upload) -> bool:
        """Whether another living upload has, or is about to have, the same file."""
        uploads = self.store.uploads
        same = (uploads.column("sha256") == ended.sha256, uploads.column("status").in_([int(status) for status in LIVING]))
        return uploads.first(tx.conn, tx.ctx, *same) is not None

    def _is_stray(self, conn: sa.Connection, id: int) -> bool:
        table = self.store.uploads.table
        receiving = sa.select(table.c.id).where(table.c.id == id, table.c.status == int(UploadStatus.RECEIVING))
        return conn.execute(receiving).first() is None


def _path(upload: Upload) -> str:
    extension = upload.name.rpartition(".")[2].lower()
    return path_of(upload.sha256, extension if extension in EXTENSIONS else "")


def _too_many(limit: str) -> PlatformError:
    return PlatformError(429, Reason.TOO_MANY_UPLOADS, field="bytes", limit=limit)


def _unkeyed(ctx: CallContext) -> CallContext:
    """For a step whose answer is not the call's."""
    return replace(ctx, idempotency_key=None)


def _before_the_end(deadline: Deadline) -> Deadline:
    """Early enough to still say how far it is."""
    return deadline.within(min(CHECK_SECONDS, deadline.left() / 2))
