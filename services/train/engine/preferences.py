"""Learning what is preferred: of two answers the chosen one becomes likelier than it was, against the rejected one (DPO).

Decides that the reference is no second model: it is the base before its first step, so what it says of each pair is worked out once,
before that step.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import logsigmoid

from services.train.engine.answers import Scores, chances, log_chances
from services.train.engine.data import collate
from services.train.engine.pairs import PairExample


class Preferences:
    """``Lesson`` of pairs, and the figures of some that are held out. Made before the first step: ``scores`` is the reference then."""

    def __init__(self, scores: Scores, pairs: Sequence[PairExample], beta: float) -> None:
        self._scores, self._pairs, self._beta = scores, pairs, beta
        self.lengths = [pair.tokens for pair in pairs]
        self._reference = self._leanings()

    def loss(self, numbers: Sequence[int], _step: int) -> tuple[Tensor, int]:
        """-log sigmoid of the margin: how much more reward the chosen answer gets (Rafailov et al. 2023, equation 7)."""
        pairs = [self._pairs[number] for number in numbers]
        batch = collate([*(pair.chosen for pair in pairs), *(pair.rejected for pair in pairs)])
        chosen, rejected = log_chances(self._scores, batch).chunk(2)
        reference = chosen.new_tensor([self._reference[number] for number in numbers])
        return -logsigmoid(self._beta * (chosen - rejected - reference)).mean(), int(batch.attention_mask.sum())

    def figures(self) -> dict[str, float]:
        """margin: mean reward of the chosen answers beyond that of the rejected ones. preferred: share of pairs where there is more."""
        margins = [self._beta * (now - before) for now, before in zip(self._leanings(), self._reference, strict=True)]
        return {"margin": sum(margins) / len(margins), "preferred": sum(margin > 0 for margin in margins) / len(margins)}

    def _leanings(self) -> list[float]:
        """Of each pair, how much likelier the chosen answer is than the rejected one (nats)."""
        found = chances(self._scores, [each for pair in self._pairs for each in (pair.chosen, pair.rejected)])
        return [chosen - rejected for (chosen, _), (rejected, _) in zip(found[::2], found[1::2], strict=True)]
