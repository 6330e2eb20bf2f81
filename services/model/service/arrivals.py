"""Checkpoints on their way in: each is checked and copied once, in a child process, however often and by whomever it is asked for.

The store learns nothing of it before it is whole: what a kill leaves is a folder nobody speaks for, and the next call begins anew.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason, busy
from libs.common.store.storage import ArtifactStore
from libs.common.work.child import Child, raised

ENTRY = "services.model.engine.taking_over:run"
AT_ONCE = 2  # of this process
KEPT_SECONDS = 600.0  # a result that nobody fetched; far below the time the store leaves a new artifact alone
STRAY_SECONDS = 86_400.0
Job = tuple[str, str, tuple[tuple[str, str], ...]]  # root, folder, files


@dataclass
class Arrival:
    """One checkpoint. done: set when ``facts`` or ``error`` is there. facts: of ``foreign.take_over``, with uri and digest."""

    done: threading.Event = field(default_factory=threading.Event)
    percent: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None
    ended: float = 0.0


class Arrivals:
    """folder: for what is being written. imports: holds one folder per project space, named by its id."""

    def __init__(self, artifacts: ArtifactStore, folder: Path, imports: Path) -> None:
        self._artifacts, self._folder, self._imports = artifacts, folder, imports
        self._lock = threading.Lock()
        self._known: dict[Job, Arrival] = {}
        for stray in folder.iterdir():  # of a process that was killed; one beside us may still be at work on younger ones
            if time.time() - stray.stat().st_mtime > STRAY_SECONDS:
                shutil.rmtree(stray, ignore_errors=True)

    def fetch(self, space_id: int, folder: str, files: Mapping[str, str], seconds: float) -> dict[str, Any]:
        """The facts of a checkpoint that is taken over, now or when the same call comes again. Raises what is wrong with it; BUSY with how
        far it is after ``seconds``, or when ``AT_ONCE`` others are under way."""
        job: Job = (str(self._imports / str(space_id)), folder, tuple(sorted(files.items())))
        arrival = self._joined(job)
        if not arrival.done.wait(seconds):
            raise busy("the import of this checkpoint", f"{arrival.percent} %")
        with self._lock:
            if self._known.get(job) is arrival:
                del self._known[job]
        if arrival.error is not None:
            raise arrival.error
        return arrival.facts

    def _joined(self, job: Job) -> Arrival:
        with self._lock:
            now = time.monotonic()
            for old in [old for old, each in self._known.items() if each.done.is_set() and now - each.ended > KEPT_SECONDS]:
                del self._known[old]
            if job in self._known:
                return self._known[job]
            if sum(not each.done.is_set() for each in self._known.values()) >= AT_ONCE:
                raise busy("imports of checkpoints", str(AT_ONCE))
            arrival = self._known[job] = Arrival()
        threading.Thread(target=self._run, args=(job, arrival), name="arrival", daemon=True).start()
        return arrival

    def _run(self, job: Job, arrival: Arrival) -> None:
        work = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            facts = self._taken_over(job, work, arrival)
            uri, digest = self._artifacts.publish(work / "out")
            arrival.facts = {**facts, "artifact_uri": uri, "artifact_digest": digest}
        except Exception as error:  # it is raised to whoever asks
            arrival.error = error
        finally:
            shutil.rmtree(work, ignore_errors=True)
            arrival.ended = time.monotonic()
            arrival.done.set()

    @staticmethod
    def _taken_over(job: Job, work: Path, arrival: Arrival) -> dict[str, Any]:
        root, folder, files = job
        child = Child(ENTRY, {"root": root, "folder": folder, "files": dict(files)}, work, {"OMP_NUM_THREADS": "1"})
        try:
            for message in child.messages():
                if "progress" in message:
                    arrival.percent = message["progress"][0]
                if "error" in message:
                    raise raised(message["error"])
                if "done" in message:
                    facts: dict[str, Any] = message["done"]
                    return facts
        finally:
            child.kill()
            child.wait()
        raise PlatformError(500, Reason.INTERNAL)
