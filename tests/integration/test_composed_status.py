"""The composed status with every service alive and with any one of them killed: 200 inside its deadline, and what is missing named."""

from __future__ import annotations

import os
import signal
import time

import pytest

from libs.client.sdk import ApiError
from tests.support.evidence import record
from tests.support.platform import Platform
from tests.support.until import state_of, until

PARTS = ("model", "train", "eval", "deploy")


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


@pytest.fixture(scope="module")
def model_id(platform: Platform) -> str:
    with platform.client() as client:
        return str(client.models.create("composed-status")["id"])


def test_all_parts_answer_with_their_age(platform: Platform, model_id: str) -> None:
    with platform.client() as client:
        status = client.models.status(model_id)
    assert status["id"] == model_id
    assert status["missing"] == []
    for part in PARTS:
        assert status[part]["state"] == "ok"
        assert 0 <= status[part]["age_ms"] < 60_000
    assert status["model"]["project"]["name"] == "composed-status"


@pytest.mark.parametrize("service", ["train", "eval", "deploy", "model", "dataset"])
def test_a_killed_service_is_named_and_the_others_answer(platform: Platform, model_id: str, service: str) -> None:
    pid = platform.kill(f"{service}-serve")
    seen_missing = False
    with platform.client() as client:
        for _ in range(20):  # while it is away and while it comes back
            started = time.monotonic()
            status = client.models.status(model_id)
            wrong = any(status[part]["state"] != ("unavailable" if part in status["missing"] else "ok") for part in PARTS)
            record("I8", "composed status, a service killed", tries=1, violations=int(wrong), worst_ms=_ms(started))
            # The deadline of the answer, and what a busy machine may add to it: an answer that waits for the dead part takes far longer.
            assert time.monotonic() - started < platform.settings.status_seconds + 2
            for part in PARTS:
                expected = "unavailable" if part in status["missing"] else "ok"
                assert status[part]["state"] == expected
            assert set(status["missing"]) <= {service}
            if status["missing"]:
                seen_missing = True
                assert status[service]["reason"] in ("UNAVAILABLE", "CONNECTION_LOST", "DEADLINE_EXCEEDED")
                assert status[service]["message"]
        platform.wait_ready(f"{service}-serve", other_than=pid)
        # The gateway asks an address that refused again after a second at most.
        until(lambda: client.models.status(model_id)["missing"] == [], 3.0)
    assert seen_missing == (service in PARTS)


@pytest.mark.parametrize("service", ["train", "eval", "deploy", "model"])
def test_a_hung_service_is_named_at_the_deadline(platform: Platform, model_id: str, service: str) -> None:
    """Stopped, not dead: its port still takes connections, only the deadline tells."""
    pid = int(platform.part(f"{service}-serve")["pid"])
    with platform.client() as client:
        os.kill(pid, signal.SIGSTOP)
        try:
            until(lambda: state_of(pid) == "T")  # a busy machine stops a process a moment later
            started = time.monotonic()
            status = client.models.status(model_id)
        finally:
            os.kill(pid, signal.SIGCONT)
        wrong = status["missing"] != [service]
        record("I8", "composed status, a service stopped", tries=1, violations=int(wrong), worst_ms=_ms(started))
        assert status["missing"] == [service]
        assert status[service]["reason"] == "DEADLINE_EXCEEDED"
        until(lambda: client.models.status(model_id)["missing"] == [])


def test_a_model_that_does_not_exist_is_404(platform: Platform) -> None:
    with platform.client() as client, pytest.raises(ApiError) as caught:
        client.models.status("4242")
    assert caught.value.code == 404


def test_a_model_of_another_space_is_404_too(platform: Platform, model_id: str) -> None:
    with platform.client(space=2) as client, pytest.raises(ApiError) as caught:
        client.models.status(model_id)
    assert caught.value.code == 404
