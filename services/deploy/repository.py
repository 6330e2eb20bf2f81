"""Tables of the deploy domain and the reads that are not by key. The seed's spellings (``deplyment_session``, ``deplyment_config_id``) are
known here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from idl.enums import ChangeKind
from libs.common.context import CallContext
from libs.common.store.database import JsonText, Transaction, platform_tables, seed_columns
from libs.common.store.repository import Repository
from libs.common.store.seed_table import SeedText, seed_columns_around
from libs.common.store.statement import Together
from services.deploy.domain.config import DeploymentConfig
from services.deploy.domain.instance import SERVING, STOPPED, Instance
from services.deploy.domain.order import OrderHead, WorkOrder, WorkOrderStatus
from services.deploy.domain.slot import Slot
from services.deploy.domain.stage import PassedStage

SlotInstances = dict[int, list[Instance]]
METADATA = sa.MetaData()
platform_tables(METADATA)
_JSON = sa.Text(16_000_000)


_SEED_JSON = sa.Text(16_000_000).with_variant(JsonText(), "mysql", "mariadb")


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


_config = sa.Table(
    "deployment_config",
    METADATA,
    *seed_columns_around(
        sa.Column("name", SeedText(100), nullable=False, comment="模型项目名"),
        sa.Column("desc", SeedText(1000), comment="描述"),
        sa.Column("model_id", sa.BigInteger, nullable=False, comment="模型id"),
        sa.Column("config", _SEED_JSON, comment="部署配置"),
    ),
    _text("config_hash", 80),
    _text("environment", 40),
    _text("room", 40),
    _whole("project_space_id"),
    _whole("user_id"),
    sa.Index("deployment_config_model", "model_id", "project_space_id", "id"),
    sa.Index("deployment_config_space", "project_space_id", "id"),
    comment="部署配置表",
)
_order = sa.Table(
    "deplyment_session",
    METADATA,
    *seed_columns_around(
        sa.Column("name", SeedText(100), nullable=False, comment="模型项目名"),
        sa.Column("desc", SeedText(1000), comment="描述"),
        sa.Column("deplyment_config_id", sa.BigInteger, nullable=False, comment="部署配置id"),
        sa.Column("config", _SEED_JSON, comment="部署配置快照"),
    ),
    _whole("project_space_id"),
    _whole("user_id"),
    _whole("model_id"),
    _whole("model_version_id"),
    _whole("model_version_number", sa.Integer),
    _text("model_name", 100),
    _whole("slot_id"),
    sa.Column("open_slot_id", sa.BigInteger),
    _whole("status", sa.Integer),
    _text("status_reason", 1000),
    _text("artifact_uri", 1000),
    _text("artifact_digest", 80),
    _text("digest", 80),
    _text("bundle_uri", 1000),
    sa.Column("evidence", _JSON, nullable=False, server_default="{}"),
    sa.Column("error", _JSON, nullable=False, server_default="{}"),
    sa.Column("previous", _JSON, nullable=False, server_default="[]"),
    _whole("eval_task_id"),
    _whole("approver_id"),
    _text("approval_comment", 1000),
    _whole("attempt", sa.Integer),
    _text("wish", 20),
    _whole("epoch"),
    _whole("lease_until"),
    _text("worker", 100),
    _whole("not_before"),
    _whole("start_time"),
    _whole("finish_time"),
    _whole("override_id"),
    _whole("override_end_time"),
    sa.UniqueConstraint("open_slot_id", name="deplyment_session_open"),  # one open order per slot: the store itself refuses the second
    sa.Index("deplyment_session_model", "model_id", "project_space_id", "id"),
    sa.Index("deplyment_session_due", "status", "not_before"),
    sa.Index("deplyment_session_space", "project_space_id", "id"),
    sa.Index("deplyment_session_space_status", "project_space_id", "status", "id"),
    sa.Index("deplyment_session_space_slot_id", "project_space_id", "slot_id", "id"),
    sa.Index("deplyment_session_space_user_id", "project_space_id", "user_id", "id"),
    sa.Index("deplyment_session_override", "model_id", "override_id"),
    comment="部署工单表",
)
_slot = sa.Table(
    "serving_slot",
    METADATA,
    *seed_columns(),
    _whole("project_space_id"),
    sa.Column("model_id", sa.BigInteger, nullable=False),
    _text("environment", 40),
    _text("room", 40),
    sa.Column("weights", _JSON, nullable=False),
    sa.UniqueConstraint("project_space_id", "model_id", "environment", "room", name="serving_slot_place"),
    sa.Index("serving_slot_model", "model_id", "id"),
)
_instance = sa.Table(
    "instance",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    _whole("project_space_id"),
    _whole("slot_id"),
    _whole("work_order_id"),
    _text("purpose", 20),
    _text("digest", 80),
    _text("bundle_uri", 1000),
    _text("model_name", 100),
    _whole("model_version_id"),
    _whole("model_version_number", sa.Integer),
    _whole("threads", sa.Integer),
    _text("key", 80),
    _whole("keep_until"),
    _text("node", 100),
    _text("state", 20),
    _text("address", 200),
    _whole("port", sa.Integer),
    _whole("pid"),
    sa.Column("qps", sa.Double, nullable=False),
    sa.Column("p99_ms", sa.Double, nullable=False),
    _whole("requests"),
    _whole("errors"),
    _whole("crashes", sa.Integer),
    sa.Column("error", _JSON, nullable=False),
    _whole("create_time"),
    _whole("update_time"),
    sa.Index("instance_slot", "slot_id", "state"),
    sa.Index("instance_order", "work_order_id"),
    sa.Index("instance_kept", "keep_until"),
    sa.Index("instance_node", "node", "state"),
    sa.Index("instance_state", "state"),
)
_passed = sa.Table(
    "passed_stage",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    _whole("project_space_id"),
    _text("stage", 20),
    _text("input_hash", 64),
    _whole("work_order_id"),
    sa.Column("result", _JSON, nullable=False),
    _whole("create_time"),
    sa.UniqueConstraint("project_space_id", "stage", "input_hash", name="passed_stage_input"),
)


class OrderRepository(Repository[WorkOrder]):
    def __init__(self) -> None:
        super().__init__("work_order", _order, WorkOrder, {"deployment_config_id": "deplyment_config_id"}, belongs_to="model_id")

    def building(self, conn: sa.Connection, ids: Collection[int], statuses: Collection[WorkOrderStatus]) -> set[int]:
        """Which of these orders, of any space, are in one of ``statuses``."""
        query = sa.select(_order.c.id).where(_order.c.id.in_(ids), _order.c.status.in_([int(status) for status in statuses]))
        return set(conn.execute(query).scalars())


class InstanceRepository(Repository[Instance]):
    """Instances. Two writers, each with its own columns: the platform ``keep_until``, the node all the others."""

    def __init__(self) -> None:
        super().__init__("instance", _instance, Instance, belongs_to="slot_id")

    def all(self, conn: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Instance]:
        """Of any space, oldest first."""
        return [self.load(row) for row in conn.execute(self._select.where(*where).order_by(_instance.c.id))]

    def running(self, conn: sa.Connection, slots: Sequence[int], purpose: str) -> list[Instance]:
        """Those of the slots that run or should, oldest first."""
        query = self.prepared("running", self._running)
        return [self.load(row) for row in query.rows(conn, {"slots": slots, "purpose": purpose})]

    def _running(self) -> sa.Select[Any]:
        return self.live().where(_instance.c.slot_id.in_(sa.bindparam("slots", expanding=True))).order_by(_instance.c.id)

    def live(self) -> sa.Select[Any]:
        """A select of those with the bound ``purpose`` that run or should."""
        return self._select.where(_instance.c.purpose == sa.bindparam("purpose"), _instance.c.state != STOPPED)

    def alive(self, conn: sa.Connection, now: int, *where: sa.ColumnElement[bool]) -> list[Instance]:
        """What should run, and what should not but may."""
        return self.all(conn, sa.or_(_instance.c.keep_until > now, _instance.c.state != STOPPED), *where)

    def take(self, tx: Transaction, row: Instance, node: str) -> bool:
        """Makes an instance one of ``node``, unless another node was faster or its own has spoken again."""
        mine = (_instance.c.id == row.id, _instance.c.node == row.node, _instance.c.update_time == row.update_time)
        return tx.conn.execute(_instance.update().where(*mine).values(node=node, update_time=tx.now)).rowcount == 1

    def of_order(self, conn: sa.Connection, order_id: int, *where: sa.ColumnElement[bool]) -> list[Instance]:
        return self.all(conn, _instance.c.work_order_id == order_id, *where)

    def keep(self, tx: Transaction, until: int, *where: sa.ColumnElement[bool]) -> None:
        tx.conn.execute(_instance.update().where(*where).values(keep_until=until))

    def say(self, tx: Transaction, id: int, said: dict[str, Any], *where: sa.ColumnElement[bool]) -> None:
        """What the node says about one instance."""
        values = {name: self._encoders[name](value) for name, value in said.items()}
        changed = tx.conn.execute(_instance.update().where(_instance.c.id == id, *where).values(**values, update_time=tx.now))
        for instance in self.all(tx.conn, _instance.c.id == id) if changed.rowcount else ():
            self.tell(tx, instance, ChangeKind.CHANGED if "state" in said else ChangeKind.PROGRESS)


class SlotRepository(Repository[Slot]):
    def __init__(self) -> None:
        super().__init__("serving_slot", _slot, Slot, belongs_to="model_id")

    def serving(self, conn: sa.Connection, model_id: int) -> int:
        """How many slots of the model have traffic."""
        query = sa.select(sa.func.count()).where(_slot.c.model_id == model_id, _slot.c.weights != "[]", _slot.c.mark_delete == 0)
        return int(conn.execute(query).scalar_one())


class StateRows(NamedTuple):
    """A model's latest order, its slots, the instances that serve or should by slot, and its orders that go by an override, by id."""

    latest: OrderHead | None
    slots: list[Slot]
    running: SlotInstances
    overridden: dict[int, OrderHead]


