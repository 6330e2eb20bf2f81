"""Agreement equals what others work out, to 1e-9: scikit-learn 1.9.1, statsmodels 0.15.0 and krippendorff gave the figures below for these
made-up answers, Krippendorff himself the worked example. And it is what the definitions say, for any answers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.people.agreement import Level, cohen_kappa, fleiss_kappa, krippendorff_alpha, percent_agreement

COHEN = (
    ("1212211221121111211222212121221122221111", "2212222221122121211121122112211121221211", 0.3017456359102245),
    (
        "132232231313212131322131131113313313213122312131321223213",
        "331113213213323131132313131123312311313222332112221233122",
        0.23223409196470046,
    ),
    (
        "11132235251224453544111343445252211432255335244535334244554345534455534232434335555552224335111211513",
        "11332535251524253545311313425252221232254355224555334214524345534415544232534225555534324535131211553",
        0.6622491949467426,
    ),
    ("242411444243423244432422213443", "431324413114121241243322223441", 0.10447761194029848),
)
FLEISS = (
    (
        "313 111 223 222 333 111 212 222 222 232 233 311 311 333 222 332 211 113 223 222 111 223 112 333 222 222 222 221 333 322",
        0.47836166924265816,
    ),
    (
        "44214 24224 34414 21242 22241 34424 12312 41213 14414 34334 12242 11111 21144 42214 44444 22324 11131 21221 "
        "41311 14111 14123 22413 21412 41114 43444 44234 32422 22332 24331 34341 11111 44414 21431 33333 44434 42114 "
        "33313 13313 33322 34322 41112 44131 31122 11324 22111 32321 14413 31314 13114 14121",
        0.13947516077517377,
    ),
    (
        "1222 2222 2212 1111 2222 1111 2222 2212 2222 2222 1121 1112 1111 2222 2222 1211 2222 1122 1111 1111 1111 2212 2222 1111",
        0.6489688459850812,
    ),
)
ALPHA = (
    (
        "331 331 133 232 313 313 111 232 323 131 111 121 232 111 211 311 211 222 333 222 212 111 331 222 333 323 222 212 222 132",
        (0.35650723025583986, 0.2451853842518371, 0.24448217317487264),
    ),
    (
        "2222 444 414 31 44144 22242 43 12 22222 1323 141 41334 4414 1321 2122 24 2241 4221 2444 4443 444 111 333 4342 "
        "114 323 2111 42123 11 341 1111 4444 1422 3433 1344 443 2244 1422 114 43344",
        (0.25224404839339154, 0.27102751630712774, 0.2765473402475743),
    ),
    (
        "22 22 1311 3555 5444 2222 11 31 1111 2222 335 11 33 55 2442 53 414 1111 555 511 455 4553 31 4 2222",
        (0.5508637236084453, 0.6457261876151565, 0.6457274069214367),
    ),
)

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers, twelve units, some missing.
WORKED = ["111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11", "3"]
PUBLISHED: dict[Level, float] = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849}


def digits(words: str) -> list[list[int]]:
    return [[int(letter) for letter in word] for word in words.split()]


@pytest.mark.parametrize(("one", "other", "expected"), COHEN)
def test_cohen(one: str, other: str, expected: float) -> None:
    assert cohen_kappa(list(one), list(other)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("units", "expected"), FLEISS)
def test_fleiss(units: str, expected: float) -> None:
    assert fleiss_kappa(digits(units)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("units", "expected"), ALPHA)
def test_alpha(units: str, expected: tuple[float, float, float]) -> None:
    found = [krippendorff_alpha(digits(units), level) for level in ("nominal", "ordinal", "interval")]
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("level", PUBLISHED)
def test_alpha_of_the_published_example(level: Level) -> None:
    found = krippendorff_alpha(digits(" ".join(WORKED)), level)
    assert found is not None
    assert round(found, 3) == PUBLISHED[level]


def test_what_is_not_defined_is_not_made_up() -> None:
    assert krippendorff_alpha([]) is krippendorff_alpha([[1], [2]]) is krippendorff_alpha([[1, 1], [1, 1]]) is None
    assert cohen_kappa([], []) is cohen_kappa([1, 1], [1, 1]) is None
    assert fleiss_kappa([]) is fleiss_kappa([[1, 1]]) is percent_agreement([[1]]) is None
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa([[1, 2], [1]])
    with pytest.raises(ValueError, match="two answers"):
        cohen_kappa([1], [])


def by_definition(units: Sequence[Sequence[int]], apart: Callable[[int, int], Fraction]) -> Fraction | None:
    """Alpha from pairs of answers, one by one, in fractions."""
    told = [unit for unit in units if len(unit) > 1]
    everything = [value for unit in told for value in unit]
    total = len(everything)
    expected = sum((apart(a, b) for a, b in permutations(everything, 2)), Fraction(0))
    if not expected:
        return None
    observed = sum((apart(a, b) / (len(unit) - 1) for unit in told for a, b in permutations(unit, 2)), Fraction(0))
    return 1 - (observed / total) / (expected / (total * (total - 1)))


@given(st.lists(st.lists(st.integers(1, 4), max_size=4), max_size=10), st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_what_the_definition_says(units: list[list[int]], level: Level) -> None:
    counts: dict[int, int] = {}
    for unit in units:
        for value in unit if len(unit) > 1 else []:
            counts[value] = counts.get(value, 0) + 1

    def apart(a: int, b: int) -> Fraction:
        if level == "nominal":
            return Fraction(a != b)
        if level == "interval":
            return Fraction((a - b) ** 2)
        low, high = sorted((a, b))
        between = sum(count for value, count in counts.items() if low <= value <= high)
        return (between - Fraction(counts[a] + counts[b], 2)) ** 2

    expected, found = by_definition(units, apart), krippendorff_alpha(units, level)
    assert found == (None if expected is None else pytest.approx(float(expected), abs=1e-9))


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=20))
def test_kappa_of_two_is_what_the_definition_says(pairs: list[tuple[int, int]]) -> None:
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    by_chance = Fraction(sum(a == b for a in one for b in other), len(pairs) ** 2)
    found = cohen_kappa(one, other)
    if by_chance == 1:
        assert found is None
        return
    seen = Fraction(sum(a == b for a, b in pairs), len(pairs))
    assert found == pytest.approx(float((seen - by_chance) / (1 - by_chance)), abs=1e-9)


@given(st.lists(st.lists(st.integers(1, 3), max_size=4), max_size=8))
def test_the_plain_share_is_of_pairs(units: list[list[Hashable]]) -> None:
    pairs = [a == b for unit in units for a, b in permutations(unit, 2)]
    assert percent_agreement(units) == (sum(pairs) / len(pairs) if pairs else None)
