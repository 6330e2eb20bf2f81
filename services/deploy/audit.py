"""What the auditor knows of the deploy domain: one open order per slot, whole weights, one set of instances per order, one digest.

Processes are looked at too, where this machine is the node: every serving process must be one that a row names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from libs.common.errors import PlatformError
from libs.common.store.audit import Books, Patience, Reference, Report, Subject, check_common, check_once, references
from libs.common.store.storage import ArtifactStore
from services.deploy.domain.instance import BUNDLE, FOREVER, SERVING
from services.deploy.domain.options import DeployOptions
from services.deploy.domain.order import BUILDING, MACHINE, OPEN, RELEASING, WorkOrderStatus
from services.deploy.domain.slot import WHOLE, SlotState
from services.deploy.node.process import MODULE
from services.deploy.repository import METADATA

_config, _order, _slot, _instance = (
    METADATA.tables[name] for name in ("deployment_config", "deplyment_session", "serving_slot", "instance")
)
_S = WorkOrderStatus
_EMPTY = ("", "[]", "null")
SUBJECTS = (
    Subject("work_order", _order, MACHINE),
    Subject("slot", _slot, None, lambda row: int(SlotState.EMPTY if row.weights in _EMPTY else SlotState.SERVING), SlotState.EMPTY),
)
_SHOWN = (_S.CANARY, _S.ONLINE, _S.ROLLING_BACK)
"""States of an order that a slot may list."""

_OVER = (_S.FAILED, _S.CANCELLED, _S.REJECTED, _S.ROLLED_BACK)
_LOOKED_AT = (*BUILDING, *RELEASING)


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    check_once(books, report, _slot, "project_space_id", "model_id", "environment", "room")
    orders = _orders(books)
    _check_orders(books, orders, report, patience)
    _check_instances(books, orders, report)
    _check_slots(books, orders, report)


def artifacts(books: Books) -> Iterator[Reference]:
    yield from references(books, "work_order", _order, "artifact_uri")
    yield from references(books, "work_order", _order, "bundle_uri")
    yield from references(books, "instance", _instance, "bundle_uri")


def check_bundles(books: Books, store: ArtifactStore, report: Report) -> None:
    """The digest an order carries is the digest of the bytes it serves."""
    from services.deploy.engine import bundle

    query = sa.select(_order.c.bundle_uri, _order.c.digest, sa.func.max(_order.c.id)).where(_order.c.bundle_uri != "")
    for uri, digest, id in books.rows(query.group_by(_order.c.bundle_uri, _order.c.digest)):
        report.saw("I6", "bundles")
        try:
            bundle.verify(store.open(uri, verify=False) / BUNDLE, digest)
        except PlatformError as error:
            report.wrong("I6", books.service, "work_order", id, f"{error.reason.name}: its bundle is not {digest}")


def check_processes(books: Books, home: Path, report: Report) -> None:
    """No serving process of this home without a row that names it, no row that names two."""
    known = {row.pid for row in books.rows(sa.select(_instance.c.pid).where(_instance.c.pid != 0))}
    for pid in serving_processes(home):
        report.saw("I9", "processes")
        if pid not in known:
            report.wrong("I9", books.service, "process", pid, "it serves and no instance is it")


def serving_processes(home: Path) -> list[int]:
    """Process numbers whose bundle lies in this home; none where the system does not tell."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # it has just ended
        if MODULE in words and any(Path(word).is_relative_to(home) for word in words if word.startswith("/")):
            found.append(int(entry.name))
    return found


def released(books: Books) -> Iterator[Any]:
    """(id, model_version_id, artifact_digest, eval_task_id) of every order."""
    yield from books.rows(sa.select(_order.c.id, _order.c.model_version_id, _order.c.artifact_digest, _order.c.eval_task_id))


def _orders(books: Books) -> dict[int, Any]:
    """Without their large JSON, by id."""
    names = ["id", "status", "slot_id", "open_slot_id", "digest", "config", "lease_until", "worker", "not_before", "wish"]
    return {row.id: row for row in books.rows(sa.select(*[_order.c[name] for name in names]))}


