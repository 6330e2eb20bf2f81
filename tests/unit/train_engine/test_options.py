"""A typo or an impossible number is refused by name before anything starts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from services.train.engine.options import TrainOptions

RANGES = {field.name: (field.metadata["low"], field.metadata["high"]) for field in fields(TrainOptions) if field.name != "device"}


def test_defaults_are_valid_and_round_trip() -> None:
    assert TrainOptions.from_dict({}) == TrainOptions()
    assert TrainOptions.from_dict(TrainOptions(epochs=3, learning_rate=1).to_dict()) == TrainOptions(epochs=3, learning_rate=1)


@pytest.mark.parametrize("name", sorted(RANGES))
def test_every_range_is_enforced_on_both_sides(name: str) -> None:
    low, high = RANGES[name]
    kind = type(getattr(TrainOptions(), name))
    for value, reason in ((low - 1, Reason.TOO_SMALL), (high * 2, Reason.TOO_LARGE)):
        with pytest.raises(PlatformError) as caught:
            TrainOptions.from_dict({name: kind(value)})
        assert (caught.value.code, caught.value.field, caught.value.reason) == (400, name, reason)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"epoch": 3}, "epoch"),
        ({"epochs": "3"}, "epochs"),
        ({"epochs": 3.0}, "epochs"),
        ({"epochs": True}, "epochs"),
        ({"epochs": None}, "epochs"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"device": "tpu"}, "device"),
        ({"device": None}, "device"),
        ({"d_model": 100, "n_head": 8}, "d_model"),
        ([], "options"),
    ],
)
def test_bad_values_name_the_key(values: Any, field: str) -> None:
    with pytest.raises(PlatformError) as caught:
        TrainOptions.from_dict(values)
    assert (caught.value.code, caught.value.field) == (400, field)


def test_options_do_not_import_torch() -> None:
    script = "import sys, services.train.engine.options; sys.exit('torch' in sys.modules or 'tokenizers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
