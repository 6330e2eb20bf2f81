"""Pools and templates: who can be asked, and what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import not_found
from libs.common.store.database import Transaction
from libs.common.store.repository import Page, PageRequest, expect
from libs.people.desk import Desk
from libs.people.records import Pool, TemplateName, TemplateVersion
from libs.people.template_reading import read_template

SPACE = "a project space"


@dataclass(frozen=True)
class WorkTemplate:
    """A template in one of its versions. version: of the template under its name, for who wants to change it."""

    id: int
    name: str
    kind: str
    project_space_id: int
    user_id: int
    template_version_id: int
    number: int
    body: dict[str, Any]
    create_time: int
    update_time: int
    version: int


class Catalog(Desk):
    # --- pools

    def create_pool(self, ctx: CallContext, *, name: str, users: list[int]) -> Pool:
        with self.db.begin(ctx) as tx:
            self.store.pools.refuse_twin(tx, SPACE, name=name)
            made = Pool(self.db.ids.next(), name, ctx.space_id, ctx.user_id, sorted(set(users)))
            return tx.done(self.store.pools.insert(tx, made))

    def update_pool(self, ctx: CallContext, *, id: int, name: str | None = None, users: list[int] | None = None) -> Pool:
        with self.db.begin(ctx) as tx:
            pool = self.store.pools.get(tx.conn, ctx, id)
            if name is not None and name != pool.name:
                self.store.pools.refuse_twin(tx, SPACE, name=name)
            sent: dict[str, Any] = {} if name is None else {"name": name}
            sent |= {} if users is None else {"users": sorted(set(users))}
            return tx.done(self.store.pools.update_expected(tx, pool, **sent))

    def get_pool(self, ctx: CallContext, *, id: int) -> Pool:
        with self.db.read() as conn:
            return self.store.pools.get(conn, ctx, id)

    def list_pools(self, ctx: CallContext, *, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.pools.page(conn, ctx, page)

    # --- templates

    def create_template(self, ctx: CallContext, *, name: str, kind: str, body: dict[str, Any]) -> WorkTemplate:
        """Raises what ``read_template`` raises."""
        read_template(body, "body")
        with self.db.begin(ctx) as tx:
            self.store.templates.refuse_twin(tx, SPACE, name=name)
            made = TemplateName(self.db.ids.next(), name, ctx.space_id, ctx.user_id, kind)
            first = self._next_version(tx, made, 1, body)
            return tx.done(_joined(self.store.templates.insert(tx, _newest(made, first)), first))

    def update_template(self, ctx: CallContext, *, id: int, body: dict[str, Any]) -> WorkTemplate:
        """Its next version; those there are stay as they are."""
        read_template(body, "body")
        with self.db.begin(ctx) as tx:
            template = self.store.templates.get(tx.conn, ctx, id)
            expect(ctx, self.store.templates.kind, template)
            last = self.store.template_versions.get(tx.conn, ctx, template.newest_id)
            following = self._next_version(tx, template, last.number + 1, body)
            return tx.done(_joined(self.store.templates.update(tx, template, newest_id=following.id), following))

    def _next_version(self, tx: Transaction, of: TemplateName, number: int, body: dict[str, Any]) -> TemplateVersion:
        made = TemplateVersion(self.db.ids.next(), of.id, of.project_space_id, tx.ctx.user_id, number, body)
        return self.store.template_versions.insert(tx, made)

    def get_template(self, ctx: CallContext, *, id: int, number: int = 0) -> WorkTemplate:
        """number: of a version; 0 = the newest."""
        with self.db.read() as conn:
            template = self.store.templates.get(conn, ctx, id)
            if not number:
                return _joined(template, self.store.template_versions.get(conn, ctx, template.newest_id))
            found = self.store.template_versions.first_by(conn, ctx, template_id=id, number=number)
        if found is None:
            raise not_found(self.store.template_versions.kind, number)
        return _joined(template, found)

    def list_templates(self, ctx: CallContext, *, page: PageRequest, kind: str = "") -> Page:
        chosen = [self.store.templates.column("kind") == kind] if kind else []
        with self.db.read() as conn:
            found = self.store.templates.page(conn, ctx, page, *chosen)
            bodies = self._versions(conn, [each.newest_id for each in found.items])
        return Page([_joined(each, bodies[each.newest_id]) for each in found.items], found.next_cursor)

    def template_version(self, conn: sa.Connection, ctx: CallContext, id: int) -> WorkTemplate:
        """What a job asks, under the name it has now."""
        version = self.store.template_versions.get(conn, ctx, id)
        return _joined(self.store.templates.get(conn, ctx, version.template_id), version)

    def _versions(self, conn: sa.Connection, ids: list[int]) -> dict[int, TemplateVersion]:
        rows = conn.execute(self.store.template_versions.everything().where(self.store.template_versions.column("id").in_(ids)))
        return {version.id: version for version in map(self.store.template_versions.load, rows)}


def _newest(template: TemplateName, version: TemplateVersion) -> TemplateName:
    return TemplateName(template.id, template.name, template.project_space_id, template.user_id, template.kind, version.id)


def _joined(template: TemplateName, version: TemplateVersion) -> WorkTemplate:
    return WorkTemplate(
        id=template.id,
        name=template.name,
        kind=template.kind,
        project_space_id=template.project_space_id,
        user_id=version.user_id,
        template_version_id=version.id,
        number=version.number,
        body=version.body,
        create_time=version.create_time,
        update_time=template.update_time,
        version=template.version,
    )
