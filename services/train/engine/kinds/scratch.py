"""scratch: a small causal language model and its tokenizer, from nothing."""

from __future__ import annotations

from services.train.engine.kinds import Method
from services.train.engine.options import ENGINE, TrainOptions

KIND = Method(
    name="scratch",
    options=TrainOptions,
    entry="services.train.engine.loop:run",
    engine=ENGINE,
    preview="services.train.engine.preview:scratch",
    en="a new small model",
    zh="从零训练小模型",
    place=0,
)
