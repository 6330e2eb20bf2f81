"""What a scrape shows of orders and serving processes: sums over all of them, nothing of what has ended or is no longer wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.common.sight.metrics import Metrics
from libs.common.store.database import Database
from services.deploy.domain.instance import FOREVER
from services.deploy.domain.order import WorkOrderStatus
from services.deploy.repository import METADATA
from services.deploy.service.figures import figures
from tests.support.stores import caller, open_store
from tests.support.until import until


def insert(db: Database, name: str, **values: Any) -> None:
    table = db.table(name)
    filled = {
        column.name: 0 if isinstance(column.type, sa.Integer | sa.Float) else "{}"
        for column in table.columns
        if not column.nullable and column.server_default is None
    }
    with db.begin(caller()) as tx:
        tx.conn.execute(table.insert(), {**filled, "id": db.ids.next(), **values})


def test_orders_and_instances(tmp_path: Path) -> None:
    db = open_store(tmp_path, "deploy", METADATA)
    for status in (WorkOrderStatus.CANARY, WorkOrderStatus.ONLINE, WorkOrderStatus.FAILED, WorkOrderStatus.CANARY):
        insert(db, "deplyment_session", status=int(status))
    serving = {"purpose": "SERVING", "keep_until": FOREVER}
    insert(db, "instance", **serving, state="READY", qps=2.5, p99_ms=100.0)
    insert(db, "instance", **serving, state="READY", qps=1.5, p99_ms=250.0)
    insert(db, "instance", **serving, state="STARTING")
    insert(db, "instance", **{**serving, "keep_until": 0}, state="READY", qps=100.0)
    insert(db, "instance", **{**serving, "purpose": "STAGING"}, state="READY", qps=0.0, p99_ms=-1.0)
    found = {(name, labels): value for name, labels, value in figures(db)()}
    assert found == {
        ("modelyard_orders", ("CANARY",)): 2,
        ("modelyard_instances", ("SERVING", "READY")): 2,
        ("modelyard_instances", ("SERVING", "STARTING")): 1,
        ("modelyard_instances", ("STAGING", "READY")): 1,
        ("modelyard_instance_qps", ("SERVING",)): 4.0,
        ("modelyard_instance_p99_seconds", ("SERVING",)): 0.25,
        ("modelyard_instance_qps", ("STAGING",)): 0.0,
    }
    metrics = Metrics("deploy-serve")
    metrics.sample(figures(db))
    until(lambda: metrics.registry.get_sample_value("modelyard_orders", {"process": "deploy-serve", "status": "CANARY"}) == 2)
    db.close()
