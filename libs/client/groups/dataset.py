"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from libs.client.download import Download
from libs.client.failure import Json
from libs.client.group import Group, part


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
        """Takes a version out as one file: jsonl, csv, parquet, or a zip of its files (files, coco, yolo). Raises NOT_FOUND, UNKNOWN_ENUM, CHECKSUM_MISMATCH, MISSING_EXTRA, DISK_FULL, BUSY."""
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
