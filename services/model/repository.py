"""Tables of the model domain. The seed's spellings (``Inference_framework``) are known here and nowhere else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.database import platform_tables, seed_columns
from libs.common.store.repository import Repository
from libs.common.store.seed_table import SeedText, seed_columns_around
from libs.common.store.statement import Row, Together
from services.model.domain.alias import ModelAlias
from services.model.domain.basis import Basis
from services.model.domain.card import WrittenCard
from services.model.domain.gate import Evidence, ReleaseGate
from services.model.domain.lineage import LineageEdge
from services.model.domain.override import GateOverride, GateOverrideStatus
from services.model.domain.project import ModelProject
from services.model.domain.version import ModelVersion

METADATA = sa.MetaData()
platform_tables(METADATA)
_JSON = sa.Text(16_000_000)
_BASES_KEPT = 256  # of the models that are looked at


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


def _text(name: str, most: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(most), nullable=False, server_default="")


_project = sa.Table(
    "model_project",
    METADATA,
    *seed_columns_around(
        sa.Column("name", SeedText(100), nullable=False, comment="模型项目名"),
        sa.Column("desc", SeedText(1000), comment="描述"),
        sa.Column("path", SeedText(200), comment="模型路径"),
        sa.Column("train_framework", SeedText(100), comment="训练框架"),
        sa.Column("Inference_framework", SeedText(100), comment="推理框架"),
        sa.Column("metrics_url", SeedText(200), comment="监控看板url"),
        sa.Column("status", sa.Integer, nullable=False, server_default="0", comment="状态"),
        sa.Column("code_repo_url", SeedText(200), comment="代码仓库url"),
        sa.Column("hdfs_dir", SeedText(200), comment="模型文件url"),
    ),
    _whole("project_space_id"),
    _whole("user_id"),
    _whole("serving_slots", sa.Integer),
    sa.Index("model_project_space_name", "project_space_id", "name"),
    sa.Index("model_project_space", "project_space_id", "id"),
    comment="模型表",
)
_version = sa.Table(
    "model_version",
    METADATA,
    *seed_columns(),
    sa.Column("project_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("desc", sa.String(1000)),
    _whole("status", sa.Integer),
    _whole("train_task_id"),
    sa.Column("dataset_version_ids", _JSON, nullable=False),
    _whole("base_version_id"),
    sa.Column("artifact_uri", sa.String(1000), nullable=False),
    sa.Column("artifact_digest", sa.String(80), nullable=False),
    sa.Column("metrics", _JSON, nullable=False),
    _whole("user_id"),
    _text("family", 40),
    _text("layout", 40),
    _whole("parameters"),
    _whole("context_tokens"),
    _text("source", 200),
    _text("licence", 200),
    sa.UniqueConstraint("project_id", "number", name="model_version_number"),
    sa.Index("model_version_project", "project_id", "project_space_id", "id"),
)
_alias = sa.Table(
    "model_alias",
    METADATA,
    *seed_columns(),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("project_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    _whole("model_version_number", sa.Integer),
    _whole("former", sa.SmallInteger),
    _whole("user_id"),
    sa.Index("model_alias_name", "project_space_id", "name"),
    sa.Index("model_alias_project", "project_id", "project_space_id", "id"),
)
_gate = sa.Table(
    "release_gate",
    METADATA,
    *seed_columns(),
    sa.Column("project_id", sa.BigInteger, nullable=False, unique=True),
    _whole("project_space_id"),
    _whole("enabled", sa.SmallInteger),
    sa.Column("rules", _JSON, nullable=False),
    sa.Column("off_reason", sa.String(1000), nullable=False),
    _whole("user_id"),
    _whole("max_age_hours", sa.Integer),
)
_override = sa.Table(
    "gate_override",
    METADATA,
    *seed_columns(),
    sa.Column("project_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    sa.Column("model_version_id", sa.BigInteger, nullable=False),
    _whole("model_version_number", sa.Integer),
    sa.Column("digest", sa.String(80), nullable=False),
    _whole("status", sa.Integer),
    sa.Column("cause", sa.String(1000), nullable=False),
    _whole("end_time"),
    _whole("user_id"),
    _whole("confirmer_id"),
    sa.Column("comment", sa.String(1000), nullable=False),
    sa.Index("gate_override_version", "model_version_id", "digest", "id"),
    sa.Index("gate_override_project", "project_id", "project_space_id", "id"),
    sa.Index("gate_override_live", "project_id", "status", "end_time"),
)
_card = sa.Table(
    "model_card",
    METADATA,
    *seed_columns(),
    sa.Column("project_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    sa.Column("model_version_id", sa.BigInteger, nullable=False, unique=True),
    _whole("model_version_number", sa.Integer),
    _whole("user_id"),
    sa.Column("sections", _JSON, nullable=False),
    sa.Index("model_card_project", "project_id", "model_version_number"),
)
_evidence = sa.Table(
    "evidence",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("model_version_id", sa.BigInteger, nullable=False),
    _whole("project_space_id"),
    sa.Column("digest", sa.String(80), nullable=False),
    sa.Column("eval_task_id", sa.BigInteger, nullable=False, unique=True),
    sa.Column("dataset_version_id", sa.BigInteger, nullable=False),
    sa.Column("dataset_hash", sa.String(80), nullable=False),
    sa.Column("metrics", _JSON, nullable=False),
    _whole("items"),
    _whole("failed_items"),
    _whole("create_time"),
    _whole("kind", sa.Integer),
    sa.Column("overlap", _JSON, nullable=False),
    sa.Index("evidence_version", "model_version_id", "id"),
)
_lineage = sa.Table(
    "lineage",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    _whole("project_space_id"),
    sa.Column("model_version_id", sa.BigInteger, nullable=False),
    sa.Column("from_kind", sa.String(40), nullable=False),
    sa.Column("from_id", sa.String(100), nullable=False),
    sa.Column("to_kind", sa.String(40), nullable=False),
    sa.Column("to_id", sa.String(100), nullable=False),
    sa.Column("relation", sa.String(40), nullable=False),
    _whole("create_time"),
    sa.Index("lineage_version", "model_version_id", "id"),
)


class StatusRows(NamedTuple):
    """project, latest version, basis of the latest version's verdict: None where there is none. overrides: live ones, newest first."""

    project: ModelProject | None
    latest: ModelVersion | None
    basis: Basis | None
    overrides: list[GateOverride]


