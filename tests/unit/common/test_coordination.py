"""Which binding a setting picks, and what is said when its part is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.coord.coordination import open_coordination
from libs.common.errors import PlatformError, Reason
from libs.common.settings import load


def test_without_the_extra_the_setting_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "kazoo" or name.startswith("libs.common.coord.zookeeper")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "kazoo", None)  # what an import finds when it is not installed
    settings = load({"MODELYARD_HOME": str(tmp_path), "MODELYARD_ZOOKEEPER": "127.0.0.1:1"})
    with pytest.raises(PlatformError) as caught:
        open_coordination(settings, "model-serve", SystemClock())
    assert caught.value.reason == Reason.MISSING_EXTRA
    assert "modelyard[zookeeper]" in str(caught.value)
