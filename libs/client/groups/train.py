"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator

from libs.client.failure import Json
from libs.client.group import Group, part


class TrainCalls(Group):
    """Of the train domain."""

    def list_state_events(self, entity: str, entity_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the history of one object, oldest first. Raises INVALID_ARGUMENT."""
        return self._pages("/train/events", "events", {"entity": entity, "entity_id": entity_id, "limit": limit})

    def create_config(self, model_id: str | int, name: str, *, desc: str | None = None, method: str | None = None, options: Json | None = None, base_version_id: str | int | None = None) -> Json:
        """Creates a train config; unknown options are refused. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/train/configs", "config", body={"model_id": model_id, "name": name, "desc": desc, "method": method, "options": options, "base_version_id": base_version_id})

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
