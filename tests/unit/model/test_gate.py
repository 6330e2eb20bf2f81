"""The release gate as a table: what was measured, over how much, against which bound, for which bytes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.domain.gate import DEFAULT_RULES, Evidence, GateComparator, GateRule, GateVerdictKind, ReleaseGate, failing, judge

K = GateVerdictKind
DIGEST, OTHER = "sha256:a", "sha256:b"
AT_LEAST, AT_MOST = GateComparator.AT_LEAST, GateComparator.AT_MOST


def gate(*rules: GateRule, enabled: bool = True) -> ReleaseGate:
    return ReleaseGate(1, 2, 3, 4, enabled, list(rules), version=9)


def result(metrics: dict[str, float], digest: str = DIGEST, items: int = 10, failed: int = 0, id: int = 7) -> Evidence:
    return Evidence(id, 2, 3, digest, 1, 1, "h", metrics, items, failed)


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
    assert tuple(each.verdict for each in found.results) == kinds, "every rule is reported, also while the gate is off"
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
