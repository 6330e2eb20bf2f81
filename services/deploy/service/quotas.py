"""The seed's two verbs about quotas: kept here, answered by the resource domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from idl.enums import QuotaHolder
from libs.common.context import CallContext
from libs.common.errors import not_found, unavailable
from libs.common.rpc.peers import ResourcePeer
from libs.common.store.database import Database
from libs.common.store.mutation import mutation
from libs.common.store.repository import PageRequest


@dataclass(frozen=True)
class QuotaAmounts:
    """None: not bounded."""

    cpu_milli: int | None = None
    memory_mb: int | None = None
    accelerator_milli: int | None = None
    replicas: int | None = None
    accelerator_seconds: int | None = None
    tokens: int | None = None
    annotation_seconds: int | None = None


@dataclass(frozen=True)
class HeldQuota:
    id: int
    kind: QuotaHolder
    subject_id: int
    department_id: int
    limits: QuotaAmounts
    used: QuotaAmounts
    version: int


class Quotas:
    db: Database
    resources: ResourcePeer | None

    def get_quota(self, ctx: CallContext, *, kind: QuotaHolder, subject_id: int = 0) -> HeldQuota:
        """Raises NOT_FOUND for somebody who has none and never held anything."""
        found = self._resources().call(ctx, "ListQuotas", kind=kind, subject_id=subject_id, page=PageRequest(None, 1)).quotas
        if not found:
            raise not_found("quota", f"{kind.name.lower()} {subject_id}")
        return _own(found[0])

    @mutation
    def set_quota(
        self,
        ctx: CallContext,
        *,
        kind: QuotaHolder,
        subject_id: int = 0,
        department_id: int = 0,
        cpu_milli: int | None = None,
        memory_mb: int | None = None,
        accelerator_milli: int | None = None,
        replicas: int | None = None,
        accelerator_seconds: int | None = None,
        tokens: int | None = None,
        annotation_seconds: int | None = None,
    ) -> HeldQuota:
        """Whole: a limit that is not sent is none."""
        found = (
            self._resources()
            .call(
                ctx,
                "SetQuota",
                kind=kind,
                subject_id=subject_id,
                department_id=department_id,
                cpu_milli=cpu_milli,
                memory_mb=memory_mb,
                accelerator_milli=accelerator_milli,
                replicas=replicas,
                accelerator_seconds=accelerator_seconds,
                tokens=tokens,
                annotation_seconds=annotation_seconds,
            )
            .quota
        )
        with self.db.begin(ctx) as tx:
            return tx.done(_own(found))

    def _resources(self) -> ResourcePeer:
        if self.resources is None:  # a worker has no use for it
            raise unavailable("resource")
        return self.resources


def _own(found: Any) -> HeldQuota:
    limits, used = (
        QuotaAmounts(**{name: getattr(each, name) for name in QuotaAmounts.__dataclass_fields__}) for each in (found.limits, found.used)
    )
    return HeldQuota(found.id, QuotaHolder(found.kind), found.subject_id, found.department_id, limits, used, found.version)
