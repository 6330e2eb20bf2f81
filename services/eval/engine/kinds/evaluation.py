"""evaluation: every record of a test version is asked, answered and scored."""

from __future__ import annotations

from libs.data.registry import Kind
from services.eval.engine.options import EvalOptions

KIND = Kind(
    name="evaluation", options=EvalOptions, entry="services.eval.engine.evaluation:run", needs=("train", "data"), makes=("items", "metrics")
)
