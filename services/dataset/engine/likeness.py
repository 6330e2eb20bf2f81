"""Inside a group of records that share bands: which repeat an earlier one that stays, and which one that is.

Records are taken in order, each is compared with the kept ones it shares a band with, and the closest of those counts. In a small group
these are all compared; in a large one only those that can be alike (``overlap``), so that a thousand pages of one template cost a thousand
times one page and not a million.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from services.dataset.engine.overlap import Overlap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGE = 64  # records of a group from which on an index pays
# Candidates that hold nothing fresh of a record are alike by common shingles alone. The kept ones of that sort differ from each other and
# are few; where boilerplate is mixed at random they could be many, and the likeliest of them are compared.
MOST = 64


def jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    """|a ∩ b| / |a ∪ b| of two sorted arrays without repeats; 1 for two empty ones."""
    import numpy as np

    if not len(a) and not len(b):
        return 1.0
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)


class ShingleSets:
    """Shingle sets of all records, read from disk when they are compared. compared: how many pairs were."""

    def __init__(self, stems: Sequence[Path], shard: NDArray[np.int64], table: NDArray[np.uint64]) -> None:
        import numpy as np

        self._files = [np.load(stem.with_suffix(".shingles.npy"), mmap_mode="r", allow_pickle=False) for stem in stems]
        self._shard, self._start, self.size = shard, table[:, 2], table[:, 3].astype(np.int64)
        self.compared = 0

    def of(self, number: int) -> NDArray[np.uint64]:
        start = int(self._start[number])
        file: NDArray[np.uint64] = self._files[self._shard[number]]
        return file[start : start + int(self.size[number])]

    def closest(self, number: int, others: Sequence[int], threshold: float) -> tuple[int, float]:
        """The most similar of ``others`` (the first of equals) with its similarity; (-1, 0) without any."""
        best, similarity = -1, 0.0
        size = int(self.size[number])
        for other in others:
            theirs = int(self.size[other])
            if min(size, theirs) < threshold * max(size, theirs):
                continue  # even one inside the other would stay below the threshold
            self.compared += 1
            score = jaccard(self.of(number), self.of(other))
            if score > similarity:
                best, similarity = other, score
        return best, similarity


class _Kept(Protocol):
    """The kept records of one group."""

    def add(self, number: int) -> None: ...
    def candidates(self, number: int) -> list[int]:
        """In record order."""


def repeats(
    group: Sequence[int], buckets: NDArray[np.int32], sets: ShingleSets, threshold: float
) -> Iterator[tuple[int, int, float, bool]]:
    """(dropped, kept, similarity, exact) inside one group, by record order: greedy against what is kept.

    buckets: int32 [records, 1 + bands], -1 where a record is alone: the same text, then the same bands.
    """
    bands = buckets[:, 1:]
    kept: _Kept = _InBands(bands) if len(group) <= LARGE else _Sharing(group, bands, sets, threshold)
    kept_by_text: dict[int, int] = {}
    for number in group:
        text = int(buckets[number, 0])
        if text >= 0 and text in kept_by_text:
            yield number, kept_by_text[text], 1.0, True
            continue
        closest, similarity = sets.closest(number, kept.candidates(number), threshold)
        if similarity >= threshold:
            yield number, closest, similarity, False
            continue
        kept_by_text[text] = number
        kept.add(number)


def _keys(bands: NDArray[np.int32], number: int) -> list[tuple[int, int]]:
    """The (band, bucket) that a record shares with others."""
    return [(band, bucket) for band, bucket in enumerate(bands[number].tolist()) if bucket >= 0]


class _InBands:
    """Every kept record that shares a band is a candidate."""

    def __init__(self, bands: NDArray[np.int32]) -> None:
        self._bands = bands
        self._kept: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def add(self, number: int) -> None:
        for key in _keys(self._bands, number):
            self._kept[key].append(number)

    def candidates(self, number: int) -> list[int]:
        return sorted({other for key in _keys(self._bands, number) for other in self._kept[key]})


class _Sharing:
    """Of those, only the ones that can be as alike as is asked for."""

    def __init__(self, group: Sequence[int], bands: NDArray[np.int32], sets: ShingleSets, threshold: float) -> None:
        import numpy as np

        self._numbers, self._place = np.array(group), {number: place for place, number in enumerate(group)}
        self._bands, self._sizes, self._threshold = bands, sets.size, threshold
        self._overlap = Overlap([sets.of(number) for number in group])
        self._is_kept = np.zeros(len(group), bool)
        self._kept: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)  # (size, number), sorted

    def add(self, number: int) -> None:
        self._is_kept[self._place[number]] = True
        for key in _keys(self._bands, number):
            insort(self._kept[key], (int(self._sizes[number]), number))

    def candidates(self, number: int) -> list[int]:
        place = self._place[number]
        size = int(self._sizes[number])
        common = size - int(self._overlap.fresh[place])
        return sorted({*self._by_fresh(number, place, size, common), *self._by_common(number, size, common)})

    def _by_fresh(self, number: int, place: int, size: int, common: int) -> list[int]:
        """Those that hold enough of its fresh shingles, should they hold all its common ones."""
        places, counts = self._overlap.earlier(place)
        numbers = self._numbers[places]
        # similarity t of sets of a and b elements is an intersection of t / (1 + t) * (a + b)
        enough = (counts + common) * (1 + self._threshold) >= self._threshold * (size + self._sizes[numbers]) - 1e-6
        numbers = numbers[self._is_kept[places] & enough]
        mine = self._bands[number]
        found: list[int] = numbers[((self._bands[numbers] == mine) & (mine >= 0)).any(axis=1)].tolist()
        return found

    def _by_common(self, number: int, size: int, common: int) -> list[int]:
        """Those that may be alike by its common shingles alone: they are small, so the smallest are taken first."""
        least, most = self._threshold * size, common * (1 + self._threshold) / self._threshold - size
        if most < least - 1e-6:
            return []
        shared: Counter[tuple[int, int]] = Counter()
        for key in _keys(self._bands, number):
            kept = self._kept[key]
            start = bisect_left(kept, (least - 1e-6, -1))
            shared.update(each for each in kept[start : start + MOST] if each[0] <= most + 1e-6)
        likeliest = sorted(shared, key=lambda each: (-shared[each], each))
        return [number for _, number in likeliest[:MOST]]
