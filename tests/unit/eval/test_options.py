"""What an evaluation may be told."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from services.eval.engine.options import EvalOptions, settle


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"max_tokens": 1}, "options.max_tokens", Reason.INVALID_ARGUMENT),
        ({"max_new_tokens": 0}, "options.max_new_tokens", Reason.TOO_SMALL),
        ({"max_new_tokens": 4097}, "options.max_new_tokens", Reason.TOO_LARGE),
        ({"max_new_tokens": "64"}, "options.max_new_tokens", Reason.WRONG_TYPE),
        ({"max_new_tokens": 1.0}, "options.max_new_tokens", Reason.WRONG_TYPE),
        ({"max_new_tokens": None}, "options.max_new_tokens", Reason.WRONG_TYPE),
        ({"batch_size": True}, "options.batch_size", Reason.WRONG_TYPE),
        ({"batch_size": 1025}, "options.batch_size", Reason.TOO_LARGE),
        ({"in_flight": 0}, "options.in_flight", Reason.TOO_SMALL),
        ({"in_flight": 65}, "options.in_flight", Reason.TOO_LARGE),
        ({"limit_items": -1}, "options.limit_items", Reason.TOO_SMALL),
        ({"limit_items": []}, "options.limit_items", Reason.WRONG_TYPE),
        ({"measure_loss": 1}, "options.measure_loss", Reason.WRONG_TYPE),
        ({"measure_loss": "no"}, "options.measure_loss", Reason.WRONG_TYPE),
        ({"request_seconds": 0.01}, "options.request_seconds", Reason.TOO_SMALL),
        ({"request_seconds": float("nan")}, "options.request_seconds", Reason.WRONG_TYPE),
        ({"request_seconds": {}}, "options.request_seconds", Reason.WRONG_TYPE),
    ],
)
def test_a_wrong_option_is_named(values: dict[str, Any], field: str, reason: Reason) -> None:
    with pytest.raises(PlatformError) as caught:
        EvalOptions.from_dict(values)
    assert (caught.value.code, caught.value.field, caught.value.reason) == (400, field, reason)
    assert caught.value.limit


def test_options_survive_their_json_form() -> None:
    options = EvalOptions(max_new_tokens=5, in_flight=2, measure_loss=True, request_seconds=1)
    assert EvalOptions.from_dict(options.to_dict()) == options


@pytest.mark.parametrize(
    ("metrics", "asked", "settled", "measured"),
    [
        ([], None, ["exact_match", "token_f1", "perplexity", "latency"], True),
        ([], False, ["exact_match", "token_f1", "latency"], False),
        (["token_f1"], None, ["token_f1"], False),
        (["token_f1"], True, ["token_f1"], True),
        (["perplexity"], None, ["perplexity"], True),
    ],
)
def test_loss_is_measured_when_it_is_needed(metrics: list[str], asked: bool | None, settled: list[str], measured: bool) -> None:
    names, options = settle(metrics, EvalOptions(measure_loss=asked))
    assert (names, options.measure_loss) == (settled, measured)
    assert settle(names, options) == (names, options)  # settled is settled


@pytest.mark.parametrize(
    ("metrics", "field"), [(["taste"], "metrics[0]"), (["latency", ""], "metrics[1]"), (["latency", "latency"], "metrics[1]")]
)
def test_a_wrong_metric_is_named(metrics: list[str], field: str) -> None:
    with pytest.raises(PlatformError) as caught:
        settle(metrics, EvalOptions())
    assert (caught.value.code, caught.value.field) == (400, field)


def test_perplexity_without_loss_is_refused() -> None:
    with pytest.raises(PlatformError) as caught:
        settle(["perplexity"], EvalOptions(measure_loss=False))
    assert caught.value.field == "options.measure_loss"
