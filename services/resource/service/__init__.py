"""The verbs of the resource domain: one method per use case, one transaction each or a part of one that many share."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.context import system_context
from libs.common.store.database import Database
from services.resource.engine.together import Job, Together
from services.resource.repository import ResourceRepository
from services.resource.service.admission import Admission
from services.resource.service.bookkeeping import Bookkeeper
from services.resource.service.costs import Costs
from services.resource.service.nodes import Nodes
from services.resource.service.quotas import Quotas
from services.resource.service.reservations import Reservations


class ResourceService(Nodes, Quotas, Reservations, Costs):
    """All of them on one store."""

    def __init__(self, db: Database, grace_seconds: float = 0.0) -> None:
        self.db, self.store = db, ResourceRepository()
        self.books = Bookkeeper(db, self.store)
        self.admission = Admission(db, self.store, self.books, grace_seconds)
        self.together: Together[object] = Together(self._write)

    def _write(self, jobs: Sequence[Job[object]]) -> None:
        """Every write of it is decided by a condition of its own: it takes no turn of a space."""
        with self.db.begin(system_context(0, 0), turn=False) as tx:
            for job in jobs:
                job.attempt(tx)

    def sweep(self) -> int:
        """Ends leases nobody renewed. Returns how many."""
        with self.db.read() as conn:
            if not self.store.lapsed(conn, self.db.clock.now_ms(), 1):
                return 0
        return self._together_with(system_context(0, 0), self.admission.sweep)

    def figures(self) -> dict[str, int]:
        """Live reservations by state, for the metrics."""
        with self.db.read() as conn:
            found = self.store.by_status(conn)
        return {"waiting": found.get(0, 0), "held": found.get(10, 0)}
