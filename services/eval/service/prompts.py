"""Verbs on prompts: words a model is asked in, in versions that never change, and labels that say which of them programs get."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid, not_found
from libs.common.store.database import Transaction
from libs.common.store.mutation import mutation
from libs.common.store.repository import Page, PageRequest, expect
from libs.data.templates import Template
from services.eval.domain.prompt import LABELS_MAX, LATEST, Prompt, PromptVersion, check_label, check_prompt_name, checked_words
from services.eval.service.configs import Configs

SPACE = "a project space"


class Prompts(Configs):
    @mutation
    def create_prompt(self, ctx: CallContext, *, name: str, template: str, system: str = "", desc: str = "", note: str = "") -> Prompt:
        words = checked_words(system, template)
        made = Prompt(self.db.ids.next(), check_prompt_name(name), ctx.space_id, ctx.user_id, desc)
        with self.db.begin(ctx) as tx:
            self.store.prompts.refuse_twin(tx, SPACE, name=name)
            said = self._next_words(tx, made.id, 1, words, note)
            return tx.done(self.store.prompts.insert(tx, replace(made, **_shown(said))))

    @mutation
    def update_prompt(self, ctx: CallContext, *, id: int, template: str, system: str = "", note: str = "") -> Prompt:
        """Raises ALREADY_EXISTS for the words of the newest version: that would be a version which changes nothing."""
        words = checked_words(system, template)
        with self.db.begin(ctx) as tx:
            prompt = self.store.prompts.get(tx.conn, ctx, id)
            expect(ctx, self.store.prompts.kind, prompt)
            if words.content_hash == prompt.content_hash:
                limit = f"other words than those of version {prompt.newest}"
                raise PlatformError(409, Reason.ALREADY_EXISTS, field="template", limit=limit, kind="prompt_version")
            said = self._next_words(tx, prompt.id, prompt.newest + 1, words, note)
            return tx.done(self.store.prompts.update(tx, prompt, **_shown(said), newest=said.number))

    def _next_words(self, tx: Transaction, prompt_id: int, number: int, words: Template, note: str) -> PromptVersion:
        made = PromptVersion(
            id=self.db.ids.next(),
            prompt_id=prompt_id,
            project_space_id=tx.ctx.space_id,
            user_id=tx.ctx.user_id,
            number=number,
            template=words.template,
            system=words.system,
            content_hash=words.content_hash,
            fields=words.fields,
            note=note,
        )
        return self.store.prompt_versions.insert(tx, made)

    def get_prompt(self, ctx: CallContext, *, id: int, number: int = 0) -> Prompt:
        """number: of the version whose words are shown, 0 for the newest."""
        with self.db.read() as conn:
            prompt = self.store.prompts.get(conn, ctx, id)
            if number in (0, prompt.newest):
                return prompt
            found = self.store.prompt_versions.first_by(conn, ctx, prompt_id=id, number=number)
        if found is None:
            raise not_found("prompt_version", number)
        return replace(prompt, **_shown(found))

    def resolve_prompt(self, ctx: CallContext, *, reference: str) -> Prompt:
        """NAME, NAME@3, NAME@latest, NAME@LABEL. Raises NOT_FOUND for what there is none of."""
        name, _, which = reference.partition("@")
        with self.db.read() as conn:
            prompt = self.store.prompts.first_by(conn, ctx, name=name)
        if prompt is None:
            raise not_found("prompt", name)
        if which in ("", LATEST):
            return prompt
        number = int(which) if which.isascii() and which.isdecimal() and len(which) < 10 else prompt.labels.get(which, 0)
        if not number:
            raise not_found("prompt_version", which)
        return self.get_prompt(ctx, id=prompt.id, number=number)

    def list_prompts(self, ctx: CallContext, *, page: PageRequest, name_prefix: str = "") -> Page:
        where = [self.store.prompts.column("name").startswith(name_prefix, autoescape=True)] if name_prefix else []
        with self.db.read() as conn:
            return self.store.prompts.page(conn, ctx, page, *where)

    def list_prompt_versions(self, ctx: CallContext, *, prompt_id: int, page: PageRequest) -> Page:
        with self.db.read() as conn:
            self.store.prompts.get(conn, ctx, prompt_id)
            return self.store.prompt_versions.page(conn, ctx, page, self.store.prompt_versions.column("prompt_id") == prompt_id)

    @mutation
    def set_prompt_label(self, ctx: CallContext, *, id: int, label: str, number: int) -> Prompt:
        """Raises NOT_FOUND for a version the prompt lacks. What a label stood on is in the prompt's history."""
        check_label(label)
        with self.db.begin(ctx) as tx:
            prompt = self.store.prompts.get(tx.conn, ctx, id)
            if number > prompt.newest:
                raise not_found("prompt_version", number)
            labels = {name: at for name, at in prompt.labels.items() if name != label} | ({label: number} if number else {})
            if len(labels) > LABELS_MAX:
                raise invalid("label", Reason.TOO_LARGE, limit=f"at most {LABELS_MAX} labels")
            moved = self.store.prompts.update_expected(tx, prompt, labels=labels)
            tx.event(self.store.prompts.kind, id, prompt.labels.get(label, 0), number, "LABEL", label)
            return tx.done(moved)

    def prompt_version(self, ctx: CallContext, id: int) -> PromptVersion:
        with self.db.read() as conn:
            return self.store.prompt_versions.get(conn, ctx, id)


def _shown(version: PromptVersion) -> dict[str, Any]:
    """What a prompt shows of one of its versions."""
    return {
        "prompt_version_id": version.id,
        "number": version.number,
        "template": version.template,
        "system": version.system,
        "content_hash": version.content_hash,
        "fields": version.fields,
    }
