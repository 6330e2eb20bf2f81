"""Verbs about model cards: read one with the facts beside it, and write its sections."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from libs.common.context import CallContext
from libs.common.store.mutation import mutation
from libs.common.store.repository import expect
from services.model.domain.card import CardText, ModelCard, WrittenCard, checked, facts, markdown, merged, sections
from services.model.domain.explanation import explain
from services.model.domain.gate import Evidence
from services.model.domain.version import ModelVersion
from services.model.domain.wording import Words
from services.model.service.shared import EVIDENCE_CONSIDERED, RECALLED, Shared, newest_digest

EDGES = 1000  # of one version: its data, libraries and packages


class Cards(Shared):
    def get_card(self, ctx: CallContext, *, model_version_id: int) -> ModelCard:
        with self.db.read() as conn:
            version = self._version(conn, ctx, model_version_id)
            return self._card(conn, ctx, version, self.store.written_card(conn, ctx, version))

    @mutation
    def set_card(self, ctx: CallContext, *, model_version_id: int, sections: list[CardText]) -> ModelCard:
        """Sections that are not sent stay as they are shown, also where an earlier version's are."""
        changes = checked(sections)
        with self.db.begin(ctx) as tx:
            version = self._version(tx.conn, ctx, model_version_id)
            before = self._own(ctx, version, self.store.written_card(tx.conn, ctx, version))
            expect(ctx, "model_card", before)
            texts = merged(before.sections, changes)
            if before.version:
                after = self.store.cards.update(tx, before, sections=texts, user_id=ctx.user_id)
            else:
                after = self.store.cards.insert(tx, replace(before, sections=texts, version=1))  # 0 is what nobody wrote yet
            tx.event("model_card", after.id, before.version, after.version, "WRITE", ", ".join(changes))
            return tx.done(self._card(tx.conn, ctx, version, after))

    def _own(self, ctx: CallContext, version: ModelVersion, shown: WrittenCard | None) -> WrittenCard:
        """The version's own card; one that is not stored yet begins with what is shown."""
        if shown is not None and shown.model_version_id == version.id:
            return shown
        new = WrittenCard(self.db.ids.next(), version.project_id, version.project_space_id, version.id, version.number, ctx.user_id)
        return replace(new, sections=shown.sections if shown else {})

    def _card(self, conn: sa.Connection, ctx: CallContext, version: ModelVersion, shown: WrittenCard | None) -> ModelCard:
        evidence = self.store.deciding(conn, ctx, EVIDENCE_CONSIDERED, model_version_id=version.id)
        edges = self.store.lineage.all_by(conn, ctx, EDGES, model_version_id=version.id)[::-1]  # in the order they were made
        written = sections(shown.sections if shown else {})
        known = facts(edges, evidence, version.artifact_digest, self._verdict_in_words(conn, ctx, version, evidence))
        name = self.store.projects.get(conn, ctx, version.project_id).name
        own = shown is not None and shown.model_version_id == version.id
        return ModelCard(
            model_version_id=version.id,
            model_version_number=version.number,
            written_for_number=shown.model_version_number if shown else 0,
            sections=written,
            facts=known,
            markdown=markdown(name, version.number, written, known),
            user_id=shown.user_id if shown else 0,
            update_time=shown.update_time if shown else 0,
            version=shown.version if shown and own else 0,
        )

    def _verdict_in_words(self, conn: sa.Connection, ctx: CallContext, version: ModelVersion, evidence: list[Evidence]) -> Words:
        """Of the newest bytes, now; none for a version without weights, or one nothing is released of."""
        if not version.artifact_digest or version.status in RECALLED:
            return Words()
        digest = newest_digest(version, evidence)
        about = [each for each in evidence if each.rated or each.digest == digest]
        verdict = self._overridden(conn, ctx, version, self._judge(conn, ctx, version, digest, about))
        return explain(self._gate(conn, ctx, version.project_id), verdict, {each.id: each for each in about}, []).summary
