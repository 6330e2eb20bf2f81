"""Deduplicate: exact copies by xxh3-128, near copies by MinHash bands with every candidate verified by exact Jaccard similarity.

Three steps. Per shard (``Signer``): one row of numbers per record, and its sorted shingle hashes on disk. Over all shards
(``decide``): bands give candidate pairs, union-find gives groups, and inside a group (``likeness``) records are taken in order: a record
is dropped when it is at least ``threshold`` similar to one that is kept. So the first of its kind always stays, every drop names a kept
record and their true similarity, and adding records later never changes an earlier decision. Per shard again: the decided rows are left
out.

Shingles are runs of 5 tokens; a token is a white-space word, or one Han character (white space does not separate Chinese words).
Memory: some 300 bytes per record; texts and shingles stay on disk.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common import durable
from libs.common.folding import fold
from libs.data.options import option
from libs.data.records import Record, text_of
from services.dataset.engine.ledger import Drop
from services.dataset.engine.likeness import ShingleSets, repeats
from services.dataset.engine.operators import Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
HAN, _TOKEN = re.compile(f"[{_HAN}]"), re.compile(f"[{_HAN}]|[^ {_HAN}]+")
RULE, VERSION = "Deduplicate", 2
EXACT, NEAR = "exact copy", "near copy"
SHINGLE = 5  # tokens
# A pair of similarity s is a candidate with 1 - (1 - s^5)^22: .983 at .7, .9998 at .8; the verify pass removes the false ones
BANDS, ROWS = 22, 5
SEED = 1  # of the permutations; fixed, or the same data would not give the same decisions
_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63)  # odd


@dataclass(frozen=True, slots=True)
class DeduplicateOptions:
    """near=False finds exact copies only (after folding of widths, case and white space; 10² is no copy of 102)."""

    near: bool = option(True, en="also near copies; false: exact copies only", zh="同时去除近似重复；false 仅去除完全重复")
    threshold: float = option(
        0.8, 0.7, 1.0, en="similarity from which on a record repeats another", zh="相似度达到此值即视为重复", unit="0..1"
    )


def folded(text: str) -> str:
    """The form that is compared: folded, white space too, without case."""
    return " ".join(fold(text).casefold().split())


def tokens(text: str) -> list[str]:
    """Tokens of a ``folded`` text."""
    return text.split() if text.isascii() or HAN.search(text) is None else _TOKEN.findall(text)


class Shingler:
    """Texts to sorted arrays of distinct 64-bit shingle hashes. Keeps the hashes of tokens it has seen: use one per shard."""

    def __init__(self) -> None:
        import xxhash

        hash = xxhash.xxh3_64_intdigest

        class Known(dict[str, int]):
            def __missing__(self, token: str) -> int:
                self[token] = value = hash(token.encode("utf-8", "surrogatepass"))
                return value

        self._known = Known()

    def shingles(self, text: str) -> NDArray[np.uint64]:
        """uint64 [distinct shingles] of a ``folded`` text; a text of fewer than 5 tokens is one shingle, an empty one none."""
        import numpy as np

        words = tokens(text)
        hashes = np.fromiter(map(self._known.__getitem__, words), np.uint64, len(words))
        if 0 < len(words) < SHINGLE:
            hashes = np.pad(hashes, (0, SHINGLE - len(words)))
        runs = max(0, len(hashes) - SHINGLE + 1)
        total = np.zeros(runs, np.uint64)
        for place, multiplier in enumerate(_MULTIPLIERS):
            total += hashes[place : place + runs] * np.uint64(multiplier)
            total ^= total >> np.uint64(29)
        total.sort()
        return total[np.append(True, total[1:] != total[:-1])] if runs else total


class Signer:
    """Collects the signatures of one shard in record order; writes ``<stem>.rows.npy``, ``<stem>.shingles.npy`` and ``<stem>.ids.bin``."""

    def __init__(self, near: bool) -> None:
        self._near = near
        self._shingler = Shingler() if near else None
        self._ids: list[bytes] = []
        self._exact: list[bytes] = []
        self._sets: list[NDArray[np.uint64]] = []

    def add(self, record: Record) -> None:
        import xxhash

        text = folded(text_of(record)) or record["id"]  # a record without text repeats nothing but itself
        self._ids.append(bytes.fromhex(record["id"]))
        self._exact.append(xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass")))
        if self._shingler is not None:
            self._sets.append(self._shingler.shingles(text))

    def write(self, stem: Path) -> None:
        """rows: uint64 [records, 4 + bands] = exact hash (2), start and length of the shingles, band hashes."""
        import numpy as np

        exact = np.frombuffer(b"".join(self._exact), np.uint64).reshape(-1, 2)
        lengths = np.array([len(each) for each in self._sets] or [0] * len(exact), np.uint64)
        starts = np.cumsum(lengths, dtype=np.uint64) - lengths
        flat = np.concatenate([np.zeros(0, np.uint64), *self._sets])
        bands = _bands(flat, starts, lengths) if self._near else np.zeros((len(exact), 0), np.uint64)
        with durable.written(stem.with_suffix(".ids.bin")) as handle:
            handle.write(b"".join(self._ids))
        _write_array(stem.with_suffix(".shingles.npy"), flat)
        _write_array(stem.with_suffix(".rows.npy"), np.hstack([exact, starts[:, None], lengths[:, None], bands]))


def _bands(flat: NDArray[np.uint64], starts: NDArray[np.uint64], lengths: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """uint64 [records, BANDS]; the hash of a band includes its number."""
    import numpy as np
    import xxhash
    from rensa import RMinHash

    if not len(starts):
        return np.zeros((0, BANDS), np.uint64)
    offsets = np.append(starts, starts[-1] + lengths[-1])
    digests = np.array(RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, BANDS * ROWS, SEED).to_rows(), np.uint32)
    cut = np.ascontiguousarray(digests.reshape(len(starts), BANDS, ROWS))
    hashes = [[xxhash.xxh3_64_intdigest(cut[row, band].tobytes(), band) for band in range(BANDS)] for row in range(len(starts))]
    return np.array(hashes, np.uint64)


def _write_array(path: Path, array: NDArray[np.uint64]) -> None:
    import numpy as np

    with durable.written(path) as handle:
        np.save(handle, array, allow_pickle=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """Row ``row`` of its shard repeats the record at ``kept`` = (shard, row)."""

    row: int
    kept: tuple[int, int]
    similarity: float
    exact: bool


def decide(stems: Sequence[Path], options: DeduplicateOptions) -> list[list[Decision]]:
    """For every shard, in the order of ``stems``: which of its rows are dropped."""
    import numpy as np

    tables = [np.load(stem.with_suffix(".rows.npy"), allow_pickle=False) for stem in stems]
    shard = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    row = np.concatenate([np.arange(len(table)) for table in tables]) if tables else np.zeros(0, np.int64)
    table = np.concatenate(tables)
    del tables
    # a column of keys per way to be a candidate: the same exact text, or the same band
    keys = [_exact_key(table)] + [table[:, 4 + band] for band in range(table.shape[1] - 4)]
    buckets = np.stack([_buckets(column) for column in keys], axis=1)
    sets = ShingleSets(stems, shard, table)
    decisions: list[list[Decision]] = [[] for _ in stems]
    for group in _groups(buckets):
        for number, kept, similarity, exact in repeats(group, buckets, sets, options.threshold):
            decisions[shard[number]].append(Decision(int(row[number]), (int(shard[kept]), int(row[kept])), similarity, exact))
    return [sorted(each, key=lambda decision: decision.row) for each in decisions]


def _exact_key(table: NDArray[np.uint64]) -> NDArray[Any]:
    """One key per record for the two halves of its exact hash."""
    import numpy as np

    return np.ascontiguousarray(table[:, :2]).view("V16").ravel()


def _buckets(keys: NDArray[Any]) -> NDArray[np.int32]:
    """int32 [records]: the number of the bucket a record shares with others, -1 for one that is alone."""
    import numpy as np

    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.where(counts[inverse] > 1, inverse, -1).astype(np.int32)


def _groups(buckets: NDArray[np.int32]) -> Iterator[list[int]]:
    """Records that are connected by shared buckets (union-find), each group in record order, only groups of two and more."""
    count, ways = buckets.shape
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for way in range(ways):
        column = buckets[:, way]
        first: dict[int, int] = {}
        for number in (column >= 0).nonzero()[0].tolist():
            other = first.setdefault(int(column[number]), number)
            a, b = root(other), root(number)
            parent[max(a, b)] = min(a, b)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(count):
        top = root(number)
        if top != number:
            groups[top].append(number)
    return ([top, *others] for top, others in groups.items())


def write_decisions(path: Path, decisions: Sequence[Sequence[Decision]], stems: Sequence[Path]) -> None:
    """Stores decisions with the id of each kept record: one list per shard."""
    lines = [[{**asdict(each), "kept_id": _id_at(stems[each.kept[0]], each.kept[1])} for each in shard] for shard in decisions]
    durable.write_json(path, lines)


def _id_at(stem: Path, row: int) -> str:
    with stem.with_suffix(".ids.bin").open("rb") as handle:
        handle.seek(16 * row)
        return handle.read(16).hex()


def drop_of(decision: Mapping[str, Any], threshold: float) -> Drop:
    """The verdict that a stored decision stands for."""
    return Drop(EXACT if decision["exact"] else NEAR, round(decision["similarity"], 4), threshold, decision["kept_id"])


KIND = Rule(name=RULE, options=DeduplicateOptions, alone=True, needs=("data",), place=43)
