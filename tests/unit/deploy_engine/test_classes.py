"""A classifier behind HTTP: a real process says what the trained model says, counts, refuses too much, and passes the last look."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.models.classifier import probabilities
from libs.models.families import family_of
from libs.models.text_classifier import folder
from libs.models.text_classifier.config import TextConfig
from libs.models.text_classifier.network import TextNetwork
from services.deploy.engine import bundle, export, smoke
from services.deploy.engine.serving.classes import Worker
from tests.unit.deploy_engine.conftest import SERVING
from tests.unit.deploy_engine.process import KEY, MODEL, ServerProcess

CONFIG = TextConfig(("good", "坏"), buckets=512, width=16)
TEXTS = ["a text", "一段文字", "another, longer text than the first", "！"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("classifier") / "model"
    folder.save(out, TextNetwork(CONFIG, torch.Generator().manual_seed(5)), CONFIG)
    return out


@pytest.fixture(scope="module")
def server(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    work = tmp_path_factory.mktemp("work")
    export.run({"artifact_path": str(trained)}, work, SilentReporter())
    digest = bundle.pack(work / "out", work / "bundle", SERVING)
    with ServerProcess(work / "bundle", digest) as running:
        yield running


def expected(trained: Path, texts: list[str]) -> list[str]:
    model = family_of(trained).trained(trained)
    return [model.labels[row.argmax()] for row in model.logits(texts)]


def test_it_says_what_the_trained_model_says(trained: Path, server: ServerProcess) -> None:
    answer = server.client.post("/v1/classify", json={"model": MODEL, "input": TEXTS})
    assert answer.headers["x-modelyard-digest"] == server.digest
    data = answer.json()["data"]
    assert [each["label"] for each in data] == expected(trained, TEXTS)
    wanted = probabilities(family_of(trained).trained(trained).logits(TEXTS))
    for row, each in zip(wanted, data, strict=True):
        assert [each["probabilities"][label] for label in CONFIG.labels] == pytest.approx(row.tolist(), abs=1e-5)
    assert server.client.get("/v1/models").json()["data"][0]["labels"] == list(CONFIG.labels)


def test_many_at_once_each_get_their_own(trained: Path, server: ServerProcess) -> None:
    def ask(text: str) -> str:
        return str(server.client.post("/v1/classify", json={"input": text}).json()["data"][0]["label"])

    texts = [f"{text} {number}" for number in range(10) for text in TEXTS]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, texts)) == expected(trained, texts)


def test_the_last_look_asks_it_for_labels(trained: Path, server: ServerProcess) -> None:
    probes = [{"question": text, "answer": label} for text, label in zip(TEXTS, expected(trained, TEXTS), strict=True)]
    assert smoke.check(server.address, KEY, server.digest, probes)["equal"] == len(TEXTS)
    with pytest.raises(PlatformError) as caught:
        smoke.check(server.address, KEY, server.digest, [{"question": TEXTS[0], "answer": "neither"}])
    assert caught.value.reason == Reason.SMOKE_FAILED


def test_what_is_asked_is_counted_and_another_model_is_not_here(server: ServerProcess) -> None:
    before = server.client.get("/stats").json()["requests"]
    assert server.client.post("/v1/classify", json={"model": "another", "input": "a"}).status_code == 404
    assert server.client.post("/v1/classify", content=b"[" * 9).json()["error"]["code"]
    assert server.client.get("/stats").json()["requests"] == before + 2
    assert server.client.get("/readyz").status_code == 200


class Held:
    """A classifier that works when it is told to."""

    labels = CONFIG.labels

    def __init__(self, go: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
        self._go, self._loop = go, loop
        self.seen: list[int] = []

    def logits(self, questions: list[str]) -> np.ndarray:
        asyncio.run_coroutine_threadsafe(self._go.wait(), self._loop).result()
        self.seen.append(len(questions))
        if "broken" in questions:
            raise ValueError("no")
        return np.zeros((len(questions), 2), np.float32)


def test_what_waits_is_worked_on_together_and_too_much_is_refused() -> None:
    async def use() -> list[int]:
        go = asyncio.Event()
        held = Held(go, asyncio.get_running_loop())
        worker = Worker(held, 4, asyncio.get_running_loop())  # type: ignore[arg-type]
        first = worker.submit(("a",))
        while worker.rows == 0:
            await asyncio.sleep(0)
        others = [worker.submit(("b", "c")), worker.submit(("d",)), worker.submit(("broken",))]
        with pytest.raises(PlatformError) as caught:
            worker.submit(("e",))
        assert caught.value.reason == Reason.BUSY
        go.set()
        assert (await first).shape == (1, 2)
        assert [(await each).shape for each in others[:2]] == [(2, 2), (1, 2)], "who waited with what broke is answered"
        with pytest.raises(PlatformError):
            await others[2]
        assert (await worker.submit(("f",))).tolist() == [[0.5, 0.5]]
        assert await asyncio.to_thread(worker.close, 10.0)
        with pytest.raises(PlatformError):
            worker.submit(("g",))
        return held.seen

    assert asyncio.run(use()) == [1, 4, 2, 1, 1, 1]


def test_answers_are_json_of_finite_numbers(server: ServerProcess) -> None:
    body = server.client.post("/v1/classify", json={"input": "x " * 40_000, "top": 1}).content
    [found] = json.loads(body, parse_constant=lambda name: pytest.fail(name))["data"]
    assert list(found["probabilities"]) == [found["label"]]
