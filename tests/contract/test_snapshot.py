"""What was frozen stays: the contract admits additions only. How to extend the file: see ``idl_text``."""

from __future__ import annotations

import json

import pytest

from tests.contract.idl_text import SNAPSHOT, broken, frozen

OLD: dict[str, str] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_everything_frozen_is_still_there() -> None:
    assert len(OLD) > 900
    assert broken(OLD, frozen()) == []


BASE = {"m.A": "struct", "m.A.1": "id i64 required", "m.E.X": "1", "m.Get()": "GetResp(1: GetReq req) throws (1: E error)"}


@pytest.mark.parametrize(
    "change",
    [
        {"m.A.1": "id i32 required"},
        {"m.A.1": "id i64 optional"},
        {"m.A.1": "key i64 required"},
        {"m.E.X": "2"},
        {"m.Get()": "GetResp(1: OtherReq req) throws (1: E error)"},
        {"m.A.2": "name string required"},
    ],
)
def test_a_change_is_refused(change: dict[str, str]) -> None:
    assert len(broken(BASE, {**BASE, **change})) == 1


@pytest.mark.parametrize("address", BASE)
def test_a_removal_is_refused(address: str) -> None:
    assert len(broken(BASE, {key: value for key, value in BASE.items() if key != address})) == 1


def test_additions_are_welcome() -> None:
    added = {"m.A.2": "name string optional", "m.B": "struct", "m.B.1": "id i64 required", "m.E.Y": "2", "m.New()": "…"}
    assert broken(BASE, {**BASE, **added}) == []
