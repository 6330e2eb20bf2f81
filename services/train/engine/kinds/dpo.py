"""dpo: a version learns to prefer, from pairs of a chosen and a rejected answer, without a model of rewards beside it."""

from __future__ import annotations

from dataclasses import dataclass

from libs.data.options import option
from services.train.engine.kinds import Method
from services.train.engine.options import TuneOptions


@dataclass(frozen=True, slots=True)
class DpoOptions(TuneOptions):
    """Rafailov et al. 2023: the reward of an answer is beta times how much likelier it became than it was for the base."""

    learning_rate: float = option(1e-4, 1e-7, 1.0, en="peak of the schedule", zh="学习率峰值")
    beta: float = option(0.1, 1e-3, 100.0, en="how closely it stays with its base; larger is closer", zh="与基座的贴近程度，越大越贴近")


KIND = Method(
    name="dpo",
    options=DpoOptions,
    entry="services.train.engine.tuning:dpo",
    tunes=True,
    takes="preference_pair",
    preview="services.train.engine.preview:preferences",
    en="learn preferences (DPO)",
    zh="偏好对齐（DPO）",
    place=3,
)
