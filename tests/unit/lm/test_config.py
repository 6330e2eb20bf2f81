"""The shape of a model is checked before anything is allocated."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.lm.config import LMConfig


def test_dict_round_trip() -> None:
    config = LMConfig(1000, block_size=64, n_layer=2, n_head=2, d_model=32)
    assert LMConfig.from_dict(config.to_dict()) == config
    assert config.head_dim == 16


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"vocab_size": 300, "dropout": 0.1}, "dropout", Reason.INVALID_ARGUMENT),
        ({}, "vocab_size", Reason.MISSING_FIELD),
        ({"vocab_size": 10**12}, "vocab_size", Reason.TOO_LARGE),
        ({"vocab_size": 300, "n_layer": 0}, "n_layer", Reason.TOO_SMALL),
        ({"vocab_size": 300, "n_layer": "4"}, "n_layer", Reason.WRONG_TYPE),
        ({"vocab_size": True}, "vocab_size", Reason.WRONG_TYPE),
        ({"vocab_size": None}, "vocab_size", Reason.WRONG_TYPE),
        ({"vocab_size": 300, "d_model": 100, "n_head": 4}, "d_model", Reason.INVALID_ARGUMENT),
    ],
)
def test_bad_values_name_the_key(values: dict[str, Any], field: str, reason: Reason) -> None:
    with pytest.raises(PlatformError) as caught:
        LMConfig.from_dict(values)
    assert (caught.value.code, caught.value.field, caught.value.reason) == (400, field, reason)


def test_config_and_tokenizer_do_not_import_torch() -> None:
    script = "import sys, libs.lm.config, libs.lm.tokenizer; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
