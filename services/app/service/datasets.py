"""A dataset version into a knowledge base: a record is a document, and what is gone from the dataset goes from the base."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.data.kinds import one_line
from libs.data.records import Record
from libs.data.versions import read_records
from services.app.domain.base import KnowledgeSecrecy
from services.app.domain.document import DocumentKind
from services.app.engine import reading
from services.app.engine.reading import Read
from services.app.service.shared import Incoming, Shared, check_clearance, incoming

MOST_RECORDS = 5_000
MOST_CHARACTERS = 8_000_000
"""Of one dataset version: as much as is written in one transaction."""
_KINDS = {"documents": DocumentKind.PLAIN, "question_answer": DocumentKind.PAIRS}


@dataclass(frozen=True)
class AddedDataset:
    added: int
    same: int
    removed: int


class Datasets(Shared):
    @mutation
    def add_dataset(self, ctx: CallContext, *, base_id: int, dataset_version_id: int) -> AddedDataset:
        """Seen and read as the caller; what comes of it is as secret as the version, and as the base. Raises TOO_LARGE."""
        with self.db.read() as conn:
            base = self.store.bases.get(conn, ctx, base_id)
        version = self._datasets.call(ctx, "GetVersion", id=dataset_version_id).dataset_version
        if version.kind not in _KINDS:
            raise invalid("dataset_version_id", limit="a version of documents or of questions with answers")
        if version.records > MOST_RECORDS:
            raise _too_large()
        secrecy = KnowledgeSecrecy(max(base.secrecy, version.secrecy))
        check_clearance(ctx, secrecy)
        records = read_records(self._artifacts.open(version.uri))
        found = list(_incoming(records, _KINDS[version.kind], secrecy, version.dataset_id, dataset_version_id))
        with self.db.begin(ctx) as tx:
            self.store.touched(tx, base_id)
            done = self._replace(tx, base_id, version.dataset_id, found)
            self._check_size(tx, base_id)
            return tx.done(done)

    def _replace(self, tx: Transaction, base_id: int, dataset_id: int, found: list[Incoming]) -> AddedDataset:
        """Records are named by what they say: one that is known by its name says the same."""
        known = {document.name: document for document in self.store.of_dataset(tx.conn, base_id, dataset_id)}
        new = {each.name: each for each in found if each.name not in known or known[each.name].secrecy != each.secrecy}
        gone = [document.id for name, document in known.items() if name not in {each.name for each in found}]
        self.store.forget(tx, gone)
        for name, each in new.items():
            self._write(tx, base_id, each, known.get(name))
        return AddedDataset(len(new), len({each.name for each in found}) - len(new), len(gone))


def _incoming(
    records: Iterator[Record], kind: DocumentKind, secrecy: KnowledgeSecrecy, dataset_id: int, version_id: int
) -> Iterator[Incoming]:
    left = MOST_CHARACTERS
    for record in records:
        read = _pair(record) if kind == DocumentKind.PAIRS else _document(record)
        left -= len(read.text)
        if left < 0:
            raise _too_large()
        if read.text.strip():
            yield incoming(_name(record), kind, secrecy, read, dataset_id, version_id)


def _document(record: Record) -> Read:
    read = reading.plain(str(record["text"]))
    title = one_line(record.get("title") or "")
    return Read(read.text, [reading.Section(0, len(read.text), (title,) if title else ())])


def _pair(record: Record) -> Read:
    asked = [str(record[name]) for name in ("instruction", "input") if record.get(name)]
    return reading.pairs([(" ".join(asked), str(record["output"]))])


def _name(record: Record) -> str:
    shown: Any = record.get("title") or record.get("instruction") or record.get("text", "")
    return f"{one_line(shown, 100)} · {record['id']}"


def _too_large() -> PlatformError:
    limit = f"at most {MOST_RECORDS} records and {MOST_CHARACTERS} characters of one dataset version"
    return PlatformError(422, Reason.TOO_LARGE, field="dataset_version_id", limit=limit)
