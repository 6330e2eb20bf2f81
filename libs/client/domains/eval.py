"""Evaluation: configs, tasks, items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from libs.client.domains.waiting import SILENT_SECONDS, Waits
from libs.client.download import Download, Told, save
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

    def export(
        self,
        task_id: str | int,
        path: str | Path,
        format: str = "html",
        *,
        language: str | None = None,
        on_progress: Told = lambda *_: None,
    ) -> Path:
        """Takes a finished evaluation out as one file: ``html`` to be read and printed, ``jsonl`` with every item. path: of the file, or a
        folder, in which it gets its own name. Raises ApiError, OSError."""

        def begin(start: int) -> Download:
            return self.fetch_task_export(task_id, format, language=language or self._client.language, start=start)

        target = Path(path)
        if target.is_dir():
            with begin(0) as found:
                target = target / found.name
        return save(begin, target, on_progress, SILENT_SECONDS, self._client.language)

    def items(self, task_id: str, only_wrong: bool = False) -> Iterator[Json]:
        return self.list_items(task_id, only_wrong=only_wrong or None)
