"""Quotas: what the platform, a department, a person or a space may hold at once and spend in a window."""

from __future__ import annotations

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from services.resource.domain.allowance import NODE, Allowance, Quota, QuotaKind, quota_of
from services.resource.domain.amounts import SHOWN, stored_amount
from services.resource.domain.window import QuotaWindow, window_of
from services.resource.service.shared import Shared


class Quotas(Shared):
    def get_my_quotas(self, ctx: CallContext) -> list[Quota]:
        """From the platform down to the space; those nobody set have no limits."""
        now = self.db.clock.now_ms()
        with self.db.read() as conn:
            rows = self.admission.known_path(conn, ctx.user_id, ctx.space_id).rows
        department = next((row.subject_id for row in rows if row.kind == QuotaKind.DEPARTMENT), 0)
        return [quota_of(row, department if row.kind == QuotaKind.PERSON else 0, now) for row in reversed(rows)]

    def list_quotas(self, ctx: CallContext, *, page: PageRequest, kind: QuotaKind | None = None, subject_id: int | None = None) -> Page:
        column, now = self.store.allowances.column, self.db.clock.now_ms()
        asked = [column("kind") == int(kind)] if kind is not None else [column("kind") != NODE]
        asked += [column("subject_id") == subject_id] if subject_id is not None else []
        with self.db.read() as conn:
            found = self.store.allowances.page(conn, ctx, page, *asked)
            departments = self._departments(conn, found.items)
        return Page([quota_of(row, departments.get(row.parent_id, 0), now) for row in found.items], found.next_cursor)

    @mutation
    def set_quota(
        self,
        ctx: CallContext,
        *,
        kind: QuotaKind,
        subject_id: int = 0,
        department_id: int = 0,
        cpu_milli: int | None = None,
        memory_mb: int | None = None,
        accelerator_milli: int | None = None,
        replicas: int | None = None,
        accelerator_seconds: int | None = None,
        tokens: int | None = None,
        annotation_seconds: int | None = None,
        window: QuotaWindow = QuotaWindow.MONTH,
    ) -> Quota:
        """Whole: a limit that is not sent is none. Below what is held it takes nothing away, and gives nothing more.

        Raises QUOTA_IN_USE for a person who holds something and would move to another department.
        """
        _check_subject(kind, subject_id, department_id)
        sent = (cpu_milli, memory_mb, accelerator_milli, replicas, accelerator_seconds, tokens, annotation_seconds)
        caps = {f"cap_{name}": stored_amount(name, limit) for name, limit in zip(SHOWN, sent, strict=True)}
        with self.db.begin(ctx) as tx:
            row = self.store.made_allowance(tx, kind, subject_id)
            expect(ctx, "quota", row)
            parent = self.store.made_allowance(tx, QuotaKind.DEPARTMENT, department_id).id if department_id else 0
            start, end = window_of(window, tx.now)
            if row.parent_id != parent and not self.store.move(tx, row, parent):
                raise PlatformError(409, Reason.QUOTA_IN_USE, field="department_id", what=str(subject_id))
            same = row.window == window and row.window_end > tx.now
            frame = {"window": window, "window_start": row.window_start if same else start, "window_end": row.window_end if same else end}
            fresh = {} if row.window_end > tx.now else {"spent_pay": 0, "spent_tokens": 0, "spent_annotation": 0}
            changed = self.store.set_limits(tx, row, {**caps, **frame, **fresh})
            return tx.done(quota_of(changed, department_id, tx.now))

    def _departments(self, conn: sa.Connection, rows: list[Allowance]) -> dict[int, int]:
        """allowance of a department -> the department."""
        parents = sorted({row.parent_id for row in rows if row.parent_id})
        found: dict[int, int] = {}
        for start in range(0, len(parents), 5):
            found |= {row.id: row.subject_id for row in self.store.by_ids(conn, parents[start : start + 5])}
        return found


def _check_subject(kind: QuotaKind, subject_id: int, department_id: int) -> None:
    if (kind == QuotaKind.PLATFORM) != (subject_id == 0):
        raise invalid("subject_id", limit="the id of the department, person or space; nothing for the platform")
    if department_id and kind != QuotaKind.PERSON:
        raise invalid("department_id", limit="sent for a person alone")
