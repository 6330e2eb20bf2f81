"""What a model was made with, for its lineage: the code, the libraries whose arithmetic it is, and the machine."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

LIBRARIES = ("torch", "tokenizers", "safetensors")
_ROOT = Path(__file__).parents[3]


def made_with(device: torch.device) -> dict[str, str]:
    """Name -> version: ``code`` with the commit where it runs from a checkout, ``machine`` with what the arithmetic ran on."""
    libraries = {name: version(name) for name in LIBRARIES}
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{platform.machine()}, {_counted(torch.get_num_threads())}"
    return {"code": _code(), "python": platform.python_version(), **libraries, "machine": f"{platform.system()} {where}"}


def _counted(threads: int) -> str:
    return "1 thread" if threads == 1 else f"{threads} threads"


def _code() -> str:
    try:
        known = f"modelyard {version('modelyard')}"
    except PackageNotFoundError:  # a tree that was never installed
        known = "modelyard"
    commit = _commit(_ROOT)
    return f"{known}, commit {commit}" if commit else known


def _commit(root: Path) -> str:
    """The commit of a checkout, with "-changed" when files differ from it; "" for an installed package and where there is no git."""
    if not (root / ".git").exists():
        return ""
    try:
        asked = ["git", "-C", str(root), "describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=-changed"]
        found = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
