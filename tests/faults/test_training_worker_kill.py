"""kill -9 of the training worker at twenty random points: the task always ends, and the weights equal those of a run nobody touched."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress

import pytest

from libs.client.sdk import Json, Modelyard
from tests.support.chain import TINY, questions, succeeded
from tests.support.evidence import record
from tests.support.platform import Platform

POINTS = 20
PER_TASK = 5  # kills one task has to survive
SHORT = {**TINY, "epochs": 8}  # most of an attempt is its start in any case


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_of_the_training_worker(platform: Platform) -> None:
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
    print(f"SEED={seed}")
    dice = random.Random(seed)
    with platform.client() as client:
        train, _ = questions(client, "kill-sweep")
        config = client.train.create_config(client.models.create("kill-sweep")["id"], "tiny", options=SHORT)
        started = time.monotonic()
        untouched = run(client, config, train)
        seconds = time.monotonic() - started
        kills = differing = 0
        while kills < POINTS:
            task = client.train.create_task(config["id"], train["id"], max_attempts=100)["train_task"]
            moments = sorted(dice.uniform(0, seconds) for _ in range(min(PER_TASK, POINTS - kills)))
            kills += torment(platform, client, task, [b - a for a, b in zip([0.0, *moments], moments, strict=False)])
            ended = succeeded(client.train.wait(task["id"], seconds=300))
            differing += ended["artifact_digest"] != untouched["artifact_digest"]
            assert ended["result"]["ledger"] == untouched["result"]["ledger"]
            version = client.models.version(ended["model_version_id"])
            assert (version["status"], version["artifact_digest"]) == ("TRAINED", ended["artifact_digest"])
    record("I3", "kill -9 of the training worker in the middle", tries=kills, violations=0)
    record("I6", "weights after kills against an untouched run", tries=kills // PER_TASK, violations=differing)
    assert (kills, differing) == (POINTS, 0)


def run(client: Modelyard, config: Json, train: Json) -> Json:
    task = client.train.create_task(config["id"], train["id"])["train_task"]
    return succeeded(client.train.wait(task["id"], seconds=300))


def torment(platform: Platform, client: Modelyard, task: Json, pauses: list[float]) -> int:
    """Kills the worker after each pause, counted from when it is up again; a task that ended meanwhile is left alone. Returns the kills."""
    kills = 0
    for pause in pauses:
        with suppress(TimeoutError):
            client.train.wait(task["id"], seconds=pause, poll=0.1)
            return kills
        pid = platform.kill("train-work")
        kills += 1
        platform.wait_ready("train-work", other_than=pid, seconds=60)
    return kills
