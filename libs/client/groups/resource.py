"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from libs.client.failure import Json
from libs.client.group import Group, part


class ResourceCalls(Group):
    """Of the resource domain."""

    def create_room(self, name: str, *, desc: str | None = None, secrecy: str | None = None) -> Json:
        """Makes a machine room; nodes in it hold no more secrecy than it may. Raises ALREADY_EXISTS."""
        return self._ask("POST", "/resource/rooms", "machine_room", body={"name": name, "desc": desc, "secrecy": secrecy})

    def list_rooms(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the machine rooms, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/resource/rooms", "machine_rooms", {"limit": limit})

    def create_node(self, name: str, room: str, cpu_milli: str | int, memory_mb: str | int, *, accelerator_milli: str | int | None = None, vendor: str | None = None, model: str | None = None, accelerator_memory_mb: str | int | None = None, share: int | None = None, labels: dict[str, str] | None = None, secrecy: str | None = None, heartbeat_seconds: int | None = None) -> Json:
        """Registers a compute node with what it has. Raises ALREADY_EXISTS, NOT_FOUND, INVALID_ARGUMENT."""
        return self._ask("POST", "/resource/nodes", "compute_node", body={"name": name, "room": room, "cpu_milli": cpu_milli, "memory_mb": memory_mb, "accelerator_milli": accelerator_milli, "vendor": vendor, "model": model, "accelerator_memory_mb": accelerator_memory_mb, "share": share, "labels": labels, "secrecy": secrecy, "heartbeat_seconds": heartbeat_seconds})

    def update_node(self, id: str | int, expected_version: int, *, cpu_milli: str | int | None = None, memory_mb: str | int | None = None, accelerator_milli: str | int | None = None, labels: dict[str, str] | None = None, secrecy: str | None = None, draining: bool | None = None, heartbeat_seconds: int | None = None) -> Json:
        """Changes the fields that are sent; what is held stays held, also where the node now has less. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION, INVALID_ARGUMENT."""
        return self._ask("PATCH", f"/resource/nodes/{part(id)}", "compute_node", body={"cpu_milli": cpu_milli, "memory_mb": memory_mb, "accelerator_milli": accelerator_milli, "labels": labels, "secrecy": secrecy, "draining": draining, "heartbeat_seconds": heartbeat_seconds, "expected_version": expected_version})

    def delete_node(self, id: str | int, expected_version: int) -> Json:
        """Takes a node out of the platform; one on which something is held is drained first. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION, NODE_IN_USE."""
        return self._ask("DELETE", f"/resource/nodes/{part(id)}", "compute_node", query={"expected_version": expected_version})

    def list_nodes(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the compute nodes with what is held of them, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/resource/nodes", "compute_nodes", {"limit": limit})

    def report_node(self, id: str | int, node_time: str | int) -> Json:
        """Says that a node lives, and what its clock says. Raises NOT_FOUND."""
        return self._ask("POST", f"/resource/nodes/{part(id)}/report", "compute_node", body={"node_time": node_time})

    def get_my_quotas(self) -> Any:
        """Shows every quota that bounds the caller here: platform, department, person, space."""
        return self._ask("GET", "/resource/quotas/mine", "quotas")

    def list_quotas(self, *, kind: str | None = None, subject_id: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the quotas of the platform with what is used, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/resource/quotas", "quotas", {"kind": kind, "subject_id": subject_id, "limit": limit})

    def set_quota(self, kind: str, expected_version: int, *, subject_id: str | int | None = None, department_id: str | int | None = None, cpu_milli: str | int | None = None, memory_mb: str | int | None = None, accelerator_milli: str | int | None = None, replicas: str | int | None = None, accelerator_seconds: str | int | None = None, tokens: str | int | None = None, annotation_seconds: str | int | None = None, window: str | None = None) -> Json:
        """Sets the quota of the platform, a department, a person or a space; a limit that is not sent is none. Raises NOT_FOUND, INVALID_ARGUMENT, QUOTA_IN_USE, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PUT", "/resource/quotas", "quota", body={"kind": kind, "subject_id": subject_id, "department_id": department_id, "cpu_milli": cpu_milli, "memory_mb": memory_mb, "accelerator_milli": accelerator_milli, "replicas": replicas, "accelerator_seconds": accelerator_seconds, "tokens": tokens, "annotation_seconds": annotation_seconds, "window": window, "expected_version": expected_version})

    def create_reservation(self, holder: str, *, cpu_milli: str | int | None = None, memory_mb: str | int | None = None, accelerator_milli: str | int | None = None, replicas: str | int | None = None, tokens: str | int | None = None, annotation_seconds: str | int | None = None, room: str | None = None, vendor: str | None = None, model: str | None = None, labels: dict[str, str] | None = None, secrecy: str | None = None, lease_seconds: int | None = None, wait: bool | None = None, unplaced: bool | None = None, model_version: str | int | None = None) -> Json:
        """Reserves resources under a lease, or waits in line for them; again for the same holder it answers the same one. Raises QUOTA_EXCEEDED, BUDGET_SPENT, CAPACITY_SHORT, NEVER_FITS, NOT_FOUND, ALREADY_EXISTS."""
        return self._ask("POST", "/resource/reservations", body={"holder": holder, "cpu_milli": cpu_milli, "memory_mb": memory_mb, "accelerator_milli": accelerator_milli, "replicas": replicas, "tokens": tokens, "annotation_seconds": annotation_seconds, "room": room, "vendor": vendor, "model": model, "labels": labels, "secrecy": secrecy, "lease_seconds": lease_seconds, "wait": wait, "unplaced": unplaced, "model_version": model_version})

    def explain_request(self, *, cpu_milli: str | int | None = None, memory_mb: str | int | None = None, accelerator_milli: str | int | None = None, replicas: str | int | None = None, tokens: str | int | None = None, annotation_seconds: str | int | None = None, room: str | None = None, vendor: str | None = None, model: str | None = None, labels: Json | None = None, secrecy: str | None = None, unplaced: bool | None = None) -> Json:
        """Says what would hold a request back and the smallest change that would admit it; it reserves nothing. Raises NOT_FOUND."""
        return self._ask("POST", "/resource/explain", "explanation", body={"cpu_milli": cpu_milli, "memory_mb": memory_mb, "accelerator_milli": accelerator_milli, "replicas": replicas, "tokens": tokens, "annotation_seconds": annotation_seconds, "room": room, "vendor": vendor, "model": model, "labels": labels, "secrecy": secrecy, "unplaced": unplaced})

    def renew_reservation(self, id: str | int, *, lease_seconds: int | None = None) -> Json:
        """Lengthens the lease of a reservation that is held. Raises NOT_FOUND, RESERVATION_OVER, BUDGET_SPENT."""
        return self._ask("POST", f"/resource/reservations/{part(id)}/renew", "reservation", body={"lease_seconds": lease_seconds})

    def release_reservation(self, id: str | int, *, tokens_left: str | int | None = None, annotation_seconds_left: str | int | None = None) -> Json:
        """Gives back what is held, once, or leaves the queue. Raises NOT_FOUND, INVALID_ARGUMENT."""
        return self._ask("POST", f"/resource/reservations/{part(id)}/release", "reservation", body={"tokens_left": tokens_left, "annotation_seconds_left": annotation_seconds_left})

    def get_reservation(self, id: str | int) -> Json:
        """Shows a reservation, and of one that waits why. Raises NOT_FOUND."""
        return self._ask("GET", f"/resource/reservations/{part(id)}")

    def create_price(self, priced: str, micros: str | int, *, room: str | None = None, vendor: str | None = None, model: str | None = None, valid_from: str | int | None = None) -> Json:
        """Sets what an hour of a core, a GB of memory or an accelerator costs from a moment on. Raises NOT_FOUND, ALREADY_EXISTS, INVALID_ARGUMENT."""
        return self._ask("POST", "/resource/prices", "price", body={"priced": priced, "micros": micros, "room": room, "vendor": vendor, "model": model, "valid_from": valid_from})

    def list_prices(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists all prices, also those of before and those to come, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/resource/prices", "prices", {"limit": limit})

    def get_quote(self, *, cpu_milli: str | int | None = None, memory_mb: str | int | None = None, accelerator_milli: str | int | None = None, room: str | None = None, vendor: str | None = None, model: str | None = None, seconds: str | int | None = None) -> Json:
        """Says what resources would cost for a time, by the prices of now. Raises NOT_FOUND."""
        return self._ask("GET", "/resource/quote", query={"cpu_milli": cpu_milli, "memory_mb": memory_mb, "accelerator_milli": accelerator_milli, "room": room, "vendor": vendor, "model": model, "seconds": seconds})

    def list_usage(self, *, from_time: str | int | None = None, to_time: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the ledger of the caller's space piece by piece, newest first; what still runs is not in it yet. Raises INVALID_ARGUMENT."""
        return self._pages("/resource/usage", "usage", {"from_time": from_time, "to_time": to_time, "limit": limit})

    def get_cost(self, *, group: str | None = None, from_time: str | int | None = None, to_time: str | int | None = None) -> Json:
        """Adds up what the caller's space used and what it cost. Raises INVALID_ARGUMENT."""
        return self._ask("GET", "/resource/cost", query={"group": group, "from_time": from_time, "to_time": to_time})

    def get_platform_cost(self, *, group: str | None = None, from_time: str | int | None = None, to_time: str | int | None = None) -> Json:
        """Adds up what all spaces used and what it cost; of nodes also what nobody used. Raises INVALID_ARGUMENT."""
        return self._ask("GET", "/resource/cost/platform", query={"group": group, "from_time": from_time, "to_time": to_time})

    def list_reservations(self, *, statuses: list[str] | None = None, user_id: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the reservations of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/resource/reservations", "reservations", {"statuses": statuses, "user_id": user_id, "limit": limit})
