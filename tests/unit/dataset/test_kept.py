"""Results that take longer than a call: once each, the oldest go first, and all of them when nobody asks any more."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from libs.common.errors import PlatformError, Reason
from services.dataset.service import kept as module
from services.dataset.service.kept import Kept
from tests.support.until import until


def placed(folder: Path) -> str:
    folder.mkdir(parents=True)
    return folder.name


def test_the_oldest_results_go() -> None:
    kept: Kept[str] = Kept("test", 2)
    for number in range(5):
        kept.get((number, 9), placed, 10.0)
    assert [kept.folder((number, 9)).exists() for number in range(5)] == [False, False, False, True, True]


def test_what_nobody_asks_for_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    kept: Kept[str] = Kept("test", 2)
    kept.get("a", placed, 10.0)
    until(lambda: not kept.folder("a").exists())


def test_what_takes_longer_is_begun_once_and_goes_on() -> None:
    begun: list[Path] = []
    gate = threading.Event()

    def slow(folder: Path) -> str:
        begun.append(folder)
        assert gate.wait(10)
        return "done"

    kept: Kept[str] = Kept("test", 2)
    for _ in range(3):
        with pytest.raises(PlatformError) as caught:
            kept.get("a", slow, 0.0)
        assert (caught.value.reason, caught.value.retryable) == (Reason.BUSY, True)
    gate.set()
    assert kept.get("a", slow, 10.0) == "done"
    assert len(begun) == 1
