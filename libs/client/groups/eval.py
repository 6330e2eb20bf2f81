"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from libs.client.download import Download
from libs.client.failure import Json
from libs.client.group import Group, part


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

    def create_task(self, eval_config_id: str | int, model_version_id: str | int, *, target_kind: str | None = None, target_digest: str | None = None, target_address: str | None = None, name: str | None = None, desc: str | None = None, reuse: bool | None = None, max_attempts: int | None = None, prompt_version_id: str | int | None = None) -> Json:
        """Creates an evaluation of exactly one digest; one of an ENDPOINT informs and never decides about a release. Raises NOT_FOUND, INVALID_ARGUMENT, SPLIT_LEAK, ILLEGAL_TRANSITION."""
        return self._ask("POST", "/eval/tasks", body={"eval_config_id": eval_config_id, "model_version_id": model_version_id, "target_kind": target_kind, "target_digest": target_digest, "target_address": target_address, "name": name, "desc": desc, "reuse": reuse, "max_attempts": max_attempts, "prompt_version_id": prompt_version_id})

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

    def fetch_task_export(self, task_id: str | int, format: str, *, language: str | None = None, start: int = 0) -> Download:
        """Takes a finished evaluation out as one file: html to be read and printed, without a script, or jsonl with every item. Raises NOT_FOUND, PURGED, UNKNOWN_ENUM, ILLEGAL_TRANSITION."""
        return self._file(f"/eval/tasks/{part(task_id)}/export", {"format": format, "language": language}, start)

    def compare_tasks(self, first_task_id: str | int, second_task_id: str | int) -> Json:
        """Compares two finished evaluations of one test version, item by item: difference, interval, and whether it is shown. Raises NOT_FOUND, PURGED, INVALID_ARGUMENT, ILLEGAL_TRANSITION."""
        return self._ask("GET", f"/eval/tasks/{part(first_task_id)}/compare/{part(second_task_id)}", "comparison")

    def list_differences(self, first_task_id: str | int, second_task_id: str | int, *, verdict: str | None = None, contains: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the items that two evaluations answered differently, in order. Raises NOT_FOUND, PURGED, INVALID_ARGUMENT, ILLEGAL_TRANSITION."""
        return self._pages(f"/eval/tasks/{part(first_task_id)}/compare/{part(second_task_id)}/items", "differences", {"verdict": verdict, "contains": contains, "limit": limit})

    def create_prompt(self, name: str, template: str, *, system: str | None = None, desc: str | None = None, note: str | None = None) -> Json:
        """Writes a prompt in its first version. Raises INVALID_ARGUMENT, ALREADY_EXISTS."""
        return self._ask("POST", "/eval/prompts", "prompt", body={"name": name, "template": template, "system": system, "desc": desc, "note": note})

    def update_prompt(self, id: str | int, template: str, expected_version: int, *, system: str | None = None, note: str | None = None) -> Json:
        """Makes the next version of a prompt; those there are never change. Raises NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/eval/prompts/{part(id)}", "prompt", body={"template": template, "system": system, "note": note, "expected_version": expected_version})

    def get_prompt(self, id: str | int, *, number: int | None = None) -> Json:
        """Reads a prompt in its newest version, or in another one. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/prompts/{part(id)}", "prompt", query={"number": number})

    def resolve_prompt(self, reference: str) -> Json:
        """Reads the version of a prompt that a name stands for: NAME, NAME@3, NAME@latest, NAME@LABEL. Raises NOT_FOUND."""
        return self._ask("GET", "/eval/prompts/resolve", "prompt", query={"reference": reference})

    def list_prompts(self, *, name_prefix: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the prompts of the caller's space in their newest versions, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/eval/prompts", "prompts", {"name_prefix": name_prefix, "limit": limit})

    def list_prompt_versions(self, prompt_id: str | int, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the versions of a prompt, newest first. Raises NOT_FOUND."""
        return self._pages(f"/eval/prompts/{part(prompt_id)}/versions", "prompt_versions", {"limit": limit})

    def set_prompt_label(self, id: str | int, label: str, number: int, expected_version: int) -> Json:
        """Puts a label on a version of a prompt, so that programs which ask for NAME@LABEL get it; where it stood before is in the history. Raises NOT_FOUND, INVALID_ARGUMENT, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PUT", f"/eval/prompts/{part(id)}/labels/{part(label)}", "prompt", body={"number": number, "expected_version": expected_version})

    def create_grid(self, name: str, dataset_version_id: str | int, targets: list[Json], *, prompt_version_ids: list[str | int] | None = None, plain: bool | None = None, metrics: list[str] | None = None, options: Json | None = None, desc: str | None = None) -> Json:
        """Evaluates every prompt with every target on one test version; a cell that was evaluated already is not run again. Raises NOT_FOUND, INVALID_ARGUMENT, SPLIT_LEAK, ILLEGAL_TRANSITION, TOO_LARGE, ALREADY_EXISTS."""
        return self._ask("POST", "/eval/grids", "grid", body={"name": name, "dataset_version_id": dataset_version_id, "targets": targets, "prompt_version_ids": prompt_version_ids, "plain": plain, "metrics": metrics, "options": options, "desc": desc})

    def get_grid(self, id: str | int) -> Json:
        """Reads a grid with its cells. Raises NOT_FOUND."""
        return self._ask("GET", f"/eval/grids/{part(id)}")

    def list_grids(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the grids of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/eval/grids", "grids", {"limit": limit})

    def compare_grid(self, id: str | int, first_task_id: str | int, *, metric: str | None = None) -> Any:
        """Holds all cells of a grid against one of them, item by item, corrected for how many there are. Raises NOT_FOUND, PURGED, INVALID_ARGUMENT, ILLEGAL_TRANSITION."""
        return self._ask("GET", f"/eval/grids/{part(id)}/compare/{part(first_task_id)}", "cells", query={"metric": metric})

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
