"""Doctor beside a running platform: all is ours and ready; a process that hangs is named."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

from tests.support.platform import Platform
from tests.support.until import until


def findings(platform: Platform, check: str) -> dict[str, str]:
    answer: dict[str, Any] = json.loads(platform.run("doctor", "--json", check=False).stdout)
    return {each["subject"]: each["level"] for each in answer["findings"] if each["check"] == check}


def test_a_running_platform_has_nothing_to_repair(platform: Platform) -> None:
    done = platform.run("doctor", "--json")
    answer = json.loads(done.stdout)
    assert answer["ok"]
    ready = [each["subject"] for each in answer["findings"] if each["check"] == "processes"]
    assert len(ready) == len(set(ready)) >= 10
    assert set(findings(platform, "stores").values()) == {"ok"}
    assert set(findings(platform, "ports").values()) == {"ok"}


def test_a_process_that_hangs_is_named(platform: Platform) -> None:
    pid = int(platform.part("eval-serve")["pid"])
    os.kill(pid, signal.SIGSTOP)
    try:
        found = findings(platform, "processes")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert [name for name, level in found.items() if level == "fail"] == ["eval-serve"]
    until(lambda: findings(platform, "processes")["eval-serve"] == "ok", 60)
