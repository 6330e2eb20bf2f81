"""Verbs on documents: added, said anew, shown, removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, missing, not_found
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.app.domain.base import KnowledgeSecrecy
from services.app.domain.document import DocumentKind, DocumentText, KnowledgeDocument, QuestionPair
from services.app.engine import reading
from services.app.engine.reading import Read
from services.app.service.shared import Incoming, Shared, check_clearance, incoming

READERS: dict[DocumentKind, Callable[[str], Read]] = {
    DocumentKind.PLAIN: reading.plain,
    DocumentKind.MARKDOWN: reading.markdown,
    DocumentKind.HTML: reading.page,
}


@dataclass(frozen=True)
class AddedDocument:
    """changed: False where the document said the same already."""

    knowledge_document: KnowledgeDocument
    changed: bool


@dataclass(frozen=True)
class ShownDocument:
    knowledge_document: KnowledgeDocument
    document_text: DocumentText


class Documents(Shared):
    @mutation
    def add_document(
        self,
        ctx: CallContext,
        *,
        base_id: int,
        name: str,
        kind: DocumentKind,
        content: str | None = None,
        pairs: list[QuestionPair] | None = None,
        secrecy: KnowledgeSecrecy | None = None,
    ) -> AddedDocument:
        """secrecy: that of the document it was, or of the base. Raises ALREADY_EXISTS for a name that is taken by a document above the
        caller's clearance."""
        read = _read(kind, content, pairs)
        with self.db.begin(ctx) as tx:
            base = self.store.touched(tx, base_id)
            known = self.store.named(tx.conn, base_id, [name]).get(name)
            if known is not None and known.secrecy > ctx.clearance:
                raise PlatformError(
                    409, Reason.ALREADY_EXISTS, field="name", limit="unique within its knowledge base", kind="knowledge_document"
                )
            level = secrecy if secrecy is not None else known.secrecy if known is not None else base.secrecy
            _check_level(ctx, level, base.secrecy)
            found = incoming(name, kind, level, read)
            if known is not None and _same(known, found):
                return tx.done(AddedDocument(known, False))
            document = self._write(tx, base_id, found, known)
            self._check_size(tx, base_id)
            return tx.done(AddedDocument(document, True))

    def get_document(self, ctx: CallContext, *, id: int, document_version_id: int | None = None) -> ShownDocument:
        with self.db.read() as conn:
            document = self.store.documents.get(conn, ctx, id)
            said = self.store.versions.get(conn, ctx, document_version_id or document.document_version_id)
            if said.document_id != id:
                raise not_found("document_version", said.id)
            chunks = self.store.chunks_of(conn, said.id)
        return ShownDocument(document, DocumentText(said.id, said.number, said.text, said.hash, chunks, said.create_time))

    def list_documents(self, ctx: CallContext, *, base_id: int, page: PageRequest, name_prefix: str = "") -> Page:
        column = self.store.documents.column
        where = [column("name").startswith(name_prefix, autoescape=True)] if name_prefix else []
        with self.db.read() as conn:
            self.store.bases.get(conn, ctx, base_id)
            return self.store.documents.page(conn, ctx, page, column("base_id") == base_id, *where)

    @mutation
    def delete_document(self, ctx: CallContext, *, id: int) -> KnowledgeDocument:
        with self.db.begin(ctx) as tx:
            document = self.store.documents.get(tx.conn, ctx, id)
            self.store.touched(tx, document.base_id)
            deleted = self.store.documents.delete(tx, document)
            self.store.forget(tx, [id])
            return tx.done(deleted)


def _read(kind: DocumentKind, content: str | None, pairs: list[QuestionPair] | None) -> Read:
    """Raises MISSING_FIELD, INVALID_ARGUMENT for a document that says nothing."""
    if kind == DocumentKind.PAIRS:
        if pairs is None:
            raise missing("pairs")
        read = reading.pairs((each.question, each.answer) for each in pairs)
    elif content is None:
        raise missing("content")
    else:
        read = READERS[kind](content)
    if not read.text.strip():
        raise invalid("pairs" if kind == DocumentKind.PAIRS else "content", limit="a document in which something is said")
    return read


def _check_level(ctx: CallContext, secrecy: KnowledgeSecrecy, base: KnowledgeSecrecy) -> None:
    check_clearance(ctx, secrecy)
    if secrecy < base:
        raise invalid("secrecy", limit=f"no lower than that of its knowledge base, {base.name}")


def _same(known: KnowledgeDocument, found: Incoming) -> bool:
    return (known.hash, known.kind, known.secrecy) == (found.hash, found.kind, found.secrecy)
