"""The SDK's nouns: the generated calls of each domain under the short names people type, and waiting for what takes long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from libs.client import uploading
from libs.client.download import Download, save
from libs.client.failure import ApiError, Json
from libs.client.group import Group, part
from libs.client.groups import DatasetCalls, DeployCalls, EvalCalls, ModelCalls, ResourceCalls, TrainCalls
from libs.client.uploading import Told

SILENT_SECONDS = 60.0  # how long a wait goes on while nothing answers: a restart takes a few
LONG_PAGE = 500  # what the gateway gives at once, for lists of small things
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
ORDER_ENDED = frozenset({"ONLINE", "FAILED", "CANCELLED", "REJECTED", "ROLLED_BACK"})
Seen = Callable[[Json], None]
T = TypeVar("T")


class Models(ModelCalls):
    """Projects, versions, other names, the release gate, the composed status."""

    create, get, find = ModelCalls.create_project, ModelCalls.get_project, ModelCalls.find_project
    update, delete = ModelCalls.update_project, ModelCalls.delete_project
    versions, version, evidence = ModelCalls.list_versions, ModelCalls.get_version, ModelCalls.list_evidence
    verdict, lineage, gate = ModelCalls.check_gate, ModelCalls.get_lineage, ModelCalls.get_gate
    aliases, events, card = ModelCalls.list_aliases, ModelCalls.list_state_events, ModelCalls.get_card
    explain, overrides, override = ModelCalls.explain_gate, ModelCalls.list_overrides, ModelCalls.get_override

    def list(self, prefix: str | None = None) -> Iterator[Json]:
        return self.list_projects(name_prefix=prefix)

    def status(self, id: str | int, as_of: int | None = None) -> Json:
        """Train, eval and deploy state in one answer; ``missing`` names the parts that did not answer. as_of: what was true and live at a
        moment instead, milliseconds since the epoch: the parts model and deploy, from the history."""
        found: Json = self._ask("GET", f"/models/{part(id)}/status", query=None if as_of is None else {"as_of": str(as_of)})
        return found

    def resolve(self, name: str) -> Json:
        """What a name stands for: {"project", "model_version_number"}; the number is 0 for whatever is online."""
        return self.resolve_name(name)

    def create_alias(self, id: str | int, name: str, model_version_number: int | None = 0) -> Json:
        """0: for whatever is online."""
        return super().create_alias(id, name, model_version_number=model_version_number)

    def move_alias(self, alias_id: str | int, expected_version: int, model_version_number: int) -> Json:
        return self.update_alias(alias_id, model_version_number, expected_version)


def _while_busy(ask: Callable[[], T], seconds: float) -> T:
    """The answer of a question that is answered with BUSY while the work behind it goes on."""
    until = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except ApiError as error:
            if error.reason != "BUSY" or time.monotonic() > until:
                raise
            time.sleep(1.0)


class _Waits(Group):
    """Of a domain with tasks: waiting for one, and its log."""

    def task(self, id: str) -> Json:
        raise NotImplementedError

    def get_task_log(self, task_id: str | int, *, after: str | int | None = None) -> Json:
        raise NotImplementedError

    def log(self, id: str, follow: bool = False, poll: float = 1.0) -> Iterator[str]:
        """What the task's engine printed, the end of it, piece by piece; ``follow``: until the task has ended. Raises ApiError when nothing
        answers for SILENT_SECONDS."""
        after, heard = "0", time.monotonic()
        while True:
            try:
                found = self.get_task_log(id, after=after)
                after, heard = found["ends"], time.monotonic()
                yield found["text"]
                if not (follow and found["more"]):
                    return
            except ApiError as error:
                if not (follow and error.retryable) or time.monotonic() - heard > SILENT_SECONDS:
                    raise
            time.sleep(poll)

    def wait(self, id: str, on_change: Seen = lambda _: None, seconds: float = 3600, poll: float = 0.3) -> Json:
        """The task once it ended. Raises TimeoutError after ``seconds``, ApiError when nothing answers for SILENT_SECONDS."""
        return _wait(lambda: self.task(id), lambda task: task["status"] in ENDED, on_change, seconds, poll)


class Datasets(DatasetCalls, _Waits):
    """Datasets, their versions and tasks."""

    get, find = DatasetCalls.get_dataset, DatasetCalls.find_dataset
    update, delete = DatasetCalls.update_dataset, DatasetCalls.delete_dataset
    version, versions, records = DatasetCalls.get_version, DatasetCalls.list_versions, DatasetCalls.read_records
    tasks, events = DatasetCalls.list_tasks, DatasetCalls.list_state_events

    def create(self, name: str, type: str = "Text", **facts: Any) -> Json:
        return self.create_dataset(name, type, **facts)

    def list(self, prefix: str | None = None) -> Iterator[Json]:
        return self.list_datasets(name_prefix=prefix)

    def task(self, id: str) -> Json:
        return self.get_task(id)

    def upload(self, path: str | Path, name: str = "", on_progress: Told = lambda *_: None, patience: float = SILENT_SECONDS) -> Json:
        """Sends a file; a file import reads it under the answer's ``path``. Sent again after a cut it goes on where it stopped.

        name: a label, the file's own when empty. on_progress: called with the bytes that arrived and those of the file. patience: seconds
        without progress after which it gives up. Raises ApiError, OSError.
        """
        return uploading.upload(self, Path(path), name or Path(path).name, on_progress, patience)

    def diff(self, old: str | int, new: str | int, seconds: float = 3600) -> Json:
        """How many records went, came and changed between two versions; waits while large ones are compared. Raises ApiError."""
        return _while_busy(lambda: self.diff_versions(old, new), seconds)

    def differences(self, old: str | int, new: str | int, change: str | None = None, seconds: float = 3600) -> Iterator[Json]:
        """The records themselves: changed, removed or added, or all in this order."""

        def begun() -> Iterator[Json]:
            found = self.list_version_changes(old, new, change=change)
            first = next(found, None)
            return iter(()) if first is None else chain((first,), found)

        return _while_busy(begun, seconds)

    def prepared(self, version: str | int, format: str = "jsonl", spreadsheet: bool = True, seconds: float = 3600) -> Json:
        """What an export will be, once it is made. Raises ApiError."""
        found: Json = _while_busy(lambda: self.prepare_export(version, format, spreadsheet=spreadsheet), seconds)
        return found

    def export(
        self,
        version: str | int,
        path: str | Path,
        format: str = "jsonl",
        *,
        spreadsheet: bool = True,
        on_progress: Told = lambda *_: None,
        patience: float = SILENT_SECONDS,
        seconds: float = 3600,
    ) -> Json:
        """Takes a version out as one file, and says what is in it. path: of the file, or a folder, in which it gets its own name.

        spreadsheet: of csv, whether it is made for one. on_progress: called with the bytes that arrived and those of the file. patience:
        seconds without a byte after which it gives up; seconds: how long a large one may be made. Raises ApiError, OSError.
        """
        found = self.prepared(version, format, spreadsheet, seconds)
        target = Path(path) / found["file"]["name"] if Path(path).is_dir() else Path(path)

        def begin(start: int) -> Download:
            return _while_busy(lambda: self.fetch_export(version, format, spreadsheet=spreadsheet, start=start), seconds)

        save(begin, target, on_progress, patience, self._client.language)
        return {**found, "path": str(target)}

    def cancel(self, id: str, cause: str = "") -> Json:
        return self.cancel_task(id, cause=cause)

    def dropped(self, task_id: str, rule: str | None = None) -> Iterator[Json]:
        return self.list_dropped(task_id, rule=rule)


class Train(TrainCalls, _Waits):
    """Train configs, tasks and metric curves."""

    config, configs = TrainCalls.get_config, TrainCalls.list_configs
    pause, resume = TrainCalls.pause_task, TrainCalls.resume_task
    tasks, events = TrainCalls.list_tasks, TrainCalls.list_state_events

    def task(self, id: str) -> Json:
        return self.get_task(id)

    def cancel(self, id: str, cause: str = "") -> Json:
        return self.cancel_task(id, cause=cause)

    def metrics(self, task_id: str, after_step: int | None = None, names: Sequence[str] | None = None) -> Iterator[Json]:
        """Points of the curve after a step; ``names``: only these metrics."""
        return self.list_metrics(task_id, after_step=after_step, names=[*names] if names else None, limit=LONG_PAGE)

    def left_out(self, task_id: str, reason: str | None = None) -> Iterator[Json]:
        """Records an ended training could not use; ``reason``: too_long or empty_turn."""
        return self.list_left_out(task_id, reason=reason)


class Eval(EvalCalls, _Waits):
    """Eval configs, tasks and their stored inputs and outputs."""

    config, configs = EvalCalls.get_config, EvalCalls.list_configs
    tasks, events = EvalCalls.list_tasks, EvalCalls.list_state_events

    def task(self, id: str) -> Json:
        return self.get_task(id)

    def cancel(self, id: str, cause: str = "") -> Json:
        return self.cancel_task(id, cause=cause)

    def items(self, task_id: str, only_wrong: bool = False) -> Iterator[Json]:
        return self.list_items(task_id, only_wrong=only_wrong or None)


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
        return _wait(lambda: self.order(id), lambda order: order["status"] in until | ORDER_ENDED, on_change, seconds, 0.3)

    def slots(self, model_id: str | None = None) -> Iterator[Json]:
        return self.list_slots(model_id=model_id)


class Resource(ResourceCalls):
    """Machine rooms, compute nodes, quotas and reservations."""

    rooms, nodes, reservations = ResourceCalls.list_rooms, ResourceCalls.list_nodes, ResourceCalls.list_reservations
    renew, release, explain = ResourceCalls.renew_reservation, ResourceCalls.release_reservation, ResourceCalls.explain_request
    reservation, quotas, my_quotas = ResourceCalls.get_reservation, ResourceCalls.list_quotas, ResourceCalls.get_my_quotas


def _wait(read: Callable[[], Json], ended: Callable[[Json], bool], on_change: Seen, seconds: float, poll: float) -> Json:
    """Polls until ``ended``; ``on_change`` sees each new state once. Silence for a moment (a restart) is waited out."""
    end = time.monotonic() + seconds
    heard, seen = time.monotonic(), None
    while True:
        try:
            found = read()
            heard = time.monotonic()
            if found != seen:
                on_change(found)
                seen = found
            if ended(found):
                return found
        except ApiError as error:
            if not error.retryable or time.monotonic() - heard > SILENT_SECONDS:
                raise
        if time.monotonic() > end:
            raise TimeoutError(f"not ended after {seconds:.0f} s")
        time.sleep(poll)
