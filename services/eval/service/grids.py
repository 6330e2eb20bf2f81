"""Verbs on grids: prompts by targets over one test version. Each cell is an evaluation; where one does exactly this, it is the cell."""

from __future__ import annotations

from typing import Any

from libs.common.context import CallContext
from libs.common.errors import Reason, invalid, missing
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from libs.common.work.task import TaskStatus
from libs.metrics import METRICS
from services.eval.domain.config import EvalConfig
from services.eval.domain.grid import CELLS_MAX, CellComparison, EvalGrid, GridCells, GridPrompt, GridTarget
from services.eval.domain.prompt import PromptVersion
from services.eval.domain.task import EvalTask
from services.eval.engine.comparison import compare_all
from services.eval.engine.options import EvalOptions, settle
from services.eval.service.comparisons import Comparisons

CONFIGS = 200  # of a model on one test version that are looked at before another is made
NAME_MAX = 100


class Grids(Comparisons):
    @mutation
    def create_grid(
        self,
        ctx: CallContext,
        *,
        name: str,
        dataset_version_id: int,
        targets: list[GridTarget],
        prompt_version_ids: list[int] | None = None,
        plain: bool = False,
        metrics: list[str] | None = None,
        options: dict[str, Any] | None = None,
        desc: str = "",
    ) -> EvalGrid:
        """Raises TOO_LARGE for more than ``CELLS_MAX`` cells, and for any cell as ``create_task``."""
        rows: list[PromptVersion | None] = [None] if plain else []
        rows += [self.prompt_version(ctx, id) for id in _once(prompt_version_ids or [], "prompt_version_ids")]
        _refuse_size(rows, _once(targets, "targets"))
        wanted, settled = settle(metrics or [], EvalOptions.from_dict(options or {}))
        self._test_version(ctx, dataset_version_id)
        models = {target.model_version_id: self._model_of(ctx, target.model_version_id) for target in targets}
        facts = {"dataset_version_id": dataset_version_id, "metrics": wanted, "options": settled.to_dict()}
        known = {model: self._known_config(ctx, {"model_id": model, **facts}) for model in set(models.values())}
        new = {model: self._new_config(ctx, name, {"model_id": model, **facts}) for model, config in known.items() if config is None}
        configs = {version: known[model] or new[model] for version, model in models.items()}
        planned = [self._planned(ctx, configs[each.model_version_id], each, prompt, name=name) for prompt in rows for each in targets]
        shown = [self._row(ctx, prompt) for prompt in rows]
        with self.db.begin(ctx) as tx:
            self.store.grids.refuse_twin(tx, "a project space", name=name)
            for config in new.values():
                self.store.configs.refuse_twin(tx, "a model", name=config.name, model_id=config.model_id)
                self.store.configs.insert(tx, config)
            cells = [self._run_once(tx, task) for task in planned]
            ids, started = [task.id for task, _ in cells], sum(begun for _, begun in cells)
            made = EvalGrid(self.db.ids.next(), name, ctx.space_id, ctx.user_id, dataset_version_id, desc, shown, targets, ids, started)
            return tx.done(self.store.grids.insert(tx, made))

    def _model_of(self, ctx: CallContext, model_version_id: int) -> int:
        return int(self._model.call(ctx, "GetVersion", id=model_version_id).model_version.project_id)

    def _known_config(self, ctx: CallContext, facts: dict[str, Any]) -> EvalConfig | None:
        """One of the model that measures just this, and asks nobody."""
        with self.db.read() as conn:
            same = {name: facts[name] for name in ("model_id", "dataset_version_id")}
            found = self.store.configs.all_by(conn, ctx, CONFIGS, **same)
        return next((each for each in found if (each.metrics, each.options, each.people) == (facts["metrics"], facts["options"], {})), None)

    def _new_config(self, ctx: CallContext, name: str, facts: dict[str, Any]) -> EvalConfig:
        """Under the name of the grid, or beside one that has it."""
        id = self.db.ids.next()
        with self.db.read() as conn:
            taken = self.store.configs.first_by(conn, ctx, model_id=facts["model_id"], name=name)
        own = name if taken is None else f"{name[: NAME_MAX - 20]} {id}"
        return EvalConfig(id, name=own, project_space_id=ctx.space_id, user_id=ctx.user_id, **facts)

    def _row(self, ctx: CallContext, prompt: PromptVersion | None) -> GridPrompt:
        if prompt is None:
            return GridPrompt()
        return GridPrompt(prompt.id, prompt.prompt_id, self.get_prompt(ctx, id=prompt.prompt_id).name, prompt.number)

    def _run_once(self, tx: Transaction, task: EvalTask) -> tuple[EvalTask, bool]:
        """(the evaluation that does this work, whether it is a new one): one that succeeded without a failed item, or still runs, is it."""
        column = self.store.tasks.column
        done = (column("status") == int(TaskStatus.SUCCEEDED)) & (column("failed_items") == 0) & (column("purged") == 0)
        twin = self.store.tasks.first(
            tx.conn, tx.ctx, column("snapshot_hash") == task.snapshot_hash, done | (column("status") < int(TaskStatus.CANCELLING))
        )
        return (twin, False) if twin is not None else (self.lifecycle.create(tx, task), True)

    def get_grid(self, ctx: CallContext, *, id: int) -> GridCells:
        with self.db.read() as conn:
            grid = self.store.grids.get(conn, ctx, id)
            return GridCells(grid, self.store.cells(conn, ctx, grid.eval_task_ids))

    def list_grids(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.grids.page(conn, ctx, page)

    def compare_grid(self, ctx: CallContext, *, id: int, first_task_id: int, metric: str = "") -> list[CellComparison]:
        """Raises as ``compare_tasks``."""
        if metric and (metric not in METRICS or METRICS[metric].each is None):
            raise invalid("metric", limit="one of " + ", ".join(each.name for each in METRICS.values() if each.each))
        cells = self.get_grid(ctx, id=id).eval_tasks
        if first_task_id not in {task.id for task in cells}:
            raise invalid("first_task_id", limit="a cell of this grid")
        first = self._readable(ctx, first_task_id, "first_task_id")
        others = [task for task in cells if task.id != first.id and task.status == TaskStatus.SUCCEEDED and not task.purged]
        names = {metric} if metric else set(first.snapshot["config"]["metrics"])
        with self.db.read() as conn:
            pairs = [((pair.first, pair.second) for pair in self.store.items.paired(conn, ctx, (first.id, task.id))) for task in others]
            found = compare_all((each, names) for each in pairs)
        most = [max(first.items, task.items) for task in others]
        return [
            CellComparison(task.id, count, items - count, scores) for task, items, (count, scores) in zip(others, most, found, strict=True)
        ]


def _once(values: list[Any], field: str) -> list[Any]:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise invalid(f"{field}[{place}]", limit="each once")
    return values


def _refuse_size(rows: list[Any], columns: list[Any]) -> None:
    if not rows:
        raise missing("prompt_version_ids")
    if len(rows) * len(columns) > CELLS_MAX:
        raise invalid("prompt_version_ids", Reason.TOO_LARGE, limit=f"at most {CELLS_MAX} cells, these are {len(rows) * len(columns)}")
