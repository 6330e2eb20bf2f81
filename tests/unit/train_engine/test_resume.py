"""kill -9 at random points: run again, the final weights are those of a run nobody touched.

``kill_and_resume`` is the whole experiment; MODELYARD_KILL_POINTS sets how many points (5 unless told).
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import signal
from collections.abc import Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from libs.common.work.engine import SilentReporter
from services.train.engine.kinds import METHODS
from tests.unit.train_engine.conftest import TINY, write_records

POINTS = int(os.environ.get("MODELYARD_KILL_POINTS", "5"))
DEADLINE = 120.0  # seconds; a child that says nothing for so long has hung


class Line(SilentReporter):
    """Tells the parent each step, so that it can choose where to kill."""

    def __init__(self, parent: Connection) -> None:
        super().__init__()
        self.parent = parent

    def progress(self, done: int, total: int, message: str = "") -> None:
        self.parent.send((done, message))


def _train(method: str, job: Mapping[str, Any], work: str, parent: Connection) -> None:
    module, _, entry = METHODS[method].entry.partition(":")
    parent.send(getattr(import_module(module), entry)(job, Path(work), Line(parent)))


class Child:
    """A real process running a method; killed with SIGKILL or waited for."""

    def __init__(self, job: Mapping[str, Any], work: Path, method: str = "scratch") -> None:
        context = multiprocessing.get_context("forkserver")  # a fresh process each time that need not import torch again
        engines = [each.entry.partition(":")[0] for each in METHODS.values()]
        context.set_forkserver_preload(["__main__", *engines, "torch._dynamo", "torch._inductor.config", __name__])
        self.line, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_train, args=(method, job, str(work), theirs))
        self.process.start()
        theirs.close()

    def hear(self) -> Any:
        """The next message: (step, stage), at last the result."""
        assert self.line.poll(DEADLINE), "the child is silent"
        return self.line.recv()

    def finish(self) -> dict[str, Any]:
        """Let it run to its end."""
        while not isinstance(message := self.hear(), dict):
            pass
        self.process.join(DEADLINE)
        assert self.process.exitcode == 0
        return message

    def kill_after(self, messages: int, extra: float) -> bool:
        """SIGKILL once that many messages came and ``extra`` seconds passed -> whether it was still running."""
        for _ in range(messages):
            if isinstance(self.hear(), dict):
                break
        self.process.join(extra)  # somewhere inside the next step, checkpoint or hand-over
        self.process.kill()
        self.process.join(DEADLINE)
        return self.process.exitcode == -signal.SIGKILL


def kill_and_resume(points: int, folder: Path, seed: int = 20, **options: Any) -> list[dict[str, Any]]:
    """Kill a training from nothing at ``points`` random moments, as ``torment`` says."""
    job = {"options": {**TINY, **options}, "train_path": str(write_records(folder / "train.jsonl")), "valid_path": None}
    return torment("scratch", job, points, folder, seed)


def torment(method: str, job: Mapping[str, Any], points: int, folder: Path, seed: int = 20) -> list[dict[str, Any]]:
    """Kill a training child at ``points`` random moments (1 to 3 kills per run); every run must end equal to the undisturbed one.

    Returns the results of the disturbed runs. Raises AssertionError naming the kills that broke the law.
    """
    want = Child(job, folder / "straight", method).finish()
    digest = _digest(folder / "straight")
    dice = random.Random(seed)
    results: list[dict[str, Any]] = []
    left = points
    while left > 0:
        work = folder / f"run-{len(results)}"
        kills: list[tuple[int, float]] = []
        for _ in range(min(left, dice.randint(1, 3))):
            # Messages: 1 tokenizer or base, 1 start of training, then one per step; a resumed run sends fewer and may end before its kill.
            kill = (dice.randint(0, want["steps"] + 2), dice.choice((0.0, dice.random() * 0.02)))
            if Child(job, work, method).kill_after(*kill):
                kills.append(kill)
                left -= 1
        got = Child(job, work, method).finish()
        assert _digest(work) == digest, f"other weights after kills {kills}"
        assert {**got, "resumed_from": 0} == want, f"another result after kills {kills}"
        assert not list(work.glob(".*")), f"leftovers after kills {kills}"
        results.append({**got, "kills": kills})
    return results


def _digest(work: Path) -> str:
    return hashlib.sha256((work / "out" / "model.safetensors").read_bytes()).hexdigest()


def test_killed_anywhere_the_weights_are_equal_bit_for_bit(tmp_path: Path) -> None:
    results = kill_and_resume(POINTS, tmp_path)
    assert sum(len(result["kills"]) for result in results) >= POINTS
    assert any(result["resumed_from"] > 0 for result in results)
