"""Verbs on knowledge bases."""

from __future__ import annotations

from libs.common.context import CallContext
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.app.domain.base import THRESHOLD, BaseSeen, KnowledgeBase, KnowledgeSecrecy, seen
from services.app.service.shared import Shared, check_clearance


class Bases(Shared):
    @mutation
    def create_base(
        self,
        ctx: CallContext,
        *,
        name: str,
        desc: str = "",
        secrecy: KnowledgeSecrecy = KnowledgeSecrecy.PUBLIC,
        threshold: float = THRESHOLD,
        model: str = "",
    ) -> BaseSeen:
        """Raises ALREADY_EXISTS for a name taken in this space, FORBIDDEN for a level its maker could not see."""
        check_clearance(ctx, secrecy)
        with self.db.begin(ctx) as tx:
            self.store.bases.refuse_twin(tx, "a project space", name=name)
            made = KnowledgeBase(
                self.db.ids.next(), ctx.space_id, name, desc, secrecy, user_id=ctx.user_id, threshold=threshold, model=model
            )
            return tx.done(seen(self.store.bases.insert(tx, made), 0, 0))

    def get_base(self, ctx: CallContext, *, id: int) -> BaseSeen:
        with self.db.read() as conn:
            base = self.store.bases.get(conn, ctx, id)
            return seen(base, *self.store.size(conn, ctx, [id]).get(id, (0, 0)))

    def list_bases(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            found = self.store.bases.page(conn, ctx, page)
            sizes = self.store.size(conn, ctx, [base.id for base in found.items])
        return Page([seen(base, *sizes.get(base.id, (0, 0))) for base in found.items], found.next_cursor)

    @mutation
    def update_base(
        self,
        ctx: CallContext,
        *,
        id: int,
        name: str | None = None,
        desc: str | None = None,
        threshold: float | None = None,
        model: str | None = None,
    ) -> BaseSeen:
        asked = {"name": name, "desc": desc, "threshold": threshold, "model": model}
        sent = {field: value for field, value in asked.items() if value is not None}
        with self.db.begin(ctx) as tx:
            base = self.store.bases.get(tx.conn, ctx, id)
            if name is not None and name != base.name:
                self.store.bases.refuse_twin(tx, "a project space", name=name)
            changed = self.store.bases.update_expected(tx, base, **sent)
            return tx.done(seen(changed, *self.store.size(tx.conn, ctx, [id]).get(id, (0, 0))))

    @mutation
    def delete_base(self, ctx: CallContext, *, id: int) -> BaseSeen:
        """Texts and pieces go for good; that there was a base of this name stays in the trail."""
        with self.db.begin(ctx) as tx:
            base = self.store.bases.get(tx.conn, ctx, id)
            deleted = self.store.bases.delete(tx, base)
            self.store.forget_all(tx, id)
            return tx.done(seen(deleted, 0, 0))
