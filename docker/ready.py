"""Is the process of this container ready? Exit 0 if its ``/readyz`` answers 200: what HEALTHCHECK runs.

``ready.py [URL]``. Without an address it is the one of the process that runs here, found by its words: one image, twelve processes.
"""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path

from libs.common.settings import load


def address() -> str:
    """Raises LookupError when no process of ours runs here."""
    settings = load()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().decode(errors="replace").split("\0")
        if words[1:3] == ["-m", "gateway"]:
            return f"http://127.0.0.1:{settings.gateway_port}/readyz/self"
        # A command that somebody runs beside it, and that ends soon, has another role.
        if words[1:2] == ["-m"] and words[2].startswith("services.") and words[3:4] in (["serve"], ["work"]):
            return f"http://127.0.0.1:{settings.health_port(words[2].removeprefix('services.'), words[3])}/readyz"
    raise LookupError("no process of the platform")


def main() -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(sys.argv[1] if len(sys.argv) > 1 else address(), timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, LookupError) as error:  # a refusal is an OSError too; the engine keeps the last lines
        sys.stdout.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
