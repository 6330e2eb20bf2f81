"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from libs.client.failure import Json
from libs.client.group import Group, part


class DeployCalls(Group):
    """Of the deploy domain."""

    def list_state_events(self, entity: str, entity_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the history of one object, oldest first. Raises INVALID_ARGUMENT."""
        return self._pages("/deploy/events", "events", {"entity": entity, "entity_id": entity_id, "limit": limit})

    def create_config(self, model_id: str | int, name: str, *, desc: str | None = None, environment: str | None = None, room: str | None = None, config: Json | None = None) -> Json:
        """Creates a deployment config; unknown keys are refused. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/deploy/configs", "config", body={"model_id": model_id, "name": name, "desc": desc, "environment": environment, "room": room, "config": config})

    def get_config(self, id: str | int) -> Json:
        """Reads one config. Raises NOT_FOUND."""
        return self._ask("GET", f"/deploy/configs/{part(id)}", "config")

    def list_configs(self, model_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the configs of a model, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/deploy/configs", "configs", {"model_id": model_id, "limit": limit})

    def create_work_order(self, deployment_config_id: str | int, model_version_id: str | int, name: str, *, desc: str | None = None) -> Json:
        """Starts the pipeline for a trained version; one open order per slot. Raises NOT_FOUND, SLOT_BUSY, ILLEGAL_TRANSITION."""
        return self._ask("POST", "/deploy/work-orders", "work_order", body={"deployment_config_id": deployment_config_id, "model_version_id": model_version_id, "name": name, "desc": desc})

    def get_work_order(self, id: str | int) -> Json:
        """Reads one work order. Raises NOT_FOUND."""
        return self._ask("GET", f"/deploy/work-orders/{part(id)}", "work_order")

    def list_work_orders(self, *, model_id: str | int | None = None, statuses: list[str] | None = None, slot_id: str | int | None = None, user_id: str | int | None = None, from_time: str | int | None = None, to_time: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists work orders, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/deploy/work-orders", "work_orders", {"model_id": model_id, "statuses": statuses, "slot_id": slot_id, "user_id": user_id, "from_time": from_time, "to_time": to_time, "limit": limit})

    def approve_work_order(self, id: str | int, expected_version: int, *, comment: str | None = None) -> Json:
        """Approves the evaluated digest; the approver is not the requester and the gate has passed. Raises NOT_FOUND, ILLEGAL_TRANSITION, GATE_NOT_PASSED, GATE_NO_DATA, FORBIDDEN, STALE_VERSION, MISSING_VERSION."""
        return self._ask("POST", f"/deploy/work-orders/{part(id)}/approve", "work_order", body={"comment": comment, "expected_version": expected_version})

    def reject_work_order(self, id: str | int, comment: str, expected_version: int) -> Json:
        """Refuses the release. Raises NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION."""
        return self._ask("POST", f"/deploy/work-orders/{part(id)}/reject", "work_order", body={"comment": comment, "expected_version": expected_version})

    def cancel_work_order(self, id: str | int, *, cause: str | None = None) -> Json:
        """Stops an order that had no traffic yet. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/deploy/work-orders/{part(id)}/cancel", "work_order", body={"cause": cause})

    def roll_back_work_order(self, id: str | int, *, cause: str | None = None) -> Json:
        """Takes an online order back to what served before, or to an empty slot. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/deploy/work-orders/{part(id)}/rollback", "work_order", body={"cause": cause})

    def get_slot(self, id: str | int) -> Json:
        """Reads one slot. Raises NOT_FOUND."""
        return self._ask("GET", f"/deploy/slots/{part(id)}", "slot")

    def list_slots(self, *, model_id: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the serving slots. Raises INVALID_ARGUMENT."""
        return self._pages("/deploy/slots", "slots", {"model_id": model_id, "limit": limit})

    def resolve_model(self, model_id: str | int, *, environment: str | None = None, model_version_number: int | None = None) -> Any:
        """The ready endpoints of a model, or of one version of it, with their weights; NOT_READY while it has traffic and its process restarts. Raises NOT_DEPLOYED, NOT_READY."""
        return self._ask("GET", f"/deploy/models/{part(model_id)}/endpoints", "endpoints", query={"environment": environment, "model_version_number": model_version_number})
