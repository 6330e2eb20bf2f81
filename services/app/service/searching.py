"""Search: rights and secrecy first, then the nearest."""

from __future__ import annotations

from collections.abc import Iterator

from libs.common.context import CallContext
from services.app.domain.document import Chunk, KnowledgeDocument
from services.app.domain.passage import Passage, TextSpan
from services.app.engine.asking import about, hits
from services.app.engine.index import Entry, Found, KnowledgeIndex
from services.app.service.shared import Shared

WANT = 5


class Searching(Shared):
    def search_base(self, ctx: CallContext, *, base_id: int, question: str, want: int = WANT) -> list[Passage]:
        found = self._index(ctx, base_id).search(about(question), want)
        with self.db.read() as conn:
            known = self.store.found(conn, ctx, [each.chunk for each in found])
        return [_passage(each, *known[each.chunk], question) for each in found if each.chunk in known]

    def _index(self, ctx: CallContext, base_id: int) -> KnowledgeIndex:
        """Of what the caller may see, and nothing else: what is above the clearance does not even count as a word that is common."""
        with self.db.read() as conn:
            base = self.store.bases.get(conn, ctx, base_id)
            level = self.store.level(conn, ctx, base_id)
        return self.shelf.index(base_id, level, base.revision, lambda: self._held(base_id, level), self._entries)

    def _held(self, base_id: int, level: int) -> dict[int, int]:
        with self.db.read() as conn:
            return self.store.held(conn, base_id, level)

    def _entries(self, documents: list[int]) -> Iterator[Entry]:
        with self.db.read() as conn:
            for chunk, document, headings, text in self.store.pieces(conn, documents):
                yield Entry(chunk, document, "\n".join((*headings, text)))


def _passage(found: Found, chunk: Chunk, document: KnowledgeDocument, text: str, question: str) -> Passage:
    place = (document.id, chunk.document_version_id, document.name, document.number, chunk.start, chunk.stop, chunk.hash)
    spans = [TextSpan(*span) for span in hits(question, text)]
    return Passage(*place, chunk.headings, text, round(found.score, 4), round(found.share, 4), spans, max(0, chunk.answer - chunk.start))
