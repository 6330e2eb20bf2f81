"""Evaluation: configs, tasks, items."""

from __future__ import annotations

from collections.abc import Iterator

from libs.client.domains.waiting import Waits
from libs.client.failure import Json
from libs.client.groups.eval import EvalCalls


class Eval(EvalCalls, Waits):
    """Eval configs, tasks and their stored inputs and outputs."""

    config, configs = EvalCalls.get_config, EvalCalls.list_configs
    tasks, events = EvalCalls.list_tasks, EvalCalls.list_state_events
    compare, differences = EvalCalls.compare_tasks, EvalCalls.list_differences
    grid, grids, compare_cells = EvalCalls.get_grid, EvalCalls.list_grids, EvalCalls.compare_grid

    def task(self, id: str) -> Json:
        return self.get_task(id)

    def cancel(self, id: str, cause: str = "") -> Json:
        return self.cancel_task(id, cause=cause)

    def items(self, task_id: str, only_wrong: bool = False) -> Iterator[Json]:
        return self.list_items(task_id, only_wrong=only_wrong or None)
