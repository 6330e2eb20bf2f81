"""The table of the fault matrix: it adds up, keeps the worst figure, and never turns absence into zero."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.matrix import ABSENT, SAYS, complete, rows, table
from tests.support import evidence
from tests.support.evidence import Line


def everything(violations: int = 0) -> list[Line]:
    return [Line(invariant, "tried", 2, violations) for invariant in SAYS if invariant not in ABSENT]


def test_tries_add_up_and_the_worst_figure_stays() -> None:
    found = rows([Line("I8", "a domain hung", 3, 0, {"worst_ms": 800}), Line("I8", "a domain hung", 4, 1, {"worst_ms": 700})])
    row = found["I8"]["a domain hung"]
    assert (row.tries, row.violations, row.worst) == (7, 1, {"worst_ms": 800})
    assert "7 tries    1 violations  worst_ms 800" in table(found)


def test_what_was_not_tried_is_never_a_zero() -> None:
    shown = table(rows([]))
    assert shown.count("NO EVIDENCE") == len(SAYS) - len(ABSENT)
    assert all(why in shown for why in ABSENT.values())
    assert " 0 violations" not in shown


def test_it_holds_only_when_everything_was_tried_and_nothing_broke() -> None:
    assert complete(rows(everything()))
    assert not complete(rows(everything(1)))
    assert not complete(rows(everything()[1:]))


def test_lines_come_back_as_they_were_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(evidence.VARIABLE, str(tmp_path / "e.jsonl"))
    evidence.record("I1", "试", tries=3, violations=0, worst_ms=7)
    evidence.record("I2", "x", tries=1, violations=1)
    assert list(evidence.read(tmp_path / "e.jsonl")) == [Line("I1", "试", 3, 0, {"worst_ms": 7}), Line("I2", "x", 1, 1)]
    assert json.loads((tmp_path / "e.jsonl").read_text().splitlines()[0])["figures"] == {"worst_ms": 7}
    monkeypatch.delenv(evidence.VARIABLE)
    evidence.record("I1", "unheard", tries=1, violations=0)
