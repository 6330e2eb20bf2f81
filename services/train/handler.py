"""The Thrift door of the train domain: which verb answers which RPC."""

from __future__ import annotations

from libs.common.rpc.door import Verb, answers
from services.train.service import TrainService

# Reads by key or by an index, short enough for the event loop on the embedded store.
INLINE = frozenset({"GetConfig", "GetTask", "GetTrainState"})


def verbs(s: TrainService) -> dict[str, Verb]:
    return {
        "CreateConfig": answers(s.create_config, "config"),
        "GetConfig": answers(s.get_config, "config"),
        "ListConfigs": answers(s.list_configs, "configs"),
        "UpdateConfig": answers(s.update_config, "config"),
        "CreateTask": answers(s.create_task),
        "GetTask": answers(s.get_task, "train_task"),
        "ListTasks": answers(s.list_tasks, "train_tasks"),
        "CancelTask": answers(s.cancel_task, "train_task"),
        "PauseTask": answers(s.pause_task, "train_task"),
        "ResumeTask": answers(s.resume_task, "train_task"),
        "ListMetrics": answers(s.list_metrics, "points"),
        "GetTrainState": answers(s.get_train_state),
    }
