"""The gate admits rules on exactly what an evaluation reports: what a metric declares is what it gives."""

from __future__ import annotations

from libs.metrics import CONFIDENCE, FIGURES, GAIN_COVERAGE, GAINS, LANGUAGE, LEAK, METRICS, RATED, is_figure
from services.eval.engine.evaluation import summarise
from services.eval.engine.journal import Item
from services.model.domain import gate


def items() -> list[Item]:
    """One right and one half right: where all are the same no interval follows."""
    right, half = ("a b", True, 1.0), ("a c", False, 0.5)
    return [
        Item(n, str(n), "q", "a b", output, exact, f1, 0.5, 3, 2.0, "", {"lang": lang, CONFIDENCE: "0.9"})
        for n, (lang, (output, exact, f1)) in enumerate((("en", right), ("zh", half)))
    ]


def test_every_metric_that_is_reported_may_be_ruled_on_and_no_other_is_listed() -> None:
    reported = {*summarise(items(), list(METRICS))["metrics"], LEAK}
    assert all(is_figure(name) for name in reported)
    languages = {name for name in reported if name.endswith((".en", ".zh"))}
    assert len(languages) == 4, "of exact match and of accuracy"
    assert reported - languages == {name for name in FIGURES if LANGUAGE not in name} - set(RATED) - {*GAINS, GAIN_COVERAGE}
    assert gate.LEAK == LEAK
