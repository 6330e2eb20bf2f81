"""``modelyard up | down | status`` with toys for parts: ``python -m tests.unit.client.toy_up TOYS COMMAND``, TOYS as "name:port:mode …"."""

from __future__ import annotations

import sys

from libs.client import cli
from libs.ops import supervisor
from libs.ops.supervisor import Part
from tests.unit.client.toys import toy

if __name__ == "__main__":
    made: list[Part] = [toy(name, int(port), mode) for name, port, mode in (each.split(":") for each in sys.argv[1].split())]
    supervisor.parts_of = lambda settings: made
    sys.argv = ["modelyard", *sys.argv[2:]]
    cli.main()
