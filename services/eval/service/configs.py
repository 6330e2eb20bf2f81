"""Verbs on eval configs: which test judges a model, by which metrics, and who rates the outputs; and on what these people are asked."""

from __future__ import annotations

from typing import Any

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.rpc.peers import DatasetPeer, ModelPeer
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest
from libs.data.classes import kind_in
from libs.data.kinds import JUDGING
from libs.people.catalog import WorkTemplate
from libs.people.template import Template
from libs.people.template_reading import read_template
from libs.people.verbs import PeopleVerbs
from services.eval.domain.config import TRAINING_PART, EvalConfig
from services.eval.domain.raters import Raters, RatingType
from services.eval.engine.options import EvalOptions, settle
from services.eval.engine.ratings import RATINGS, RatingKind
from services.eval.repository import EvalRepository


class Configs(PeopleVerbs):
    store: EvalRepository
    _model: ModelPeer
    _dataset: DatasetPeer

    @mutation
    def create_config(
        self,
        ctx: CallContext,
        *,
        model_id: int,
        name: str,
        dataset_version_id: int,
        desc: str = "",
        metrics: list[str] | None = None,
        options: dict[str, Any] | None = None,
        template_id: int = 0,
        template_number: int = 0,
        rule: dict[str, Any] | None = None,
        annotators: list[int] | None = None,
        inspectors: list[int] | None = None,
        good: list[str] | None = None,
    ) -> EvalConfig:
        """Stores a complete config. Raises NOT_FOUND for a foreign model or dataset version, ALREADY_EXISTS for a name the model has."""
        given = EvalOptions.from_dict(options or {})
        self._model.call(ctx, "GetProject", id=model_id)
        tested = self._test_version(ctx, dataset_version_id)
        wanted, settled = settle(metrics or [], given, kind_in(tested.kind))
        people: dict[str, Any] = {"rule": rule, "annotators": annotators, "inspectors": inspectors, "good": good}
        if not template_id:
            _refuse_without_template(people)
        raters = self._raters(ctx, template_id, template_number, people).to_dict() if template_id else {}
        configs = self.store.configs
        with self.db.begin(ctx) as tx:
            configs.refuse_twin(tx, "a model", name=name, model_id=model_id)
            return tx.done(
                configs.insert(
                    tx,
                    EvalConfig(
                        id=self.db.ids.next(),
                        model_id=model_id,
                        name=name,
                        project_space_id=ctx.space_id,
                        user_id=ctx.user_id,
                        dataset_version_id=dataset_version_id,
                        desc=desc,
                        metrics=wanted,
                        options=settled.to_dict(),
                        people=raters,
                    ),
                )
            )

    def _raters(self, ctx: CallContext, template_id: int, number: int, asked: dict[str, Any]) -> Raters:
        """Complete: the template in one version, the rule with all its values, the labels that count."""
        template = self.people.get_template(ctx, id=template_id, number=number)
        rule = self.checked_rule(ctx, asked["rule"], asked["annotators"], asked["inspectors"])
        return Raters(
            kind=template.kind,
            template_id=template.id,
            template_version_id=template.template_version_id,
            template_number=template.number,
            rule=rule,
            annotators=asked["annotators"] or [],
            inspectors=asked["inspectors"] or [],
            good=_good(RATINGS[template.kind], read_template(template.body), asked["good"]),
        )

    def get_config(self, ctx: CallContext, *, id: int) -> EvalConfig:
        with self.db.read() as conn:
            return self.store.configs.get(conn, ctx, id)

    def list_configs(self, ctx: CallContext, *, model_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            return self.store.configs.page(conn, ctx, page, self.store.configs.column("model_id") == model_id)

    # --- what people are asked

    @mutation
    def create_template(self, ctx: CallContext, *, name: str, rating_type: RatingType, body: dict[str, Any] | None = None) -> WorkTemplate:
        return self.made_template(ctx, RATINGS[rating_type.name], name, body)

    @mutation
    def update_template(self, ctx: CallContext, *, id: int, body: dict[str, Any]) -> WorkTemplate:
        RATINGS[self.people.get_template(ctx, id=id).kind].check(body)
        return self.people.update_template(ctx, id=id, body=body)

    def list_templates(self, ctx: CallContext, *, page: PageRequest, rating_type: RatingType | None = None) -> Page:
        return self.people.list_templates(ctx, page=page, kind=rating_type.name if rating_type is not None else "")

    # --- what others know

    def _test_version(self, ctx: CallContext, id: int) -> Any:
        """A dataset version that may judge a model: records that ask and expect something, some, and not the part that models are trained
        on."""
        version = self._dataset.call(ctx, "GetVersion", id=id).dataset_version
        if kind_in(version.kind) not in JUDGING:
            raise invalid("dataset_version_id", limit=f"a version of {' or '.join(JUDGING)} records, this one holds {version.kind}")
        if version.part == TRAINING_PART:
            raise invalid("dataset_version_id", limit="a test version, this one is the training part")
        if not version.records:
            raise PlatformError(422, Reason.NO_TEST_RECORDS, field="dataset_version_id", limit="at least one record")
        return version


def _refuse_without_template(people: dict[str, Any]) -> None:
    """Raises INVALID_ARGUMENT for anything said of people who are asked nothing."""
    for name, value in people.items():
        if value:
            raise invalid(name, limit="left out without template_id")


def _good(kind: RatingKind, template: Template, said: list[str] | None) -> list[str]:
    """The labels that count: as said, or the first one."""
    labels = next((field.values for field in template.fields if field.name == kind.field), [])
    if not labels or kind.pairs:
        if said:
            raise invalid("good", limit="left out where no label is the score")
        return []
    for place, label in enumerate(said or ()):
        if label not in labels:
            raise invalid(f"good[{place}]", Reason.UNKNOWN_ENUM, "one of " + ", ".join(labels))
    return list(dict.fromkeys(said or labels[:1]))
