"""sft: a version goes on learning the answers of question-answer records; every weight moves."""

from __future__ import annotations

from services.train.engine.kinds import Method
from services.train.engine.options import TuneOptions

KIND = Method(
    name="sft",
    options=TuneOptions,
    entry="services.train.engine.tuning:sft",
    tunes=True,
    preview="services.train.engine.preview:answers",
    en="tune all weights on answers",
    zh="全参微调（问答）",
    place=1,
)
