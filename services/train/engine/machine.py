"""The machine a training runs on: which device, the same bits each time, and memory that is full told as what it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from libs.common.errors import PlatformError, Reason, invalid
from services.train.engine.options import RunOptions

_FULL = "can't allocate memory"  # how torch's allocator of the CPU says it, in a plain RuntimeError


def device_of(options: RunOptions) -> torch.device:
    """Raises PlatformError 400 where a CUDA device is asked for and there is none."""
    there = torch.cuda.is_available()
    if options.device == "cuda" and not there:
        raise invalid("device", limit="no CUDA device on this machine")
    return torch.device("cuda" if there and options.device != "cpu" else "cpu")


def settle(options: RunOptions, device: torch.device) -> None:
    """Equal steps give equal bits from here on."""
    torch.set_num_threads(options.threads)
    if device.type == "cuda":
        # cuBLAS reads it when its first handle is made; without it the same product differs in its last bits from run to run.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)


def card(device: torch.device) -> tuple[str, ...]:
    """What beside the job decides the bits of a step: a run that moved to another card starts over instead of mixing two arithmetics."""
    return () if device.type == "cpu" else (torch.cuda.get_device_name(device),)


@contextmanager
def full_memory_told() -> Iterator[None]:
    """Raises OUT_OF_MEMORY for what torch says in two ways."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise PlatformError(422, Reason.OUT_OF_MEMORY) from None
    except RuntimeError as error:
        if _FULL not in str(error):
            raise
        raise PlatformError(422, Reason.OUT_OF_MEMORY) from None