class ModelRepository:
    """One ``Repository`` per noun."""

    def __init__(self) -> None:
        self.projects = Repository("model_project", _project, ModelProject, {"inference_framework": "Inference_framework"})
        self.versions = Repository("model_version", _version, ModelVersion, belongs_to="project_id")
        self.aliases = Repository("model_alias", _alias, ModelAlias, belongs_to="project_id")
        self.gates = Repository("release_gate", _gate, ReleaseGate, belongs_to="project_id")
        self.overrides = Repository("gate_override", _override, GateOverride, belongs_to="project_id")
        self.cards = Repository("model_card", _card, WrittenCard, belongs_to="project_id")
        self.evidence = Repository("evidence", _evidence, Evidence, belongs_to="model_version_id")
        self.lineage = Repository("lineage", _lineage, LineageEdge, told=False)  # comes with the version it is about
        self._basis = lru_cache(_BASES_KEPT)(self._load_basis)
        self._status = Together(
            self.projects.equal("id"),
            self.versions.equal("project_id").order_by(_version.c.id.desc()).limit(1),
            self.gates.equal("project_id"),
            self._evidence_of_latest(),
            self.overrides.equal("project_id", "status").where(_override.c.end_time > sa.bindparam("now")),
        )

    def status(self, conn: sa.Connection, ctx: CallContext, project_id: int, most: int, now: int) -> StatusRows:
        """What the composed status shows, in one read. most: rows of evidence. now: milliseconds."""
        scope = {**self.versions.scope(ctx), "id": project_id, "project_id": project_id, "most": most}
        live = {"status": int(GateOverrideStatus.LIVE), "now": now}
        projects, versions, gates, evidence, overrides = self._status.rows(conn, {**scope, **live})
        return StatusRows(
            self.projects.load(projects[0]) if projects else None,
            self.versions.load(versions[0]) if versions else None,
            self._basis(gates[0], *evidence) if gates else None,
            sorted((self.overrides.load(row) for row in overrides), key=lambda found: -found.id),
        )

    def _load_basis(self, gate: Row, *evidence: Row) -> Basis:
        newest_first = sorted((self.evidence.load(row) for row in evidence), key=lambda found: -found.id)
        return Basis(self.gates.load(gate), newest_first)

    def _evidence_of_latest(self) -> sa.Select[Any]:
        def latest(column: sa.Column[Any]) -> sa.ScalarSelect[Any]:
            of_project = _version.c.project_id == sa.bindparam("project_id")
            newest = sa.select(column).where(*self.versions.prepared_scope(), of_project).order_by(_version.c.id.desc()).limit(1)
            return newest.scalar_subquery()

        return self._deciding(_evidence.c.model_version_id == latest(_version.c.id))

    def _deciding(self, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
        """Newest first; what only informs is left out here, so that no number of such results hides the others."""
        known = self.evidence.everything().where(*self.evidence.prepared_scope(), _evidence.c.kind > 0, *where)
        return known.order_by(_evidence.c.id.desc()).limit(sa.bindparam("most"))

    def deciding(self, conn: sa.Connection, ctx: CallContext, most: int, **equal: Any) -> list[Evidence]:
        """Evidence that may decide, newest first. equal: columns and their values."""
        wanted = [self.evidence.column(name) == sa.bindparam(name) for name in equal]
        query = self.evidence.prepared(("deciding", *equal), lambda: self._deciding(*wanted))
        return [self.evidence.load(row) for row in query.rows(conn, {**self.evidence.scope(ctx), **equal, "most": most})]

    def written_card(self, conn: sa.Connection, ctx: CallContext, version: ModelVersion) -> WrittenCard | None:
        """The version's own, else that of the newest version before it that has one."""
        query = self.cards.prepared("card", self._written_card)
        rows = query.rows(conn, {**self.cards.scope(ctx), "project_id": version.project_id, "number": version.number})
        return self.cards.load(rows[0]) if rows else None

    def _written_card(self) -> sa.Select[Any]:
        until = (_card.c.project_id == sa.bindparam("project_id"), _card.c.model_version_number <= sa.bindparam("number"))
        known = self.cards.everything().where(*self.cards.prepared_scope(), *until)
        return known.order_by(_card.c.model_version_number.desc()).limit(1)
