"""Release: configs, work orders, slots."""

from __future__ import annotations

from collections.abc import Iterator

from libs.client.domains.waiting import Seen, wait_until
from libs.client.failure import Json
from libs.client.groups.deploy import DeployCalls

ORDER_ENDED = frozenset({"ONLINE", "FAILED", "CANCELLED", "REJECTED", "ROLLED_BACK"})


class Deploy(DeployCalls):
    """Deployment configs, work orders and slots."""

    config, configs = DeployCalls.get_config, DeployCalls.list_configs
    order, slot, events = DeployCalls.get_work_order, DeployCalls.get_slot, DeployCalls.list_state_events

    def create_order(self, config_id: str, model_version_id: str, name: str, desc: str = "") -> Json:
        return self.create_work_order(config_id, model_version_id, name, desc=desc)

    def orders(self, model_id: str | None = None) -> Iterator[Json]:
        return self.list_work_orders(model_id=model_id)

    def approve(self, id: str, expected_version: int, comment: str = "") -> Json:
        return self.approve_work_order(id, expected_version, comment=comment)

    def reject(self, id: str, expected_version: int, comment: str) -> Json:
        return self.reject_work_order(id, comment, expected_version)

    def cancel(self, id: str, cause: str = "") -> Json:
        return self.cancel_work_order(id, cause=cause)

    def roll_back(self, id: str, cause: str = "") -> Json:
        return self.roll_back_work_order(id, cause=cause)

    def wait(self, id: str, until: frozenset[str] = ORDER_ENDED, on_change: Seen = lambda _: None, seconds: float = 3600) -> Json:
        """The order once its status is in ``until`` or it ended. Raises as ``Train.wait``."""
        return wait_until(lambda: self.order(id), lambda order: order["status"] in until | ORDER_ENDED, on_change, seconds, 0.3)

    def slots(self, model_id: str | None = None) -> Iterator[Json]:
        return self.list_slots(model_id=model_id)
