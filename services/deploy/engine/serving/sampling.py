"""One token out of one row of logits: greedy, or drawn at a temperature from the nucleus, always the same for the same seed.

Decided here: sampling runs in float64 over a stable sort, with one uniform draw per token from the request's own generator, so that an
answer depends on its request alone and never on who decodes beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from libs.common.errors import PlatformError, Reason

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SamplingOptions:
    """How tokens are drawn. temperature: 0..2, 0 is greedy. top_p: (0, 1], mass of the nucleus. seed: any integer; unused when greedy."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0


class Sampler:
    """Draws the tokens of one answer."""

    def __init__(self, options: SamplingOptions) -> None:
        self._options = options
        self._random = None if options.temperature == 0 else np.random.Generator(np.random.PCG64(options.seed % 2**64))

    def pick(self, logits: Logits) -> int:
        """The next token. logits: [V]. Raises: PlatformError 500 when the model gave no finite number."""
        best = int(logits.argmax())  # NaN wins an argmax, so one look at the winner finds every NaN and +inf, and a row of -inf
        if not np.isfinite(logits[best]):
            raise PlatformError(500, Reason.INTERNAL, what="the model gave a logit that is not a finite number")
        return best if self._random is None else self._draw(logits)

    def _draw(self, logits: Logits) -> int:
        assert self._random is not None
        scaled = logits.astype(np.float64) / self._options.temperature
        order = np.argsort(-scaled, kind="stable")
        mass = np.exp(scaled[order] - scaled[order[0]]).cumsum()
        # The nucleus is the shortest head whose mass reaches top_p (Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration").
        nucleus = int(np.searchsorted(mass, self._options.top_p * mass[-1])) + 1
        head = mass[: min(nucleus, len(mass))]
        return int(order[np.searchsorted(head, self._random.random() * head[-1], side="right")])


def log_softmax(logits: Logits) -> npt.NDArray[np.float64]:
    """Natural log-probabilities of one or more rows. logits: [..., V]."""
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    result: npt.NDArray[np.float64] = wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return result
