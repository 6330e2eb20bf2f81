"""The tables of people's work in the store of the service that uses it, and their repositories."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from libs.common.store.database import Transaction, seed_columns
from libs.common.store.repository import Repository
from libs.common.store.statement import Together
from libs.people.records import Assignment, Item, Job, Member, Pool, TemplateName, TemplateVersion
from libs.people.states import JobStatus

TEXT = sa.Text(16_000_000)
NAMES = ("people_pool", "people_template", "people_template_version", "people_job", "people_item", "people_assignment", "people_member")


def people_tables(metadata: sa.MetaData) -> None:
    """Their migrations are the service's own."""
    sa.Table(
        "people_pool",
        metadata,
        *_mine(),
        sa.Column("name", sa.String(100), nullable=False),
        _text("users"),
        _text("departments"),
        sa.Index("people_pool_space", "project_space_id", "id"),
    )
    sa.Table(
        "people_template",
        metadata,
        *_mine(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        _whole("newest_id"),
        sa.Index("people_template_space", "project_space_id", "id"),
    )
    sa.Table(
        "people_template_version",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        _whole("template_id"),
        _whole("project_space_id"),
        _whole("user_id"),
        _whole("number", sa.Integer),
        _text("body"),
        _whole("create_time"),
        sa.UniqueConstraint("template_id", "number", name="people_template_version_number"),
    )
    sa.Table(
        "people_job",
        metadata,
        *_mine(),
        _whole("template_version_id"),
        _text("rule"),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("skill", sa.String(40), nullable=False, server_default=""),
        _text("annotators"),
        _text("inspectors"),
        _whole("known_version_id"),
        _whole("status", sa.Integer),
        *(_whole(name) for name in ("items", "items_done", "next_place")),
        sa.Index("people_job_space", "project_space_id", "status", "id"),
    )
    sa.Table(
        "people_item",
        metadata,
        *seed_columns(),
        _whole("job_id"),
        _whole("project_space_id"),
        _whole("number"),
        _text("content"),
        _whole("author_id"),
        _whole("gold", sa.SmallInteger),
        _text("gold_answer"),
        _whole("inspect", sa.SmallInteger),
        *(_whole(name, sa.Integer) for name in ("status", "lane")),
        _whole("place"),
        *(_whole(name, sa.Integer) for name in ("free", "round", "answered", "skips")),
        _text("result"),
        sa.Column("share", sa.Double, nullable=False, server_default="0"),
        _whole("inspector_id"),
        sa.Column("note", sa.String(2000), nullable=False, server_default=""),
        sa.Index("people_item_lane", "job_id", "lane", "place"),
        # Of two workers that lay out, one of which has lost its lease and does not know yet, the store takes each item once.
        sa.Index("people_item_number", "job_id", "gold", "number", unique=True),
    )
    sa.Table(
        "people_assignment",
        metadata,
        *seed_columns(),
        _whole("job_id"),
        _whole("item_id"),
        _whole("project_space_id"),
        sa.Column("person_id", sa.BigInteger),
        _whole("role", sa.SmallInteger),
        _whole("round", sa.Integer),
        _whole("gold", sa.SmallInteger),
        _whole("status", sa.Integer),
        *(_whole(name) for name in ("lease_until", "claim_time", "submit_time", "nth")),
        _text("answer"),
        sa.Column("note", sa.String(2000), nullable=False, server_default=""),
        sa.Column("reason", sa.String(1000), nullable=False, server_default=""),
        *(_whole(name, sa.SmallInteger) for name in ("verdict", "agreed")),
        _whole("left_by"),
        # Of this key the store lets nobody answer an item twice, whatever a claim got wrong. What was given back has no person.
        sa.UniqueConstraint("item_id", "person_id", "round", name="people_assignment_once"),
        sa.Index("people_assignment_person", "job_id", "person_id", "nth"),
        sa.Index("people_assignment_due", "status", "lease_until"),
    )
    sa.Table(
        "people_member",
        metadata,
        *seed_columns(),
        _whole("job_id"),
        _whole("project_space_id"),
        _whole("person_id"),
        _whole("role", sa.SmallInteger),
        sa.Column("skill", sa.String(40), nullable=False, server_default=""),
        *(_whole(name) for name in _COUNTS),
        _text("waiting_gold"),
        sa.UniqueConstraint("job_id", "role", "person_id", name="people_member_once"),
        sa.Index("people_member_person", "project_space_id", "person_id", "id"),
    )


_COUNTS = (
    *("passed_fresh", "passed_returned", "passed_gold", "claims", "load", "head_start", "present_until", "held", "answered", "skipped"),
    *("lapsed", "nth", "gold_met", "gold_missed", "gold_mark", "compared", "agreed", "inspected", "upheld"),
)


def _mine() -> list[sa.Column[Any]]:
    return [*seed_columns(), _whole("project_space_id"), _whole("user_id")]


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, TEXT, nullable=False)


class PeopleStore:
    """One ``Repository`` per noun. secrecy: of a job, as an expression over the service's own tables; whoever may not see that has no job,
    and so none of its items."""

    def __init__(self, metadata: sa.MetaData, secrecy: sa.ColumnElement[int] | None = None) -> None:
        tables = [metadata.tables[name] for name in NAMES]
        pool, template, version, job, item, assignment, member = tables
        self.pools = Repository("people_pool", pool, Pool)
        self.templates = Repository("people_template", template, TemplateName)
        self.template_versions = Repository("people_template_version", version, TemplateVersion, told=False)
        self.jobs = Repository("people_job", job, Job, secrecy=secrecy, told=False)  # its task is told of
        self.items = Repository("people_item", item, Item, told=False)
        self.assignments = Repository("assignment", assignment, Assignment, told=False)
        self.members = Repository("people_member", member, Member, told=False)

    def hand(self) -> Together:
        """An assignment by its ``id``, then its job, its item and its member."""
        job, item, said, member = self.jobs.table, self.items.table, self.assignments.table, self.members.table
        this = said.c.id == sa.bindparam("id")
        mine = (member.c.job_id == said.c.job_id, member.c.role == said.c.role, member.c.person_id == said.c.person_id)
        return Together(
            self.assignments.equal("id"),
            self.jobs.everything().where(*self.jobs.prepared_scope(), this, job.c.id == said.c.job_id),
            self.items.everything().where(*self.items.prepared_scope(), this, item.c.id == said.c.item_id),
            self.members.everything().where(*self.members.prepared_scope(), this, *mine),
        )

    def forget(self, tx: Transaction, jobs: sa.ColumnElement[bool], items: sa.ColumnElement[bool]) -> None:
        """Takes out what items of ended jobs show, and what people said of them. Who did how many stays. jobs, items: which of them."""
        job, item, said = self.jobs.table, self.items.table, self.assignments.table
        ended = sa.select(job.c.id).where(jobs, job.c.status == int(JobStatus.CLOSED))
        those = (item.c.job_id.in_(ended), items)
        of_those = sa.select(item.c.id).where(*those)
        tx.conn.execute(said.update().where(said.c.item_id.in_(of_those)), {"answer": "{}", "note": "", "reason": ""})
        tx.conn.execute(item.update().where(*those), {"content": "{}", "gold_answer": "{}", "result": "{}", "note": ""})
