"""Numbers drawn from a seed and the identity of a record: the same on any machine, in any order, in any shard.

SplitMix64 from a BLAKE2b hash. Not ``random``: what its methods give for a seed may change with a version of Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Draw:
    """A stream of numbers for what it is named by."""

    def __init__(self, *names: object) -> None:
        digest = hashlib.blake2b("\0".join(map(str, names)).encode(), digest_size=8).digest()
        self._state = int.from_bytes(digest, "big")

    def bits(self) -> int:
        """64 of them."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, count: int) -> int:
        """0 … count - 1; the bias of 64 bits is below anything that could be seen."""
        return (self.bits() * count) >> 64

    def share(self) -> float:
        """0 ≤ … < 1."""
        return (self.bits() >> 11) / (1 << 53)

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.share()

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def some_of(self, choices: Sequence[T], count: int) -> list[T]:
        """``count`` different ones, in the order in which they were drawn; all where there are no more."""
        left = list(choices)
        found: list[T] = []
        while left and len(found) < count:
            place = self.below(len(left))
            found.append(left[place])
            left[place] = left[-1]
            left.pop()
        return found
