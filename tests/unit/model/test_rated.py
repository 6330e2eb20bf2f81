"""What people said as evidence: "human score at least x with alpha at least y", and every missing piece alone blocks it."""

from __future__ import annotations

import pytest

from services.model.domain.explanation import explain
from services.model.domain.gate import (
    Evidence,
    EvidenceKind,
    GateComparator,
    GateLack,
    GateRule,
    GateVerdict,
    GateVerdictKind,
    ReleaseGate,
    judge,
)
from services.model.domain.version import ModelVersion
from services.model.domain.version import ModelVersionStatus as S
from services.model.service import ModelService
from tests.support.stores import caller
from tests.unit.model.chain import PACKAGE as PACKAGE_OF_CHAIN
from tests.unit.model.chain import WEIGHTS as WEIGHTS_OF_CHAIN
from tests.unit.model.chain import current, evaluate, evidence, packaged, version_in

K, AT_LEAST = GateVerdictKind, GateComparator.AT_LEAST
WEIGHTS, PACKAGE = "sha256:w", "sha256:p"
SCORE = GateRule("human_score", AT_LEAST, 4.0, min_items=10)
ALPHA = GateRule("human_alpha", AT_LEAST, 0.6, min_items=10)
GATE = ReleaseGate(1, 2, 3, 4, True, [SCORE, ALPHA])
GOOD = {"human_score": 4.2, "human_alpha": 0.7}
MEASURED = Evidence(5, 2, 3, WEIGHTS, 50, 1, "h", {"exact_match": 1.0, "leak": 0.0}, 10, kind=EvidenceKind.WEIGHTS)


def rating(metrics: dict[str, float], items: int = 10, id: int = 6, **facts: int) -> Evidence:
    return Evidence(id, 2, 3, WEIGHTS, 60, 1, "h", {"leak": 0.0, **metrics}, items, kind=EvidenceKind.HUMAN, **facts)


def judged(*evidence: Evidence, digest: str = WEIGHTS, gate: ReleaseGate = GATE) -> GateVerdict:
    return judge(gate, digest, sorted(evidence, key=lambda item: -item.id), 5)


def lacks(verdict: GateVerdict) -> dict[str, GateLack]:
    return {result.rule.metric: result.lack for result in verdict.results if result.lack != GateLack.NOTHING}


def test_a_good_score_that_raters_agree_on_passes() -> None:
    assert judged(MEASURED, rating(GOOD)).verdict == K.PASS


@pytest.mark.parametrize(
    ("rated", "verdict", "lacking"),
    [
        ([], K.NO_DATA, {"human_score": GateLack.NO_EVALUATION, "human_alpha": GateLack.NO_EVALUATION}),
        ([rating({**GOOD, "human_score": 3.9})], K.FAIL, {"human_score": GateLack.MISSED}),
        ([rating({**GOOD, "human_alpha": 0.59})], K.FAIL, {"human_alpha": GateLack.MISSED}),
        ([rating({"human_score": 4.2})], K.NO_DATA, {"human_alpha": GateLack.UNDEFINED}),
        ([rating(GOOD, items=9)], K.NO_DATA, {"human_score": GateLack.TOO_FEW_ITEMS, "human_alpha": GateLack.TOO_FEW_ITEMS}),
        ([rating(GOOD, failed_items=1)], K.NO_DATA, {"human_score": GateLack.TOO_MANY_FAILED, "human_alpha": GateLack.TOO_MANY_FAILED}),
        ([rating({**GOOD, "leak": 0.1})], K.FAIL, {"leak": GateLack.MISSED}),
    ],
)
def test_each_missing_piece_alone_blocks(rated: list[Evidence], verdict: GateVerdictKind, lacking: dict[str, GateLack]) -> None:
    found = judged(MEASURED, *rated)
    assert (found.verdict, lacks(found)) == (verdict, lacking)
    told = explain(GATE, found, {item.id: item for item in (MEASURED, *rated)}, [])
    assert all(rule.step.en and rule.step.zh and rule.found.zh for rule in told.rules if rule.result.lack != GateLack.NOTHING)


def test_alpha_of_an_earlier_rating_does_not_stand_in_for_that_of_the_newest() -> None:
    found = judged(MEASURED, rating(GOOD), rating({"human_score": 4.9}, id=7))
    assert lacks(found) == {"human_alpha": GateLack.UNDEFINED}
    assert {result.evidence_id for result in found.results if result.rule.metric != "leak"} == {7}


def test_a_figure_of_people_from_an_engine_is_none() -> None:
    forged = Evidence(8, 2, 3, WEIGHTS, 80, 1, "h", {"leak": 0.0, **GOOD}, 10, kind=EvidenceKind.RELEASE)
    assert judged(MEASURED, forged).verdict == K.NO_DATA


