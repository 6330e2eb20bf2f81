"""What the verbs share: a store, and writing together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from libs.common.context import CallContext
from libs.common.store.database import Database, Transaction
from services.resource.engine.together import Together
from services.resource.repository import ResourceRepository
from services.resource.service.admission import Admission
from services.resource.service.bookkeeping import Bookkeeper

T = TypeVar("T")


class Shared:
    db: Database
    store: ResourceRepository
    admission: Admission
    books: Bookkeeper
    together: Together[object]

    def _together_with(self, ctx: CallContext, write: Callable[[Transaction], T]) -> T:
        """Runs ``write`` in a transaction that other callers' writes may share, as this caller."""
        ctx.deadline.check("database")
        return self.together.do(lambda tx: write(replace(tx, ctx=ctx)))  # type: ignore[return-value]
