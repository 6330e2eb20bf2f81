"""What the auditor knows of the app domain: pieces are pieces of the newest version, they are what their hash says, and nothing is left
of what was removed."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Reference, Report, Subject, check_common
from services.app.domain.document import hash_of
from services.app.repository import METADATA

_base, _document, _version, _chunk = (
    METADATA.tables[name] for name in ("knowledge_base", "knowledge_document", "document_version", "knowledge_chunk")
)
SUBJECTS: tuple[Subject, ...] = ()
"""None of its nouns has states."""


def check(books: Books, report: Report, patience: Patience) -> None:
    check_common(books, SUBJECTS, report, patience)
    _check_pieces(books, report)
    _check_texts(books, report)
    _check_removed(books, report)


def artifacts(_books: Books) -> Iterator[Reference]:
    return iter(())


def _check_pieces(books: Books, report: Report) -> None:
    """A document has as many pieces as it says, all of its newest version."""
    query = sa.select(_document.c.id, _document.c.chunks, _document.c.document_version_id).where(_document.c.mark_delete == 0)
    counts = sa.select(_chunk.c.document_version_id, sa.func.count()).group_by(_chunk.c.document_version_id)
    held = {row[0]: int(row[1]) for row in books.rows(counts)}
    for row in books.rows(query):
        report.saw("LINEAGE", "documents")
        if held.pop(row.document_version_id, 0) != row.chunks:
            report.wrong("LINEAGE", books.service, "knowledge_document", row.id, f"of its {row.chunks} pieces not all are there")
    for version in held:
        report.wrong("LINEAGE", books.service, "document_version", version, "it is not the newest of a document and has pieces")


def _check_texts(books: Books, report: Report) -> None:
    for row in books.rows(sa.select(_version.c.id, _version.c.text, _version.c.hash)):
        report.saw("LINEAGE", "document versions")
        if hash_of(row.text) != row.hash:
            report.wrong("LINEAGE", books.service, "document_version", row.id, "its text is not what its hash says")


def _check_removed(books: Books, report: Report) -> None:
    living = sa.select(_document.c.id).where(_document.c.mark_delete == 0)
    for row in books.rows(sa.select(_version.c.id).where(_version.c.document_id.not_in(living))):
        report.wrong("LINEAGE", books.service, "document_version", row.id, "its document was removed and its text was not")
    bases = sa.select(_base.c.id).where(_base.c.mark_delete == 0)
    for row in books.rows(sa.select(_document.c.id).where(_document.c.mark_delete == 0, _document.c.base_id.not_in(bases))):
        report.wrong("LINEAGE", books.service, "knowledge_document", row.id, "its knowledge base was removed and it was not")
