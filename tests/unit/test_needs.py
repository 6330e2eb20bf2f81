"""A machine without servers: what needs them is named, nothing ends in a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import composed_status
from tests import needs


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No program is found, and no jar."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(needs, "ZOOKEEPER_JAR", tmp_path / "zookeeper.jar")


@pytest.mark.usefixtures("bare")
def test_a_bench_says_what_it_needs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.setenv("STORE", "mariadb")
    composed_status.main(tmp_path)
    said = capsys.readouterr().out
    assert "not measured" in said
    assert "mariadb-server" in said
    assert "zookeeper" in said


@pytest.mark.usefixtures("bare")
def test_what_lacks_is_told_once_before_the_benches(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["needs", "bench"])
    monkeypatch.delenv("CI", raising=False)
    assert needs.main() == 0
    assert "every bench on MariaDB needs the Debian package mariadb-server" in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    assert needs.main() == 1
