"""Verbs about overrides of the gate: one person asks, another confirms, either way it ends by itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from services.model.domain.override import LONGEST_MS, MACHINE, GateOverride
from services.model.domain.version import ModelVersion
from services.model.domain.wording import moment
from services.model.service.shared import Shared

_MACHINES = "service-key:"  # how the credential of a service account begins


class Overrides(Shared):
    @mutation
    def request_override(self, ctx: CallContext, *, model_version_id: int, digest: str, cause: str, end_time: int) -> GateOverride:
        """Raises FORBIDDEN for a service account, INVALID_ARGUMENT for bytes that are no package of the version or an end too far away,
        ILLEGAL_TRANSITION where the gate refuses nothing, ALREADY_EXISTS beside another one that is open.
        """
        _refuse_machines(ctx)
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, model_version_id)
            self._refuse_recalled(version)
            if not tx.now < end_time <= tx.now + LONGEST_MS:
                raise invalid("end_time", limit="a moment within the next 7 days")
            self._refuse_unpackaged(tx, version, digest)
            self._refuse_needless(tx, version, digest)
            asked = GateOverride(
                id=self.db.ids.next(),
                project_id=version.project_id,
                project_space_id=ctx.space_id,
                model_version_id=version.id,
                model_version_number=version.number,
                digest=digest,
                cause=cause,
                end_time=end_time,
                user_id=ctx.user_id,
            )
            return tx.done(self._noted(tx, asked, self.store.overrides.insert(tx, asked), "CREATE", cause))

    @mutation
    def confirm_override(self, ctx: CallContext, *, id: int, comment: str = "") -> GateOverride:
        """Raises FORBIDDEN for who asked, and for a service account: its owner may be the same person."""
        _refuse_machines(ctx)
        with self.db.begin(ctx) as tx:
            known = self.store.overrides.get(tx.conn, ctx, id)
            expect(ctx, "gate_override", known)
            self._refuse_recalled(self._version(tx.conn, ctx, known.model_version_id))
            if ctx.user_id == known.user_id:
                raise PlatformError(403, Reason.FORBIDDEN, field="base.user_id", limit="an override is confirmed by a second person")
            return tx.done(self._step(tx, known, "CONFIRM", comment, confirmer_id=ctx.user_id))

    @mutation
    def withdraw_override(self, ctx: CallContext, *, id: int, comment: str = "") -> GateOverride:
        with self.db.begin(ctx) as tx:
            known = self.store.overrides.get(tx.conn, ctx, id)
            expect(ctx, "gate_override", known)
            return tx.done(self._step(tx, known, "WITHDRAW", comment))

    def get_override(self, ctx: CallContext, *, id: int) -> GateOverride:
        with self.db.read() as conn:
            return self.store.overrides.get(conn, ctx, id).at(self.db.clock.now_ms())

    def list_overrides(self, ctx: CallContext, *, project_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self.store.projects.get(conn, ctx, project_id)
            found = self.store.overrides.page(conn, ctx, page, self.store.overrides.column("project_id") == project_id)
        now = self.db.clock.now_ms()
        return Page([each.at(now) for each in found.items], found.next_cursor)

    def _step(self, tx: Transaction, known: GateOverride, event: str, comment: str, **changes: Any) -> GateOverride:
        status = MACHINE.next(known.at(tx.now).status, event)
        moved = self.store.overrides.update(tx, known, status=status, comment=comment, **changes)
        return self._noted(tx, known, moved, event, comment)

    def _noted(self, tx: Transaction, before: GateOverride, after: GateOverride, event: str, why: str) -> GateOverride:
        """In its own history, and in that of its model, where people look for what happened."""
        tx.event("gate_override", after.id, before.status, after.status, event, why)
        project = self.store.projects.find(tx.conn, tx.ctx, after.project_id)
        if project is not None:
            what = f"v{after.model_version_number} {after.digest} until {moment(after.end_time)}: {why or after.cause}"
            tx.event("model_project", project.id, project.status, project.status, f"GATE_OVERRIDE_{after.status.name}", what)
        return after

    def _refuse_unpackaged(self, tx: Transaction, version: ModelVersion, digest: str) -> None:
        """Only what a work order packed of this version can be released, and so overridden: nobody signs for bytes nobody has."""
        column = self.store.lineage.column
        packed = (column("model_version_id") == version.id, column("from_id") == digest, column("relation") == "PACKAGED_FROM")
        if tx.conn.execute(sa.select(column("id")).where(*packed).limit(1)).first() is None:
            raise invalid("digest", limit="the digest of a package that a work order made of this version")

    def _refuse_needless(self, tx: Transaction, version: ModelVersion, digest: str) -> None:
        evidence = self._evidence(tx.conn, tx.ctx, version, digest, 0)
        verdict = self._judge(tx.conn, tx.ctx, version, digest, evidence)
        if not verdict.refuses:
            facts: dict[str, Any] = {"machine": "gate_override", "state": verdict.verdict.name, "event": "REQUEST"}
            raise PlatformError(409, Reason.ILLEGAL_TRANSITION, field="digest", limit="release it, the gate lets it pass", **facts)
        newest = self.store.overrides.first_by(tx.conn, tx.ctx, model_version_id=version.id, digest=digest)
        if newest is not None and newest.open_at(tx.now):
            raise PlatformError(409, Reason.ALREADY_EXISTS, field="digest", limit="one open override per package", kind="gate_override")


def _refuse_machines(ctx: CallContext) -> None:
    """Two people are two people: whoever owns a space can make a service account of it and give it any role."""
    if ctx.credential.startswith(_MACHINES):
        raise PlatformError(
            403, Reason.FORBIDDEN, field="base.user_id", limit="an override is a matter of two people, not of service accounts"
        )
