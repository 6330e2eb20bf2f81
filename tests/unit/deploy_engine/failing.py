"""A model that fails where it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from libs.models.causal_lm.session import Floats, Ints, OnnxLM


class Failing(OnnxLM):
    """Fails, or gives impossible numbers, where it is told to."""

    def __init__(self, good: OnnxLM) -> None:
        super().__init__(good._session, good.config)
        self.fail_prompts = self.fail_steps = False
        self.steps_left: int | None = None  # then steps fail
        self.before_failure: Callable[[], object] = lambda: None
        self.bad_row: int | None = None

    def step(self, input_ids: Ints, attention_mask: Ints, position_ids: Ints, past: Sequence[Floats]) -> tuple[Floats, list[Floats]]:
        if self.steps_left is not None and input_ids.shape[1] == 1:
            self.fail_steps = self.steps_left <= 0
            self.steps_left -= 1
            if self.fail_steps:
                self.before_failure()
        if self.fail_steps if input_ids.shape[1] == 1 else self.fail_prompts:
            raise RuntimeError("out of memory")
        logits, present = super().step(input_ids, attention_mask, position_ids, past)
        if self.bad_row is not None and input_ids.shape[1] == 1:
            logits = logits.copy()
            logits[self.bad_row] = np.nan
        return logits, present
