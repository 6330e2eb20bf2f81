"""The Thrift door of the eval domain: which verb answers which RPC."""

from __future__ import annotations

from libs.common.rpc.door import Verb, answers
from services.eval.service import EvalService

# Reads by key, short enough for the event loop on the embedded store.
INLINE = frozenset({"GetConfig", "GetTask", "GetEvalState"})


def verbs(s: EvalService) -> dict[str, Verb]:
    return {
        "CreateConfig": answers(s.create_config, "config"),
        "GetConfig": answers(s.get_config, "config"),
        "ListConfigs": answers(s.list_configs, "configs"),
        "CreateTask": answers(s.create_task),
        "CreateReleaseTask": answers(s.create_release_task, "eval_task"),
        "GetTask": answers(s.get_task, "eval_task"),
        "ListTasks": answers(s.list_tasks, "eval_tasks"),
        "CancelTask": answers(s.cancel_task, "eval_task"),
        "ListItems": answers(s.list_items, "items"),
        "GetEvalState": answers(s.get_eval_state),
    }
