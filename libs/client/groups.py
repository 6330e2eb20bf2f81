"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from libs.client.download import Download
from libs.client.failure import Json
from libs.client.group import Group, part


class IdentityCalls(Group):
    """Of the identity domain."""

    def create_department(self, name: str, *, desc: str | None = None) -> Json:
        """Creates a department. Raises INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/departments", "department", body={"name": name, "desc": desc})

    def list_departments(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the departments, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/departments", "departments", {"limit": limit})

    def create_user(self, account: str, *, name: str | None = None, department_id: str | int | None = None, administrator: bool | None = None, issuer: str | None = None, subject: str | None = None) -> Json:
        """Creates a user who cannot sign in until a password is issued or an outside provider vouches. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/users", "user", body={"account": account, "name": name, "department_id": department_id, "administrator": administrator, "issuer": issuer, "subject": subject})

    def get_user(self, id: str | int) -> Json:
        """Reads one user. Raises NOT_FOUND."""
        return self._ask("GET", f"/users/{part(id)}", "user")

    def list_users(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the users, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/users", "users", {"limit": limit})

    def update_user(self, id: str | int, expected_version: int, *, name: str | None = None, disabled: bool | None = None, administrator: bool | None = None) -> Json:
        """Changes the fields that are sent; a disabled user's sessions and keys end at once and for good. Raises NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/users/{part(id)}", "user", body={"name": name, "disabled": disabled, "administrator": administrator, "expected_version": expected_version})

    def issue_password(self, id: str | int) -> Json:
        """Makes a new password, shows it once and ends the user's sessions and API keys. Raises NOT_FOUND, INVALID_ARGUMENT."""
        return self._ask("POST", f"/users/{part(id)}/password")

    def change_password(self, password: str, new_password: str) -> Json:
        """Replaces the caller's own password and ends the caller's sessions and API keys. Raises WRONG_PASSWORD, INVALID_ARGUMENT, BUSY."""
        return self._ask("POST", "/auth/password", body={"password": password, "new_password": new_password})

    def create_space(self, department_id: str | int, name: str, *, desc: str | None = None) -> Json:
        """Creates a project space; the caller becomes its owner. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/spaces", "space", body={"department_id": department_id, "name": name, "desc": desc})

    def list_spaces(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists all project spaces, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/spaces", "spaces", {"limit": limit})

    def create_membership(self, account: str, role: str, *, clearance: str | None = None, acting: bool | None = None) -> Json:
        """Gives a user a role in the caller's space; nobody gives more clearance than they have. Raises NOT_FOUND, ALREADY_EXISTS, FORBIDDEN, INVALID_ARGUMENT."""
        return self._ask("POST", "/memberships", "membership", body={"account": account, "role": role, "clearance": clearance, "acting": acting})

    def update_membership(self, id: str | int, clearance: str, expected_version: int, *, acting: bool | None = None) -> Json:
        """Changes the clearance of a membership of the caller's space, and whether a service account may act for members. Raises NOT_FOUND, FORBIDDEN, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/memberships/{part(id)}", "membership", body={"clearance": clearance, "acting": acting, "expected_version": expected_version})

    def delete_membership(self, id: str | int, expected_version: int) -> Json:
        """Takes a role away; the last owner of a space stays, and with the last role of a person their keys for the space end. Raises NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("DELETE", f"/memberships/{part(id)}", "membership", query={"expected_version": expected_version})

    def list_memberships(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the memberships of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/memberships", "memberships", {"limit": limit})

    def issue_key(self, name: str, *, valid_days: int | None = None, roles: list[str] | None = None, clearance: str | None = None) -> Json:
        """Makes an API key that acts as the caller in the caller's space, and shows it once; one that is made with a key may do no more, lasts no longer and ends with it. Raises INVALID_ARGUMENT, FORBIDDEN, CREDENTIAL_ENDED."""
        return self._ask("POST", "/keys", body={"name": name, "valid_days": valid_days, "roles": roles, "clearance": clearance})

    def list_keys(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the caller's keys of the caller's space, newest first; to a key itself and what was made with it. Raises INVALID_ARGUMENT."""
        return self._pages("/keys", "keys", {"limit": limit})

    def revoke_key(self, id: str | int) -> Json:
        """Ends a key of the caller and all that were made with it. Raises NOT_FOUND."""
        return self._ask("DELETE", f"/keys/{part(id)}", "key")

    def list_space_keys(self, *, user_id: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists everybody's keys of the caller's space, newest first, or those of one user. Raises INVALID_ARGUMENT."""
        return self._pages("/space/keys", "keys", {"user_id": user_id, "limit": limit})

    def revoke_space_key(self, id: str | int) -> Json:
        """Ends anybody's key of the caller's space and all that were made with it. Raises NOT_FOUND."""
        return self._ask("DELETE", f"/space/keys/{part(id)}", "key")

    def list_platform_keys(self, *, user_id: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the keys of the whole platform, newest first, or those of one user. Raises INVALID_ARGUMENT."""
        return self._pages("/platform/keys", "keys", {"user_id": user_id, "limit": limit})

    def revoke_platform_key(self, id: str | int) -> Json:
        """Ends any key and all that were made with it. Raises NOT_FOUND."""
        return self._ask("DELETE", f"/platform/keys/{part(id)}", "key")

    def create_service_account(self, account: str, *, name: str | None = None, role: str | None = None, clearance: str | None = None, acting: bool | None = None) -> Json:
        """Creates a service account that belongs to the caller's space, with a role there when one is named. Raises INVALID_ARGUMENT, ALREADY_EXISTS, FORBIDDEN."""
        return self._ask("POST", "/service-accounts", "user", body={"account": account, "name": name, "role": role, "clearance": clearance, "acting": acting})

    def list_service_accounts(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the service accounts that belong to the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/service-accounts", "users", {"limit": limit})

    def update_service_account(self, id: str | int, expected_version: int, *, name: str | None = None, disabled: bool | None = None) -> Json:
        """Changes the fields that are sent; the keys of a disabled account end at once and for good. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/service-accounts/{part(id)}", "user", body={"name": name, "disabled": disabled, "expected_version": expected_version})

    def issue_service_key(self, id: str | int, name: str, *, valid_days: int | None = None, roles: list[str] | None = None, clearance: str | None = None) -> Json:
        """Makes a key of a service account of the caller's space, and shows it once; it sees no more than the caller may. Raises NOT_FOUND, INVALID_ARGUMENT, FORBIDDEN."""
        return self._ask("POST", f"/service-accounts/{part(id)}/keys", body={"name": name, "valid_days": valid_days, "roles": roles, "clearance": clearance})

    def rotate_service_key(self, id: str | int, *, overlap_minutes: int | None = None) -> Json:
        """Makes a key like a given one of a service account, shows it once and ends the given one after an overlap. Raises NOT_FOUND, INVALID_ARGUMENT, FORBIDDEN."""
        return self._ask("POST", f"/service-keys/{part(id)}/rotate", body={"overlap_minutes": overlap_minutes})

    def list_sessions(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the caller's sessions, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/sessions", "sessions", {"limit": limit})

    def revoke_session(self, id: str | int) -> Json:
        """Ends a session of the caller. Raises NOT_FOUND."""
        return self._ask("DELETE", f"/sessions/{part(id)}", "session")

    def list_audit(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists what was done in the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/audit", "events", {"limit": limit})

    def list_platform_audit(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists what was done anywhere on the platform, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/platform/audit", "events", {"limit": limit})


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

    def create_reservation(self, holder: str, *, cpu_milli: str | int | None = None, memory_mb: str | int | None = None, accelerator_milli: str | int | None = None, replicas: str | int | None = None, tokens: str | int | None = None, annotation_seconds: str | int | None = None, room: str | None = None, vendor: str | None = None, model: str | None = None, labels: dict[str, str] | None = None, secrecy: str | None = None, lease_seconds: int | None = None, wait: bool | None = None, unplaced: bool | None = None) -> Json:
        """Reserves resources under a lease, or waits in line for them; again for the same holder it answers the same one. Raises QUOTA_EXCEEDED, BUDGET_SPENT, CAPACITY_SHORT, NEVER_FITS, NOT_FOUND, ALREADY_EXISTS."""
        return self._ask("POST", "/resource/reservations", body={"holder": holder, "cpu_milli": cpu_milli, "memory_mb": memory_mb, "accelerator_milli": accelerator_milli, "replicas": replicas, "tokens": tokens, "annotation_seconds": annotation_seconds, "room": room, "vendor": vendor, "model": model, "labels": labels, "secrecy": secrecy, "lease_seconds": lease_seconds, "wait": wait, "unplaced": unplaced})

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

    def list_reservations(self, *, statuses: list[str] | None = None, user_id: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the reservations of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/resource/reservations", "reservations", {"statuses": statuses, "user_id": user_id, "limit": limit})


class ModelCalls(Group):
    """Of the model domain."""

    def list_state_events(self, entity: str, entity_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the history of one object, oldest first. Raises INVALID_ARGUMENT."""
        return self._pages("/models/events", "events", {"entity": entity, "entity_id": entity_id, "limit": limit})

    def create_project(self, name: str, *, desc: str | None = None, path: str | None = None, train_framework: str | None = None, inference_framework: str | None = None, metrics_url: str | None = None, code_repo_url: str | None = None, hdfs_dir: str | None = None) -> Json:
        """Creates a model project with its release gate switched on. Raises INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/models", "project", body={"name": name, "desc": desc, "path": path, "train_framework": train_framework, "inference_framework": inference_framework, "metrics_url": metrics_url, "code_repo_url": code_repo_url, "hdfs_dir": hdfs_dir})

    def get_project(self, id: str | int) -> Json:
        """Reads one project. Raises NOT_FOUND."""
        return self._ask("GET", f"/models/{part(id)}", "project")

    def find_project(self, name: str) -> Json:
        """Reads one project by its name within the caller's space. Raises NOT_FOUND."""
        return self._ask("GET", "/models/find", "project", query={"name": name})

    def resolve_name(self, name: str) -> Json:
        """Says which model, and which version of it, a name stands for: a name, an alias, a former name, an id, NAME@3, NAME@latest, NAME@ALIAS. Raises NOT_FOUND."""
        return self._ask("GET", "/models/resolve", query={"name": name})

    def create_alias(self, project_id: str | int, name: str, *, model_version_number: int | None = None) -> Json:
        """Gives a model a second name, for whatever is online or for one version. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", f"/models/{part(project_id)}/aliases", "model_alias", body={"name": name, "model_version_number": model_version_number})

    def list_aliases(self, project_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the aliases and former names of a model, newest first. Raises NOT_FOUND."""
        return self._pages(f"/models/{part(project_id)}/aliases", "model_aliases", {"limit": limit})

    def update_alias(self, id: str | int, model_version_number: int, expected_version: int) -> Json:
        """Points an alias at another version. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/models/aliases/{part(id)}", "model_alias", body={"model_version_number": model_version_number, "expected_version": expected_version})

    def delete_alias(self, id: str | int, expected_version: int) -> Json:
        """Takes an alias or a former name away. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("DELETE", f"/models/aliases/{part(id)}", "model_alias", query={"expected_version": expected_version})

    def list_projects(self, *, name_prefix: str | None = None, status: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the projects of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/models", "projects", {"name_prefix": name_prefix, "status": status, "limit": limit})

    def update_project(self, id: str | int, expected_version: int, *, name: str | None = None, desc: str | None = None, path: str | None = None, train_framework: str | None = None, inference_framework: str | None = None, metrics_url: str | None = None, code_repo_url: str | None = None, hdfs_dir: str | None = None) -> Json:
        """Changes the fields that are sent. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/models/{part(id)}", "project", body={"name": name, "desc": desc, "path": path, "train_framework": train_framework, "inference_framework": inference_framework, "metrics_url": metrics_url, "code_repo_url": code_repo_url, "hdfs_dir": hdfs_dir, "expected_version": expected_version})

    def delete_project(self, id: str | int, expected_version: int) -> Json:
        """Marks a project deleted; refused while a slot serves it. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION, ILLEGAL_TRANSITION."""
        return self._ask("DELETE", f"/models/{part(id)}", "project", query={"expected_version": expected_version})

    def create_version(self, project_id: str | int, *, desc: str | None = None, dataset_version_ids: list[str | int] | None = None, base_version_id: str | int | None = None) -> Json:
        """Creates the next version of a project, still without an artifact; dataset_version_ids only from train, which has looked at them. Raises NOT_FOUND, FORBIDDEN."""
        return self._ask("POST", f"/models/{part(project_id)}/versions", "model_version", body={"desc": desc, "dataset_version_ids": dataset_version_ids, "base_version_id": base_version_id})

    def get_version(self, id: str | int) -> Json:
        """Reads one model version. Raises NOT_FOUND."""
        return self._ask("GET", f"/models/versions/{part(id)}", "model_version")

    def list_versions(self, project_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the versions of a project, newest first. Raises NOT_FOUND."""
        return self._pages(f"/models/{part(project_id)}/versions", "model_versions", {"limit": limit})

    def retire_version(self, id: str | int, expected_version: int) -> Json:
        """Takes a version out of use. Raises NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION."""
        return self._ask("POST", f"/models/versions/{part(id)}/retire", "model_version", body={"expected_version": expected_version})

    def quarantine_version(self, id: str | int, cause: str, expected_version: int) -> Json:
        """Recalls a version: nothing of it may be released any more. Raises NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION."""
        return self._ask("POST", f"/models/versions/{part(id)}/quarantine", "model_version", body={"cause": cause, "expected_version": expected_version})

    def set_gate(self, project_id: str | int, enabled: bool, expected_version: int, *, rules: list[Json] | None = None, off_reason: str | None = None, max_age_hours: int | None = None) -> Json:
        """Replaces the rules of the release gate, or switches it off with a reason; a metric no evaluation reports is refused. Raises NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PUT", f"/models/{part(project_id)}/gate", "gate", body={"enabled": enabled, "rules": rules, "off_reason": off_reason, "max_age_hours": max_age_hours, "expected_version": expected_version})

    def get_gate(self, project_id: str | int) -> Json:
        """Reads the release gate. Raises NOT_FOUND."""
        return self._ask("GET", f"/models/{part(project_id)}/gate", "gate")

    def check_gate(self, model_version_id: str | int, digest: str, *, eval_task_id: str | int | None = None) -> Json:
        """Computes the verdict for one digest from the stored evidence, now. Raises NOT_FOUND."""
        return self._ask("GET", f"/models/versions/{part(model_version_id)}/verdict", "verdict", query={"digest": digest, "eval_task_id": eval_task_id})

    def explain_gate(self, model_version_id: str | int, *, digest: str | None = None, eval_task_id: str | int | None = None) -> Json:
        """Explains the gate rule by rule: what it needs, what there is, whether it holds, and the next step. Raises NOT_FOUND."""
        return self._ask("GET", f"/models/versions/{part(model_version_id)}/gate", "explanation", query={"digest": digest, "eval_task_id": eval_task_id})

    def request_override(self, model_version_id: str | int, digest: str, cause: str, end_time: str | int) -> Json:
        """Asks for a release of packaged bytes in spite of the gate, with a reason and an end; a second person confirms it. Raises NOT_FOUND, INVALID_ARGUMENT, ILLEGAL_TRANSITION, ALREADY_EXISTS, FORBIDDEN."""
        return self._ask("POST", f"/models/versions/{part(model_version_id)}/overrides", "gate_override", body={"digest": digest, "cause": cause, "end_time": end_time})

    def confirm_override(self, id: str | int, expected_version: int, *, comment: str | None = None) -> Json:
        """Confirms an override; not by who asked for it, and never by a service account. Raises NOT_FOUND, ILLEGAL_TRANSITION, FORBIDDEN, STALE_VERSION, MISSING_VERSION."""
        return self._ask("POST", f"/models/overrides/{part(id)}/confirm", "gate_override", body={"comment": comment, "expected_version": expected_version})

    def withdraw_override(self, id: str | int, expected_version: int, *, comment: str | None = None) -> Json:
        """Ends an override before its time: no release may use it any more. Raises NOT_FOUND, ILLEGAL_TRANSITION, STALE_VERSION, MISSING_VERSION."""
        return self._ask("POST", f"/models/overrides/{part(id)}/withdraw", "gate_override", body={"comment": comment, "expected_version": expected_version})

    def get_override(self, id: str | int) -> Json:
        """Reads one override. Raises NOT_FOUND."""
        return self._ask("GET", f"/models/overrides/{part(id)}", "gate_override")

    def list_overrides(self, project_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the overrides of a model's gate, newest first. Raises NOT_FOUND."""
        return self._pages(f"/models/{part(project_id)}/overrides", "gate_overrides", {"limit": limit})

    def list_evidence(self, model_version_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists evaluation results of a version, newest first. Raises NOT_FOUND."""
        return self._pages(f"/models/versions/{part(model_version_id)}/evidence", "evidence", {"limit": limit})

    def get_lineage(self, model_version_id: str | int) -> Any:
        """Lists what a version was made of, judged by and packed into. Raises NOT_FOUND."""
        return self._ask("GET", f"/models/versions/{part(model_version_id)}/lineage", "edges")

    def get_card(self, model_version_id: str | int) -> Json:
        """Reads the model card of a version: what people wrote, and what the records say. Raises NOT_FOUND."""
        return self._ask("GET", f"/models/versions/{part(model_version_id)}/card", "card")

    def set_card(self, model_version_id: str | int, sections: list[Json], expected_version: int) -> Json:
        """Writes sections of a version's model card; a version without one begins with that of the version before. Raises NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PUT", f"/models/versions/{part(model_version_id)}/card", "card", body={"sections": sections, "expected_version": expected_version})


class DatasetCalls(Group):
    """Of the dataset domain."""

    def list_state_events(self, entity: str, entity_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the history of one object, oldest first. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets/events", "events", {"entity": entity, "entity_id": entity_id, "limit": limit})

    def create_dataset(self, name: str, type: str, *, desc: str | None = None, file_url: str | None = None, secrecy: str | None = None, source: str | None = None) -> Json:
        """Creates an empty dataset. Raises INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/datasets", "dataset", body={"name": name, "desc": desc, "type": type, "file_url": file_url, "secrecy": secrecy, "source": source})

    def get_dataset(self, id: str | int) -> Json:
        """Reads one dataset. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/{part(id)}", "dataset")

    def find_dataset(self, name: str) -> Json:
        """Reads one dataset by its name within the caller's space. Raises NOT_FOUND."""
        return self._ask("GET", "/datasets/find", "dataset", query={"name": name})

    def list_datasets(self, *, name_prefix: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the datasets of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets", "datasets", {"name_prefix": name_prefix, "limit": limit})

    def update_dataset(self, id: str | int, expected_version: int, *, name: str | None = None, desc: str | None = None, source: str | None = None) -> Json:
        """Changes the fields that are sent. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/datasets/{part(id)}", "dataset", body={"name": name, "desc": desc, "source": source, "expected_version": expected_version})

    def delete_dataset(self, id: str | int, expected_version: int) -> Json:
        """Marks a dataset deleted; it can be restored for a time, and until then its versions stay readable for what was made of them. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("DELETE", f"/datasets/{part(id)}", "dataset", query={"expected_version": expected_version})

    def create_task(self, dataset_id: str | int, type: str, sub_type: str, name: str, *, desc: str | None = None, input_version_id: str | int | None = None, config: Json | None = None, reuse: bool | None = None, max_attempts: int | None = None) -> Json:
        """Creates a task with a frozen snapshot. Raises NOT_FOUND, INVALID_ARGUMENT."""
        return self._ask("POST", f"/datasets/{part(dataset_id)}/tasks", body={"type": type, "sub_type": sub_type, "name": name, "desc": desc, "input_version_id": input_version_id, "config": config, "reuse": reuse, "max_attempts": max_attempts})

    def get_task(self, id: str | int) -> Json:
        """Reads one task. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/tasks/{part(id)}", "dataset_task")

    def get_task_log(self, task_id: str | int, *, after: str | int | None = None) -> Json:
        """Reads what the engine of a task printed, the end of it, also while it runs. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/tasks/{part(task_id)}/log", "log", query={"after": after})

    def list_tasks(self, *, dataset_id: str | int | None = None, statuses: list[str] | None = None, type: str | None = None, user_id: str | int | None = None, from_time: str | int | None = None, to_time: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists tasks, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets/tasks", "dataset_tasks", {"dataset_id": dataset_id, "statuses": statuses, "type": type, "user_id": user_id, "from_time": from_time, "to_time": to_time, "limit": limit})

    def cancel_task(self, id: str | int, *, cause: str | None = None) -> Json:
        """Asks a task to stop; it is CANCELLED once its resources are free. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/datasets/tasks/{part(id)}/cancel", "dataset_task", body={"cause": cause})

    def get_version(self, id: str | int) -> Json:
        """Reads one dataset version. Raises NOT_FOUND, PURGED."""
        return self._ask("GET", f"/datasets/versions/{part(id)}", "dataset_version")

    def list_versions(self, dataset_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the versions of a dataset, newest first. Raises NOT_FOUND."""
        return self._pages(f"/datasets/{part(dataset_id)}/versions", "dataset_versions", {"limit": limit})

    def find_version(self, dataset_id: str | int, reference: str) -> Json:
        """Reads one version by what people call it: latest is what the step that succeeded last made, whichever number that has, and is refused where it made two parts; train and test are the newest of that part. Raises NOT_FOUND, INVALID_ARGUMENT, UNKNOWN_ENUM."""
        return self._ask("GET", f"/datasets/{part(dataset_id)}/versions/{part(reference)}", "dataset_version")

    def read_records(self, dataset_version_id: str | int, *, contains: str | None = None, field: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Reads records of a version in order. Raises NOT_FOUND, CHECKSUM_MISMATCH."""
        return self._pages(f"/datasets/versions/{part(dataset_version_id)}/records", "records", {"contains": contains, "field": field, "limit": limit})

    def list_dropped(self, task_id: str | int, *, rule: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists what a task left out, each with its rule and reason. Raises NOT_FOUND."""
        return self._pages(f"/datasets/tasks/{part(task_id)}/dropped", "dropped", {"rule": rule, "limit": limit})

    def create_upload(self, name: str, bytes: str | int, *, sha256: str | None = None) -> Json:
        """Declares a file that will be sent in parts; what it is called is only a label. Raises INVALID_ARGUMENT, TOO_LARGE, TOO_MANY_UPLOADS."""
        return self._ask("POST", "/datasets/uploads", "upload", body={"name": name, "bytes": bytes, "sha256": sha256})

    def write_upload(self, id: str | int, offset: str | int, data: bytes) -> Json:
        """Takes one part of a file, beginning at an offset that is not beyond what was received. Raises NOT_FOUND, ILLEGAL_TRANSITION, UPLOAD_INCOMPLETE, TOO_LARGE, BUSY, DISK_FULL."""
        return self._ask("PUT", f"/datasets/uploads/{part(id)}/parts/{part(offset)}", "upload", raw=data)

    def finish_upload(self, id: str | int) -> Json:
        """Ends an upload: its size and hash are checked, then a file import may read it; what is not as declared is thrown away. BUSY while a large file is still being checked: ask again. Raises NOT_FOUND, ILLEGAL_TRANSITION, UPLOAD_INCOMPLETE, CHECKSUM_MISMATCH, BUSY, DISK_FULL."""
        return self._ask("POST", f"/datasets/uploads/{part(id)}/finish", "upload")

    def discard_upload(self, id: str | int) -> Json:
        """Gives an upload up, with all that was received. Raises NOT_FOUND, ILLEGAL_TRANSITION, BUSY."""
        return self._ask("DELETE", f"/datasets/uploads/{part(id)}", "upload")

    def get_upload(self, id: str | int) -> Json:
        """Says how far an upload of the caller's is. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/uploads/{part(id)}", "upload")

    def list_uploads(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the caller's own uploads in this space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets/uploads", "uploads", {"limit": limit})

    def preview_import(self, config: Json, *, rows: int | None = None) -> Json:
        """Reads the first rows of files as an import would, and says what it would leave out and why. Raises INVALID_ARGUMENT, FILE_MISSING, FORMAT_UNKNOWN, DEADLINE_EXCEEDED, BUSY."""
        return self._ask("POST", "/datasets/import-preview", body={"config": config, "rows": rows})

    def preview_cleaning(self, dataset_version_id: str | int, config: Json, *, records: int | None = None) -> Json:
        """Runs cleaning rules on a sample of a version: what each would drop, and what it would change. Raises NOT_FOUND, INVALID_ARGUMENT, DEADLINE_EXCEEDED, BUSY."""
        return self._ask("POST", f"/datasets/versions/{part(dataset_version_id)}/clean-preview", body={"config": config, "records": records})

    def summarize_version(self, dataset_version_id: str | int) -> Json:
        """Describes the fields of a version by a sample: how often they are there, how long they are, which values they have. Raises NOT_FOUND, CHECKSUM_MISMATCH."""
        return self._ask("GET", f"/datasets/versions/{part(dataset_version_id)}/summary")

    def diff_versions(self, old_version_id: str | int, new_version_id: str | int) -> Json:
        """Counts what went, what came and what changed between two versions. BUSY while large ones are compared: ask again. Raises NOT_FOUND, CHECKSUM_MISMATCH, BUSY."""
        return self._ask("GET", f"/datasets/versions/{part(old_version_id)}/diff/{part(new_version_id)}", "diff")

    def list_version_changes(self, old_version_id: str | int, new_version_id: str | int, *, change: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the records that changed, went or came between two versions, before and after. Raises NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH, BUSY."""
        return self._pages(f"/datasets/versions/{part(old_version_id)}/diff/{part(new_version_id)}/changes", "changes", {"change": change, "limit": limit})

    def prepare_export(self, dataset_version_id: str | int, format: str, *, spreadsheet: bool | None = None) -> Json:
        """Makes a version ready to be taken out as one file, and says what is in it. BUSY while a large one is made: ask again. Raises NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH, MISSING_EXTRA, DISK_FULL, BUSY."""
        return self._ask("GET", f"/datasets/versions/{part(dataset_version_id)}/export", "prepared", query={"format": format, "spreadsheet": spreadsheet})

    def fetch_export(self, dataset_version_id: str | int, format: str, *, spreadsheet: bool | None = None, start: int = 0) -> Download:
        """Takes a version out as one file: jsonl, csv or parquet. Raises NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH, MISSING_EXTRA, DISK_FULL, BUSY."""
        return self._file(f"/datasets/versions/{part(dataset_version_id)}/export/file", {"format": format, "spreadsheet": spreadsheet}, start)

    def create_recipe(self, name: str, plan: Json, *, desc: str | None = None) -> Json:
        """Keeps a plan of steps under a name; it runs nothing. Raises INVALID_ARGUMENT, MISSING_FIELD, UNKNOWN_ENUM, ALREADY_EXISTS, MISSING_EXTRA."""
        return self._ask("POST", "/datasets/recipes", "recipe", body={"name": name, "plan": plan, "desc": desc})

    def get_recipe(self, id: str | int, *, number: int | None = None) -> Json:
        """Reads a recipe with the plan of its newest revision, or of another one. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/recipes/{part(id)}", "recipe", query={"number": number})

    def find_recipe(self, name: str) -> Json:
        """Reads a recipe by its name within the caller's space. Raises NOT_FOUND."""
        return self._ask("GET", "/datasets/recipes/find", "recipe", query={"name": name})

    def list_recipes(self, *, name_prefix: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the recipes of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets/recipes", "recipes", {"name_prefix": name_prefix, "limit": limit})

    def list_recipe_revisions(self, recipe_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the plans that a recipe has had, newest first. Raises NOT_FOUND."""
        return self._pages(f"/datasets/recipes/{part(recipe_id)}/revisions", "revisions", {"limit": limit})

    def update_recipe(self, id: str | int, expected_version: int, *, name: str | None = None, desc: str | None = None, plan: Json | None = None) -> Json:
        """Changes what is sent; another plan is the next revision. Raises NOT_FOUND, INVALID_ARGUMENT, UNKNOWN_ENUM, ALREADY_EXISTS, MISSING_EXTRA, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/datasets/recipes/{part(id)}", "recipe", body={"name": name, "desc": desc, "plan": plan, "expected_version": expected_version})

    def delete_recipe(self, id: str | int, expected_version: int) -> Json:
        """Takes a recipe out of the lists; what it made stays. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("DELETE", f"/datasets/recipes/{part(id)}", "recipe", query={"expected_version": expected_version})

    def preview_recipe(self, dataset_version_id: str | int, plan: Json, *, records: int | None = None) -> Json:
        """Runs a plan on a sample of a version: what each step would leave out and change, and records before and after. Raises NOT_FOUND, INVALID_ARGUMENT, MISSING_FIELD, UNKNOWN_ENUM, MISSING_EXTRA, DEADLINE_EXCEEDED, BUSY."""
        return self._ask("POST", f"/datasets/versions/{part(dataset_version_id)}/recipe-preview", body={"plan": plan, "records": records})

    def run_recipe(self, recipe_id: str | int, dataset_version_id: str | int, *, number: int | None = None, preview: str | None = None, name: str | None = None, desc: str | None = None, reuse: bool | None = None, max_attempts: int | None = None) -> Json:
        """Begins a task that takes a version through all steps of a recipe, with one ledger; outputs of steps that are there already are not made again. Raises NOT_FOUND, INVALID_ARGUMENT, PREVIEW_NEEDED, DEADLINE_EXCEEDED, BUSY."""
        return self._ask("POST", f"/datasets/recipes/{part(recipe_id)}/tasks", body={"dataset_version_id": dataset_version_id, "number": number, "preview": preview, "name": name, "desc": desc, "reuse": reuse, "max_attempts": max_attempts})

    def restore_dataset(self, id: str | int) -> Json:
        """Takes the delete of a dataset back, while there is time. Raises NOT_FOUND, PURGED, ALREADY_EXISTS."""
        return self._ask("POST", f"/datasets/{part(id)}/restore", "dataset")

    def restore_recipe(self, id: str | int) -> Json:
        """Takes the delete of a recipe back, while there is time. Raises NOT_FOUND, ALREADY_EXISTS."""
        return self._ask("POST", f"/datasets/recipes/{part(id)}/restore", "recipe")

    def list_deleted_datasets(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the deleted datasets that can still come back, and when their data goes for good. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets/deleted", "deleted", {"limit": limit})

    def purge_dataset(self, id: str | int, cause: str) -> Json:
        """Takes the data of a deleted dataset from the disk for good, before its time, and keeps a proof of it. This cannot be undone. Raises NOT_FOUND, MISSING_FIELD, BUSY."""
        return self._ask("POST", f"/datasets/{part(id)}/purge", "purge", body={"cause": cause})

    def get_purge(self, id: str | int) -> Json:
        """Reads the proof of one dataset's data that went for good. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/purges/{part(id)}", "purge")

    def list_purges(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the proofs of data that went for good, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets/purges", "purges", {"limit": limit})

    def fetch_blob(self, dataset_version_id: str | int, digest: str, *, start: int = 0) -> Download:
        """Reads a picture or recording that records of a version name. Raises NOT_FOUND, CHECKSUM_MISMATCH."""
        return self._file(f"/datasets/versions/{part(dataset_version_id)}/blobs/{part(digest)}", {}, start)

    def create_pool(self, name: str, users: list[str | int]) -> Json:
        """Names people who can be asked to work together. Raises INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/datasets/pools", "pool", body={"name": name, "users": users})

    def update_pool(self, id: str | int, expected_version: int, *, name: str | None = None, users: list[str | int] | None = None) -> Json:
        """Changes a pool; who is taken out gets nothing more, and may hand in what they hold. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION, ALREADY_EXISTS."""
        return self._ask("PATCH", f"/datasets/pools/{part(id)}", "pool", body={"name": name, "users": users, "expected_version": expected_version})

    def get_pool(self, id: str | int) -> Json:
        """Reads one pool. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/pools/{part(id)}", "pool")

    def list_pools(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the pools of the space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets/pools", "pools", {"limit": limit})

    def create_template(self, name: str, sub_type: str, *, body: Json | None = None) -> Json:
        """Makes a template of what people are asked, in its first version. Raises INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL, ALREADY_EXISTS."""
        return self._ask("POST", "/datasets/templates", "template", body={"name": name, "sub_type": sub_type, "body": body})

    def update_template(self, id: str | int, body: Json, expected_version: int) -> Json:
        """Makes the next version of a template; work that is under way keeps the one it began with. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL."""
        return self._ask("PATCH", f"/datasets/templates/{part(id)}", "template", body={"body": body, "expected_version": expected_version})

    def get_template(self, id: str | int, *, number: int | None = None) -> Json:
        """Reads a template in one of its versions. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/templates/{part(id)}", "template", query={"number": number})

    def list_templates(self, *, sub_type: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the templates of the space in their newest versions, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/datasets/templates", "templates", {"sub_type": sub_type, "limit": limit})

    def start_annotation(self, dataset_id: str | int, sub_type: str, name: str, input_version_id: str | int, template_id: str | int, *, desc: str | None = None, template_number: int | None = None, rule: Json | None = None, annotators: list[str | int] | None = None, inspectors: list[str | int] | None = None, known_version_id: str | int | None = None) -> Json:
        """Gives the records of a version to people, under a rule; their answers become the next version. Raises NOT_FOUND, INVALID_ARGUMENT, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL."""
        return self._ask("POST", f"/datasets/{part(dataset_id)}/annotations", "dataset_task", body={"sub_type": sub_type, "name": name, "desc": desc, "input_version_id": input_version_id, "template_id": template_id, "template_number": template_number, "rule": rule, "annotators": annotators, "inspectors": inspectors, "known_version_id": known_version_id})

    def get_annotation(self, task_id: str | int) -> Json:
        """Says what a task asks of people, and how far it is. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/tasks/{part(task_id)}/annotation", "annotation")

    def list_members(self, task_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists everybody who ever worked on a task, with their figures. Raises NOT_FOUND."""
        return self._pages(f"/datasets/tasks/{part(task_id)}/members", "members", {"limit": limit})

    def get_agreement(self, task_id: str | int) -> Any:
        """Says how far the people of a task agree, field by field. Raises NOT_FOUND."""
        return self._ask("GET", f"/datasets/tasks/{part(task_id)}/agreement", "fields")

    def get_my_work(self) -> Any:
        """Names the tasks in which the caller may work now, the newest 200."""
        return self._ask("GET", "/datasets/my-work", "tasks")

    def list_my_answers(self, task_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists what the caller has and had of a task, newest first. Raises NOT_FOUND."""
        return self._pages(f"/datasets/tasks/{part(task_id)}/my-answers", "work", {"limit": limit})

    def claim_work(self, task_id: str | int, *, want: int | None = None) -> Json:
        """Gives the caller the next items, so that they hold as many as they want; those held already come first. Raises NOT_FOUND, FORBIDDEN."""
        return self._ask("POST", f"/datasets/tasks/{part(task_id)}/claim", body={"want": want})

    def claim_inspection(self, task_id: str | int, *, want: int | None = None) -> Json:
        """Gives an inspector the next items that wait for one. Raises NOT_FOUND, FORBIDDEN."""
        return self._ask("POST", f"/datasets/tasks/{part(task_id)}/claim-inspection", body={"want": want})

    def submit_work(self, id: str | int, answer: Json, *, note: str | None = None) -> Json:
        """Takes the answer to an item the caller holds, as the template of its task asks for it. Raises NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL."""
        return self._ask("POST", f"/datasets/work/{part(id)}/submit", "work", body={"answer": answer, "note": note})

    def keep_work(self, id: str | int, draft: Json) -> Json:
        """Keeps a draft, unchecked, and the item for another while. Raises NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER."""
        return self._ask("PUT", f"/datasets/work/{part(id)}/draft", "work", body={"draft": draft})

    def skip_work(self, id: str | int, reason: str) -> Json:
        """Leaves an item to somebody else, with a reason. Raises NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, MISSING_FIELD."""
        return self._ask("POST", f"/datasets/work/{part(id)}/skip", "work", body={"reason": reason})

    def release_work(self, id: str | int) -> Json:
        """Gives an item back, to be given to anybody again. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/datasets/work/{part(id)}/release", "work")

    def undo_work(self, id: str | int) -> Json:
        """Takes an answer back, to be changed, until an inspector has the item. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/datasets/work/{part(id)}/undo", "work")

    def decide_work(self, id: str | int, verdict: str, *, answer: Json | None = None, reason: str | None = None) -> Json:
        """Accepts what others answered, corrects it, rejects it so that exactly this item is begun anew, or sets it aside. Raises NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, FORBIDDEN, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL."""
        return self._ask("POST", f"/datasets/work/{part(id)}/decide", "work", body={"verdict": verdict, "answer": answer, "reason": reason})


class TrainCalls(Group):
    """Of the train domain."""

    def list_state_events(self, entity: str, entity_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the history of one object, oldest first. Raises INVALID_ARGUMENT."""
        return self._pages("/train/events", "events", {"entity": entity, "entity_id": entity_id, "limit": limit})

    def create_config(self, model_id: str | int, name: str, *, desc: str | None = None, method: str | None = None, options: Json | None = None) -> Json:
        """Creates a train config; unknown options are refused. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/train/configs", "config", body={"model_id": model_id, "name": name, "desc": desc, "method": method, "options": options})

    def get_config(self, id: str | int) -> Json:
        """Reads one config. Raises NOT_FOUND."""
        return self._ask("GET", f"/train/configs/{part(id)}", "config")

    def list_configs(self, model_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the configs of a model, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/train/configs", "configs", {"model_id": model_id, "limit": limit})

    def update_config(self, id: str | int, expected_version: int, *, name: str | None = None, desc: str | None = None, options: Json | None = None) -> Json:
        """Changes the fields that are sent; running tasks keep their snapshot. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/train/configs/{part(id)}", "config", body={"name": name, "desc": desc, "options": options, "expected_version": expected_version})

    def create_task(self, train_config_id: str | int, train_dataset_version_id: str | int, *, valid_dataset_version_id: str | int | None = None, name: str | None = None, desc: str | None = None, reuse: bool | None = None, max_attempts: int | None = None) -> Json:
        """Creates a train task and the model version it will fill, and foresees what of the data it would leave out. Raises NOT_FOUND, INVALID_ARGUMENT."""
        return self._ask("POST", "/train/tasks", body={"train_config_id": train_config_id, "train_dataset_version_id": train_dataset_version_id, "valid_dataset_version_id": valid_dataset_version_id, "name": name, "desc": desc, "reuse": reuse, "max_attempts": max_attempts})

    def get_task(self, id: str | int) -> Json:
        """Reads one task. Raises NOT_FOUND."""
        return self._ask("GET", f"/train/tasks/{part(id)}", "train_task")

    def get_task_log(self, task_id: str | int, *, after: str | int | None = None) -> Json:
        """Reads what the engine of a task printed, the end of it, also while it runs. Raises NOT_FOUND."""
        return self._ask("GET", f"/train/tasks/{part(task_id)}/log", "log", query={"after": after})

    def list_tasks(self, *, model_id: str | int | None = None, statuses: list[str] | None = None, method: str | None = None, user_id: str | int | None = None, from_time: str | int | None = None, to_time: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists tasks, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/train/tasks", "train_tasks", {"model_id": model_id, "statuses": statuses, "method": method, "user_id": user_id, "from_time": from_time, "to_time": to_time, "limit": limit})

    def cancel_task(self, id: str | int, *, cause: str | None = None) -> Json:
        """Asks a task to stop; it is CANCELLED once its resources are free. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/train/tasks/{part(id)}/cancel", "train_task", body={"cause": cause})

    def pause_task(self, id: str | int) -> Json:
        """Stops a running task at its last checkpoint. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/train/tasks/{part(id)}/pause", "train_task")

    def resume_task(self, id: str | int) -> Json:
        """Lets a paused task wait for a worker again. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/train/tasks/{part(id)}/resume", "train_task")

    def list_metrics(self, task_id: str | int, *, after_step: str | int | None = None, names: list[str] | None = None, limit: int | None = None) -> Iterator[Json]:
        """Reads the metric curve of a task after a step. Raises NOT_FOUND."""
        return self._pages(f"/train/tasks/{part(task_id)}/metrics", "points", {"after_step": after_step, "names": names, "limit": limit})

    def list_left_out(self, task_id: str | int, *, reason: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the records an ended training could not use, each with its reason. Raises NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH."""
        return self._pages(f"/train/tasks/{part(task_id)}/left-out", "left_out", {"reason": reason, "limit": limit})


class EvalCalls(Group):
    """Of the eval domain."""

    def list_state_events(self, entity: str, entity_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the history of one object, oldest first. Raises INVALID_ARGUMENT."""
        return self._pages("/eval/events", "events", {"entity": entity, "entity_id": entity_id, "limit": limit})

    def create_config(self, model_id: str | int, name: str, dataset_version_id: str | int, *, desc: str | None = None, metrics: list[str] | None = None, options: Json | None = None, template_id: str | int | None = None, template_number: int | None = None, rule: Json | None = None, annotators: list[str | int] | None = None, inspectors: list[str | int] | None = None, good: list[str] | None = None) -> Json:
        """Creates an eval config. Raises NOT_FOUND, INVALID_ARGUMENT, WRONG_TYPE, TOO_LARGE, TOO_SMALL, ALREADY_EXISTS."""
        return self._ask("POST", "/eval/configs", "config", body={"model_id": model_id, "name": name, "desc": desc, "dataset_version_id": dataset_version_id, "metrics": metrics, "options": options, "template_id": template_id, "template_number": template_number, "rule": rule, "annotators": annotators, "inspectors": inspectors, "good": good})

    def get_config(self, id: str | int) -> Json:
        """Reads one config. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/configs/{part(id)}", "config")

    def list_configs(self, model_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the configs of a model, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/eval/configs", "configs", {"model_id": model_id, "limit": limit})

    def create_task(self, eval_config_id: str | int, model_version_id: str | int, *, target_kind: str | None = None, target_digest: str | None = None, target_address: str | None = None, name: str | None = None, desc: str | None = None, reuse: bool | None = None, max_attempts: int | None = None) -> Json:
        """Creates an evaluation of exactly one digest; one of an ENDPOINT informs and never decides about a release. Raises NOT_FOUND, INVALID_ARGUMENT, SPLIT_LEAK, ILLEGAL_TRANSITION."""
        return self._ask("POST", "/eval/tasks", body={"eval_config_id": eval_config_id, "model_version_id": model_version_id, "target_kind": target_kind, "target_digest": target_digest, "target_address": target_address, "name": name, "desc": desc, "reuse": reuse, "max_attempts": max_attempts})

    def get_task(self, id: str | int) -> Json:
        """Reads one task. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/tasks/{part(id)}", "eval_task")

    def get_task_log(self, task_id: str | int, *, after: str | int | None = None) -> Json:
        """Reads what the engine of a task printed, the end of it, also while it runs. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/tasks/{part(task_id)}/log", "log", query={"after": after})

    def list_tasks(self, *, model_id: str | int | None = None, model_version_id: str | int | None = None, statuses: list[str] | None = None, target_kind: str | None = None, user_id: str | int | None = None, from_time: str | int | None = None, to_time: str | int | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists tasks, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/eval/tasks", "eval_tasks", {"model_id": model_id, "model_version_id": model_version_id, "statuses": statuses, "target_kind": target_kind, "user_id": user_id, "from_time": from_time, "to_time": to_time, "limit": limit})

    def cancel_task(self, id: str | int, *, cause: str | None = None) -> Json:
        """Asks a task to stop; it is CANCELLED once its resources are free. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/eval/tasks/{part(id)}/cancel", "eval_task", body={"cause": cause})

    def list_items(self, task_id: str | int, *, only_wrong: bool | None = None, limit: int | None = None) -> Iterator[Json]:
        """Reads the stored inputs and outputs in order. Raises NOT_FOUND, PURGED."""
        return self._pages(f"/eval/tasks/{part(task_id)}/items", "items", {"only_wrong": only_wrong, "limit": limit})

    def create_pool(self, name: str, users: list[str | int]) -> Json:
        """Names people who can be asked to work together. Raises INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/eval/pools", "pool", body={"name": name, "users": users})

    def update_pool(self, id: str | int, expected_version: int, *, name: str | None = None, users: list[str | int] | None = None) -> Json:
        """Changes a pool; who is taken out gets nothing more, and may hand in what they hold. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION, ALREADY_EXISTS."""
        return self._ask("PATCH", f"/eval/pools/{part(id)}", "pool", body={"name": name, "users": users, "expected_version": expected_version})

    def get_pool(self, id: str | int) -> Json:
        """Reads one pool. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/pools/{part(id)}", "pool")

    def list_pools(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the pools of the space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/eval/pools", "pools", {"limit": limit})

    def create_template(self, name: str, rating_type: str, *, body: Json | None = None) -> Json:
        """Makes a template of what people are asked, in its first version. Raises INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL, ALREADY_EXISTS."""
        return self._ask("POST", "/eval/templates", "template", body={"name": name, "rating_type": rating_type, "body": body})

    def update_template(self, id: str | int, body: Json, expected_version: int) -> Json:
        """Makes the next version of a template; work that is under way keeps the one it began with. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL."""
        return self._ask("PATCH", f"/eval/templates/{part(id)}", "template", body={"body": body, "expected_version": expected_version})

    def get_template(self, id: str | int, *, number: int | None = None) -> Json:
        """Reads a template in one of its versions. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/templates/{part(id)}", "template", query={"number": number})

    def list_templates(self, *, rating_type: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the templates of the space in their newest versions, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/eval/templates", "templates", {"rating_type": rating_type, "limit": limit})

    def start_rating(self, eval_task_id: str | int, *, eval_config_id: str | int | None = None, against_task_id: str | int | None = None, name: str | None = None, desc: str | None = None) -> Json:
        """Gives the stored outputs of a run to people, blind and under the rule of a config; what they say is evidence. Raises NOT_FOUND, PURGED, INVALID_ARGUMENT, MISSING_FIELD, ILLEGAL_TRANSITION, TOO_LARGE, TOO_SMALL."""
        return self._ask("POST", f"/eval/tasks/{part(eval_task_id)}/ratings", "eval_task", body={"eval_config_id": eval_config_id, "against_task_id": against_task_id, "name": name, "desc": desc})

    def get_rating(self, task_id: str | int) -> Json:
        """Says what people are asked, and how far they are. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/tasks/{part(task_id)}/rating", "rating")

    def get_raters(self, task_id: str | int) -> Any:
        """Says what each rater said on the whole. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/tasks/{part(task_id)}/raters", "raters")

    def list_members(self, task_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists everybody who ever worked on a task, with their figures. Raises NOT_FOUND."""
        return self._pages(f"/eval/tasks/{part(task_id)}/members", "members", {"limit": limit})

    def get_agreement(self, task_id: str | int) -> Any:
        """Says how far the people of a task agree, field by field. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/tasks/{part(task_id)}/agreement", "fields")

    def get_my_work(self) -> Any:
        """Names the tasks in which the caller may work now, the newest 200."""
        return self._ask("GET", "/eval/my-work", "tasks")

    def list_my_answers(self, task_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists what the caller has and had of a task, newest first. Raises NOT_FOUND."""
        return self._pages(f"/eval/tasks/{part(task_id)}/my-answers", "work", {"limit": limit})

    def claim_work(self, task_id: str | int, *, want: int | None = None) -> Json:
        """Gives the caller the next items, so that they hold as many as they want; those held already come first. Raises NOT_FOUND, FORBIDDEN."""
        return self._ask("POST", f"/eval/tasks/{part(task_id)}/claim", body={"want": want})

    def claim_inspection(self, task_id: str | int, *, want: int | None = None) -> Json:
        """Gives an inspector the next items that wait for one. Raises NOT_FOUND, FORBIDDEN."""
        return self._ask("POST", f"/eval/tasks/{part(task_id)}/claim-inspection", body={"want": want})

    def submit_work(self, id: str | int, answer: Json, *, note: str | None = None) -> Json:
        """Takes the answer to an item the caller holds, as the template of its task asks for it. Raises NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL."""
        return self._ask("POST", f"/eval/work/{part(id)}/submit", "work", body={"answer": answer, "note": note})

    def keep_work(self, id: str | int, draft: Json) -> Json:
        """Keeps a draft, unchecked, and the item for another while. Raises NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER."""
        return self._ask("PUT", f"/eval/work/{part(id)}/draft", "work", body={"draft": draft})

    def skip_work(self, id: str | int, reason: str) -> Json:
        """Leaves an item to somebody else, with a reason. Raises NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, MISSING_FIELD."""
        return self._ask("POST", f"/eval/work/{part(id)}/skip", "work", body={"reason": reason})

    def release_work(self, id: str | int) -> Json:
        """Gives an item back, to be given to anybody again. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/eval/work/{part(id)}/release", "work")

    def undo_work(self, id: str | int) -> Json:
        """Takes an answer back, to be changed, until an inspector has the item. Raises NOT_FOUND, ILLEGAL_TRANSITION."""
        return self._ask("POST", f"/eval/work/{part(id)}/undo", "work")

    def decide_work(self, id: str | int, verdict: str, *, answer: Json | None = None, reason: str | None = None) -> Json:
        """Accepts what others answered, corrects it, rejects it so that exactly this item is begun anew, or sets it aside. Raises NOT_FOUND, ILLEGAL_TRANSITION, LEASE_OVER, FORBIDDEN, INVALID_ARGUMENT, MISSING_FIELD, WRONG_TYPE, UNKNOWN_ENUM, TOO_LARGE, TOO_SMALL."""
        return self._ask("POST", f"/eval/work/{part(id)}/decide", "work", body={"verdict": verdict, "answer": answer, "reason": reason})


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
