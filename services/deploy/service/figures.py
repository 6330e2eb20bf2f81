"""What a scrape shows of work orders and serving processes, all together: a label per order or model would grow without end."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from libs.common.sight.metrics import Reading, Sample
from libs.common.store.database import Database
from services.deploy.domain.instance import NO_TRAFFIC, READY
from services.deploy.domain.order import MACHINE, WorkOrderStatus


def figures(db: Database) -> Sample:
    """Reads orders by status and wanted instances by purpose."""
    orders, instances = db.table("deplyment_session"), db.table("instance")
    ended = [int(status) for status in (*MACHINE.terminal, WorkOrderStatus.ONLINE)]
    open_orders = sa.select(orders.c.status, sa.func.count()).where(orders.c.status.not_in(ended)).group_by(orders.c.status)
    columns = (instances.c.purpose, instances.c.state, sa.func.count(), sa.func.sum(instances.c.qps), sa.func.max(instances.c.p99_ms))

    def read() -> Iterator[Reading]:
        wanted = instances.c.keep_until > db.clock.now_ms()
        with db.read() as conn:
            by_status = conn.execute(open_orders).all()
            by_state = conn.execute(sa.select(*columns).where(wanted).group_by(instances.c.purpose, instances.c.state)).all()
        for status, count in by_status:
            known = status in WorkOrderStatus.__members__.values()
            yield "modelyard_orders", (WorkOrderStatus(status).name if known else "UNKNOWN",), count
        for purpose, state, count, qps, p99 in by_state:
            yield "modelyard_instances", (purpose, state), count
            if state == READY:
                yield "modelyard_instance_qps", (purpose,), qps or 0.0
                if p99 is not None and p99 != NO_TRAFFIC:
                    yield "modelyard_instance_p99_seconds", (purpose,), p99 / 1000

    return read
