"""A disk of our own that can be filled: a small tmpfs, which needs root. Where that is not possible the test says so and is skipped."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_LAZY = 2  # MNT_DETACH: what still has a file open there goes on
_libc = ctypes.CDLL(None, use_errno=True)


class Disk:
    """``folder``: where it is mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Not one byte is left."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (1 << 20, 4096, 1):
                try:
                    while ballast.write(b"\0" * size):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        self._ballast.unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=700".encode()
    if os.geteuid() != 0 or _libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, options) != 0:
        pytest.skip(f"no disk of our own to fill: {os.strerror(ctypes.get_errno()) if os.geteuid() == 0 else 'mounting needs root'}")
    try:
        yield Disk(folder)
    finally:
        _libc.umount2(str(folder).encode(), _LAZY)