def _check_orders(books: Books, orders: dict[int, Any], report: Report, patience: Patience) -> None:
    for order in orders.values():
        report.saw("I9", "orders")
        report.saw("I3", "orders")
        kept = order.slot_id if order.status in OPEN else None
        if order.open_slot_id != kept:
            report.wrong("I9", books.service, "work_order", order.id, f"status {order.status} keeps slot {order.open_slot_id}")
        if order.status in _LOOKED_AT and 0 < order.lease_until < patience.now - patience.lease:
            late = patience.now - order.lease_until
            report.wrong("I3", books.service, "work_order", order.id, f"held by {order.worker}, whose lease ended {late} ms ago")
    for slot_id, count in Counter(order.slot_id for order in orders.values() if order.status in OPEN).items():
        if count > 1:
            report.wrong("I9", books.service, "slot", slot_id, f"{count} open orders")


def _check_instances(books: Books, orders: dict[int, Any], report: Report) -> None:
    """No instance without an order that may have one, no order with more than it asked for."""
    wanted: Counter[tuple[int, str]] = Counter()
    names = ["id", "work_order_id", "purpose", "digest", "keep_until"]
    for row in books.rows(sa.select(*[_instance.c[name] for name in names])):
        report.saw("I9", "instances")
        order = orders.get(row.work_order_id)
        if order is None:
            report.wrong("I9", books.service, "instance", row.id, f"work order {row.work_order_id} does not exist")
            continue
        if row.digest != order.digest:
            report.wrong("LINEAGE", books.service, "instance", row.id, f"it serves {row.digest}, its order is {order.digest}")
        if row.keep_until >= FOREVER:
            wanted[order.id, row.purpose] += 1
            if order.status in _OVER:
                report.wrong("I9", books.service, "instance", row.id, f"wanted for ever by an order of status {order.status}")
    for (order_id, purpose), count in wanted.items():
        allowed = DeployOptions.from_dict(msgspec.json.decode(orders[order_id].config)).replicas if purpose == SERVING else 1
        if count > allowed:
            report.wrong("I9", books.service, "work_order", order_id, f"{count} instances for {purpose}, {allowed} asked for")


def _check_slots(books: Books, orders: dict[int, Any], report: Report) -> None:
    """I10: shares of a slot sum to 100 or there are none, and only orders with traffic have one."""
    serving: Counter[int] = Counter()
    query = sa.select(_instance.c.work_order_id).where(_instance.c.purpose == SERVING, _instance.c.keep_until >= FOREVER)
    for row in books.rows(query):
        serving[row.work_order_id] += 1
    listed = set()
    for slot in books.rows(sa.select(_slot.c.id, _slot.c.weights).where(_slot.c.mark_delete == 0)):
        report.saw("I10", "slots")
        weights = msgspec.json.decode(slot.weights or "[]")
        shares = [weight["weight"] for weight in weights]
        if weights and (sum(shares) != WHOLE or min(shares) < 1):
            report.wrong("I10", books.service, "slot", slot.id, f"weights {shares}")
        for weight in weights:
            report.saw("I10", "weights")
            listed.add(weight["work_order_id"])
            order = orders.get(weight["work_order_id"])
            if order is None or order.status not in _SHOWN:
                state = "absent" if order is None else f"of status {order.status}"
                report.wrong("I10", books.service, "slot", slot.id, f"{weight['weight']} % for an order that is {state}")
                continue
            if weight["digest"] != order.digest:
                report.wrong("LINEAGE", books.service, "slot", slot.id, f"it lists {weight['digest']}, its order is {order.digest}")
            if not serving[order.id] and order.status != _S.ROLLING_BACK:
                report.wrong("I9", books.service, "work_order", order.id, f"{weight['weight']} % of the traffic and no instance")
    for order in orders.values():
        if order.status == _S.CANARY and order.id not in listed:
            report.wrong("I10", books.service, "work_order", order.id, "in CANARY without a weight")
