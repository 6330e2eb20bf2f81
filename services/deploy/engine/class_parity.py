"""Does the exported classifier say what the trained one says, on real inputs and in batches it was not traced at?

Every question is in one batch of scores; the answers compared are the labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from libs.common.work.engine import Reporter
from libs.models.classifier import Classifier, Floats
from libs.models.families import family_of
from services.deploy.engine.parity import BATCH_SIZES, QUANTILES, ParityOptions, judge, spread


def compare(trained: Path, exported: Path, questions: Sequence[str], options: ParityOptions, report: Reporter) -> dict[str, Any]:
    """As ``parity.run``."""
    model, graph = family_of(trained).trained(trained), family_of(exported).exported(exported, options.threads)
    traced = family_of(trained).traced
    batches = list(_batches(questions))
    found = [_pair(model, graph, batch, report, done, len(batches)) for done, batch in enumerate(batches)]
    differences = np.concatenate([np.abs(one - other).ravel() for one, other in found])
    expected = {
        question: _label(model, row)
        for batch, (one, _) in zip(batches, found, strict=True)
        for question, row in zip(batch, one, strict=True)
    }
    given = {
        question: _label(graph, row)
        for batch, (_, other) in zip(batches, found, strict=True)
        for question, row in zip(batch, other, strict=True)
    }
    unequal = [question for question in expected if expected[question] != given[question]]
    facts = {
        "max_abs_diff": float(differences.max()),
        "quantiles": {str(q): float(value) for q, value in zip(QUANTILES, np.quantile(differences, QUANTILES), strict=True)},
        "compared_logits": int(differences.size),
        "shapes": sorted({tuple(model.reader.read(batch).shape) for batch in batches}),
        "greedy_equal_share": 1 - len(unequal) / len(expected),
        "questions": len(questions),
        "skipped": 0,
        "tolerance": options.tolerance,
        "providers": graph.providers,
    }
    facts["shapes"] = [list(shape) for shape in facts["shapes"]]
    judge(facts, unequal, traced)
    return facts | {"answers": [{"question": each, "answer": expected[each]} for each in spread(list(expected), options.keep_answers)]}


def _pair(model: Classifier, graph: Classifier, batch: Sequence[str], report: Reporter, done: int, total: int) -> tuple[Floats, Floats]:
    report.progress(done, total, "compare scores")
    return model.logits(batch), graph.logits(batch)


def _batches(questions: Sequence[str]) -> Iterator[list[str]]:
    """All questions in batches of cycling sizes; when they are few, they come round again until every size was used once."""
    taken = turn = 0
    while taken < len(questions) or turn < len(BATCH_SIZES):
        size = BATCH_SIZES[turn % len(BATCH_SIZES)]
        yield [questions[(taken + index) % len(questions)] for index in range(size)]
        taken, turn = taken + size, turn + 1


def _label(model: Classifier, row: Any) -> str:
    return model.labels[int(row.argmax())]
