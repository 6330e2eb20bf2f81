"""The release gate: rules over stored evidence, bound to one digest. Missing evidence is NO_DATA and never passes.

Only evidence the platform itself vouches for decides (``EvidenceKind``). Every gate bounds the leak, the share of a test that repeats what
the version was trained on: at 0, unless the project's own rules say how much of it they accept.

A gain, how much better a release is than what served when it was evaluated, is measured by the evaluations deploy starts and by no other.

What people said of a version's answers counts for each of its digests that was measured too: packaging proves that a package answers as
the weights do. Rules on it are judged by the newest rating alone, all by the same one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from idl.enums import EvidenceKind as EvidenceKind
from idl.enums import GateComparator as GateComparator
from idl.enums import GateLack as GateLack
from idl.enums import GateVerdictKind as GateVerdictKind
from libs.metrics import GAIN_COVERAGE, GAINS, RATED
from libs.metrics import LEAK as LEAK
from services.model.domain.override import GateOverride

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class GateRule:
    """``metric`` of the newest evaluation of the digest against ``bound``, over at least ``min_items`` items of which at least
    ``min_coverage`` (share, 0..1) did not fail. dataset_version_id: the test that counts, 0 = any."""

    metric: str
    comparator: GateComparator
    bound: float
    min_items: int = 1
    min_coverage: float = 1.0
    dataset_version_id: int = 0


NO_LEAK = GateRule(LEAK, GateComparator.AT_MOST, 0.0, min_coverage=0.0)
"""Of every gate without a rule of its own about it."""

DEFAULT_RULES = (GateRule("exact_match", GateComparator.AT_LEAST, 0.9, min_items=20),)


@dataclass(frozen=True)
class ReleaseGate:
    """One per project; ``version`` is part of every verdict. off_reason: why it is switched off, "" while it is on. max_age_hours: how long
    a result counts, 0 = for ever."""

    id: int
    project_id: int
    project_space_id: int
    user_id: int
    enabled: bool = True
    rules: list[GateRule] = field(default_factory=lambda: list(DEFAULT_RULES))
    off_reason: str = ""
    create_time: int = 0
    update_time: int = 0
    version: int = 0
    max_age_hours: int = 0

    def ends(self, evidence: Evidence) -> int:
        """When a result stops counting, 0 = never."""
        return evidence.create_time + self.max_age_hours * HOUR_MS if self.max_age_hours else 0


@dataclass(frozen=True)
class Evidence:
    """One stored evaluation result. digest: the bytes that were evaluated. overlap: how the test repeats the training data, for people."""

    id: int
    model_version_id: int
    project_space_id: int
    digest: str
    eval_task_id: int
    dataset_version_id: int
    dataset_hash: str
    metrics: dict[str, float]
    items: int
    failed_items: int = 0
    create_time: int = 0
    kind: EvidenceKind = EvidenceKind.INFORMS
    overlap: dict[str, Any] = field(default_factory=dict)

    @property
    def decides(self) -> bool:
        return self.kind != EvidenceKind.INFORMS

    @property
    def rated(self) -> bool:
        """By people, and not measured by an engine."""
        return self.kind == EvidenceKind.HUMAN


@dataclass(frozen=True)
class GateRuleResult:
    """value: what was measured, 0 when there is no data. evidence_id: 0 when there is none. lack: why it does not hold. expire_time: when
    its result stops counting, 0 = never."""

    rule: GateRule
    verdict: GateVerdictKind
    value: float = 0.0
    evidence_id: int = 0
    lack: GateLack = GateLack.NOTHING
    expire_time: int = 0


@dataclass(frozen=True)
class GateVerdict:
    """gate_override: the live one for the digest, where the gate refuses it; it makes no rule hold."""

    verdict: GateVerdictKind
    digest: str
    gate_version: int
    results: list[GateRuleResult]
    check_time: int
    gate_override: GateOverride | None = None

    @property
    def refuses(self) -> bool:
        return self.verdict not in (GateVerdictKind.PASS, GateVerdictKind.OFF)


def judge(gate: ReleaseGate, digest: str, evidence: Sequence[Evidence], now_ms: int) -> GateVerdict:
    """The verdict for ``digest`` from evidence of its version, newest first. What was measured of another digest, or nobody vouches for, is
    not looked at; what was measured too long ago decides nothing.
    """
    measured = any(item.digest == digest and item.decides and not item.rated for item in evidence)
    own = [item for item in evidence if item.decides and (measured if item.rated else item.digest == digest)]
    results = [_judge_rule(gate, rule, own, now_ms) for rule in gate.rules if rule.metric != LEAK]
    used = [item for item in own if item.id in {result.evidence_id for result in results}] or own[:1]
    results += [_judge_leak(gate, rule, used, now_ms) for rule in _leak_rules(gate)]
    return GateVerdict(_overall(gate, results), digest, gate.version, results, now_ms)


def _leak_rules(gate: ReleaseGate) -> list[GateRule]:
    """The project's own or, unless they speak of it, the usual one. A gate without rules stays one: it can pass nothing."""
    own = [rule for rule in gate.rules if rule.metric == LEAK]
    return own or ([NO_LEAK] if gate.rules else [])


