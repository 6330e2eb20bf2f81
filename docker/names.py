"""What an image installs beside the code, as pip reads it: ``names.py pyproject.toml EXTRA,…`` prints it.

A stage of its own, so that the packages of an image depend on these names and on the pins: nothing else in pyproject.toml touches them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any


def names(project: dict[str, Any], extras: list[str]) -> list[str]:
    """The core's and the extras' requirements; an extra that names further extras of this project brings theirs."""
    found, optional = list(project["dependencies"]), project["optional-dependencies"]
    for extra in extras:
        for requirement in optional[extra]:
            own = re.fullmatch(rf"{project['name']}\[(.+)\]", requirement)
            found += names({**project, "dependencies": []}, own[1].split(",")) if own else [requirement]
    return sorted(set(found))


if __name__ == "__main__":
    told = tomllib.loads(Path(sys.argv[1]).read_text())["project"]
    sys.stdout.write("\n".join(names(told, [extra for extra in sys.argv[2].split(",") if extra])) + "\n")
