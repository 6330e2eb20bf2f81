"""The release gate as a table: what was measured, over how much, against which bound, for which bytes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.metrics import is_figure
from services.model.domain.gate import (
    DEFAULT_RULES,
    Evidence,
    EvidenceKind,
    GateComparator,
    GateLack,
    GateRule,
    GateVerdictKind,
    ReleaseGate,
    failing,
    judge,
)

K = GateVerdictKind
DIGEST, OTHER = "sha256:a", "sha256:b"
AT_LEAST, AT_MOST = GateComparator.AT_LEAST, GateComparator.AT_MOST


def gate(*rules: GateRule, enabled: bool = True) -> ReleaseGate:
    return ReleaseGate(1, 2, 3, 4, enabled, list(rules), version=9)


def result(
    metrics: dict[str, float],
    digest: str = DIGEST,
    items: int = 10,
    failed: int = 0,
    id: int = 7,
    kind: EvidenceKind = EvidenceKind.RELEASE,
    test: int = 1,
) -> Evidence:
    """One the platform vouches for, of a test that repeats nothing, unless told otherwise."""
    return Evidence(id, 2, 3, digest, 1, test, "h", {"leak": 0.0, **metrics}, items, failed, kind=kind)


def verdict(rule: GateRule, *evidence: Evidence) -> GateVerdictKind:
    return judge(gate(rule), DIGEST, evidence, 5).verdict


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        (AT_LEAST, 0.9, K.PASS),
        (AT_LEAST, 0.90001, K.PASS),
        (AT_LEAST, 0.89999, K.FAIL),
        (AT_MOST, 0.9, K.PASS),
        (AT_MOST, 0.89999, K.PASS),
        (AT_MOST, 0.90001, K.FAIL),
    ],
)
def test_the_bound_itself_passes(comparator: GateComparator, value: float, expected: GateVerdictKind) -> None:
    assert verdict(GateRule("m", comparator, 0.9), result({"m": value})) == expected


@pytest.mark.parametrize(
    ("items", "failed", "min_items", "min_coverage", "expected"),
    [
        (20, 0, 20, 1.0, K.PASS),
        (19, 0, 20, 1.0, K.NO_DATA),
        (20, 1, 20, 1.0, K.NO_DATA),
        (20, 1, 20, 0.95, K.PASS),
        (20, 2, 20, 0.95, K.NO_DATA),
        (20, 20, 1, 0.0, K.PASS),
        (0, 0, 1, 0.0, K.NO_DATA),
        (0, 0, 0, 0.0, K.NO_DATA),
        (5, 9, 1, 0.0, K.NO_DATA),
    ],
)
def test_too_little_was_measured(items: int, failed: int, min_items: int, min_coverage: float, expected: GateVerdictKind) -> None:
    rule = GateRule("m", AT_LEAST, 0.5, min_items, min_coverage)
    assert verdict(rule, result({"m": 0.9}, items=items, failed=failed)) == expected


def test_missing_evidence_never_passes() -> None:
    rule = GateRule("m", AT_MOST, 1e18)
    for evidence in ([], [result({})], [result({"other": 0.0})], [result({"m": 0.0}, digest=OTHER)]):
        found = judge(gate(rule), DIGEST, evidence, 5)
        assert found.verdict == K.NO_DATA
        assert (found.results[0].verdict, found.results[0].value, found.results[0].evidence_id) == (K.NO_DATA, 0.0, 0)


def test_evidence_of_other_bytes_is_not_looked_at() -> None:
    rule = GateRule("m", AT_LEAST, 0.9)
    assert verdict(rule, result({"m": 1.0}, OTHER), result({"m": 0.1})) == K.FAIL
    assert verdict(rule, result({"m": 0.1}, OTHER), result({"m": 1.0})) == K.PASS


def test_the_newest_evaluation_with_the_metric_counts() -> None:
    rule = GateRule("m", AT_LEAST, 0.9)
    found = judge(gate(rule), DIGEST, [result({"x": 1.0}, id=9), result({"m": 0.2}, id=8), result({"m": 1.0}, id=7)], 5)
    assert (found.verdict, found.results[0].value, found.results[0].evidence_id) == (K.FAIL, 0.2, 8)


KINDS = {K.PASS: {"m": 1.0}, K.FAIL: {"m": 0.0}, K.NO_DATA: {}}


@pytest.mark.parametrize(
    "kinds", [(), *itertools.product(KINDS, repeat=1), *itertools.product(KINDS, repeat=2), *itertools.product(KINDS, repeat=3)]
)
@pytest.mark.parametrize("enabled", [True, False])
def test_the_truth_table_of_rules(kinds: tuple[GateVerdictKind, ...], enabled: bool) -> None:
    rules = [GateRule(f"m{number}", AT_LEAST, 0.5) for number in range(len(kinds))]
    metrics = {f"m{number}": KINDS[kind]["m"] for number, kind in enumerate(kinds) if kind != K.NO_DATA}
    found = judge(gate(*rules, enabled=enabled), DIGEST, [result(metrics)], 5)
    assert tuple(each.verdict for each in found.results[: len(kinds)]) == kinds, "every rule is reported, also while the gate is off"
    assert [each.rule.metric for each in found.results[len(kinds) :]] == ["leak"] * bool(kinds)
    if not enabled:
        assert found.verdict == K.OFF
    elif K.FAIL in kinds:
        assert found.verdict == K.FAIL
    elif K.NO_DATA in kinds or not kinds:
        assert found.verdict == K.NO_DATA
    else:
        assert found.verdict == K.PASS
    assert (found.digest, found.gate_version, found.check_time) == (DIGEST, 9, 5)
    assert set(failing(found)) == {rule.metric for rule, kind in zip(rules, kinds, strict=True) if kind != K.PASS}


EVIDENCE = st.lists(
    st.builds(
        result,
        st.dictionaries(st.sampled_from(["a", "b"]), st.floats(-2, 2), max_size=2),
        st.sampled_from([DIGEST, OTHER]),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=5,
)
RULES = st.lists(
    st.builds(
        GateRule, st.sampled_from(["a", "b"]), st.sampled_from(GateComparator), st.floats(-2, 2), st.integers(1, 30), st.floats(0, 1)
    ),
    max_size=3,
)


@given(RULES, EVIDENCE)
def test_a_pass_means_that_every_rule_is_met_by_measurements_of_these_bytes(rules: list[GateRule], evidence: list[Evidence]) -> None:
    found = judge(gate(*rules), DIGEST, evidence, 5)
    assert judge(gate(*rules), DIGEST, [item for item in evidence if item.digest == DIGEST], 5) == found
    if found.verdict != K.PASS:
        return
    assert rules
    for rule in rules:
        newest = next(item for item in evidence if item.digest == DIGEST and rule.metric in item.metrics)
        value = newest.metrics[rule.metric]
        assert newest.items >= rule.min_items
        assert newest.items - newest.failed_items >= rule.min_coverage * newest.items * 0.999
        assert value >= rule.bound if rule.comparator == AT_LEAST else value <= rule.bound


def test_a_new_project_is_gated() -> None:
    assert ReleaseGate(1, 2, 3, 4).enabled
    assert ReleaseGate(1, 2, 3, 4).rules == list(DEFAULT_RULES) != []


# --- why a rule does not hold, and how long a result counts


@pytest.mark.parametrize(
    ("evidence", "lack"),
    [
        ([], GateLack.NO_EVALUATION),
        ([result({"m": 1.0}, items=19)], GateLack.TOO_FEW_ITEMS),
        ([result({"m": 1.0}, items=20, failed=1)], GateLack.TOO_MANY_FAILED),
        ([result({"m": 0.1}, items=20)], GateLack.MISSED),
        ([result({"m": 1.0}, items=20)], GateLack.NOTHING),
    ],
)
def test_a_result_says_why(evidence: list[Evidence], lack: GateLack) -> None:
    found = judge(gate(GateRule("m", AT_LEAST, 0.9, min_items=20)), DIGEST, evidence, 5).results[0]
    assert (found.lack, found.verdict == K.PASS) == (lack, lack == GateLack.NOTHING)


HOUR = 3_600_000


@given(st.integers(0, 3 * HOUR), st.integers(0, 3), st.floats(0, 1))
def test_expired_evidence_neither_passes_nor_fails(age: int, hours: int, value: float) -> None:
    """Without a bound on the age nothing expires; with one, what is older says nothing, and no leak is judged by it either."""
    aged = ReleaseGate(1, 2, 3, 4, True, [GateRule("m", AT_LEAST, 0.5)], version=9, max_age_hours=hours)
    found = judge(aged, DIGEST, [result({"m": value})], age)
    if 0 < hours * HOUR <= age:
        assert found.verdict == K.NO_DATA
        assert {(each.verdict, each.lack, each.expire_time) for each in found.results} == {(K.NO_DATA, GateLack.EXPIRED, hours * HOUR)}
    else:
        assert found.verdict == (K.PASS if value >= 0.5 else K.FAIL)
        assert {each.expire_time for each in found.results} == {hours * HOUR}


def test_a_newer_result_takes_the_place_of_an_expired_one() -> None:
    aged = ReleaseGate(1, 2, 3, 4, True, [GateRule("m", AT_LEAST, 0.5)], version=9, max_age_hours=1)
    old, new = result({"m": 1.0}), replace(result({"m": 0.9}, id=8), create_time=HOUR)
    assert judge(aged, DIGEST, [new, old], HOUR + 1).verdict == K.PASS
    assert judge(aged, DIGEST, [old], HOUR + 1).verdict == K.NO_DATA


# --- who vouches, and what the test repeats

PASSES = GateRule("m", AT_LEAST, 0.9)


def test_what_nobody_vouches_for_decides_nothing() -> None:
    said = result({"m": 1.0}, id=9, kind=EvidenceKind.INFORMS)
    assert verdict(PASSES, said) == K.NO_DATA
    assert verdict(PASSES, said, result({"m": 0.1})) == K.FAIL
    assert verdict(PASSES, result({"m": 0.1}, id=9, kind=EvidenceKind.INFORMS), result({"m": 1.0})) == K.PASS


@pytest.mark.parametrize("kind", [EvidenceKind.WEIGHTS, EvidenceKind.RELEASE])
def test_what_the_platform_vouches_for_decides(kind: EvidenceKind) -> None:
    assert verdict(PASSES, result({"m": 1.0}, kind=kind)) == K.PASS


@pytest.mark.parametrize(("leak", "expected"), [(0.0, K.PASS), (1 / 238, K.FAIL), (1.0, K.FAIL)])
def test_a_test_that_repeats_training_data_fails_whatever_the_score(leak: float, expected: GateVerdictKind) -> None:
    found = judge(gate(PASSES), DIGEST, [result({"m": 1.0, "leak": leak})], 5)
    assert found.verdict == expected
    assert (found.results[-1].rule.metric, found.results[-1].value) == ("leak", leak)


def test_a_result_whose_leak_is_not_known_is_no_data() -> None:
    unknown = result({"m": 1.0})
    del unknown.metrics["leak"]
    assert verdict(PASSES, unknown) == K.NO_DATA


def test_a_clean_test_does_not_speak_for_another_one() -> None:
    """The figures come from the newest result that has them: so must the word on the leak."""
    leaking, clean = result({"m": 1.0, "leak": 1.0}, id=9), result({"m": 1.0}, id=8)
    without = result({"x": 1.0}, id=10)
    assert verdict(PASSES, leaking, clean) == K.FAIL
    assert verdict(PASSES, without, leaking, clean) == K.FAIL
    assert verdict(PASSES, clean, leaking) == K.PASS


def test_a_project_may_say_how_much_it_accepts() -> None:
    some = result({"m": 1.0, "leak": 0.02})
    bounded = gate(PASSES, GateRule("leak", AT_MOST, 0.05))
    assert judge(bounded, DIGEST, [some], 5).verdict == K.PASS
    assert judge(bounded, DIGEST, [result({"m": 1.0, "leak": 0.06})], 5).verdict == K.FAIL


def test_a_rule_may_name_the_test_that_counts() -> None:
    pinned = GateRule("m", AT_LEAST, 0.9, dataset_version_id=7)
    assert verdict(pinned, result({"m": 1.0}, test=8)) == K.NO_DATA
    assert verdict(pinned, result({"m": 1.0}, test=8, id=9), result({"m": 0.1}, test=7)) == K.FAIL
    assert verdict(pinned, result({"m": 1.0}, test=7)) == K.PASS


@pytest.mark.parametrize(
    "name", ["exact_match", "exact_match.low", "exact_match.zh", "latency_ms.p95", "leak", "perplexity.coverage", "human_score.low"]
)
def test_metrics_that_exist(name: str) -> None:
    assert is_figure(name)


@pytest.mark.parametrize(
    "name", ["", "taste", "exact_match.<language>", "exact_match.zho", "exact_match.ZH", "latency", "leak ", "exact_match.zh\n"]
)
def test_metrics_that_do_not(name: str) -> None:
    assert not is_figure(name)


GAIN = GateRule("exact_match.gain.low", AT_LEAST, -0.02, min_items=10)


def gained(low: float, coverage: float = 1.0) -> dict[str, float]:
    return {"exact_match": 0.9, "exact_match.gain": low + 0.01, "exact_match.gain.low": low, "gain.coverage": coverage}


@pytest.mark.parametrize(("low", "expected"), [(0.1, K.PASS), (0.0, K.PASS), (-0.02, K.PASS), (-0.0201, K.FAIL)])
def test_not_worse_than_what_serves_by_more_than_a_bound(low: float, expected: GateVerdictKind) -> None:
    assert verdict(GAIN, result(gained(low))) == expected


@pytest.mark.parametrize(
    ("evidence", "lack"),
    [
        ([], GateLack.NO_EVALUATION),
        ([result(gained(0.5), kind=EvidenceKind.WEIGHTS)], GateLack.NO_EVALUATION),  # measured by nobody who may
        ([result(gained(0.5), kind=EvidenceKind.INFORMS)], GateLack.NO_EVALUATION),
        ([result({"exact_match": 0.9})], GateLack.UNDEFINED),  # nothing to compare with served
        ([result({"exact_match": 0.9}, id=9), result(gained(0.5), id=8)], GateLack.UNDEFINED),  # an earlier gain does not stand in
        ([result(gained(0.5, coverage=0.9))], GateLack.TOO_MANY_FAILED),  # of those the other failed at nobody knows
        ([result(gained(0.5), items=9)], GateLack.TOO_FEW_ITEMS),
    ],
)
def test_a_gain_that_was_not_measured_passes_nothing(evidence: list[Evidence], lack: GateLack) -> None:
    found = judge(gate(GAIN), DIGEST, evidence, 5)
    assert (found.verdict, found.results[0].lack) == (K.NO_DATA, lack)


@pytest.mark.parametrize(
    "name", ["bleu.gain", "macro_f1.gain.low", "latency.gain", "exact_match.gain.mean", "gain", "leak.gain", "human_score.gain"]
)
def test_a_gain_of_what_no_answer_scores_by_itself_is_no_figure(name: str) -> None:
    assert not is_figure(name)
