"""Large groups of alike records: the same decisions as comparing each with each, at a cost that grows with the records."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from libs.data.records import text_id
from services.dataset.engine import likeness, overlap
from services.dataset.engine.operators.deduplicate import Decision, DeduplicateOptions, Signer, decide
from tests.unit.dataset_engine.make import jaccard, runs
from tests.unit.dataset_engine.test_deduplicate import english

ALL = 1 << 30


def template_pages(count: int, share: float, dice: random.Random) -> list[str]:
    """Pages of which ``share`` is one template, with sections that some have in common, and a near copy of every tenth."""
    template, sections = english(dice, int(400 * share)), [english(dice, 30) for _ in range(8)]
    pages = []
    for _ in range(count):
        own = english(dice, dice.randint(int(300 * (1 - share)), int(450 * (1 - share))))
        page = template + (dice.choice(sections) if dice.random() < 0.3 else []) + own
        pages.append(page)
        if dice.random() < 0.1:
            pages.append([word if dice.random() > 0.004 else "changed" for word in dice.choice(pages)])
    return [" ".join(page) for page in pages]


def signed(texts: list[str], folder: Path) -> list[Path]:
    """The signatures of texts, in two shards."""
    stems = [folder / "00000", folder / "00001"]
    folder.mkdir()
    for stem, part in zip(stems, (texts[: len(texts) // 3], texts[len(texts) // 3 :]), strict=True):
        signer = Signer(near=True)
        for text in part:
            signer.add({"id": text_id(text), "text": text})
        signer.write(stem)
    return stems


def decided(stems: list[Path], monkeypatch: pytest.MonkeyPatch, large: int) -> tuple[list[list[Decision]], int]:
    """(decisions, how many pairs were compared). large: from how many records of a group on the index is used."""
    made: list[likeness.ShingleSets] = []

    class Watched(likeness.ShingleSets):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(likeness, "LARGE", large)
    monkeypatch.setattr("services.dataset.engine.operators.deduplicate.ShingleSets", Watched)
    return decide(stems, DeduplicateOptions()), made[0].compared


@pytest.mark.parametrize("share", [0.3, 0.7, 0.8, 0.88, 0.95])
def test_a_large_group_is_decided_as_if_each_were_compared_with_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    monkeypatch.setattr(overlap, "SLICE", 5000)  # many slices, and counts that are merged
    dice = random.Random(int(share * 100))
    stems = signed(template_pages(150, share, dice) + template_pages(60, share, dice), tmp_path / "signed")
    plain, all_pairs = decided(stems, monkeypatch, ALL)
    found, pairs = decided(stems, monkeypatch, 2)
    assert found == plain
    assert sum(map(len, plain)) > 10
    assert pairs <= all_pairs


def test_of_template_pages_every_near_copy_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = template_pages(150, 0.75, random.Random(5))
    decisions, _ = decided(signed(texts, tmp_path / "signed"), monkeypatch, 2)
    cut = len(texts) // 3
    dropped = {each.row + (cut if shard else 0): each for shard, part in enumerate(decisions) for each in part}
    sets = [runs(text, characters=False) for text in texts]
    alike = [pair for pair in combinations(range(len(texts)), 2) if jaccard(sets[pair[0]], sets[pair[1]]) >= 0.8]
    assert len(alike) > 10
    assert all(a in dropped or b in dropped for a, b in alike)
    for number, each in dropped.items():
        twin = each.kept[1] + (cut if each.kept[0] else 0)
        assert abs(jaccard(sets[number], sets[twin]) - each.similarity) < 1e-9
        assert each.similarity >= 0.8


def test_comparisons_grow_with_the_pages_of_one_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = (template_pages(count, 0.8, random.Random(1)) for count in (150, 600))
    _, few = decided(signed(small, tmp_path / "small"), monkeypatch, 2)
    _, many = decided(signed(large, tmp_path / "large"), monkeypatch, 2)
    assert few <= 4 * len(small)  # each with each would be a hundred times as many
    assert many <= 4 * len(large)


def test_the_bound_holds_for_every_pair() -> None:
    dice = np.random.default_rng(3)
    sets = [np.unique(dice.integers(0, 900, 80, np.uint64) << np.uint64(54)) for _ in range(120)]
    found = overlap.Overlap(sets)
    for later in range(len(sets)):
        places, counts = found.earlier(later)
        told = dict(zip(places.tolist(), counts.tolist(), strict=True))
        for earlier in range(later):
            shared = len(np.intersect1d(sets[earlier], sets[later]))
            assert told.get(earlier, 0) <= shared <= told.get(earlier, 0) + len(sets[later]) - found.fresh[later]
    assert found.fresh[0] == len(sets[0])
    assert found.fresh[-1] < len(sets[-1])
