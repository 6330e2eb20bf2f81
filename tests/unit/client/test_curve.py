"""Curves in a terminal."""

from __future__ import annotations

import math

import pytest

from libs.client.cli.curve import BLOCKS, curve


def heights(lines: list[str]) -> list[int]:
    """Eighths filled per column."""
    rows = [line.split("│")[1] for line in lines[:-1]]
    return [sum(BLOCKS.index(row[column]) for row in rows) for column in range(len(rows[0]))]


def test_a_falling_loss_falls_from_the_top_to_the_bottom() -> None:
    lines = curve([(step, 100.0 - step) for step in range(100)], width=20, height=4)
    found = heights(lines)
    assert found == sorted(found, reverse=True)
    assert (found[0], found[-1], len(found)) == (32, 1, 20)
    assert [line.split("│")[0].strip() for line in lines[:-1]] == ["98", "", "", "3"]  # means of five
    assert lines[-1].split() == ["0", "99"]
    assert len(lines[-1]) == len(lines[0])


def test_a_gap_repeats_the_column_before() -> None:
    assert heights(curve([(0, 0.0), (1, 0.0), (100, 1.0)], width=3, height=1)) == [1, 1, 8]


def test_a_flat_curve_lies_in_the_middle() -> None:
    assert heights(curve([(0, 2.0), (1, 2.0)], height=4)) == [16, 16]


@pytest.mark.parametrize("height", [1, 2, 8])
def test_one_point_is_enough(height: int) -> None:
    lines = curve([(7, 1.5)], height=height)
    assert len(lines) == height + 1
    assert lines[-1].split()[0] == "7"


def test_what_is_no_number_is_left_out() -> None:
    assert curve([(0, math.nan), (1, math.inf)]) == []
    assert curve([]) == []
    assert heights(curve([(0, 1.0), (1, math.nan), (2, 3.0)], height=2)) == [1, 16]
