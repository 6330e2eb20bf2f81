"""The product itself: ``modelyard demo`` in a fresh home, and once more. Real pages, a killed worker, a released model that answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from libs.ops import supervisor
from tests.support.ports import free_base, free_port

MEMORY_LIMIT = 4 << 30


def environment(home: Path) -> dict[str, str]:
    clean = {key: value for key, value in supervisor.child_environ().items() if not key.startswith("MODELYARD_")}
    ports = {
        "MODELYARD_THRIFT_PORT_BASE": str(free_base(7)),
        "MODELYARD_HEALTH_PORT_BASE": str(free_base(17)),
        "MODELYARD_GRPC_HEALTH_PORT_BASE": str(free_base(18) + 1),
        "MODELYARD_GATEWAY_PORT": str(free_port()),
    }
    return {**clean, **ports, "MODELYARD_HOME": str(home), "LANG": "C.UTF-8"}


def of_this_home(home: Path) -> list[int]:
    """Every process whose environment names this home."""
    mark = f"MODELYARD_HOME={home}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def memory(pids: list[int]) -> int:
    """Proportional set size of the processes together: shared pages are counted once."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.findall(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[0]) * 1024
    return total


class Watch:
    """The largest memory of all processes of a home while something runs."""

    def __init__(self, home: Path) -> None:
        self.largest, self._home, self._over = 0, home, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._over.wait(2):
            self.largest = max(self.largest, memory(of_this_home(self._home)))

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def demo(environ: dict[str, str]) -> str:
    command = [sys.executable, "-m", "libs.client.cli", "demo"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_demo_walks_the_chain_and_again_recognises_it(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    with Watch(tmp_path) as watch:
        first = demo(environ)
    assert of_this_home(tmp_path) == [], "the demo left processes behind"
    print(f"largest memory: {watch.largest / (1 << 20):.0f} MiB; {first.splitlines()[-1]}")
    assert 0 < watch.largest < MEMORY_LIMIT
    assert "killed the training worker" in first
    score = re.search(r"exact_match ([\d.]+)", first)
    assert score is not None
    assert float(score[1]) >= 0.9
    for stage in ("CONVERTING", "VERIFYING", "PACKAGING", "EVALUATING", "AWAITING_APPROVAL", "PROVISIONING", "SMOKE_TESTING", "ONLINE"):
        assert stage in first
    digest = re.search(r"digest (sha256:[0-9a-f]+)", first)
    assert digest is not None
    assert len(re.findall(re.escape(digest[1][:20]), first)) >= 3  # the order's digest, and the one in both answers' headers
    again = demo(environ)
    assert again.count("done before: skipped") == 6  # four dataset steps, training, evaluation
    assert "already online: skipped" in again
    assert digest[1][:20] in again
    assert of_this_home(tmp_path) == []