class DeployRepository:
    """One ``Repository`` per noun."""

    def __init__(self) -> None:
        self.configs = Repository("deployment_config", _config, DeploymentConfig, belongs_to="model_id")
        self.orders = OrderRepository()
        self.heads = Repository("work_order", _order, OrderHead, {"deployment_config_id": "deplyment_config_id"})
        self.slots = SlotRepository()
        self.instances = InstanceRepository()
        self.stages = Repository("passed_stage", _passed, PassedStage, told=False)
        slots_of_model = (*self.slots.prepared_scope(), _slot.c.model_id == sa.bindparam("model_id"))
        self._state = Together(
            self.heads.equal("model_id").order_by(_order.c.id.desc()).limit(1),
            self.slots.equal("model_id").order_by(_slot.c.id.desc()).limit(sa.bindparam("most")),
            self.instances.live().join(_slot, _slot.c.id == _instance.c.slot_id).where(*slots_of_model),
            self.heads.equal("model_id").where(_order.c.override_id > 0),
        )

    def state(self, conn: sa.Connection, ctx: CallContext, model_id: int, most: int) -> StateRows:
        """What the composed status shows, in one read. most: slots, newest first."""
        values = {**self.heads.scope(ctx), "model_id": model_id, "most": most, "purpose": SERVING}
        orders, slots, instances, overridden = self._state.rows(conn, values)
        by_age = sorted((self.instances.load(row) for row in instances), key=lambda instance: instance.id)
        newest = sorted((self.slots.load(row) for row in slots), key=lambda slot: -slot.id)
        latest = self.heads.load(orders[0]) if orders else None
        return StateRows(latest, newest, _by_slot(newest, by_age), {int(row[0]): self.heads.load(row) for row in overridden})

    def seen_by_slot(self, conn: sa.Connection, slots: Sequence[Slot], purpose: str) -> SlotInstances:
        """Instances that run or should, by slot."""
        return _by_slot(slots, self.instances.running(conn, [slot.id for slot in slots], purpose) if slots else [])


def _by_slot(slots: Sequence[Slot], instances: Iterable[Instance]) -> SlotInstances:
    found: SlotInstances = {slot.id: [] for slot in slots}
    for instance in instances:
        if instance.slot_id in found:
            found[instance.slot_id].append(instance)
    return found