def _judge_leak(gate: ReleaseGate, rule: GateRule, used: Sequence[Evidence], now_ms: int) -> GateRuleResult:
    """Over each evaluation that another rule was judged by: a clean test says nothing about the one whose figures count. The worst of
    them.
    """
    results = [_judge_repeats(gate, rule, item, now_ms) for item in used] or [_without(rule)]
    order = (GateVerdictKind.FAIL, GateVerdictKind.NO_DATA, GateVerdictKind.PASS)
    return min(results, key=lambda result: (order.index(result.verdict), -result.value))


def _judge_repeats(gate: ReleaseGate, rule: GateRule, item: Evidence, now_ms: int) -> GateRuleResult:
    """Where nobody knows the training data, the test may repeat all of it or nothing: only a rule that takes any share takes that."""
    if LEAK in item.metrics or rule.dataset_version_id not in (0, item.dataset_version_id):
        return _judge_rule(gate, rule, [item], now_ms)
    worst = replace(item, metrics={**item.metrics, LEAK: 1.0})
    result = _judge_rule(gate, rule, [worst], now_ms)
    if result.lack != GateLack.MISSED:
        return result
    return replace(result, verdict=GateVerdictKind.NO_DATA, value=0.0, lack=GateLack.UNKNOWN)


def _without(rule: GateRule) -> GateRuleResult:
    return GateRuleResult(rule, GateVerdictKind.NO_DATA, lack=GateLack.NO_EVALUATION)


def _overall(gate: ReleaseGate, results: Sequence[GateRuleResult]) -> GateVerdictKind:
    kinds = {result.verdict for result in results}
    if not gate.enabled:
        return GateVerdictKind.OFF
    if GateVerdictKind.FAIL in kinds:
        return GateVerdictKind.FAIL
    return GateVerdictKind.PASS if kinds == {GateVerdictKind.PASS} else GateVerdictKind.NO_DATA  # no rules is no evidence either


def _judge_rule(gate: ReleaseGate, rule: GateRule, evidence: Sequence[Evidence], now_ms: int) -> GateRuleResult:
    newest = _newest(rule, evidence)
    if newest is None:
        return _without(rule)
    if rule.metric not in newest.metrics:
        return GateRuleResult(rule, GateVerdictKind.NO_DATA, 0.0, newest.id, GateLack.UNDEFINED, gate.ends(newest))
    value, ends = newest.metrics[rule.metric], gate.ends(newest)
    lack = GateLack.EXPIRED if 0 < ends <= now_ms else _lack(rule, newest, value)
    return GateRuleResult(rule, _KINDS.get(lack, GateVerdictKind.NO_DATA), value, newest.id, lack, ends)


def _newest(rule: GateRule, evidence: Sequence[Evidence]) -> Evidence | None:
    """The newest rating, or of a gain the newest evaluation of a release, whatever follows from it; else the newest result that measured
    it. None stands in for another."""
    known = (item for item in evidence if rule.dataset_version_id in (0, item.dataset_version_id))
    if rule.metric in RATED:
        return next((item for item in known if item.rated), None)
    if rule.metric in GAINS:
        return next((item for item in known if item.kind == EvidenceKind.RELEASE), None)
    return next((item for item in known if rule.metric in item.metrics and (rule.metric == LEAK or not item.rated)), None)


_KINDS = {GateLack.NOTHING: GateVerdictKind.PASS, GateLack.MISSED: GateVerdictKind.FAIL}  # every other lack is one of data


def _lack(rule: GateRule, evidence: Evidence, value: float) -> GateLack:
    if evidence.items < rule.min_items:
        return GateLack.TOO_FEW_ITEMS
    if not evidence.items or _coverage(rule, evidence) < rule.min_coverage:
        return GateLack.TOO_MANY_FAILED
    met = value >= rule.bound if rule.comparator == GateComparator.AT_LEAST else value <= rule.bound
    return GateLack.NOTHING if met else GateLack.MISSED


def _coverage(rule: GateRule, evidence: Evidence) -> float:
    """Of a gain the share of the test that both answered: what one of them failed at says nothing of it."""
    if rule.metric in GAINS:
        return evidence.metrics.get(GAIN_COVERAGE, 0.0)
    return (evidence.items - evidence.failed_items) / evidence.items


def failing(verdict: GateVerdict) -> Mapping[str, str]:
    """metric -> what is wrong, for people."""
    return {
        result.rule.metric: f"{result.verdict.name}: {result.value:g}, needs {result.rule.comparator.name} {result.rule.bound:g}"
        for result in verdict.results
        if result.verdict != GateVerdictKind.PASS
    }
