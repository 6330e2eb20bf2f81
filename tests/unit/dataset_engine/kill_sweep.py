"""Runs one task again and again, killed by signal 9 at its n-th rename for n = 1, 2, …, each time followed by an undisturbed attempt.

A program of its own, because it forks: ``python -m tests.unit.dataset_engine.kill_sweep ENGINE JOB_JSON FOLDER``. Prints one JSON line: how
often it killed, and at which kills the output differed from that of a run nobody disturbed.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from libs.common.work.engine import SilentReporter
from tests.unit.dataset_engine.make import outputs, tree

CLEANING = ("numpy", "rensa", "selectolax.lexbor", "xxhash")


def attempt(engine: Any, job: dict[str, Any], work: Path, kill_at: int | None) -> int:
    """Runs in a fork. Returns its wait status: 0, or the signal that ended it."""
    child = os.fork()
    if child == 0:
        if kill_at is not None:
            die_at_rename(kill_at)
        engine.run(job, work, SilentReporter())
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_at_rename(number: int) -> None:
    """Kills this process just before its rename ``number``: what is beside is written, its name is not."""
    left = [number]

    def watch(event: str, _: object) -> None:
        if event == "os.rename":
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def of_version(work: Path) -> dict[str, bytes]:
    return tree(work / "out")


def main() -> None:
    engine = importlib.import_module(f"services.dataset.engine.{sys.argv[1]}")
    job, folder = json.loads(sys.argv[2]), Path(sys.argv[3])
    heavy = {"cleaning": CLEANING, "steps": CLEANING, "media_importing": ("PIL.Image", "PIL.PngImagePlugin")}
    for name in heavy.get(sys.argv[1], ()):
        importlib.import_module(name)  # once here, not in every fork
    assert attempt(engine, job, folder / "whole", None) == 0
    made = of_version if sys.argv[1] == "linking" else outputs  # how long a fetch took is said beside it
    whole = made(folder / "whole")
    kills, different = 0, []
    for number in range(1, 10_000):
        work = folder / "killed"
        status = attempt(engine, job, work, number)
        if status == 0:
            break
        kills += status == -signal.SIGKILL
        if attempt(engine, job, work, None) != 0 or made(work) != whole:
            different.append(number)
        shutil.rmtree(work)
    print(json.dumps({"kills": kills, "different": different, "files": len(whole)}))


if __name__ == "__main__":
    main()
