"""``python -m bench [name …]``: all benches, or the named ones."""

from __future__ import annotations

import importlib
import platform
import sys
from pathlib import Path

BENCHES = {
    "rpc": "bench.single_rpc",
    "status": "bench.composed_status",
    "overload": "bench.overload",
    "hung": "bench.hung",
    "door": "bench.door",
    "claims": "bench.claims",
    "people": "bench.people",
    "reservations": "bench.reservations",
    "knowledge": "bench.knowledge",
    "list": "bench.long_list",
    "feed": "bench.feed",
    "rows": "bench.rows",
    "clean": "bench.clean",
    "training": "bench.training",
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    environments = Path(__file__).parents[1] / ".venv" / "bench"
    environments.mkdir(parents=True, exist_ok=True)
    print(f"Python {platform.python_version()} on {platform.machine()}; ratios count, absolute figures depend on the machine")
    for name in names or list(BENCHES):
        importlib.import_module(BENCHES[name]).main(environments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
