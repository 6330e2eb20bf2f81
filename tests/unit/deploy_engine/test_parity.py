"""Parity holds for a true export and fails for a planted difference, however small the place it sits in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.models.causal_lm.export import TRACED
from services.deploy.engine import parity
from tests.unit.deploy_engine.model import BLOCK, PAIRS, QUESTIONS


def compare(trained: Path, onnx_path: Path, questions: list[str] = QUESTIONS, **more: Any) -> dict[str, Any]:
    job = {"artifact_path": str(trained), "onnx_path": str(onnx_path), "questions": questions, "max_new_tokens": 60, **more}
    return parity.run(job, trained, SilentReporter())


def test_a_true_export_is_equal_at_untraced_shapes(trained: Path, exported: Path) -> None:
    facts = compare(trained, exported / "model.onnx")
    assert facts["max_abs_diff"] <= facts["tolerance"] == 1e-4
    assert facts["greedy_equal_share"] == 1.0
    assert (facts["questions"], facts["skipped"]) == (len(PAIRS), 0)
    untraced = [shape for shape in facts["shapes"] if tuple(shape) != TRACED]
    assert len({rows for rows, _, _ in untraced}) >= 3
    assert any(past == 0 and new > 1 for _, new, past in untraced)  # prompts
    assert any(past > 0 and new == 1 for _, new, past in untraced)  # steps with a cache
    assert json.loads(json.dumps(facts)) == facts


def test_one_question_is_enough_and_a_folder_may_be_named(trained: Path, exported: Path) -> None:
    facts = compare(trained, exported, QUESTIONS[:1])
    assert len({rows for rows, _, _ in facts["shapes"]}) >= 3


def changed(exported: Path, folder: Path, change: Callable[[onnx.GraphProto], None]) -> Path:
    shutil.copytree(exported, folder)
    proto = onnx.load(folder / "model.onnx")
    change(proto.graph)
    onnx.save(proto, folder / "model.onnx")
    return folder / "model.onnx"


def plant(name_of: Callable[[onnx.GraphProto], onnx.TensorProto], edit: Callable[[np.ndarray], None]) -> Callable[[onnx.GraphProto], None]:
    def change(graph: onnx.GraphProto) -> None:
        tensor = name_of(graph)
        values = numpy_helper.to_array(tensor).copy()
        edit(values)
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))

    return change


def matrix(graph: onnx.GraphProto) -> onnx.TensorProto:
    found: onnx.TensorProto = next(tensor for tensor in graph.initializer if len(tensor.dims) == 2 and tensor.name != "embedding.weight")
    return found


def add_to_one_weight(values: np.ndarray) -> None:
    values[3, 5] += 0.02


def flip_one_sign(values: np.ndarray) -> None:
    at = np.unravel_index(np.abs(values).argmax(), values.shape)
    values[at] = -values[at]


def not_a_number(values: np.ndarray) -> None:
    values[0, 0] = np.nan


def other_norm(graph: onnx.GraphProto) -> None:
    node = next(node for node in graph.node if node.op_type == "RMSNormalization")
    next(attribute for attribute in node.attribute if attribute.name == "epsilon").f = 1e-2


def forget_positions(graph: onnx.GraphProto) -> None:
    """Every token at position zero: right for the first token only."""
    node = next(node for node in graph.node if node.op_type == "Cos")
    node.op_type = "Identity"


@pytest.mark.parametrize(
    "change", [plant(matrix, add_to_one_weight), plant(matrix, flip_one_sign), plant(matrix, not_a_number), other_norm, forget_positions]
)
def test_a_planted_difference_fails(trained: Path, exported: Path, tmp_path: Path, change: Callable[[onnx.GraphProto], None]) -> None:
    wrong = changed(exported, tmp_path / "wrong", change)
    with pytest.raises(PlatformError) as caught:
        compare(trained, wrong)
    assert (caught.value.code, caught.value.reason) == (422, Reason.PARITY_FAILED)
    assert not caught.value.details["max_abs_diff"] <= 1e-4
    assert "largest difference" in str(caught.value)


def test_a_difference_inside_the_tolerance_still_fails_by_the_answers(trained: Path, exported: Path, tmp_path: Path) -> None:
    wrong = changed(exported, tmp_path / "wrong", forget_positions)
    with pytest.raises(PlatformError) as caught:
        compare(trained, wrong, tolerance=1e9)
    assert caught.value.details["greedy_equal_share"] < 1
    assert set(caught.value.details["unequal_questions"]) <= set(QUESTIONS)


def test_questions_that_fill_the_block_are_counted_not_compared(trained: Path, exported: Path) -> None:
    facts = compare(trained, exported, [*QUESTIONS, "x" * BLOCK])
    assert facts["skipped"] == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"questions": []}, "questions"),
        ({"questions": ["x" * BLOCK]}, "questions"),
        ({"tolerance": 0}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"threads": 65}, "threads"),
    ],
)
def test_a_comparison_that_cannot_fail_is_refused(trained: Path, exported: Path, more: dict[str, Any], field: str) -> None:
    with pytest.raises(PlatformError) as caught:
        compare(trained, exported, **({"questions": QUESTIONS} | more))
    assert (caught.value.code, caught.value.field) == (400, field)