def test_people_do_not_stand_in_for_what_an_engine_measures() -> None:
    both = ReleaseGate(1, 2, 3, 4, True, [SCORE, GateRule("exact_match", AT_LEAST, 0.9)])
    assert judged(MEASURED, rating({**GOOD, "exact_match": 1.0}), gate=both).verdict == K.PASS
    worse = Evidence(5, 2, 3, WEIGHTS, 50, 1, "h", {"exact_match": 0.1, "leak": 0.0}, 10, kind=EvidenceKind.WEIGHTS)
    assert lacks(judged(worse, rating({**GOOD, "exact_match": 1.0}), gate=both)) == {"exact_match": GateLack.MISSED}


def test_what_people_said_of_the_weights_counts_for_a_package_that_was_measured() -> None:
    release = Evidence(9, 2, 3, PACKAGE, 90, 1, "h", {"exact_match": 1.0, "leak": 0.0}, 10, kind=EvidenceKind.RELEASE)
    assert judged(MEASURED, rating(GOOD), digest=PACKAGE).verdict == K.NO_DATA, "nobody measured these bytes"
    assert judged(rating(GOOD), release, digest=PACKAGE).verdict == K.PASS


def test_what_informs_decides_nothing() -> None:
    told = Evidence(6, 2, 3, WEIGHTS, 60, 1, "h", {"leak": 0.0, **GOOD}, 10, kind=EvidenceKind.INFORMS)
    assert judged(MEASURED, told).verdict == K.NO_DATA


# --- on a store


def rules(service: ModelService, version: ModelVersion) -> None:
    gate = service.get_gate(caller(), project_id=version.project_id)
    wanted = [GateRule("exact_match", AT_LEAST, 0.9), SCORE, ALPHA]
    service.set_gate(caller(expected=gate.version), project_id=version.project_id, enabled=True, rules=wanted)


def test_a_release_is_judged_by_its_own_evaluation_and_what_people_said_of_its_version(service: ModelService) -> None:
    version = version_in(service, S.TRAINED)
    rules(service, version)
    evaluate(service, version, {"exact_match": 0.95, "leak": 0.0})
    assert current(service, version).status == S.TRAINED, "nobody has said anything"
    told = {**GOOD, "leak": 0.0}
    rated = evidence(service, version, told, items=12, kind=EvidenceKind.HUMAN)
    assert (rated.verdict.verdict, rated.model_version.status) == (K.PASS, S.QUALIFIED)
    assert "RATED_BY" in {edge.relation for edge in service.get_lineage(caller(), model_version_id=version.id)}
    packaged(service, version)
    good = evidence(service, version, {"exact_match": 0.95, "leak": 0.0}, PACKAGE_OF_CHAIN).evidence
    bad = evidence(service, version, {"exact_match": 0.5, "leak": 0.0}, PACKAGE_OF_CHAIN).evidence

    def check(task: int) -> GateVerdictKind:
        return service.check_gate(caller(), model_version_id=version.id, digest=PACKAGE_OF_CHAIN, eval_task_id=task).verdict

    assert (check(good.eval_task_id), check(bad.eval_task_id)) == (K.PASS, K.FAIL)
    assert check(rated.evidence.eval_task_id) == K.NO_DATA, "people alone release nothing"
    other = service.check_gate(caller(), model_version_id=version.id, digest="sha256:" + "e" * 64)
    assert other.verdict == K.NO_DATA, "nobody measured these bytes"


def test_what_people_said_of_another_version_counts_for_none_but_that(service: ModelService) -> None:
    first = version_in(service, S.TRAINED)
    rules(service, first)
    evaluate(service, first, {"exact_match": 0.95, "leak": 0.0})
    evidence(service, first, {**GOOD, "leak": 0.0}, items=12, kind=EvidenceKind.HUMAN)
    project = service.get_project(caller(), id=first.project_id)
    second = version_in(service, S.TRAINED, project)
    evaluate(service, second, {"exact_match": 0.95, "leak": 0.0})
    verdicts = [service.check_gate(caller(), model_version_id=each.id, digest=WEIGHTS_OF_CHAIN).verdict for each in (first, second)]
    assert verdicts == [K.PASS, K.NO_DATA]


def test_the_status_stays_with_the_bytes_that_were_measured_last(service: ModelService) -> None:
    version = version_in(service, S.TRAINED)
    packaged(service, version)
    evidence(service, version, {"exact_match": 0.95, "leak": 0.0}, PACKAGE_OF_CHAIN)
    evidence(service, version, {**GOOD, "leak": 0.0}, items=12, kind=EvidenceKind.HUMAN)
    found = service.get_model_status(caller(), project_id=version.project_id)
    assert found.verdict is not None
    assert found.verdict.digest == PACKAGE_OF_CHAIN
