"""Answers: what people wrote first, then what a model writes and passages support, then quotes; nothing where nothing is near."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.peers import DeployPeer, ModelPeer
from services.app.domain.answer import AnswerOutcome, AnswerSentence, Citation, KnowledgeAnswer, RefusalCause
from services.app.domain.base import KnowledgeBase
from services.app.domain.document import hash_of
from services.app.domain.passage import Passage
from services.app.engine import support, writer
from services.app.engine.prompt import prompt
from services.app.service.searching import WANT, Searching

QUOTED = 2
"""Sentences of a passage that are quoted where no model writes."""
PASSAGES = (5, 3, 1)
"""So many passages are given to a model; the next number where it holds no such prompt."""
LOOKED_AT = 20
"""Passages among which the pair of a question is looked for: many may have its words."""
SPARE_SECONDS = 0.5
"""Of the call's time left for what comes after the model."""


class Answering(Searching):
    _models: ModelPeer
    _deploy: DeployPeer

    def ask_base(self, ctx: CallContext, *, base_id: int, question: str) -> KnowledgeAnswer:
        with self.db.read() as conn:
            base = self.store.bases.get(conn, ctx, base_id)
        found = self.search_base(ctx, base_id=base_id, question=question, want=LOOKED_AT)
        passages = found[:WANT]
        share = max((passage.share for passage in passages), default=0.0)
        pair = next((each for each in found if each.answer and support.same_question(question, _question(each))), None)
        answer = self._answer(ctx, base, question, passages, share) if pair is None else _quoted(pair)
        return replace(answer, passages=passages, share=share, threshold=base.threshold)

    def _answer(self, ctx: CallContext, base: KnowledgeBase, question: str, passages: list[Passage], share: float) -> KnowledgeAnswer:
        if not passages:
            return _refused(RefusalCause.NOTHING_FOUND)
        if share < base.threshold:
            return _refused(RefusalCause.BELOW_THRESHOLD)
        near = [passage for passage in passages if passage.share >= base.threshold]
        if not base.model:
            spans = support.best_sentences(question, near[0].text, near[0].answer, QUOTED)
            return _said(AnswerOutcome.QUOTED, [(near[0], *span) for span in spans])
        text = self._written(ctx, base.model, question, near)
        return _checked(text, near, base.model)

    def _written(self, ctx: CallContext, model: str, question: str, passages: Sequence[Passage]) -> str:
        """By the model under its name in /v1, as the caller. Raises NOT_FOUND, NOT_DEPLOYED, NOT_READY, UNAVAILABLE."""
        doors = self._doors(ctx, model)
        for most in PASSAGES:
            seconds = max(ctx.deadline.left() - SPARE_SECONDS, 0.05)
            try:
                return writer.write(doors, model, prompt(question, [passage.text for passage in passages[:most]]), seconds)
            except writer.PromptTooLong:
                continue
        return ""

    def _doors(self, ctx: CallContext, model: str) -> list[writer.Door]:
        try:
            named = self._models.call(ctx, "ResolveName", name=model)
            version = named.model_version_number or None
            routes = self._deploy.call(ctx, "ResolveRoutes", model_id=named.project.id, model_version_number=version).routes
        except PlatformError as error:
            if error.reason in (Reason.NOT_FOUND, Reason.NOT_DEPLOYED, Reason.NOT_READY):
                error.field, error.details = "model", {**error.details, "id": model}
            raise
        return [writer.Door(route.address, route.key or "", route.weight) for route in routes]


def _question(pair: Passage) -> str:
    return pair.text[: pair.answer].strip()


def _quoted(pair: Passage) -> KnowledgeAnswer:
    return _said(AnswerOutcome.PAIR, [(pair, pair.answer, len(pair.text))])


def _refused(cause: RefusalCause, model: str = "") -> KnowledgeAnswer:
    return KnowledgeAnswer(AnswerOutcome.REFUSED, cause, "", [], [], model=model)


def _said(outcome: AnswerOutcome, spans: Iterable[tuple[Passage, int, int]]) -> KnowledgeAnswer:
    """An answer in the words of passages: each span of one is a sentence and its own citation."""
    citations = [_citation(number, *span) for number, span in enumerate(spans, start=1)]
    sentences = [AnswerSentence(each.text, [each.number], True) for each in citations]
    return KnowledgeAnswer(outcome, RefusalCause.NONE, _together(sentences), sentences, citations)


def _checked(text: str, passages: Sequence[Passage], model: str) -> KnowledgeAnswer:
    """What a model wrote, sentence by sentence with where it stands; refused where nothing of it stands anywhere."""
    citations: list[Citation] = []
    sentences = []
    for sentence in support.sentences_of(text):
        place = support.place_of(sentence, [passage.text for passage in passages])
        cited = [] if place is None else [_cite(citations, passages[place.text], place.start, place.stop)]
        sentences.append(AnswerSentence(sentence, cited, bool(cited)))
    if not citations:
        return _refused(RefusalCause.UNSUPPORTED, model)
    return KnowledgeAnswer(AnswerOutcome.MODEL, RefusalCause.NONE, _together(sentences), sentences, citations, model=model)


def _cite(citations: list[Citation], passage: Passage, start: int, stop: int) -> int:
    """The number of a place, which is told once."""
    made = _citation(len(citations) + 1, passage, start, stop)
    place = (made.document_version_id, made.start, made.stop)
    known = next((each for each in citations if (each.document_version_id, each.start, each.stop) == place), None)
    if known is None:
        citations.append(made)
    return (known or made).number


def _citation(number: int, passage: Passage, start: int, stop: int) -> Citation:
    text = passage.text[start:stop]
    place = (passage.start + start, passage.start + stop, hash_of(text), passage.headings, text)
    return Citation(number, passage.document_id, passage.document_version_id, passage.document, passage.number, *place)


def _together(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
