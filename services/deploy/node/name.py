"""The name of the node of a home: made once and kept there, as instances are known by it also after the machine got another name."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path


def node_name(home: Path) -> str:
    """Whoever asks first makes it; all others of this home read the same."""
    path = home / "node"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"node.{secrets.token_hex(8)}")
        beside.write_text(f"{socket.gethostname()[:60]}-{secrets.token_hex(4)}\n")
        try:
            os.link(beside, path)  # unlike a rename it does not replace what another process has just made
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return path.read_text().strip()
