"""Tables of the app domain. Texts are kept here; what finds them is made from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import not_found
from libs.common.store.database import Transaction, platform_tables, seed_columns
from libs.common.store.repository import Repository
from services.app.domain.base import KnowledgeBase
from services.app.domain.document import Chunk, DocumentVersion, KnowledgeDocument

METADATA = sa.MetaData()
platform_tables(METADATA)
LONG = 16_000_000
AT_ONCE = 500
"""Ids in one statement."""


def _whole(name: str, kind: Any = sa.BigInteger) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


_base = sa.Table(
    "knowledge_base",
    METADATA,
    *seed_columns(),
    _whole("project_space_id"),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("desc", sa.String(1000)),
    _whole("secrecy", sa.Integer),
    _whole("revision", sa.Integer),
    _whole("user_id"),
    sa.Column("threshold", sa.Double, nullable=False, server_default="0.4"),
    sa.Column("model", sa.String(160), nullable=False, server_default=""),
    sa.Index("knowledge_base_space", "project_space_id", "id"),
)
_document = sa.Table(
    "knowledge_document",
    METADATA,
    *seed_columns(),
    _whole("base_id"),
    _whole("project_space_id"),
    sa.Column("name", sa.String(200), nullable=False),
    _whole("kind", sa.Integer),
    _whole("secrecy", sa.Integer),
    _whole("number", sa.Integer),
    _whole("document_version_id"),
    sa.Column("hash", sa.String(71), nullable=False),
    _whole("characters"),
    _whole("chunks"),
    _whole("dataset_id"),
    _whole("dataset_version_id"),
    _whole("user_id"),
    sa.Index("knowledge_document_base", "base_id", "id"),
    sa.Index("knowledge_document_name", "base_id", "name"),
    sa.Index("knowledge_document_dataset", "base_id", "dataset_id"),
)
_version = sa.Table(
    "document_version",
    METADATA,
    *seed_columns(),
    _whole("document_id"),
    _whole("base_id"),
    _whole("project_space_id"),
    _whole("number", sa.Integer),
    sa.Column("text", sa.Text(LONG), nullable=False),
    sa.Column("hash", sa.String(71), nullable=False),
    sa.Index("document_version_document", "document_id", "number"),
    sa.Index("document_version_base", "base_id"),
)
_chunk = sa.Table(
    "knowledge_chunk",
    METADATA,
    *seed_columns(),
    _whole("document_id"),
    _whole("document_version_id"),
    _whole("base_id"),
    _whole("project_space_id"),
    _whole("position", sa.Integer),
    _whole("start"),
    _whole("stop"),
    _whole("answer"),
    sa.Column("headings", sa.Text(LONG), nullable=False),
    sa.Column("hash", sa.String(71), nullable=False),
    sa.Index("knowledge_chunk_document", "document_id", "position"),
    sa.Index("knowledge_chunk_base", "base_id"),
)
_OF_DOCUMENT = (_chunk, _version)


class AppRepository:
    def __init__(self) -> None:
        self.bases = Repository("knowledge_base", _base, KnowledgeBase)
        self.documents = Repository("knowledge_document", _document, KnowledgeDocument, belongs_to="base_id", told=False)
        self.versions = Repository("document_version", _version, DocumentVersion, told=False)
        self.chunks = Repository("knowledge_chunk", _chunk, Chunk, told=False)

    def touched(self, tx: Transaction, base_id: int) -> KnowledgeBase:
        """The base at its next revision, held by this transaction until it ends: changes of one base come one after another. The base's
        own version stays, as nobody's decision about it has changed. Raises NOT_FOUND."""
        mine = (_base.c.id == base_id, _base.c.project_space_id == tx.ctx.space_id, _base.c.mark_delete == 0)
        cleared = _base.c.secrecy <= tx.ctx.clearance
        changed = _base.update().where(*mine, cleared).values(revision=_base.c.revision + 1, update_time=tx.now)
        if tx.conn.execute(changed).rowcount != 1:
            raise not_found("knowledge_base", base_id)
        return self.bases.get(tx.conn, tx.ctx, base_id)

    def named(self, conn: sa.Connection, base_id: int, names: Sequence[str]) -> dict[str, KnowledgeDocument]:
        """Documents of a base by name, whatever their secrecy: a name is taken also by what the caller may not see."""
        found: dict[str, KnowledgeDocument] = {}
        for some in _batches(names):
            rows = conn.execute(self._alive(base_id).where(_document.c.name.in_(some)))
            found |= {document.name: document for document in map(self.documents.load, rows)}
        return found

    def of_dataset(self, conn: sa.Connection, base_id: int, dataset_id: int) -> list[KnowledgeDocument]:
        return [self.documents.load(row) for row in conn.execute(self._alive(base_id).where(_document.c.dataset_id == dataset_id))]

    def size(self, conn: sa.Connection, ctx: CallContext, base_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        """base -> its documents and chunks within the clearance."""
        mine = (_document.c.base_id.in_(base_ids), _document.c.mark_delete == 0, _document.c.secrecy <= ctx.clearance)
        sums = sa.select(_document.c.base_id, sa.func.count(), sa.func.coalesce(sa.func.sum(_document.c.chunks), 0))
        return {row[0]: (int(row[1]), int(row[2])) for row in conn.execute(sums.where(*mine).group_by(_document.c.base_id))}

    def whole_size(self, conn: sa.Connection, base_id: int) -> tuple[int, int]:
        """Documents and chunks of a base, all of them: what its bounds are about."""
        sums = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_document.c.chunks), 0))
        row = conn.execute(sums.where(_document.c.base_id == base_id, _document.c.mark_delete == 0)).one()
        return int(row[0]), int(row[1])

    def level(self, conn: sa.Connection, ctx: CallContext, base_id: int) -> int:
        """The highest secrecy of a document within the clearance: all clearances from it on to the next level see the same."""
        mine = (_document.c.base_id == base_id, _document.c.mark_delete == 0, _document.c.secrecy <= ctx.clearance)
        return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(_document.c.secrecy), 0)).where(*mine)).scalar_one())

    def held(self, conn: sa.Connection, base_id: int, level: int) -> dict[int, int]:
        """document -> version of what is in a base up to a secrecy level."""
        query = sa.select(_document.c.id, _document.c.document_version_id).where(_document.c.secrecy <= level)
        rows = conn.execute(query.where(_document.c.base_id == base_id, _document.c.mark_delete == 0))
        return {row[0]: row[1] for row in rows}

    def pieces(self, conn: sa.Connection, documents: Sequence[int]) -> Iterator[tuple[int, int, list[str], str]]:
        """(chunk, document, headings, text) of the newest versions of documents."""
        for some in _batches(documents):
            texts = sa.select(_version.c.id, _version.c.text).join(_document, _document.c.document_version_id == _version.c.id)
            known = {row[0]: row[1] for row in conn.execute(texts.where(_document.c.id.in_(some)))}
            for row in conn.execute(self.chunks.everything().where(_chunk.c.document_id.in_(some))):
                chunk = self.chunks.load(row)
                if (text := known.get(chunk.document_version_id)) is not None:
                    yield chunk.id, chunk.document_id, chunk.headings, text[chunk.start : chunk.stop]

    def found(self, conn: sa.Connection, ctx: CallContext, ids: Sequence[int]) -> dict[int, tuple[Chunk, KnowledgeDocument, str]]:
        """chunk -> itself, its document and what it says, of those the caller may see now."""
        columns = [_document.c.id, sa.func.substr(_version.c.text, _chunk.c.start + 1, _chunk.c.stop - _chunk.c.start)]
        joined = _chunk.join(_document, _document.c.document_version_id == _chunk.c.document_version_id)
        query = self.chunks.everything(*columns).select_from(joined.join(_version, _version.c.id == _chunk.c.document_version_id))
        mine = (_document.c.project_space_id == ctx.space_id, _document.c.secrecy <= ctx.clearance, _document.c.mark_delete == 0)
        rows = conn.execute(query.where(_chunk.c.id.in_(ids), *mine)).all()
        documents = self._by_id(conn, {row[-2] for row in rows})
        loaded = [(self.chunks.load(row[:-2]), documents[row[-2]], row[-1]) for row in rows if row[-2] in documents]
        return {chunk.id: (chunk, document, text) for chunk, document, text in loaded}

    def chunks_of(self, conn: sa.Connection, version_id: int) -> list[Chunk]:
        query = self.chunks.everything().where(_chunk.c.document_version_id == version_id).order_by(_chunk.c.position)
        return [self.chunks.load(row) for row in conn.execute(query)]

    def retire(self, tx: Transaction, documents: Sequence[int]) -> None:
        """Takes the pieces of documents away: they say something else now."""
        for some in _batches(documents):
            tx.conn.execute(_chunk.delete().where(_chunk.c.document_id.in_(some)))

    def forget(self, tx: Transaction, documents: Sequence[int]) -> None:
        """Takes texts and pieces of documents away for good, and marks the documents deleted."""
        for some in _batches(documents):
            for table in _OF_DOCUMENT:
                tx.conn.execute(table.delete().where(table.c.document_id.in_(some)))
            marked = {"mark_delete": 1, "version": _document.c.version + 1, "update_time": tx.now}
            tx.conn.execute(_document.update().where(_document.c.id.in_(some), _document.c.mark_delete == 0).values(**marked))

    def forget_all(self, tx: Transaction, base_id: int) -> None:
        """The same of a whole base."""
        for table in _OF_DOCUMENT:
            tx.conn.execute(table.delete().where(table.c.base_id == base_id))
        tx.conn.execute(_document.update().where(_document.c.base_id == base_id).values(mark_delete=1, update_time=tx.now))

    def _alive(self, base_id: int) -> sa.Select[Any]:
        return self.documents.everything().where(_document.c.base_id == base_id, _document.c.mark_delete == 0)

    def _by_id(self, conn: sa.Connection, ids: Iterable[int]) -> dict[int, KnowledgeDocument]:
        rows = conn.execute(self.documents.everything().where(_document.c.id.in_(sorted(ids))))
        return {document.id: document for document in map(self.documents.load, rows)}


def _batches(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (found[at : at + AT_ONCE] for at in range(0, len(found), AT_ONCE))
