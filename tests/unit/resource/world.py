"""Steps the tests of the resource domain share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from libs.common.context import CallContext
from libs.common.errors import PlatformError
from libs.common.rpc.deadline import Deadline
from libs.common.store.audit import Books, Patience, Report
from libs.common.store.repository import PageRequest
from services.resource import audit
from services.resource.domain.allowance import Quota, QuotaKind
from services.resource.domain.node import ComputeNode
from services.resource.service import ResourceService
from tests.support.stores import caller

PAGE = PageRequest()
PATIENT = Deadline.after(3600)
ADMIN = replace(caller(user=99, space=99), deadline=PATIENT)
ME = replace(caller(user=7, space=3), deadline=PATIENT)


def set_quota(service: ResourceService, kind: QuotaKind, subject_id: int = 0, **limits: Any) -> Quota:
    """Whatever it was before."""
    known = service.list_quotas(ADMIN, page=PAGE, kind=kind, subject_id=subject_id).items
    ctx = replace(ADMIN, expected_version=known[0].version if known else 0)
    return service.set_quota(ctx, kind=kind, subject_id=subject_id, **limits)


def node(service: ResourceService, name: str = "n1", cpu: int = 8000, memory: int = 1000, room: str = "r1", **facts: object) -> ComputeNode:
    """A node in a room that is made when it is not there yet."""
    if room not in {each.name for each in service.list_rooms(ADMIN, page=PAGE).items}:
        service.create_room(ADMIN, name=room)
    return service.create_node(ADMIN, name=name, room=room, cpu_milli=cpu, memory_mb=memory, **facts)  # type: ignore[arg-type]


def quota(service: ResourceService, ctx: CallContext, kind: QuotaKind) -> Quota:
    return next(each for each in service.get_my_quotas(ctx) if each.kind == kind)


def refused(service: ResourceService, ctx: CallContext, **request: object) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        service.create_reservation(ctx, **request)  # type: ignore[arg-type]
    return caught.value


def violations(service: ResourceService, url: str | None = None) -> Sequence[object]:
    """What the auditor finds; it must have looked at something."""
    books, report = Books("resource", url or service.db.url, audit.METADATA), Report()
    audit.check(books, report, Patience(service.db.clock.now_ms()))
    books.close()
    assert report.looked["I7", "allowances"]
    return report.violations
