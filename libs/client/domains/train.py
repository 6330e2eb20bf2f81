"""Training: configs, tasks, curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from libs.client.domains.waiting import Waits
from libs.client.failure import Json
from libs.client.groups.train import TrainCalls

LONG_PAGE = 500  # what the gateway gives at once, for lists of small things


class Train(TrainCalls, Waits):
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
