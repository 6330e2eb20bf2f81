"""Who does what only one process may do: the embedded answer is a file lock, freed by the kernel when its holder dies.

Its fencing number is counted in the locked file itself, on disk before the first act of the term, so it rises from holder to holder.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from libs.common.coord.fencing import Lead, Leadership

__all__ = ["FileLeadership", "Leadership"]


class FileLeadership:
    """``lead`` tries the lock until it is ours: the processes of one machine under one home."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._name = folder / f"{name}.lock", name
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._lead: Lead | None = None
        self._resigned = False

    def lead(self) -> Lead | None:
        if self._lead is None and not self._resigned:
            with self._lock:
                if self._lead is None and not self._resigned:
                    self._lead = self._take()
        return self._lead

    def resign(self) -> None:
        with self._lock:
            self._resigned, self._lead = True, None
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _take(self) -> Lead | None:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            number = int(os.pread(handle, 32, 0).decode("ascii") or "0") + 1
            os.pwrite(handle, f"{number:020d}".encode(), 0)  # one width: a number is never half old and half new
            os.fsync(handle)  # in place, for the lock is on this very file
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return Lead(f"{self._name}@files", number)
