"""Continuous batching never changes an answer: alone, together, or joining late, the tokens are the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from libs.common.errors import PlatformError, Reason
from libs.lm.tokenizer import EOS, ChatTokenizer
from libs.models.causal_lm.session import OnnxLM
from services.deploy.engine.parity import answer_all
from services.deploy.engine.serving.batch import RowBatch
from services.deploy.engine.serving.decoder import Decoder, Delivery, Generation, Job, Piece
from services.deploy.engine.serving.sampling import SamplingOptions
from services.deploy.engine.serving.text import TextStream
from tests.unit.deploy_engine.failing import Failing
from tests.unit.deploy_engine.model import BLOCK, PAIRS, QUESTIONS

NO_END = -1


class Asked:
    """A request and everything it received."""

    def __init__(self, tokenizer: ChatTokenizer, job: Job) -> None:
        self.pieces: list[Piece] = []
        self.generation = Generation(job, TextStream(tokenizer.decode, job.stop), self.pieces.append)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def finish(self) -> str | None:
        return self.pieces[-1].finish if self.pieces else None


def turn(decoder: Decoder, joining: Sequence[Asked] = ()) -> list[Delivery]:
    """One turn in which exactly ``joining`` are there to join."""
    waiting = list(joining)
    deliveries = decoder.turn(lambda free: [waiting.pop(0).generation for _ in range(min(free, len(waiting)))])
    assert not waiting
    for generation, piece in deliveries:
        generation.receive(piece)
    return deliveries


def finish(decoder: Decoder) -> None:
    while decoder.size:
        turn(decoder)


def job(tokenizer: ChatTokenizer, question: str, max_tokens: int = 60, **more: object) -> Job:
    prompt = tuple(tokenizer.prompt(question))
    return Job(prompt, min(max_tokens, BLOCK - len(prompt)), **more)  # type: ignore[arg-type]


def alone(lm: OnnxLM, tokenizer: ChatTokenizer, one: Job, end: int = EOS) -> Asked:
    decoder, asked = Decoder(lm, {end}, 1), Asked(tokenizer, one)
    turn(decoder, [asked])
    finish(decoder)
    return asked


def test_alone_gives_the_trained_answers(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    for question, answer in PAIRS:
        asked = alone(lm, tokenizer, job(tokenizer, question))
        assert (asked.text, asked.finish) == (answer, "stop")


def test_rows_of_different_lengths_together_are_the_same(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    assert answer_all(lm, tokenizer, QUESTIONS, 60) == [answer for _, answer in PAIRS]


def test_rows_that_join_and_leave_at_random_are_the_same(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    """Long runs without an end token, so that rows of every age meet; some are cancelled in between."""
    dice = random.Random(11)
    jobs = [job(tokenizer, dice.choice(QUESTIONS)[: dice.randint(1, 30)], dice.randint(1, 50), stream=True) for _ in range(40)]
    expected = [alone(lm, tokenizer, one, NO_END).text for one in jobs]
    decoder = Decoder(lm, {NO_END}, 5)
    asked = [Asked(tokenizer, one) for one in jobs]
    waiting = list(asked)
    cancelled = set()
    while waiting or decoder.size:
        joining = [waiting.pop(0) for _ in range(min(dice.randint(0, 2), len(waiting), 5 - decoder.size))]
        turn(decoder, joining)
        if dice.random() < 0.05:
            victim = dice.choice(asked)
            victim.generation.cancelled = True
            cancelled.add(id(victim))
    ended = [one for one in asked if one.finish == "length"]
    assert len(ended) > 20
    assert all(one.finish == "cancelled" and id(one) in cancelled for one in asked if one not in ended)
    for one, text in zip(asked, expected, strict=True):
        assert one.text == text if one in ended else text.startswith(one.text)


def test_logits_of_ragged_rows_with_holes_are_those_of_separate_rows(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    prompts = [tokenizer.prompt(question) for question in QUESTIONS[:4]]
    batch, singles = RowBatch(lm), [RowBatch(lm) for _ in prompts]
    together = [batch.change([], prompts[:2])]
    together.append(batch.step([9, 10]))
    together.append(batch.change([0, 1], prompts[2:]))  # two join late
    together.append(batch.step([11, 12, 13, 14]))
    together.append(batch.step([15, 16, 17, 18]))
    batch.change([3, 1])  # two leave, the order changes
    together.append(batch.step([19, 20]))
    apart = [np.stack([singles[0].change([], [prompts[0]])[0], singles[1].change([], [prompts[1]])[0]])]
    apart.append(np.stack([singles[0].step([9])[0], singles[1].step([10])[0]]))
    apart.append(np.stack([singles[2].change([], [prompts[2]])[0], singles[3].change([], [prompts[3]])[0]]))
    apart.append(np.stack([one.step([token])[0] for one, token in zip(singles, [11, 12, 13, 14], strict=True)]))
    apart.append(np.stack([one.step([token])[0] for one, token in zip(singles, [15, 16, 17, 18], strict=True)]))
    apart.append(np.stack([singles[3].step([19])[0], singles[1].step([20])[0]]))
    for mixed, separate in zip(together, apart, strict=True):
        np.testing.assert_allclose(mixed, separate, atol=2e-5)


def test_caches_do_not_grow_with_the_age_of_the_batch(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    """Rows come and go for ever; the columns nobody owns any more must go with them."""
    decoder = Decoder(lm, {NO_END}, 2)
    widest = 0
    for _ in range(60):
        turn(decoder, [Asked(tokenizer, job(tokenizer, QUESTIONS[0], 12))] if decoder.size < 2 else [])
        widest = max(widest, decoder._batch.columns)
    assert widest <= 2 * BLOCK


def test_a_late_joiner_gets_its_first_token_in_the_turn_it_joins(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    decoder = Decoder(lm, {NO_END}, 2)
    early, late = (Asked(tokenizer, job(tokenizer, question, 40, stream=True)) for question in QUESTIONS[0:4:2])
    turn(decoder, [early])
    for _ in range(5):
        turn(decoder)
    assert early.finish is None
    turn(decoder, [late])
    assert sum(piece.tokens for piece in late.pieces) == 1


@pytest.mark.parametrize("temperature", [0.7, 1.5])
def test_a_sampled_answer_depends_on_its_seed_and_not_on_its_company(lm: OnnxLM, tokenizer: ChatTokenizer, temperature: float) -> None:
    jobs = [job(tokenizer, question, 30, sampling=SamplingOptions(temperature, 0.95, seed)) for seed, question in enumerate(QUESTIONS)]
    expected = [alone(lm, tokenizer, one, NO_END).text for one in jobs]
    decoder = Decoder(lm, {NO_END}, len(jobs))
    asked = [Asked(tokenizer, one) for one in jobs]
    turn(decoder, asked[:5])
    turn(decoder, asked[5:])
    finish(decoder)
    assert [one.text for one in asked] == expected
    other = [alone(lm, tokenizer, job(tokenizer, QUESTIONS[0], 30, sampling=SamplingOptions(1.5, 1.0, seed))).text for seed in range(4)]
    assert len(set(other)) > 1


def test_a_stop_string_ends_the_answer_before_itself(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    asked = alone(lm, tokenizer, job(tokenizer, QUESTIONS[0], stop=("JSON", "never")))
    assert (asked.text, asked.finish) == ("It serializes an object to a ", "stop")


def test_streamed_pieces_are_whole_characters(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    asked = alone(lm, tokenizer, job(tokenizer, PAIRS[3][0], stream=True))
    assert asked.text == PAIRS[3][1]
    assert len(asked.pieces) > 3
    assert "\ufffd" not in "".join(piece.text for piece in asked.pieces)


def test_max_tokens_is_exact_and_an_unfinished_character_is_marked(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    for limit in range(1, 12):
        asked = alone(lm, tokenizer, job(tokenizer, PAIRS[1][0], limit))
        assert sum(piece.tokens for piece in asked.pieces) == limit
        assert [piece.finish for piece in asked.pieces] == ["length"]  # exactly one last piece
        assert PAIRS[1][1].startswith(asked.text.rstrip("\ufffd"))


@pytest.fixture
def failing(lm: OnnxLM) -> Failing:
    return Failing(lm)


def test_a_row_with_impossible_numbers_fails_alone(failing: Failing, tokenizer: ChatTokenizer) -> None:
    decoder = Decoder(failing, {EOS}, 3)
    asked = [Asked(tokenizer, job(tokenizer, question)) for question in QUESTIONS[:3]]
    turn(decoder, asked)
    failing.bad_row = 1
    turn(decoder)
    failing.bad_row = None
    finish(decoder)
    assert [one.finish for one in asked] == ["stop", "error", "stop"]
    assert [asked[0].text, asked[2].text] == [PAIRS[0][1], PAIRS[2][1]]
    assert asked[1].pieces[-1].error is not None


def test_failing_prompts_leave_the_rows_untouched(failing: Failing, tokenizer: ChatTokenizer) -> None:
    decoder = Decoder(failing, {EOS}, 3)
    early, late = (Asked(tokenizer, job(tokenizer, question)) for question in QUESTIONS[:2])
    turn(decoder, [early])
    failing.fail_prompts = True
    turn(decoder, [late])
    finish(decoder)
    assert (early.text, late.finish) == (PAIRS[0][1], "error")


def test_a_failed_step_fails_its_rows_and_nobody_later(failing: Failing, tokenizer: ChatTokenizer) -> None:
    decoder = Decoder(failing, {EOS}, 3)
    early, late = (Asked(tokenizer, job(tokenizer, question)) for question in QUESTIONS[:2])
    turn(decoder, [early])
    failing.fail_steps = True
    turn(decoder, [late])
    assert early.finish == "error"
    error = early.pieces[-1].error
    assert isinstance(error, PlatformError)
    assert (error.code, error.reason) == (500, Reason.INTERNAL)
    failing.fail_steps = False
    finish(decoder)
    assert late.text == PAIRS[1][1]


def test_a_prompt_can_be_scored_without_an_answer(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    ids, _ = tokenizer.pair(*PAIRS[0])
    asked = alone(lm, tokenizer, Job(tuple(ids), 0, logprobs=2, echo=True))
    scores = asked.pieces[-1].scores
    assert [one.id for one in scores] == ids
    assert scores[0].logprob is None
    assert [one.logprob for one in scores[1:]] == pytest.approx(lm.logprobs(ids), abs=1e-5)
    assert all(len(one.top) == 2 and one.top[0][1] >= one.top[1][1] for one in scores[1:])
    assert (asked.finish, sum(piece.tokens for piece in asked.pieces)) == ("length", 0)
