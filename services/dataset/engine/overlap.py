"""Which records of a large group can be alike at all, found without comparing each with each.

Pages of one template share most of what they hold and are still no copies. What tells is the rest: of a shingle only its first ``HOLDERS``
holders, in record order, count as its holders. A shingle is fresh in those and common in every later record. Two records share at most the
fresh shingles of the later one that the earlier one holds, which are counted here, and all its common ones: a pair for which even that is
too little is never looked at. The work grows with the shingles, and a decision depends on earlier records alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HOLDERS = 16
SLICE = 1 << 20  # shingles that are sorted at once: bounds memory, decides nothing


class Overlap:
    """Of a group of records, by their place in it: fresh int64 [records]; and for each what earlier ones hold of its fresh shingles."""

    def __init__(self, sets: Sequence[NDArray[np.uint64]]) -> None:
        """sets: the sorted shingle hashes of every record, in record order."""
        import numpy as np

        self.fresh = np.zeros(len(sets), np.int64)
        pairs, counts = self._pairs(sets)
        later = (pairs >> np.uint64(32)).astype(np.int64)
        self._earlier, self._counts = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64), counts
        self._start = np.searchsorted(later, np.arange(len(sets) + 1))

    def earlier(self, place: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(places before ``place`` that hold some of its fresh shingles, how many)."""
        part = slice(self._start[place], self._start[place + 1])
        return self._earlier[part], self._counts[part]

    def _pairs(self, sets: Sequence[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """(later record << 32 | earlier record, how many shingles), sorted."""
        import numpy as np

        gathered = _Counted()
        for shingles, owners in _slices(sets):
            order = np.argsort(shingles, kind="stable")  # holders stay in record order
            holder, rank = owners[order], _ranks(shingles[order])
            self.fresh += np.bincount(holder[rank < HOLDERS], minlength=len(sets))
            gathered.add(np.concatenate([_neighbours(holder, rank, distance) for distance in range(1, HOLDERS)]))
        return gathered.all()


def _slices(sets: Sequence[NDArray[np.uint64]]) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """(shingles, the record of each) by ranges of the hash, so that all holders of a shingle are in one slice."""
    import numpy as np

    total = sum(map(len, sets))
    count = total // SLICE + 1
    edges = np.array([(number << 64) // count for number in range(1, count)], np.uint64)
    cuts = np.array([[0, *np.searchsorted(each, edges), len(each)] for each in sets], np.int64)
    for number in range(count):
        lengths = cuts[:, number + 1] - cuts[:, number]
        shingles = np.concatenate([each[cut[number] : cut[number + 1]] for each, cut in zip(sets, cuts, strict=True)])
        yield shingles, np.repeat(np.arange(len(sets)), lengths)


def _ranks(ordered: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many equal values stand before each."""
    import numpy as np

    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else np.zeros(0, np.int64)
    return np.arange(len(ordered)) - np.repeat(starts, np.diff(np.append(starts, len(ordered))))


def _neighbours(holder: NDArray[np.int64], rank: NDArray[np.int64], distance: int) -> NDArray[np.uint64]:
    """The pairs of holders of a shingle that are ``distance`` apart."""
    import numpy as np

    at = np.flatnonzero((rank >= distance) & (rank < HOLDERS))
    return holder[at].astype(np.uint64) << np.uint64(32) | holder[at - distance].astype(np.uint64)


class _Counted:
    """Counts equal keys that come in portions, without keeping the portions."""

    def __init__(self) -> None:
        self._keys: list[NDArray[np.uint64]] = []
        self._counts: list[NDArray[np.int64]] = []

    def add(self, keys: NDArray[np.uint64]) -> None:
        import numpy as np

        unique, counts = np.unique(keys, return_counts=True)
        self._keys.append(unique)
        self._counts.append(counts)
        if sum(map(len, self._keys[1:])) > max(4 * SLICE, len(self._keys[0])):
            self._merge()

    def all(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        self._merge()
        return self._keys[0], self._counts[0]

    def _merge(self) -> None:
        import numpy as np

        unique, place = np.unique(np.concatenate(self._keys), return_inverse=True)
        counts = np.bincount(place, np.concatenate(self._counts), len(unique)).astype(np.int64)
        self._keys, self._counts = [unique], [counts]
