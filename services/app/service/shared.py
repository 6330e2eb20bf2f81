"""What the verbs share: the store, the indexes, and how a document is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.peers import DatasetPeer
from libs.common.store.database import Database, Transaction
from libs.common.store.storage import ArtifactStore
from services.app.domain.base import MOST_CHUNKS, MOST_DOCUMENTS, KnowledgeSecrecy
from services.app.domain.document import Chunk, DocumentKind, DocumentVersion, KnowledgeDocument, hash_of
from services.app.engine.cutting import Piece, cut
from services.app.engine.reading import Read
from services.app.engine.shelf import Shelf
from services.app.repository import AppRepository


@dataclass(frozen=True)
class Incoming:
    """A document on its way in: read and cut. dataset_id, dataset_version_id: of the record it is."""

    name: str
    kind: DocumentKind
    secrecy: KnowledgeSecrecy
    text: str
    hash: str
    pieces: tuple[Piece, ...]
    dataset_id: int = 0
    dataset_version_id: int = 0


def incoming(name: str, kind: DocumentKind, secrecy: KnowledgeSecrecy, read: Read, dataset_id: int = 0, version_id: int = 0) -> Incoming:
    return Incoming(name, kind, secrecy, read.text, hash_of(read.text), tuple(cut(read.text, read.sections)), dataset_id, version_id)


class Shared:
    db: Database
    store: AppRepository
    shelf: Shelf
    _datasets: DatasetPeer
    _artifacts: ArtifactStore

    def _write(self, tx: Transaction, base_id: int, found: Incoming, known: KnowledgeDocument | None) -> KnowledgeDocument:
        """Stores a document that is new or says something new, with its pieces in place of those it had."""
        version_id = self.db.ids.next()
        facts: dict[str, Any] = {"kind": found.kind, "secrecy": found.secrecy, "document_version_id": version_id, "hash": found.hash}
        facts |= {"characters": len(found.text), "chunks": len(found.pieces)}
        facts |= {"dataset_id": found.dataset_id, "dataset_version_id": found.dataset_version_id}
        if known is None:
            made = KnowledgeDocument(self.db.ids.next(), base_id, tx.ctx.space_id, found.name, number=1, user_id=tx.ctx.user_id, **facts)
            document = self.store.documents.insert(tx, made)
        else:
            document = self.store.documents.update(tx, known, number=known.number + 1, **facts)
            self.store.retire(tx, [known.id])
        said = DocumentVersion(version_id, document.id, base_id, tx.ctx.space_id, document.number, found.text, found.hash)
        self.store.versions.insert(tx, said)
        self.store.chunks.insert_all(tx, self._chunks(document, found))
        return document

    def _chunks(self, document: KnowledgeDocument, found: Incoming) -> list[Chunk]:
        place = (document.id, document.document_version_id, document.base_id, document.project_space_id)
        made = []
        for at, (start, stop, headings, answer) in enumerate(found.pieces):
            said = hash_of(found.text[start:stop])
            made.append(Chunk(self.db.ids.next(), *place, at, start, stop, answer, list(headings), said))
        return made

    def _check_size(self, tx: Transaction, base_id: int) -> None:
        """Raises TOO_LARGE, and the transaction is given up, where a base would hold more than it can."""
        documents, chunks = self.store.whole_size(tx.conn, base_id)
        if documents > MOST_DOCUMENTS or chunks > MOST_CHUNKS:
            limit = f"at most {MOST_DOCUMENTS} documents and {MOST_CHUNKS} passages in a knowledge base"
            raise PlatformError(422, Reason.TOO_LARGE, field="base_id", limit=limit)


def check_clearance(ctx: CallContext, secrecy: KnowledgeSecrecy) -> None:
    """Nobody makes what they could not see."""
    if secrecy > ctx.clearance:
        raise PlatformError(403, Reason.FORBIDDEN, field="secrecy", limit=f"secrecy at most your clearance ({ctx.clearance})")
