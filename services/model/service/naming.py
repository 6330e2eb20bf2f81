"""What a model is called: its name, its aliases, the names it had before, its ids, and NAME@VERSION.

Within a space a name belongs to one model. Projects and aliases refuse each other's names; a former name is given up to whoever takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.store.database import Database, Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from services.model.domain.alias import ModelAlias, check_alias
from services.model.domain.project import ModelProject
from services.model.repository import ModelRepository

LATEST = "latest"
ALIASES = 1000  # of a model, at most


@dataclass(frozen=True)
class Named:
    """What a name stands for. model_version_number: 0 for whatever is online."""

    project: ModelProject
    model_version_number: int = 0


class Naming:
    """Verbs about names, a part of ``ModelService``; ``_take``, ``_leave``, ``_forget`` and ``_remember`` are steps of others."""

    db: Database
    store: ModelRepository

    @mutation
    def create_alias(self, ctx: CallContext, *, project_id: int, name: str, model_version_number: int = 0) -> ModelAlias:
        """Raises ALREADY_EXISTS for a name of another model or alias, NOT_FOUND for a version the model lacks."""
        check_alias(name)
        with self.db.begin(ctx) as tx:
            self._check_target(tx, project_id, model_version_number)
            self._take(tx, name)
            made = ModelAlias(self.db.ids.next(), name, project_id, ctx.space_id, ctx.user_id, model_version_number)
            return tx.done(self._insert(tx, made, "CREATE"))

    @mutation
    def update_alias(self, ctx: CallContext, *, id: int, model_version_number: int) -> ModelAlias:
        """Points it at another version, or with 0 at whatever is online."""
        with self.db.begin(ctx) as tx:
            alias = self.store.aliases.get(tx.conn, ctx, id)
            expect(ctx, self.store.aliases.kind, alias)
            self._check_target(tx, alias.project_id, model_version_number)
            moved = self.store.aliases.update(tx, alias, model_version_number=model_version_number, user_id=ctx.user_id)
            tx.event(self.store.aliases.kind, id, alias.model_version_number, model_version_number, "MOVE")
            return tx.done(moved)

    @mutation
    def delete_alias(self, ctx: CallContext, *, id: int) -> ModelAlias:
        with self.db.begin(ctx) as tx:
            alias = self.store.aliases.get(tx.conn, ctx, id)
            expect(ctx, self.store.aliases.kind, alias)
            return tx.done(self._drop(tx, alias))

    def list_aliases(self, ctx: CallContext, *, project_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self.store.projects.get(conn, ctx, project_id)
            return self.store.aliases.page(conn, ctx, page, self.store.aliases.column("project_id") == project_id)

    def resolve_name(self, ctx: CallContext, *, name: str) -> Named:
        """Exact names first, so that a model called "7" or "a@b" is found; then ids of models and versions; then NAME@VERSION."""
        with self.db.read() as conn:
            found = self._whole(conn, ctx, name) or self._of_version(conn, ctx, name)
        if found is None:
            raise not_found("model", name)
        return found

    # --- steps of other verbs

    def _take(self, tx: Transaction, name: str) -> None:
        """The name is about to be somebody's. Raises ALREADY_EXISTS when it is a model's or an alias; a former name is given up."""
        if self.store.projects.first_by(tx.conn, tx.ctx, name=name) is not None:
            raise _taken("model_project")
        alias = self.store.aliases.first_by(tx.conn, tx.ctx, name=name)
        if alias is not None and not alias.former:
            raise _taken("model_alias")
        if alias is not None:
            self._drop(tx, alias)

    def _leave(self, tx: Transaction, project: ModelProject) -> None:
        """The project gets another name: its present one goes on as a former name."""
        former = ModelAlias(self.db.ids.next(), project.name, project.id, project.project_space_id, tx.ctx.user_id, former=True)
        self._insert(tx, former, "RENAME")

    def _forget(self, tx: Transaction, project_id: int) -> None:
        """The project is deleted: its other names are free."""
        for alias in self.store.aliases.all_by(tx.conn, tx.ctx, ALIASES, project_id=project_id):
            self._drop(tx, alias)

    def _remember(self, tx: Transaction, gone: ModelProject, undo_ms: int) -> None:
        """It is restored: the other names that went with it come back, but for those that somebody took since."""
        aliases = self.store.aliases
        went_with_it = (aliases.column("project_id") == gone.id, aliases.column("update_time") == gone.update_time)
        for alias in aliases.deleted(tx.conn, tx.ctx, PageRequest(limit=ALIASES), *went_with_it).items:
            if self._free(tx, alias.name):
                back = aliases.restore(tx, alias.id, undo_ms, "a project space")
                tx.event(aliases.kind, back.id, back.model_version_number, back.model_version_number, "RESTORE", back.name)

    def _free(self, tx: Transaction, name: str) -> bool:
        return all(names.first_by(tx.conn, tx.ctx, name=name) is None for names in (self.store.projects, self.store.aliases))

    # --- reading a name

    def _whole(self, conn: sa.Connection, ctx: CallContext, text: str) -> Named | None:
        project = self.store.projects.first_by(conn, ctx, name=text)
        if project is not None:
            return Named(project)
        alias = self.store.aliases.first_by(conn, ctx, name=text)
        if alias is not None:
            return self._named(conn, ctx, alias.project_id, alias.model_version_number)
        return self._by_id(conn, ctx, int(text)) if text.isascii() and text.isdecimal() and 0 < int(text) < 1 << 63 else None

    def _by_id(self, conn: sa.Connection, ctx: CallContext, id: int) -> Named | None:
        project = self.store.projects.find(conn, ctx, id)
        if project is not None:
            return Named(project)
        version = self.store.versions.find(conn, ctx, id)
        return None if version is None else self._named(conn, ctx, version.project_id, version.number)

    def _named(self, conn: sa.Connection, ctx: CallContext, project_id: int, number: int) -> Named | None:
        project = self.store.projects.find(conn, ctx, project_id)
        return None if project is None else Named(project, number)

    def _of_version(self, conn: sa.Connection, ctx: CallContext, text: str) -> Named | None:
        """NAME@3, NAME@latest, NAME@ALIAS."""
        name, at, which = text.rpartition("@")
        found = self._whole(conn, ctx, name) if at and name and which else None
        if found is None:
            return None
        project, versions = found.project, self.store.versions
        if which == LATEST:
            newest = versions.first_by(conn, ctx, project_id=project.id)
            return None if newest is None else Named(project, newest.number)
        if which.isascii() and which.isdecimal() and int(which) < 1 << 31:
            version = versions.first_by(conn, ctx, project_id=project.id, number=int(which))
            return None if version is None else Named(project, version.number)
        alias = self.store.aliases.first_by(conn, ctx, name=which, project_id=project.id)
        return None if alias is None else Named(project, alias.model_version_number)

    # --- shared steps

    def _check_target(self, tx: Transaction, project_id: int, number: int) -> None:
        self.store.projects.get(tx.conn, tx.ctx, project_id)
        if number and self.store.versions.first_by(tx.conn, tx.ctx, project_id=project_id, number=number) is None:
            raise not_found("model_version", number)

    def _insert(self, tx: Transaction, alias: ModelAlias, event: str) -> ModelAlias:
        stored = self.store.aliases.insert(tx, alias)
        tx.event(self.store.aliases.kind, alias.id, alias.model_version_number, alias.model_version_number, event, alias.name)
        return stored

    def _drop(self, tx: Transaction, alias: ModelAlias) -> ModelAlias:
        gone = self.store.aliases.remove(tx, alias)
        tx.event(self.store.aliases.kind, alias.id, alias.model_version_number, alias.model_version_number, "DELETE", alias.name)
        return gone


def _taken(kind: str) -> PlatformError:
    facts: dict[str, Any] = {"field": "name", "limit": "unique within a project space", "kind": kind}
    return PlatformError(409, Reason.ALREADY_EXISTS, **facts)
