"""What a training run may be told. The defaults are tuned for a few hundred short facts on one CPU thread (see the fields).

Decides the ranges. They are wide where only time is at stake and tight where a typo would exhaust the machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from libs.common.errors import Reason, invalid
from libs.lm.config import LIMITS, LMConfig
from libs.lm.tokenizer import MIN_VOCAB

ENGINE = 2  # raise it when the arithmetic of a step changes: checkpoints and results of another engine are not continued or reused
Device = Literal["auto", "cpu", "cuda"]

RANGES: Mapping[str, tuple[float, float]] = {
    "epochs": (1, 10_000),
    "batch_size": (1, 4_096),
    "learning_rate": (1e-7, 1.0),
    "warmup_fraction": (0.0, 0.9),
    "final_fraction": (0.0, 1.0),
    "weight_decay": (0.0, 1.0),
    "gradient_clip": (1e-3, 1e3),
    "vary_questions": (0.0, 1.0),
    "max_left_out": (0.0, 1.0),
    "seed": (0, 2**63 - 1),
    "checkpoint_every_steps": (1, 1_000_000),
    "log_every_steps": (1, 1_000_000),
    "threads": (1, 256),
    **LIMITS,
    "vocab_size": (MIN_VOCAB, LIMITS["vocab_size"][1]),
}


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """Options of one run; ``RANGES`` holds the bounds (inclusive) of every number."""

    epochs: int = 8  # passes over the training records
    batch_size: int = 8  # records per step
    learning_rate: float = 3e-3  # peak of the schedule
    warmup_fraction: float = 0.05  # share of all steps with a linearly rising rate
    final_fraction: float = 0.05  # rate at the last step as a share of the peak; cosine in between
    weight_decay: float = 0.05  # AdamW, on matrices only
    gradient_clip: float = 1.0  # largest L2 norm of the whole gradient
    vary_questions: float = 0.7  # highest share of filling words changed in a question (``augment``); 0 = off
    seed: int = 1  # fixes initial weights and record order
    checkpoint_every_steps: int = 100  # steps at most repeated after a crash
    log_every_steps: int = 10  # steps between live metrics
    vocab_size: int = 8192  # at most; small data yields fewer. Too few cut strange words into pieces of names
    n_layer: int = 2  # decoder blocks
    n_head: int = 4  # attention heads
    d_model: int = 128  # width
    block_size: int = 128  # tokens; longer records are counted and left out
    max_left_out: float = 0.1  # highest share of records that may be left out (too long, a turn without words); more fails the task
    threads: int = 1  # CPU threads; part of what exact resume relies on
    device: Device = "cpu"  # auto: CUDA where there is one

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "device":
                if value not in get_args(Device):
                    raise invalid("device", Reason.UNKNOWN_ENUM, limit=", ".join(get_args(Device)))
                continue
            number_types = (int, float) if field.type == "float" else (int,)
            if type(value) not in number_types or not math.isfinite(value):
                raise invalid(field.name, Reason.WRONG_TYPE, limit=str(field.type))
            low, high = RANGES[field.name]
            if not low <= value <= high:
                raise invalid(field.name, Reason.TOO_SMALL if value < low else Reason.TOO_LARGE, limit=f"{low}..{high}")
        self.model_config(self.vocab_size)

    def model_config(self, vocab_size: int) -> LMConfig:
        """Shape of the model once the tokenizer's real ``vocab_size`` is known. Raises when the parts do not fit together."""
        return LMConfig(vocab_size, self.block_size, self.n_layer, self.n_head, self.d_model)

    def to_dict(self) -> dict[str, Any]:
        """JSON form with every field, as stored in a frozen snapshot."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainOptions:
        """Options from JSON; absent keys take the default. Raises PlatformError(400) naming an unknown key or a bad value."""
        if not isinstance(values, Mapping):
            raise invalid("options", Reason.WRONG_TYPE, limit="object")
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise invalid(str(key), limit="one of " + ", ".join(sorted(known)))
        return cls(**values)
