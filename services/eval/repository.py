"""Tables of the eval domain, and the two reads that are not by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.database import Transaction, platform_tables, seed_columns
from libs.common.store.repository import Page, PageRequest, Repository, decode_cursor, encode_cursor
from libs.common.store.statement import Statement
from libs.common.work.lifecycle import latest_and_open, load_latest_and_open, task_columns
from libs.people.tables import PeopleStore, people_tables
from services.eval.domain.comparison import ComparisonVerdict, EvalDifference
from services.eval.domain.config import EvalConfig
from services.eval.domain.grid import EvalGrid
from services.eval.domain.item import EvalItem
from services.eval.domain.prompt import Prompt, PromptVersion
from services.eval.domain.task import EvalTask

METADATA = sa.MetaData()
platform_tables(METADATA)
people_tables(METADATA)
_TEXT = sa.Text(16_000_000)
T = TypeVar("T")
PAGE_CHARACTERS = 2_000_000  # of items in one answer: whatever they hold, the message stays far below the frame limit


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


_config = sa.Table(
    "eval_config",
    METADATA,
    *seed_columns(),
    sa.Column("model_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("desc", sa.String(1000)),
    _whole("project_space_id"),
    _whole("user_id"),
    sa.Column("dataset_version_id", sa.BigInteger, nullable=False),
    sa.Column("metrics", _TEXT, nullable=False),
    sa.Column("options", _TEXT, nullable=False),
    sa.Column("people", _TEXT, nullable=False),
    sa.Index("eval_config_model", "model_id", "project_space_id", "id"),
    sa.Index("eval_config_space", "project_space_id", "id"),
)
_task = sa.Table(
    "eval_task",
    METADATA,
    *task_columns(),
    _whole("model_id"),
    _whole("eval_config_id"),
    _whole("model_version_id"),
    _whole("dataset_version_id"),
    _whole("target_kind", sa.Integer),
    sa.Column("target_digest", sa.String(80), nullable=False),
    sa.Column("target_address", sa.String(200), nullable=False),
    sa.Column("metrics", _TEXT, nullable=False),
    _whole("items"),
    sa.Column("verdict", sa.String(20), nullable=False),
    _whole("work_order_id"),
    sa.Column("staging_address", sa.String(200), nullable=False, server_default=""),
    sa.Column("target_key", sa.String(200), nullable=False, server_default=""),
    sa.Column("overlap", _TEXT, nullable=False),
    sa.Column("classes", _TEXT, nullable=False),
    _whole("rated_task_id"),
    _whole("against_task_id"),
    _whole("secrecy", sa.Integer),
    _whole("purged", sa.SmallInteger),
    _whole("prompt_version_id"),
    sa.Index("eval_task_model", "model_id", "project_space_id", "id"),
    sa.Index("eval_task_running", "model_id", "project_space_id", "status"),
    sa.Index("eval_task_version", "model_version_id", "id"),
    sa.Index("eval_task_status", "status", "id"),
    sa.Index("eval_task_tested", "purged", "project_space_id", "dataset_version_id"),
    sa.Index("eval_task_snapshot", "snapshot_hash"),
    sa.Index("eval_task_space", "project_space_id", "id"),
    sa.Index("eval_task_space_status", "project_space_id", "status", "id"),
    sa.Index("eval_task_space_target_kind", "project_space_id", "target_kind", "id"),
    sa.Index("eval_task_space_user_id", "project_space_id", "user_id", "id"),
)
_item = sa.Table(
    "eval_item",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("task_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("record_id", sa.String(100), nullable=False),
    sa.Column("input", _TEXT, nullable=False),
    sa.Column("expected", _TEXT, nullable=False),
    sa.Column("output", _TEXT, nullable=False),
    _whole("exact_match", sa.SmallInteger),
    sa.Column("token_f1", sa.Double, nullable=False),
    sa.Column("nll", sa.Double, nullable=False),
    _whole("answer_tokens", sa.Integer),
    sa.Column("latency_ms", sa.Double, nullable=False),
    sa.Column("error", sa.String(1000), nullable=False),
    sa.Column("tags", _TEXT, nullable=False),
    sa.UniqueConstraint("task_id", "position", name="eval_item_position"),
)


def _words() -> tuple[sa.Column[Any], ...]:
    """Of a prompt in one version."""
    texts = (sa.Column(name, _TEXT, nullable=False) for name in ("system", "template", "fields"))
    return _whole("number", sa.Integer), *texts, sa.Column("content_hash", sa.String(80), nullable=False)


_prompt = sa.Table(
    "prompt",
    METADATA,
    *seed_columns(),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("desc", sa.String(1000), nullable=False),
    _whole("project_space_id"),
    _whole("user_id"),
    _whole("prompt_version_id"),
    *_words(),
    sa.Column("labels", _TEXT, nullable=False),
    _whole("newest", sa.Integer),
    sa.Index("prompt_name", "project_space_id", "name"),
    sa.Index("prompt_space", "project_space_id", "id"),
)
_prompt_version = sa.Table(
    "prompt_version",
    METADATA,
    *seed_columns(),
    sa.Column("prompt_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    _whole("user_id"),
    *_words(),
    sa.Column("note", sa.String(1000), nullable=False),
    sa.UniqueConstraint("prompt_id", "number", name="prompt_version_number"),
)
_grid = sa.Table(
    "eval_grid",
    METADATA,
    *seed_columns(),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("desc", sa.String(1000), nullable=False),
    _whole("project_space_id"),
    _whole("user_id"),
    sa.Column("dataset_version_id", sa.BigInteger, nullable=False),
    sa.Column("prompts", _TEXT, nullable=False),
    sa.Column("targets", _TEXT, nullable=False),
    sa.Column("eval_task_ids", _TEXT, nullable=False),
    _whole("started"),
    sa.Index("eval_grid_name", "project_space_id", "name"),
    sa.Index("eval_grid_space", "project_space_id", "id"),
)


class ItemRepository(Repository[EvalItem]):
    """Items are written once per task as a whole, and read by position."""

    def __init__(self) -> None:
        super().__init__("eval_item", _item, EvalItem, told=False)

    def replace(self, tx: Transaction, task_id: int, start: int, items: Sequence[EvalItem]) -> None:
        """Stores ``items`` as all there is from position ``start`` on: what an attempt that died here had left is gone."""
        tx.conn.execute(self.table.delete().where(self.column("task_id") == task_id, self.column("position") >= start))
        names = {name: self._columns[name].name for name in self._encoders}
        rows = [{names[name]: encode(getattr(item, name)) for name, encode in self._encoders.items()} for item in items]
        if rows:
            tx.conn.execute(self.table.insert(), rows)

    def in_order(self, conn: sa.Connection, ctx: CallContext, task_id: int, page: PageRequest, only_wrong: bool) -> Page:
        """Items of a task by position. A page ends early when its texts together are long; ``next_cursor`` says whether there is more."""
        position = self.column("position")
        wrong = [self.column("exact_match") == 0] if only_wrong else []
        query = (
            self._select.where(*self._scope(ctx), self.column("task_id") == task_id, *wrong, *_after(position, page))
            .order_by(position)
            .limit(page.limit + 1)
        )
        return _filled(page, map(self.load, conn.execute(query)), lambda item: item.position, _characters)

    def paired(self, conn: sa.Connection, ctx: CallContext, tasks: tuple[int, int]) -> Iterator[EvalDifference]:
        """What two runs of one test answered to the same record, where both did answer."""
        query, other = self._pairs(ctx, tasks)
        return map(self._pair, conn.execute(query.where(self.column("error") == "", other.c.error == "")))

    def differing(
        self,
        conn: sa.Connection,
        ctx: CallContext,
        tasks: tuple[int, int],
        page: PageRequest,
        verdict: ComparisonVerdict | None,
        contains: str,
    ) -> Page:
        """Pairs of two runs whose answers differ, by position. verdict: only those of it. contains: in any of their texts, in any case."""
        query, other = self._pairs(ctx, tasks)
        first, second = _rank(self.table), _rank(other)
        wanted = {
            None: sa.or_(first != second, self.table.c.output != other.c.output),
            ComparisonVerdict.BETTER: second > first,
            ComparisonVerdict.WORSE: second < first,
            ComparisonVerdict.NO_DIFFERENCE_SHOWN: sa.and_(first == second, self.table.c.output != other.c.output),
        }[verdict]
        texts = (self.table.c.input, self.table.c.expected, self.table.c.output, other.c.output)
        said = [sa.or_(*[_holds(text, contains) for text in texts])] if contains else []
        query = query.where(wanted, *said, *_after(self.column("position"), page)).limit(page.limit + 1)
        pairs = map(self._pair, conn.execute(query))
        return _filled(page, pairs, lambda pair: pair.first.position, lambda pair: _characters(pair.first) + _characters(pair.second))

    def _pairs(self, ctx: CallContext, tasks: tuple[int, int]) -> tuple[sa.Select[Any], sa.FromClause]:
        """(items of the first task with those of the second at the same position, the second's table)."""
        other = self.table.alias("other")
        columns = [other.c[column.name] for column in self._columns.values()]
        same = (other.c.task_id == tasks[1], other.c.position == self.column("position"), other.c.project_space_id == ctx.space_id)
        query = self.everything(*columns).where(*self._scope(ctx), self.column("task_id") == tasks[0], *same)
        return query.order_by(self.column("position")), other

    def _pair(self, row: sa.Row[Any]) -> EvalDifference:
        middle = len(row) // 2
        return EvalDifference(self.load(row[:middle]), self.load(row[middle:]))


def _after(position: sa.ColumnElement[Any], page: PageRequest) -> list[sa.ColumnElement[bool]]:
    """Where a page goes on: at the position its cursor says, counted from 1 as no cursor is 0."""
    return [] if page.cursor is None else [position >= decode_cursor(page.cursor)]


def _filled(page: PageRequest, found: Iterable[T], position: Callable[[T], int], characters: Callable[[T], int]) -> Page:
    items: list[T] = []
    total = 0
    for item in found:
        total += characters(item)
        if items and (len(items) == page.limit or total > PAGE_CHARACTERS):
            return Page(items, encode_cursor(position(items[-1]) + 1))
        items.append(item)
    return Page(items, None)


def _characters(item: EvalItem) -> int:
    return len(item.input) + len(item.expected) + len(item.output)


def _rank(item: sa.FromClause) -> sa.Tuple:
    """As ``EvalDifference.verdict`` orders them."""
    return sa.tuple_(sa.case((item.c.error == "", 1), else_=0), item.c.exact_match, item.c.token_f1)


def _holds(text: sa.ColumnElement[str], part: str) -> sa.ColumnElement[bool]:
    """Not LIKE, in which some characters mean others. The embedded store lowers plain letters alone, so the part as it is counts too."""
    return sa.or_(sa.func.instr(text, part) > 0, sa.func.instr(sa.func.lower(text), part.lower()) > 0)


class EvalRepository:
    """One ``Repository`` per noun."""

    def __init__(self) -> None:
        self.configs = Repository("eval_config", _config, EvalConfig, belongs_to="model_id")
        self.tasks = Repository("eval_task", _task, EvalTask, belongs_to="model_id")
        # Whoever wants the snapshot asks for the task; the status is read often and needs how far and how well.
        self.heads = Repository(
            "eval_task",
            _task,
            EvalTask,
            unread={"snapshot": dict, "overlap": dict, "classes": dict, "staging_address": str, "target_key": str},
        )
        self.items = ItemRepository()
        self.prompts = Repository("prompt", _prompt, Prompt)
        self.prompt_versions = Repository("prompt_version", _prompt_version, PromptVersion, belongs_to="prompt_id")
        self.grids = Repository("eval_grid", _grid, EvalGrid)
        # People see outputs, which repeat the test: as secret as that was when they began. Who may see it now, the service asks dataset.
        job = METADATA.tables["people_job"]
        rated = sa.select(_task.c.secrecy).where(_task.c.id == job.c.id).correlate(job).scalar_subquery()
        self.people = PeopleStore(METADATA, secrecy=sa.func.coalesce(rated, 0))
        self._state = Statement(latest_and_open(self.heads))

    def cells(self, conn: sa.Connection, ctx: CallContext, ids: Sequence[int]) -> list[EvalTask]:
        """The tasks ``ids`` of the caller's space, in that order, without their snapshots."""
        space = self.heads.column("project_space_id") == ctx.space_id
        rows = conn.execute(self.heads.everything().where(space, self.heads.column("id").in_(ids)))
        found = {task.id: task for task in map(self.heads.load, rows)}
        return [found[id] for id in ids if id in found]

    def tested(self, conn: sa.Connection) -> list[tuple[int, int]]:
        """(space, test version) of all there is that still repeats its test."""
        query = sa.select(_task.c.project_space_id, _task.c.dataset_version_id).where(_task.c.purged == 0).distinct()
        return [(space, version) for space, version in conn.execute(query)]

    def tests(self, conn: sa.Connection, ctx: CallContext, dataset_version_id: int) -> list[int]:
        """Tasks of the caller's space on a test version that still repeat it."""
        where = (_task.c.purged == 0, _task.c.project_space_id == ctx.space_id, _task.c.dataset_version_id == dataset_version_id)
        return list(conn.scalars(sa.select(_task.c.id).where(*where)))

    def forget(self, tx: Transaction, task_id: int) -> None:
        """Takes out what a task stored of its test, printed of it, and showed people."""
        log = METADATA.tables["task_log"]
        tx.conn.execute(_item.delete().where(_item.c.task_id == task_id))
        tx.conn.execute(log.delete().where(log.c.task_id == task_id))
        self.people.forget(tx, self.people.jobs.table.c.id == task_id, sa.true())

    def state(self, conn: sa.Connection, ctx: CallContext, model_id: int) -> tuple[EvalTask | None, int]:
        """In one read: the newest task of a model, and how many have not ended."""
        return load_latest_and_open(self.heads, self._state.row(conn, {**self.heads.scope(ctx), "model_id": model_id}))
