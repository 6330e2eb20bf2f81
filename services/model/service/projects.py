"""Verbs about model projects."""

from __future__ import annotations

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, not_found
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.model.domain.gate import (
    ReleaseGate,
)
from services.model.domain.project import ModelProject, ModelProjectStatus
from services.model.service.naming import Naming
from services.model.service.shared import Shared


class Projects(Naming, Shared):
    @mutation
    def create_project(
        self,
        ctx: CallContext,
        *,
        name: str,
        desc: str = "",
        path: str = "",
        train_framework: str = "",
        inference_framework: str = "",
        metrics_url: str = "",
        code_repo_url: str = "",
        hdfs_dir: str = "",
    ) -> ModelProject:
        """Creates a project with its gate on. Raises ALREADY_EXISTS for a name taken in this space."""
        with self.db.begin(ctx) as tx:
            self._take(tx, name)
            project = self.store.projects.insert(
                tx,
                ModelProject(
                    id=self.db.ids.next(),
                    name=name,
                    project_space_id=ctx.space_id,
                    user_id=ctx.user_id,
                    desc=desc,
                    path=path,
                    train_framework=train_framework,
                    inference_framework=inference_framework,
                    metrics_url=metrics_url,
                    code_repo_url=code_repo_url,
                    hdfs_dir=hdfs_dir,
                ),
            )
            self.store.gates.insert(tx, ReleaseGate(self.db.ids.next(), project.id, ctx.space_id, ctx.user_id))
            tx.event("model_project", project.id, project.status, project.status, "CREATE")
            return tx.done(project)

    def get_project(self, ctx: CallContext, *, id: int) -> ModelProject:
        with self.db.read() as conn:
            return self.store.projects.get(conn, ctx, id)

    def find_project(self, ctx: CallContext, *, name: str) -> ModelProject:
        with self.db.read() as conn:
            found = self.store.projects.first(conn, ctx, self.store.projects.column("name") == name, newest=False)
        if found is None:
            raise not_found("model_project", name)
        return found

    def list_projects(
        self, ctx: CallContext, *, page: PageRequest, name_prefix: str = "", status: ModelProjectStatus | None = None
    ) -> Page:
        where = [self.store.projects.column("name").startswith(name_prefix, autoescape=True)] if name_prefix else []
        where += [] if status is None else [self.store.projects.column("status") == int(status)]
        with self.db.read() as conn:
            return self.store.projects.page(conn, ctx, page, *where)

    @mutation
    def update_project(
        self,
        ctx: CallContext,
        *,
        id: int,
        name: str | None = None,
        desc: str | None = None,
        path: str | None = None,
        train_framework: str | None = None,
        inference_framework: str | None = None,
        metrics_url: str | None = None,
        code_repo_url: str | None = None,
        hdfs_dir: str | None = None,
    ) -> ModelProject:
        """Changes what is sent. Raises MISSING_VERSION, STALE_VERSION, ALREADY_EXISTS."""
        sent = {
            "name": name,
            "desc": desc,
            "path": path,
            "train_framework": train_framework,
            "inference_framework": inference_framework,
            "metrics_url": metrics_url,
            "code_repo_url": code_repo_url,
            "hdfs_dir": hdfs_dir,
        }
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, id)
            if name is not None and name != project.name:
                self._take(tx, name)
                self._leave(tx, project)
            return tx.done(
                self.store.projects.update_expected(tx, project, **{key: value for key, value in sent.items() if value is not None})
            )

    @mutation
    def delete_project(self, ctx: CallContext, *, id: int) -> ModelProject:
        """Marks deleted. Refused while a slot serves it."""
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, id)
            if project.serving_slots:
                raise PlatformError(
                    409,
                    Reason.ILLEGAL_TRANSITION,
                    field="status",
                    limit="take it offline first",
                    machine="model_project",
                    state="ONLINE",
                    event="DELETE",
                )
            deleted = self.store.projects.delete(tx, project)
            self._forget(tx, id)
            tx.event("model_project", id, project.status, project.status, "DELETE")
            return tx.done(deleted)

    @mutation
    def record_serving(self, ctx: CallContext, *, project_id: int, serving_slots: int) -> ModelProject:
        with self.db.begin(ctx) as tx:
            project = self.store.projects.get(tx.conn, ctx, project_id)
            if project.serving_slots != serving_slots:  # told again what is known, it must not age the version people decide on
                project = self.store.projects.update(tx, project, serving_slots=serving_slots)
            return tx.done(self._refresh_project(tx, project))
