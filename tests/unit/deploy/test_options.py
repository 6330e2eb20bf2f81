"""What a deployment may be told, and how it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from services.deploy.domain.options import DeployOptions, content_hash

ID = 9_007_199_254_740_993  # no double holds it


def refused(**values: Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        DeployOptions.from_dict({"eval_config_id": ID, **values})
    return caught.value


def test_defaults_are_stored_and_read_back() -> None:
    options = DeployOptions.from_dict({"eval_config_id": str(ID)})
    assert options == DeployOptions(eval_config_id=ID)
    assert options.to_dict()["eval_config_id"] == str(ID)
    assert DeployOptions.from_dict(options.to_dict()) == options
    assert DeployOptions.from_dict({"eval_config_id": ID}) == options


def test_the_hash_is_of_the_content() -> None:
    one, two = DeployOptions(eval_config_id=ID).to_dict(), DeployOptions(eval_config_id=ID, replicas=2).to_dict()
    assert content_hash(one) == content_hash(dict(reversed(one.items())))
    assert content_hash(one) != content_hash(two)


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"replica": 1}, "config.replica", Reason.INVALID_ARGUMENT),
        ({"replicas": 0}, "config.replicas", Reason.TOO_SMALL),
        ({"replicas": 9}, "config.replicas", Reason.TOO_LARGE),
        ({"replicas": "1"}, "config.replicas", Reason.WRONG_TYPE),
        ({"replicas": True}, "config.replicas", Reason.WRONG_TYPE),
        ({"threads": 1.0}, "config.threads", Reason.WRONG_TYPE),
        ({"threads": None}, "config.threads", Reason.WRONG_TYPE),
        ({"max_new_tokens": 4097}, "config.max_new_tokens", Reason.TOO_LARGE),
        ({"parity_items": 0}, "config.parity_items", Reason.TOO_SMALL),
        ({"parity_tolerance": 0}, "config.parity_tolerance", Reason.TOO_SMALL),
        ({"parity_tolerance": float("nan")}, "config.parity_tolerance", Reason.WRONG_TYPE),
        ({"smoke_probes": 0}, "config.smoke_probes", Reason.TOO_SMALL),
        ({"warm_seconds": -1}, "config.warm_seconds", Reason.TOO_SMALL),
        ({"canary_max_error_rate": 1.1}, "config.canary_max_error_rate", Reason.TOO_LARGE),
        ({"canary_steps": 10}, "config.canary_steps", Reason.WRONG_TYPE),
        ({"canary_steps": ["10", 100]}, "config.canary_steps[0]", Reason.WRONG_TYPE),
        ({"canary_steps": [10, 50]}, "config.canary_steps", Reason.INVALID_ARGUMENT),
        ({"canary_steps": [50, 10, 100]}, "config.canary_steps", Reason.INVALID_ARGUMENT),
        ({"canary_steps": [0, 100]}, "config.canary_steps", Reason.INVALID_ARGUMENT),
        ({"canary_hold_seconds": 10, "canary_timeout_seconds": 5}, "config.canary_timeout_seconds", Reason.TOO_SMALL),
        ({"approval": "none"}, "config.approval", Reason.UNKNOWN_ENUM),
        ({"eval_config_id": "-3"}, "config.eval_config_id", Reason.INVALID_ARGUMENT),
        ({"eval_config_id": "٣"}, "config.eval_config_id", Reason.INVALID_ARGUMENT),
        ({"eval_config_id": 1 << 63}, "config.eval_config_id", Reason.INVALID_ARGUMENT),
        ({"eval_config_id": True}, "config.eval_config_id", Reason.INVALID_ARGUMENT),
        ({"eval_config_id": None}, "config.eval_config_id", Reason.MISSING_FIELD),
    ],
)
def test_bad_values_name_their_key(values: dict[str, Any], field: str, reason: Reason) -> None:
    error = refused(**values)
    assert (error.code, error.field, error.reason) == (400, field, reason)


def test_the_evaluation_is_required() -> None:
    with pytest.raises(PlatformError) as caught:
        DeployOptions.from_dict({})
    assert (caught.value.field, caught.value.reason) == ("config.eval_config_id", Reason.MISSING_FIELD)
