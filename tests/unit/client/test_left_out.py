"""What `train start` says before a training leaves records out."""

from __future__ import annotations

from typing import Any

import pytest

from libs.client.cli.train import warn_left_out

FORESEEN = {"looked_at": "1190", "left_out": "1068", "longest": 612, "block_size": 128, "max_left_out": 0.1}


def said(preview: dict[str, Any] | None, capsys: pytest.CaptureFixture[str]) -> str:
    warn_left_out(preview)
    return " ".join(capsys.readouterr().err.split())


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


def test_most_of_the_data_left_out_is_said_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(FORESEEN, capsys)
    assert "1068 of the first 1190 records (90%)" in text
    assert "block_size=128" in text
    assert "612" in text
    assert "max_left_out=0.1: the task will fail" in text


def test_a_few_left_out_are_said_and_no_failure_foretold(capsys: pytest.CaptureFixture[str]) -> None:
    text = said({**FORESEEN, "left_out": "3"}, capsys)
    assert "3 of the first 1190 records (0%)" in text
    assert "fail" not in text


@pytest.mark.parametrize("preview", [None, {**FORESEEN, "left_out": "0"}])
def test_nothing_left_out_is_nothing_said(preview: dict[str, Any] | None, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(preview, capsys) == ""


def test_it_is_said_in_chinese_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    text = said(FORESEEN, capsys)
    assert "任务将失败" in text
    assert "records" not in text
