"""Verbs that hold two evaluations of one test version against each other. What is stored is compared: nothing is asked again."""

from __future__ import annotations

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.store.repository import Page, PageRequest
from services.eval.domain.comparison import Comparison, ComparisonVerdict
from services.eval.domain.task import EvalTask
from services.eval.engine.comparison import compare
from services.eval.service.ratings import Ratings


class Comparisons(Ratings):
    """The tests are the same bytes, so items of one position are of one record."""

    def compare_tasks(self, ctx: CallContext, *, first_task_id: int, second_task_id: int) -> Comparison:
        """Raises NOT_FOUND, PURGED, ILLEGAL_TRANSITION for one that has not succeeded, INVALID_ARGUMENT for two of different tests."""
        first, second = self._comparable(ctx, first_task_id, second_task_id)
        names = set(first.snapshot["config"]["metrics"]) & set(second.snapshot["config"]["metrics"])
        with self.db.read() as conn:
            answered = self.store.items.paired(conn, ctx, (first.id, second.id))
            pairs, metrics = compare(((pair.first, pair.second) for pair in answered), names)
        return Comparison(first, second, pairs, max(first.items, second.items) - pairs, metrics)

    def list_differences(
        self,
        ctx: CallContext,
        *,
        first_task_id: int,
        second_task_id: int,
        page: PageRequest,
        verdict: ComparisonVerdict | None = None,
        contains: str = "",
    ) -> Page:
        """Pairs whose answers differ, in the order of the test version. Raises as ``compare_tasks``."""
        first, second = self._comparable(ctx, first_task_id, second_task_id)
        with self.db.read() as conn:
            return self.store.items.differing(conn, ctx, (first.id, second.id), page, verdict, contains)

    def _comparable(self, ctx: CallContext, first_id: int, second_id: int) -> tuple[EvalTask, EvalTask]:
        first, second = (self._readable(ctx, id, field) for id, field in ((first_id, "first_task_id"), (second_id, "second_task_id")))
        if first.id == second.id or first.snapshot["dataset"]["content_hash"] != second.snapshot["dataset"]["content_hash"]:
            raise invalid("second_task_id", limit=f"another evaluation on dataset version {first.dataset_version_id}")
        return first, second

    def _readable(self, ctx: CallContext, id: int, field: str) -> EvalTask:
        task = self._run(ctx, id, field)
        if task.purged:
            raise PlatformError(410, Reason.PURGED, field=field, limit="an evaluation whose test data is there")
        return task
