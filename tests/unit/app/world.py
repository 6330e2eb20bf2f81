"""The app service on a real store, beside a real dataset service whose door it asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from libs.common.context import CallContext
from libs.common.errors import PlatformError
from libs.common.rpc.deadline import Deadline
from libs.common.store.audit import Books, Patience, Report
from services.app import audit
from services.app.domain.base import BaseSeen
from services.app.domain.document import DocumentKind, KnowledgeDocument
from services.app.domain.passage import Passage
from services.app.repository import METADATA
from services.app.service import AppService
from services.dataset.domain.version import DatasetVersion
from tests.support.stores import caller, open_store
from tests.unit.dataset.world import World as Data
from tests.unit.dataset_engine.make import version_of

ALL_DAY = Deadline.after(86_400)  # constants are made when the tests are collected, and used minutes later
ME = replace(caller(user=7, space=1), deadline=ALL_DAY)
NOBODY: Any = None
"""Services that are not asked here."""
STRANGER = replace(caller(user=8, space=2), deadline=ALL_DAY)


def cleared(clearance: int, space: int = 1) -> CallContext:
    return replace(caller(user=9, space=space), clearance=clearance)


@dataclass
class World:
    folder: Path

    def __post_init__(self) -> None:
        self.data = Data(self.folder)
        self.db = open_store(self.folder, "app", METADATA, self.data.clock)
        self.service = AppService(self.db, self.data.door, NOBODY, NOBODY, self.data.artifacts)  # type: ignore[arg-type]  # a door answers as a peer does

    def base(self, name: str = "help", ctx: CallContext = ME, **facts: Any) -> BaseSeen:
        return self.service.create_base(ctx, name=name, **facts)

    def add(self, base: BaseSeen, name: str, content: str, ctx: CallContext = ME, **facts: Any) -> KnowledgeDocument:
        asked = {"kind": DocumentKind.PLAIN, **facts}
        return self.service.add_document(ctx, base_id=base.id, name=name, content=content, **asked).knowledge_document

    def search(self, base: BaseSeen, question: str, ctx: CallContext = ME, **facts: Any) -> list[Passage]:
        return self.service.search_base(ctx, base_id=base.id, question=question, **facts)

    def found(self, base: BaseSeen, question: str, ctx: CallContext = ME) -> list[str]:
        """The documents of the passages, the nearest first."""
        return [passage.document for passage in self.search(base, question, ctx)]

    def records(self, rows: Sequence[Mapping[str, Any]], content: str = "aa", **facts: Any) -> DatasetVersion:
        """A sealed dataset version with these records. content: two hex digits that tell it from others."""
        folder = version_of(rows, self.folder / f"made-{content}", 400)
        return self.data.version(content, uri=self.data.artifacts.publish(folder)[0], records=len(rows), **facts)

    def violations(self) -> list[Any]:
        """What the auditor finds; it must have looked at something."""
        books, report = Books("app", self.db.url, audit.METADATA), Report()
        audit.check(books, report, Patience(self.db.clock.now_ms()))
        books.close()
        assert report.looked["LINEAGE", "documents"]
        return list(report.violations)

    def close(self) -> None:
        self.db.close()
        self.data.close()


def refused(call: Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        call()
    return caught.value
