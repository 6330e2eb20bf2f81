"""perplexity: how surprised the model is by the expected answers; coverage: of how many the loss was measured."""

from __future__ import annotations

import math

from libs.metrics import Metric, Scored

PERPLEXITY_MAX = 1e18  # a worse model is reported as this: a number that fails every bound, and still fits the contract


def perplexity(total_nll: float, total_tokens: int) -> float:
    """exp of the mean nats per token over all answers: long answers weigh more than short ones. At most ``PERPLEXITY_MAX``."""
    return math.exp(min(total_nll / total_tokens, math.log(PERPLEXITY_MAX)))


class Perplexity:
    """Over all tokens of all answers whose loss was measured."""

    def __init__(self) -> None:
        self._count = self._measured = self._tokens = 0
        self._nll: list[float] = []

    def add(self, item: Scored) -> None:
        self._count += 1
        if item.answer_tokens:
            self._measured, self._tokens = self._measured + 1, self._tokens + item.answer_tokens
            self._nll.append(item.nll * item.answer_tokens)

    def figures(self) -> dict[str, float]:
        if not self._tokens:
            return {}
        return {"perplexity": perplexity(math.fsum(self._nll), self._tokens), "perplexity.coverage": self._measured / self._count}


KIND = Metric(
    name="perplexity",
    tally=Perplexity,
    makes=("perplexity", "perplexity.coverage"),
    en="exp of the mean nats per token of the expected answers; coverage: share of answers it was measured on",
    zh="参考答案每词元平均 nats 的指数；coverage 为已测占比",
    loss=True,
    place=3,
    each=lambda item: item.nll if item.answer_tokens else None,
    less_is_better=True,
)
