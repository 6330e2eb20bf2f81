"""Verbs on train configs: the method, its options, and the version a training goes on from."""

from __future__ import annotations

from typing import Any

from libs.common.context import CallContext
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from services.train.domain.config import TrainConfig
from services.train.engine.kinds import method as method_of
from services.train.service.shared import Shared


class Configs(Shared):
    @mutation
    def create_config(
        self,
        ctx: CallContext,
        *,
        model_id: int,
        name: str,
        desc: str = "",
        method: str = "scratch",
        options: dict[str, Any] | None = None,
        base_version_id: int = 0,
    ) -> TrainConfig:
        """Raises NOT_FOUND for a foreign model or base, INVALID_ARGUMENT naming the option, ALREADY_EXISTS for a name the model has."""
        chosen = method_of(method)
        settled = chosen.settled(options or {})
        self._models.call(ctx, "GetProject", id=model_id)
        self._base(ctx, base_version_id, chosen)
        with self.db.begin(ctx) as tx:
            self.store.configs.refuse_twin(tx, "a model", name=name, model_id=model_id)
            made = TrainConfig(self.db.ids.next(), model_id, name, ctx.space_id, ctx.user_id, desc, method, settled, base_version_id)
            return tx.done(self.store.configs.insert(tx, made))

    def get_config(self, ctx: CallContext, *, id: int) -> TrainConfig:
        with self.db.read() as conn:
            return self.store.configs.get(conn, ctx, id)

    def list_configs(self, ctx: CallContext, *, model_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.configs.page(conn, ctx, page, self.store.configs.column("model_id") == model_id)

    @mutation
    def update_config(
        self, ctx: CallContext, *, id: int, name: str | None = None, desc: str | None = None, options: dict[str, Any] | None = None
    ) -> TrainConfig:
        """Changes what is sent; ``options`` replaces all of them. Method and base stay. Raises NOT_FOUND once its model was deleted."""
        self._models.call(ctx, "GetProject", id=self.get_config(ctx, id=id).model_id)
        with self.db.begin(ctx) as tx:
            config = self.store.configs.get(tx.conn, ctx, id)
            settled = None if options is None else method_of(config.method).settled(options)
            sent = {key: value for key, value in {"name": name, "desc": desc, "options": settled}.items() if value is not None}
            if name is not None and name != config.name:
                self.store.configs.refuse_twin(tx, "a model", name=name, model_id=config.model_id)
            return tx.done(self.store.configs.update_expected(tx, config, **sent))
