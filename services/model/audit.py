"""What the auditor knows of the model domain: its histories, its artifacts, and that evidence and lineage name what exists."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Reference, Report, Subject, check_common, check_once, references
from services.model.domain.gate import GateVerdictKind
from services.model.domain.override import LONGEST_MS, GateOverrideStatus
from services.model.domain.override import MACHINE as OVERRIDE_MACHINE
from services.model.domain.version import MACHINE, ModelVersionStatus
from services.model.repository import METADATA

_NAMES = ("model_project", "model_version", "model_alias", "release_gate", "gate_override", "model_card", "evidence", "lineage")
_project, _version, _alias, _gate, _override, _card, _evidence, _lineage = (METADATA.tables[name] for name in _NAMES)
_GATE = {1: GateVerdictKind.PASS, 0: GateVerdictKind.OFF}
SUBJECTS = (
    Subject("model_project", _project, None),
    Subject("model_version", _version, MACHINE, whole="IMPORT"),
    Subject("model_alias", _alias, None, lambda row: int(row.model_version_number)),
    Subject("release_gate", _gate, None, lambda row: int(_GATE[row.enabled]), GateVerdictKind.PASS),
    Subject("gate_override", _override, OVERRIDE_MACHINE),
    Subject("model_card", _card, None, lambda row: int(row.version)),
)
_WITHOUT_WEIGHTS = (ModelVersionStatus.CREATED, ModelVersionStatus.TRAINING, ModelVersionStatus.RETIRED, ModelVersionStatus.QUARANTINED)


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    check_once(books, report, _project, "project_space_id", "name")
    check_once(books, report, _alias, "project_space_id", "name")
    check_once(books, report, _version, "project_id", "number")
    check_once(books, report, _evidence, "eval_task_id")
    _check_versions(books, report)
    _check_pointers(books, report)
    _check_overrides(books, report)


def artifacts(books: Books) -> Iterator[Reference]:
    return references(books, "model_version", _version, "artifact_uri")


def _check_versions(books: Books, report: Report) -> None:
    """A version past its training has weights, and its address is its digest."""
    columns = (_version.c.id, _version.c.status, _version.c.artifact_uri, _version.c.artifact_digest)
    for row in books.rows(sa.select(*columns).where(_version.c.mark_delete == 0)):
        report.saw("LINEAGE", "model versions")
        if row.status not in _WITHOUT_WEIGHTS and not row.artifact_digest:
            report.wrong("LINEAGE", books.service, "model_version", row.id, f"status {row.status} without an artifact")
        if not row.artifact_uri.endswith(row.artifact_digest):
            report.wrong("LINEAGE", books.service, "model_version", row.id, f"{row.artifact_uri} is not {row.artifact_digest}")


def _check_overrides(books: Books, report: Report) -> None:
    """An override that was ever live has two different people and a bounded end."""
    columns = (
        _override.c.id,
        _override.c.user_id,
        _override.c.confirmer_id,
        _override.c.create_time,
        _override.c.end_time,
        _override.c.status,
    )
    for row in books.rows(sa.select(*columns)):
        report.saw("LINEAGE", "gate overrides")
        if row.confirmer_id == row.user_id or (row.status == GateOverrideStatus.LIVE and not row.confirmer_id):
            report.wrong("LINEAGE", books.service, "gate_override", row.id, f"asked by {row.user_id}, confirmed by {row.confirmer_id}")
        if row.end_time - row.create_time > LONGEST_MS:
            report.wrong("LINEAGE", books.service, "gate_override", row.id, f"it lasts {row.end_time - row.create_time} ms")


def _check_pointers(books: Books, report: Report) -> None:
    for table in (_override, _evidence, _lineage):
        for row in books.rows(sa.select(table.c.id, table.c.model_version_id).where(_lacks(table.c.model_version_id))):
            report.wrong("LINEAGE", books.service, table.name, row.id, f"model version {row.model_version_id} does not exist")
        for row in books.rows(sa.select(sa.func.count()).select_from(table)):
            report.saw("LINEAGE", table.name, row[0])


def _lacks(column: sa.Column[int]) -> sa.ColumnElement[bool]:
    return column.not_in(sa.select(_version.c.id))
