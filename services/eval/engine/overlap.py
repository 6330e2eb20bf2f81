"""Does the test repeat what the model was trained on? Contents are compared, not names: a record keeps its words under any id and in any
file.

Decided here. A test record repeats a training record when it asks the same question (as ``fold`` sees it), or when question and answer
both are near copies: at least ``NEAR`` of their shingles in common, each side for itself. Both sides, because many honest tests ask about
the same facts in other words, or about other facts in the same words.

The training data is read once, in pieces; only the test is held in memory. MinHash bands (rensa) name candidates, every one is verified by
the exact similarity, and a training record is compared with at most ``CANDIDATES`` of them: the cost grows with the data and no faster.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common.folding import fold
from services.eval.engine.records import TestRecord, read_pairs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAR = 0.8
BANDS, ROWS = 30, 8  # a pair of similarity .8 is a candidate with 1 - (1 - .8^8)^30 = .996, one of .5 with .11
SEED = 1
CANDIDATES = 64  # of one training record that are verified, those with most bands in common
CROWD = 256  # places of one band that are looked at; who is found leaves the band
CHUNK = 2048  # training records whose signatures are made together
EXAMPLES = 5
SAME, NEARLY = "same question", "near copy"
_ENDS = " ?!.…。？！"
_AROUND = "?!.,;:…。？！，；：、\"'“”‘’()（）[]【】《》「」"
_ALONE = re.compile("[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A test record and the training record it repeats. similarity: of the less similar side, 1 for the same question."""

    position: int
    record_id: str
    kind: str
    training_version_id: str
    training_record_id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """repeats: by position in the test. items: of the test. compared: training records that were read."""

    repeats: dict[int, Repeat]
    items: int
    compared: int

    @property
    def share(self) -> float:
        return len(self.repeats) / self.items if self.items else 0.0

    def facts(self) -> dict[str, Any]:
        """For people: how many, which, examples."""
        kinds = Counter(repeat.kind for repeat in self.repeats.values())
        examples = [asdict(repeat) for repeat in islice(self.repeats.values(), EXAMPLES)]
        return {
            "items": self.items,
            "compared": self.compared,
            "same_question": kinds[SAME],
            "near_copy": kinds[NEARLY],
            "examples": examples,
        }


def find(test: Iterable[TestRecord], training: Sequence[tuple[str, Path]], progress: Callable[[int], None] = lambda _: None) -> Overlap:
    """Which of the test's records repeat training records. training: (version id, folder of records). progress: is told how many were read.

    Raises PlatformError 422 for a row that cannot be read.
    """
    index = _Index(test)
    compared = 0
    for version_id, folder in training:
        rows = read_pairs(folder)
        while chunk := list(islice(rows, CHUNK)):
            index.look(version_id, chunk)
            compared += len(chunk)
            progress(compared)
    return Overlap(dict(sorted(index.found.items())), index.items, compared)


class _Index:
    """The test in memory: its questions by their folded text, and its near-copy candidates by band."""

    def __init__(self, test: Iterable[TestRecord]) -> None:
        self.found: dict[int, Repeat] = {}
        self._ids: list[str] = []
        self._questions: defaultdict[str, list[int]] = defaultdict(list)
        self._sides: list[tuple[NDArray[np.uint64], NDArray[np.uint64]]] = []
        for position, record in enumerate(test):
            self._ids.append(record.id)
            self._questions[_key(record.question)].append(position)
            self._sides.append((shingles(record.question), shingles(record.answer)))
        self.items = len(self._ids)
        self._bands: defaultdict[tuple[int, bytes], list[int]] = defaultdict(list)
        for start in range(0, self.items, CHUNK):
            for offset, bands in enumerate(_signatures(self._sides[start : start + CHUNK])):
                for key in bands:
                    self._bands[key].append(start + offset)

    def look(self, version_id: str, rows: Sequence[tuple[str, str, str]]) -> None:
        """rows: (id, question, answer) of training records."""
        waiting = []
        for id, question, answer in rows:
            for position in self._questions.pop(_key(question), ()):  # told once, looked for no more
                self._keep(position, SAME, version_id, id, 1.0)
            waiting.append((id, (shingles(question), shingles(answer))))
        for (id, sides), bands in zip(waiting, _signatures([sides for _, sides in waiting]), strict=True):
            for position in self._candidates(bands):
                similarity = min(jaccard(one, other) for one, other in zip(sides, self._sides[position], strict=True))
                if similarity >= NEAR:
                    self._keep(position, NEARLY, version_id, id, round(similarity, 4))

    def _candidates(self, bands: Sequence[tuple[int, bytes]]) -> list[int]:
        shared: Counter[int] = Counter()
        for key in bands:
            if key in self._bands:
                shared.update(self._places(self._bands[key]))
        return [position for position, _ in shared.most_common(CANDIDATES)]

    def _places(self, band: list[int]) -> list[int]:
        """The first of a band that still look for their like; one that was found makes room for the last."""
        place = 0
        while place < min(len(band), CROWD):
            if band[place] in self.found:
                last = band.pop()
                if place < len(band):
                    band[place] = last
            else:
                place += 1
        return band[:CROWD]

    def _keep(self, position: int, kind: str, version_id: str, id: str, similarity: float) -> None:
        self.found.setdefault(position, Repeat(position, self._ids[position], kind, version_id, id, similarity))


def _key(text: str) -> str:
    """The form in which two questions are the same: without case, with single spaces, and however they end."""
    plain = " ".join(fold(text).casefold().split())
    return plain.rstrip(_ENDS) or plain


def words(text: str) -> list[str]:
    """White-space words without case and the punctuation around them, and single CJK characters, which have no spaces between them."""
    plain = fold(text).casefold()
    return [word.strip(_AROUND) or word for word in (plain if plain.isascii() else _ALONE.sub(r" \g<0> ", plain)).split()]


def shingles(text: str) -> NDArray[np.uint64]:
    """Sorted hashes of a text's words and pairs of neighbouring words. So a text of n words with one word changed keeps (n-2)/(n+1)."""
    import numpy as np
    import xxhash

    found = words(text)
    runs = {*found, *(f"{one} {other}" for one, other in pairwise(found))}
    return np.array(sorted(xxhash.xxh3_64_intdigest(run.encode("utf-8", "surrogatepass")) for run in runs), np.uint64)


def jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    """|a ∩ b| / |a ∪ b| of two sorted arrays without repeats; 1 for two empty ones."""
    import numpy as np

    if min(len(a), len(b)) < NEAR * max(len(a), len(b)):
        return 0.0  # even one inside the other would stay below the threshold
    if not len(a):
        return 1.0
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)


def _signatures(sides: Sequence[tuple[NDArray[np.uint64], NDArray[np.uint64]]]) -> Iterator[list[tuple[int, bytes]]]:
    """The band keys of each record, over the shingles of both sides told apart: where both are near, so is their union."""
    import numpy as np
    from rensa import RMinHash

    if not sides:
        return
    sets = [np.concatenate((question, answer ^ np.uint64(0x9E3779B97F4A7C15))) for question, answer in sides]
    offsets = np.cumsum([0, *map(len, sets)], dtype=np.uint64)
    digests = np.array(
        RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(sets), offsets, BANDS * ROWS, SEED).to_rows(), np.uint32
    )
    for row in np.ascontiguousarray(digests.reshape(len(sets), BANDS, ROWS)):
        yield [(band, row[band].tobytes()) for band in range(BANDS)]
