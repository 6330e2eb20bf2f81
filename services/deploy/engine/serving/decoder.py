"""One turn of continuous batching, without threads: every row gets a token, finished rows leave, waiting requests join.

A turn steps the rows that decode, then admits as many waiting requests as rows are free and gives each its first token: a late joiner
never waits for anybody's answer to end. Each admitted request gets exactly one last piece, whatever happens to it.

Decided here: a failure is kept as small as it is. A row with impossible logits fails alone, prompts that fail leave the decoding rows
untouched, and a failed step fails the rows that were in it and nobody later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from libs.common.errors import PlatformError, Reason
from libs.models.causal_lm.session import Floats, OnnxLM
from services.deploy.engine.serving.batch import RowBatch
from services.deploy.engine.serving.sampling import Sampler, SamplingOptions, log_softmax
from services.deploy.engine.serving.text import TextStream

Finish = Literal["stop", "length", "cancelled", "error"]


@dataclass(frozen=True)
class Job:
    """What one request wants decoded.

    prompt: token ids, at least one, fewer than the model's block. max_tokens: most new tokens; 0 = only score the prompt. stop: strings
    that end the answer. logprobs: None for none, else how many alternatives per token. echo: score the prompt's tokens too. stream: a piece
    per token instead of one at the end.
    """

    prompt: tuple[int, ...]
    max_tokens: int
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    stop: tuple[str, ...] = ()
    logprobs: int | None = None
    echo: bool = False
    stream: bool = False


@dataclass(frozen=True, slots=True)
class TokenScore:
    """A token with its natural log-probability (None for the first of a prompt) and the most likely alternatives."""

    id: int
    logprob: float | None
    top: tuple[tuple[int, float], ...] = ()


@dataclass(slots=True)
class Piece:
    """What is new in one answer. The piece with a ``finish`` is the last; ``error`` says why when that is "error"."""

    text: str = ""
    tokens: int = 0
    scores: list[TokenScore] = field(default_factory=list)
    finish: Finish | None = None
    error: PlatformError | None = None


class Generation:
    """One accepted request. ``receive`` gets its pieces, on whatever thread delivers them."""

    def __init__(self, job: Job, text: TextStream, receive: Callable[[Piece], None]) -> None:
        self.job = job
        self.receive = receive
        self.cancelled = False
        self._text = text
        self._sampler = Sampler(job.sampling)
        self._left = job.max_tokens
        self.last_token = -1
        self.piece = Piece()
        self.ended = False  # its last piece was taken

    @property
    def finished(self) -> bool:
        return self.piece.finish is not None

    def advance(self, logits: Floats, stops: Collection[int]) -> None:
        """Take the next token from ``logits`` [V] and add what it brings to ``piece``."""
        try:
            token = self._sampler.pick(logits)
        except PlatformError as error:
            self.fail(error)
            return
        self.last_token = token
        self._left -= 1
        self.piece.tokens += 1
        if self.job.logprobs is not None:
            self.piece.scores.append(score(token, log_softmax(logits), self.job.logprobs))
        if token in stops:
            self._end("stop")
            return
        self.piece.text += self._text.push(token)
        if self._text.stopped:
            self.piece.finish = "stop"
        elif self._left == 0:
            self._end("length")

    def fail(self, error: PlatformError) -> None:
        self.piece.finish, self.piece.error = "error", error

    def _end(self, finish: Finish) -> None:
        self.piece.text += self._text.finish()
        self.piece.finish = "stop" if self._text.stopped else finish

    def take_piece(self) -> Piece | None:
        """The piece to deliver after this turn, None when nothing is due."""
        piece = self.piece
        if piece.finish is None and not (self.job.stream and (piece.text or piece.scores)):
            return None
        self.piece = Piece(finish=piece.finish)
        self.ended = self.finished
        return piece


Delivery = tuple[Generation, Piece]
Take = Callable[[int], list[Generation]]


class Decoder:
    """The rows that decode now. Used by one thread."""

    def __init__(self, lm: OnnxLM, stops: Collection[int], max_rows: int) -> None:
        self._lm = lm
        self._stops = stops
        self._max_rows = max_rows
        self._batch = RowBatch(lm)
        self._rows: list[Generation] = []  # the request of each row of the batch; between two turns none is finished
        self._present: list[Generation] = []  # everybody the last turn was about

    @property
    def size(self) -> int:
        return len(self._rows)

    def turn(self, take: Take) -> list[Delivery]:
        """One token for every row, then up to ``take(free rows)`` requests join. Returns: what is due to whom, last pieces included."""
        self._present = list(self._rows)
        for row in self._rows:
            if row.cancelled:
                row.piece.finish = "cancelled"
        self._leave()
        self._step()
        joining = take(self._max_rows - sum(not row.finished for row in self._rows))
        self._present += joining
        self._join(joining)
        self._leave()
        return [(one, piece) for one in self._present if (piece := one.take_piece()) is not None]

    def abandon(self) -> list[Generation]:
        """Give up every request of the last turn and return those that got no last piece yet."""
        self._rows = []
        return [one for one in self._present if not one.ended]

    def _step(self) -> None:
        if not self._rows:
            return
        try:
            logits = self._batch.step([row.last_token for row in self._rows])
        except Exception as error:  # the runtime's exception classes share no public base but Exception
            _fail_all(self._rows, error)
            self._batch = RowBatch(self._lm)
            self._rows = []
            return
        for row, scores in zip(self._rows, logits, strict=True):
            row.advance(scores, self._stops)

    def _join(self, joining: Sequence[Generation]) -> None:
        for one in joining:
            self._score_prompt(one)
        prompted = [one for one in joining if not one.finished]
        keep = [index for index, row in enumerate(self._rows) if not row.finished]
        try:
            logits = self._batch.change(keep, [one.job.prompt for one in prompted])
        except Exception as error:  # as above; ``change`` leaves the rows untouched when the prompts fail
            _fail_all(prompted, error)
            self._leave()
            return
        self._rows = [self._rows[index] for index in keep] + prompted
        for one, scores in zip(prompted, logits, strict=True):
            one.advance(scores, self._stops)

    def _leave(self) -> None:
        keep = [index for index, row in enumerate(self._rows) if not row.finished]
        if len(keep) < len(self._rows):
            self._batch.change(keep)
            self._rows = [self._rows[index] for index in keep]

    def _score_prompt(self, one: Generation) -> None:
        job = one.job
        try:
            if job.echo and job.logprobs is not None:
                rows = log_softmax(self._lm.logits(job.prompt)[:-1])
                one.piece.scores.append(TokenScore(job.prompt[0], None))
                one.piece.scores += [score(token, row, job.logprobs) for token, row in zip(job.prompt[1:], rows, strict=True)]
        except Exception as error:  # as above
            _fail_all([one], error)
        if job.max_tokens == 0 and not one.finished:
            one.piece.finish = "length"


def score(token: int, logprobs: npt.NDArray[np.float64], alternatives: int) -> TokenScore:
    """The score of ``token`` within one row of log-probabilities [V], with the ``alternatives`` most likely tokens."""
    top = np.argsort(-logprobs, kind="stable")[:alternatives] if alternatives else ()
    return TokenScore(token, float(logprobs[token]), tuple((int(id), float(logprobs[id])) for id in top))


def _fail_all(rows: Sequence[Generation], error: Exception) -> None:
    known = error if isinstance(error, PlatformError) else PlatformError(500, Reason.INTERNAL, what=f"inference: {type(error).__name__}")
    for row in rows:
        row.fail(known)
