"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from libs.client.failure import Json
from libs.client.group import Group, part


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
        """Marks a project deleted; it can be restored for a time. Refused while a slot serves it. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION, ILLEGAL_TRANSITION."""
        return self._ask("DELETE", f"/models/{part(id)}", "project", query={"expected_version": expected_version})

    def restore_project(self, id: str | int) -> Json:
        """Takes the delete of a project back, while there is time, with those of its other names that are still free. Raises NOT_FOUND, ALREADY_EXISTS."""
        return self._ask("POST", f"/models/{part(id)}/restore", "project")

    def list_deleted_projects(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the deleted projects that can still come back, and until when. Raises INVALID_ARGUMENT."""
        return self._pages("/models/deleted", "deleted", {"limit": limit})

    def create_version(self, project_id: str | int, *, desc: str | None = None, dataset_version_ids: list[str | int] | None = None, base_version_id: str | int | None = None) -> Json:
        """Creates the next version of a project, still without an artifact; dataset_version_ids only from train, which has looked at them. Raises NOT_FOUND, FORBIDDEN."""
        return self._ask("POST", f"/models/{part(project_id)}/versions", "model_version", body={"desc": desc, "dataset_version_ids": dataset_version_ids, "base_version_id": base_version_id})

    def import_checkpoint(self, project_id: str | int, *, folder: str | None = None, files: list[Json] | None = None, source: str | None = None, desc: str | None = None) -> Json:
        """Takes over a checkpoint made elsewhere as the next version: safetensors in a layout of Llama, Qwen or Mistral, checked, no code of it run. Answers BUSY until it is through: ask again. Raises NOT_FOUND, INVALID_PATH, FILE_MISSING, CHECKPOINT_REFUSED, BUSY."""
        return self._ask("POST", f"/models/{part(project_id)}/import", "model_version", body={"folder": folder, "files": files, "source": source, "desc": desc})

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
