"""The Thrift door of the dataset domain: which verb answers which RPC."""

from __future__ import annotations

from libs.common.rpc.door import Verb, answers
from services.dataset.service import DatasetService

# Reads by key, short enough for the event loop on the embedded store.
INLINE = frozenset({"GetDataset", "FindDataset", "GetTask", "GetVersion"})


def verbs(s: DatasetService) -> dict[str, Verb]:
    return {
        "CreateDataset": answers(s.create_dataset, "dataset"),
        "GetDataset": answers(s.get_dataset, "dataset"),
        "FindDataset": answers(s.find_dataset, "dataset"),
        "ListDatasets": answers(s.list_datasets, "datasets"),
        "UpdateDataset": answers(s.update_dataset, "dataset"),
        "DeleteDataset": answers(s.delete_dataset, "dataset"),
        "CreateTask": answers(s.create_task),
        "GetTask": answers(s.get_task, "dataset_task"),
        "ListTasks": answers(s.list_tasks, "dataset_tasks"),
        "CancelTask": answers(s.cancel_task, "dataset_task"),
        "GetVersion": answers(s.get_version, "dataset_version"),
        "ListVersions": answers(s.list_versions, "dataset_versions"),
        "ReadRecords": answers(s.read_records, "records_json"),
        "ListDropped": answers(s.list_dropped, "dropped"),
    }
