"""The decoding thread and its bounded queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from libs.common.errors import PlatformError, Reason
from libs.lm.tokenizer import EOS, ChatTokenizer
from libs.models.causal_lm.session import OnnxLM
from services.deploy.engine.serving.decoder import Decoder, Delivery, Generation, Job, Piece, Take
from services.deploy.engine.serving.inbox import hand_out
from services.deploy.engine.serving.options import ServingOptions
from services.deploy.engine.serving.scheduler import Scheduler
from services.deploy.engine.serving.text import TextStream
from tests.unit.deploy_engine.model import PAIRS
from tests.unit.deploy_engine.process import until

OPTIONS = ServingOptions(max_rows=2, max_queue=1)
WAIT_S = 10.0


class Gated(Decoder):
    """Takes a turn only when it is let."""

    def __init__(self, lm: OnnxLM) -> None:
        super().__init__(lm, {EOS}, OPTIONS.max_rows)
        self.turns = threading.Semaphore(0)
        self.broken = False

    def turn(self, take: Take) -> list[Delivery]:
        assert self.turns.acquire(timeout=WAIT_S)
        if self.broken:
            raise RuntimeError("a bug")
        return super().turn(take)

    def free(self) -> None:
        self.turns.release(10_000)


@pytest.fixture
def decoder(lm: OnnxLM) -> Gated:
    return Gated(lm)


@pytest.fixture
def scheduler(decoder: Gated) -> Iterator[Scheduler]:
    scheduler = Scheduler(decoder, OPTIONS, hand_out)
    scheduler.start()
    yield scheduler
    decoder.free()
    assert scheduler.close(WAIT_S)


class Asked:
    def __init__(self, tokenizer: ChatTokenizer, question: str = PAIRS[0][0]) -> None:
        self.ended = threading.Event()
        self.pieces: list[Piece] = []
        self.generation = Generation(Job(tuple(tokenizer.prompt(question)), 60), TextStream(tokenizer.decode), self._receive)

    def _receive(self, piece: Piece) -> None:
        self.pieces.append(piece)
        if piece.finish:
            self.ended.set()

    def last(self) -> Piece:
        assert self.ended.wait(WAIT_S)
        return self.pieces[-1]


def test_more_than_rows_and_queue_is_refused_at_once(scheduler: Scheduler, decoder: Gated, tokenizer: ChatTokenizer) -> None:
    asked = [Asked(tokenizer) for _ in range(3)]
    scheduler.submit([one.generation for one in asked])
    with pytest.raises(PlatformError) as caught:
        scheduler.submit([Asked(tokenizer).generation])
    assert (caught.value.code, caught.value.reason, caught.value.retryable) == (429, Reason.BUSY, True)
    decoder.free()
    assert [one.last().text for one in asked] == [PAIRS[0][1]] * 3
    scheduler.submit([(again := Asked(tokenizer)).generation])  # the places are free again
    assert again.last().text == PAIRS[0][1]


def test_several_prompts_are_accepted_together_or_not_at_all(scheduler: Scheduler, decoder: Gated, tokenizer: ChatTokenizer) -> None:
    one, rest = Asked(tokenizer), [Asked(tokenizer) for _ in range(3)]
    scheduler.submit([one.generation])
    with pytest.raises(PlatformError):
        scheduler.submit([other.generation for other in rest])
    assert scheduler.open_requests == 1
    decoder.free()
    one.last()
    scheduler.submit([other.generation for other in rest])
    assert [other.last().finish for other in rest] == ["stop"] * 3


def test_a_cancelled_request_gives_its_place_back(scheduler: Scheduler, decoder: Gated, tokenizer: ChatTokenizer) -> None:
    decoding, waiting = [Asked(tokenizer) for _ in range(2)], Asked(tokenizer)
    scheduler.submit([one.generation for one in decoding])
    scheduler.submit([waiting.generation])
    decoder.turns.release()
    scheduler.cancel(waiting.generation)
    scheduler.cancel(decoding[0].generation)
    assert waiting.last().finish == "cancelled"
    decoder.free()
    assert decoding[0].last().finish == "cancelled"
    assert decoding[1].last().text == PAIRS[0][1]
    assert scheduler.close(WAIT_S)
    assert (scheduler.open_requests, scheduler.rows, scheduler.waiting) == (0, 0, 0)
    scheduler.cancel(decoding[1].generation)  # of a finished request: nothing
    assert [piece.finish for piece in decoding[1].pieces] == ["stop"]


def test_closing_finishes_what_was_accepted_and_refuses_the_rest(scheduler: Scheduler, decoder: Gated, tokenizer: ChatTokenizer) -> None:
    asked = [Asked(tokenizer) for _ in range(3)]
    scheduler.submit([one.generation for one in asked])
    assert not scheduler.close(0.01)
    with pytest.raises(PlatformError) as caught:
        scheduler.submit([Asked(tokenizer).generation])
    assert (caught.value.code, caught.value.reason) == (503, Reason.UNAVAILABLE)
    decoder.free()
    assert scheduler.close(WAIT_S)
    assert [one.last().text for one in asked] == [PAIRS[0][1]] * 3


def test_abandoning_fails_what_is_open_and_ends_the_thread(scheduler: Scheduler, decoder: Gated, tokenizer: ChatTokenizer) -> None:
    asked = [Asked(tokenizer) for _ in range(3)]
    scheduler.submit([one.generation for one in asked])
    decoder.turns.release(2)  # two decode, one waits
    assert not scheduler.close(0.01)
    until(lambda: scheduler.rows == 2)
    abandoning = threading.Thread(target=scheduler.abandon, args=(WAIT_S,))
    abandoning.start()
    until(lambda: scheduler._abandoning)
    decoder.free()
    abandoning.join(WAIT_S)
    assert not scheduler.alive
    for one in asked:
        error = one.last().error
        assert error is not None
        assert (error.code, error.reason) == (503, Reason.UNAVAILABLE)
    assert (scheduler.open_requests, scheduler.waiting) == (0, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_the_thread_leaves_nobody_waiting(scheduler: Scheduler, decoder: Gated, tokenizer: ChatTokenizer) -> None:
    asked = [Asked(tokenizer) for _ in range(3)]
    scheduler.submit([one.generation for one in asked])
    decoder.turns.release()  # two join
    decoder.broken = True
    decoder.free()
    for one in asked:
        assert one.last().finish == "error"
    with pytest.raises(PlatformError):
        scheduler.submit([Asked(tokenizer).generation])


def test_many_threads_get_their_own_answers(lm: OnnxLM, tokenizer: ChatTokenizer) -> None:
    scheduler = Scheduler(Decoder(lm, {EOS}, 3), ServingOptions(max_rows=3, max_queue=100), hand_out)
    scheduler.start()
    wrong: list[str] = []

    def ask(question: str, answer: str) -> None:
        for _ in range(3):
            asked = Asked(tokenizer, question)
            scheduler.submit([asked.generation])
            if asked.last().text != answer:
                wrong.append(question)

    threads = [threading.Thread(target=ask, args=pair) for pair in PAIRS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert scheduler.close(WAIT_S)
    assert wrong == []
