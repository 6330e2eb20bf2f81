"""How far two sequences agree, a row of the usual table at a time: the row is one whole number, a bit for each place (Hyyrö 2003, 2004)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def longest_common(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Length of the longest common subsequence."""
    row = (1 << len(first)) - 1
    whole, places = row, _places(first)
    for element in second:
        found = row & places.get(element, 0)
        row = (row + found) | (row - found)
    return (~row & whole).bit_count()


def distance(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Fewest insertions, deletions and replacements that make one of the other (Levenshtein)."""
    if not first:
        return len(second)
    whole, last, places = (1 << len(first)) - 1, 1 << (len(first) - 1), _places(first)
    up, down, found = whole, 0, len(first)
    for element in second:
        same = places.get(element, 0) | down
        diagonal = (((same & up) + up) ^ up) | same
        right, left = down | (~(up | diagonal) & whole), up & diagonal
        found += bool(right & last) - bool(left & last)
        right = (right << 1) | 1
        up, down = ((left << 1) | ~(right | diagonal)) & whole, right & diagonal & whole
    return found


def _places(sequence: Sequence[Hashable]) -> dict[Hashable, int]:
    found: dict[Hashable, int] = {}
    for place, element in enumerate(sequence):
        found[element] = found.get(element, 0) | 1 << place
    return found
