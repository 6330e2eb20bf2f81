"""A temporary folder in memory where the system has one: syncing a store costs nothing there, and a test of verbs needs no disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")


@contextmanager
def ram_folder() -> Iterator[Path]:
    place = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="modelyard-test-", dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
