"""``python -m tests.faults.matrix`` (``make faults``): the whole fault matrix, and a table made of what its tests really saw.

Every test of the matrix records invariant, what it did, tries and violations (tests/support/evidence.py); the table adds them up. What has
no evidence yet says why, never zero. Exits 1 when a test failed, an invariant was violated, or one that exists went without evidence.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import evidence

ROOT = Path(__file__).parents[2]
TESTS = (
    "tests/contract/test_fault_points.py",
    "tests/unit/common/test_fault.py",
    "tests/unit/common/test_audit.py",
    "tests/unit/client/test_audit.py",
    "tests/unit/deploy/test_audit.py",
    "tests/unit/tasks/test_lifecycle_walk.py",
    "tests/unit/tasks/test_shape_faults.py",
    "tests/unit/deploy/test_sequences.py",
    "tests/unit/deploy/test_release.py",
    "tests/unit/deploy/test_kill.py",
    "tests/unit/deploy/test_fault_points.py",
    "tests/faults",
    "tests/contract/test_rights_matrix.py",
    "tests/unit/common/test_leadership.py",
    "tests/unit/mysql/test_fence.py",
    "tests/unit/resource/test_at_once.py",
    "tests/unit/resource/test_kill.py",
    "tests/unit/tasks/test_lifecycle.py",
    "tests/unit/identity/test_audit.py",
    "tests/integration/test_composed_status.py",
    "tests/integration/test_two_tenants.py",
)
SAYS = {
    "I1": "an answer belongs to its question",
    "I2": "an acknowledged write is never lost",
    "I3": "nothing is held without a live lease",
    "I4": "one effect and one answer per key",
    "I5": "state moves along legal edges",
    "I6": "a visible artifact is whole",
    "I7": "quota used never exceeds its cap",
    "I8": "partial answers in time, gaps named",
    "I9": "one deployment per order, no orphans",
    "I10": "a failing version loses its traffic",
    "I11": "a stale holder changes nothing",
    "I12": "no stranger's bytes crash or freeze",
    "I13": "no tenant touches another's objects",
    "I14": "no upload runs code or leaves its root",
    "I15": "restart and upgrade cost no request",
}
ABSENT = {
    "I14": "templates, links to fetch and answers that run code do not exist yet: files are what comes in",
}
"""Invariants of which part or all does not exist yet, and why. One that has evidence is shown with it all the same."""


@dataclass
class Row:
    tries: int = 0
    violations: int = 0
    worst: dict[str, Any] = field(default_factory=dict)

    def add(self, line: evidence.Line) -> None:
        self.tries += line.tries
        self.violations += line.violations
        for name, value in line.figures.items():
            known = self.worst.get(name)
            self.worst[name] = value if known is None or isinstance(value, str) else max(known, value)


def rows(lines: Sequence[evidence.Line]) -> dict[str, dict[str, Row]]:
    """invariant -> what was done -> what was seen."""
    found: dict[str, dict[str, Row]] = defaultdict(lambda: defaultdict(Row))
    for line in lines:
        found[line.invariant][line.done].add(line)
    return found


def table(found: Mapping[str, Mapping[str, Row]]) -> str:
    """One line per invariant and deed, in the order of the invariants."""
    width = max(len(done) for deeds in found.values() for done in deeds) if found else 0
    out = []
    for invariant, says in SAYS.items():
        out.append(f"{invariant:4} {says}")
        for done, row in found.get(invariant, {}).items():
            figures = ", ".join(f"{name} {value}" for name, value in row.worst.items())
            out.append(f"     {done:{width}}  {row.tries:>9} tries  {row.violations:>3} violations  {figures}".rstrip())
        if invariant in ABSENT:
            out.append(f"     {ABSENT[invariant]}")
        elif invariant not in found:
            out.append("     NO EVIDENCE: its tests did not run")
    return "\n".join(out)


def complete(found: Mapping[str, Mapping[str, Row]]) -> bool:
    """Everything that exists was tried, and nothing was violated."""
    tried = all(invariant in found or invariant in ABSENT for invariant in SAYS)
    return tried and not any(row.violations for deeds in found.values() for row in deeds.values())


def main(arguments: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.jsonl"
        environ = {**os.environ, "FAULTS": "all", evidence.VARIABLE: str(path)}
        done = subprocess.run([sys.executable, "-m", "pytest", *(arguments or TESTS)], cwd=ROOT, env=environ, check=False)
        found = rows(list(evidence.read(path)))
    print(f"\n{table(found)}\n")
    held = complete(found) if not arguments else not any(row.violations for deeds in found.values() for row in deeds.values())
    good = "what was asked for was tried and held" if arguments else "every invariant that exists was tried and held"
    print(good if held and done.returncode == 0 else "NOT HELD, or not everything was tried")
    return 0 if held and done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
