"""Plans: what may be a step, that it is spelled out, and that an output is known by what it was made of."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.errors import PlatformError
from services.dataset.engine.augmentations import AUGMENTATIONS
from services.dataset.engine.converters import CONVERTERS
from services.dataset.engine.operators import OPERATORS
from services.dataset.engine.plan import MAX_STEPS, plan_hash, reaching, read_plan, step_kinds, written


def plan(*kinds: str) -> dict[str, Any]:
    return {"steps": [{"kind": kind} for kind in kinds]}


def test_every_operator_augmentation_and_converter_and_the_split_may_be_one() -> None:
    assert set(step_kinds()) == {*OPERATORS, *AUGMENTATIONS, *CONVERTERS, "Train_Test_Split"}
    for kind in step_kinds():
        options = {"target": "alpaca"} if kind == "instruction_format" else {}
        (step,) = read_plan({"steps": [{"kind": kind, "options": options}]})
        assert read_plan(written([step]))[0].hash() == step.hash(), "what is kept is the same plan"
        assert "processes" not in step.options()


def test_what_decides_is_in_the_hash_and_nothing_else() -> None:
    bare = read_plan(plan("Deduplicate"))
    said = read_plan({"steps": [{"kind": "Deduplicate", "options": {"near": True}}]})
    other = read_plan({"steps": [{"kind": "Deduplicate", "options": {"near": False}}]})
    assert plan_hash(bare) == plan_hash(said) != plan_hash(other)
    assert plan_hash(read_plan(plan("Strip_Html", "Deduplicate"))) != plan_hash(read_plan(plan("Deduplicate", "Strip_Html")))


def test_an_output_is_known_by_its_input_and_all_steps_up_to_it() -> None:
    first, second = reaching("artifact://a", ["1", "2", "3"]), reaching("artifact://a", ["1", "9", "3"])
    assert first[0] == second[0]
    assert set(first[1:]).isdisjoint(second[1:])
    assert set(first).isdisjoint(reaching("artifact://b", ["1", "2", "3"]))


@pytest.mark.parametrize("value", [None, [], "x", {"steps": {}}, {"steps": [], "more": 1}, plan(*["Deduplicate"] * (MAX_STEPS + 1))])
def test_what_is_no_plan(value: Any) -> None:
    with pytest.raises(PlatformError) as caught:
        read_plan(value)
    assert caught.value.code == 400
    assert (caught.value.field or "").startswith("plan")
